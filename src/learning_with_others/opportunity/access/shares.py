"""Access to frequent, high-quality opportunities: shares by group and by school."""

import numpy as np
import pandas as pd
from statsmodels.stats.proportion import proportion_confint

from learning_with_others.data.clusters import sampled_cluster
from learning_with_others.data.disclosure.shared_sums import hidden_units
from learning_with_others.inference.cluster_robust import least_squares_cr2
from learning_with_others.opportunity.contrast import FEWEST_DEGREES, ROUNDING, few_with_or_without
from learning_with_others.study import StudyDesign

INTERVAL_KIND = "CR2 t (schools if ten or more, else classrooms)"
SCHOOL_INTERVAL_KIND = "Wilson, students taken as independent"
GROUP_COLUMNS = ["quantity", "group", "children", "estimate", "lower", "upper", "flag"]
SCHOOL_COLUMNS = ["school_rank", "group", "children", "estimate", "lower", "upper"]
FEWEST_CLUSTERS = 2
DIGITS, WITHIN_DIGITS = 9, 3


def is_declared(study: StudyDesign) -> bool:
    """Whether the study says what access is: a category, or thresholds on scores."""
    return study.roles.exposure.varies_by == "classroom" or bool(study.analysis.access)


def margin(rows: pd.DataFrame, study: StudyDesign) -> np.ndarray:
    """How far above its thresholds a student's opportunity is, shape (n,), in score points.

    The smallest margin of all scores with a threshold: a student has access where it is zero or
    more. For a category ½ at the focal level, else −½. NaN where a score is missing.
    """
    exposure = study.roles.exposure
    if exposure.varies_by == "classroom":
        recorded = rows[exposure.name].notna().to_numpy()
        exposed = (rows[exposure.name] == exposure.focal).to_numpy(bool, na_value=False)
        return np.where(recorded, exposed - 0.5, np.nan)
    over = [rows[name].to_numpy(float) - least for name, least in study.analysis.access.items()]
    # Rounded: a mean of items at its threshold may miss it by the last bit.
    return np.min(over, axis=0).round(DIGITS) if over else np.full(len(rows), np.nan)


def access(rows: pd.DataFrame, study: StudyDesign) -> np.ndarray:
    """1 for students with access, 0 for those without, NaN where unknown, shape (n,)."""
    found = margin(rows, study)
    return np.where(np.isnan(found), np.nan, found >= 0)


def access_words(study: StudyDesign) -> str:
    """Say what access is."""
    exposure = study.roles.exposure
    if exposure.varies_by == "classroom":
        return f"a {exposure.label}"
    parts = [f"{name} of {least:g} or more" for name, least in study.analysis.access.items()]
    return " and ".join(parts).replace("_", " ")


def access_by_group(
    rows: pd.DataFrame, study: StudyDesign, values: np.ndarray, *, within_schools: bool = True
) -> pd.DataFrame:
    """Share with access in each group, and the gap, overall and within schools.

    Students of one place share much of it: schools vary where there are ten, else classrooms,
    and within schools the lowest clusters.

    Parameters
    ----------
    rows : pandas.DataFrame
        Rows of one grade; those of other groups than the contrasted ones are left aside.
    study : StudyDesign
    values : ndarray, shape (n,)
        1, 0 or NaN, from `access`.
    within_schools : bool
        Whether to give the gap within schools, which takes longest.

    Returns
    -------
    pandas.DataFrame
        Columns `quantity, group, children, estimate, lower, upper, flag`: `share`, `gap` (focal
        minus reference) and `gap_within_schools` (the same with a fixed effect for every
        school). Everything is withheld where a group, or those of it with or without access, are
        few: one row would tell of the others.
    """
    roles = study.roles
    group_role = roles.group
    used = rows[group_role.column].isin(group_role.contrast).to_numpy() & ~np.isnan(values)
    used &= rows[list(roles.clusters.values())].notna().all(axis=1).to_numpy()
    rows, values = rows[used], values[used]
    focal = (rows[group_role.column] == group_role.focal).to_numpy(float)
    lowest = rows[next(iter(roles.clusters.values()))].to_numpy()
    sampled = sampled_cluster(rows, study).to_numpy()
    both, n_focal, n = (
        f"{group_role.focal} minus {group_role.reference}",
        int(focal.sum()),
        len(focal),
    )
    apart, one = np.column_stack([focal, 1 - focal]), np.ones_like(focal)
    wanted = [
        ("share", group_role.focal, n_focal, apart, 0, sampled),
        ("share", group_role.reference, n - n_focal, apart, 1, sampled),
        ("gap", both, n, np.column_stack([focal, one]), 0, sampled),
    ]
    if within_schools:
        schools = pd.get_dummies(rows[roles.school], dtype=float).to_numpy()
        columns = np.column_stack([focal, schools])
        wanted.append(("gap_within_schools", both, n, columns, 0, lowest))
    words = _withheld(values, focal > 0, study)
    out = []
    for quantity, group, children, columns, k, clusters in wanted:
        found = (np.nan, np.nan, np.nan, words)
        if not words:
            found = _estimate(values, columns, k, clusters, study.analysis.interval_probability)
        count = np.nan if words and n_focal * (n - n_focal) > 0 else children
        out.append((quantity, group, count, *found))
    table = pd.DataFrame(out, columns=GROUP_COLUMNS)
    limits = ["lower", "upper"]
    shares = table["quantity"] == "share"
    table.loc[shares, limits] = table.loc[shares, limits].clip(0, 1)
    # With few schools a digit more would tell how many of each have access.
    within = table["quantity"] == "gap_within_schools"
    numbers = ["estimate", *limits]
    table.loc[within, numbers] = table.loc[within, numbers].round(WITHIN_DIGITS)
    return table


def _withheld(values: np.ndarray, focal: np.ndarray, study: StudyDesign) -> str:
    """Say why shares of the groups may not be shown; empty if they may."""
    minimum = study.analysis.minimum_cell
    for members, group in ((focal, study.roles.group.focal), (~focal, study.roles.group.reference)):
        if not members.any():
            return f"no {group} {study.people} have a value"
        if few_with_or_without(values[members], minimum):
            return f"withheld: fewer than {minimum} {group} {study.people} with access or without"
    return ""


def _estimate(
    values: np.ndarray, columns: np.ndarray, k: int, clusters: np.ndarray, probability: float
) -> tuple[float, float, float, str]:
    """One coefficient with its interval, or why there is none."""
    try:
        fit = least_squares_cr2(values, columns, clusters)
    except np.linalg.LinAlgError:
        return np.nan, np.nan, np.nan, "no school holds both groups"
    estimate = fit.estimate[k]
    groups = [columns[:, 0] > 0, columns[:, 0] == 0]
    lone = min(len(np.unique(clusters[group])) for group in groups) < FEWEST_CLUSTERS
    if lone or not fit.standard_error[k] > ROUNDING:
        reason = "a group is in one cluster" if lone else "everybody has the same"
        return estimate, np.nan, np.nan, f"no interval: {reason}"
    lower, upper = fit.interval(probability)
    degrees = fit.degrees_of_freedom[k]
    few = degrees < FEWEST_DEGREES
    flag = f"{degrees:.1f} degrees of freedom: the interval is unreliable" if few else ""
    return estimate, lower[k], upper[k], flag


def access_by_school(
    rows: pd.DataFrame, study: StudyDesign, values: np.ndarray, shown_elsewhere: set
) -> pd.DataFrame:
    """Share with access by group in the schools that may be shown.

    A school is shown if none of its four cells, group × with or without access, has to be
    withheld, be it small or such that it would give a small one away; it is named by its rank.
    Nor is it shown where a group's number is withheld elsewhere, which it would give away.

    Parameters
    ----------
    rows : pandas.DataFrame
        Rows of one grade.
    study : StudyDesign
    values : ndarray, shape (n,)
        1, 0 or NaN, from `access`.
    shown_elsewhere : set
        Schools of which both groups' numbers are published, see `schools_shown`.

    Returns
    -------
    pandas.DataFrame
        Columns `school_rank, group, children, estimate, lower, upper`, in order of the school's
        overall share. Intervals are Wilson's (1927), which take students as independent:
        within one school there are too few classes for anything better.
    """
    roles = study.roles
    group_role = roles.group
    used = rows[group_role.column].isin(group_role.contrast).to_numpy() & ~np.isnan(values)
    used &= rows[roles.school].notna().to_numpy()
    if not used.any():
        return pd.DataFrame(columns=SCHOOL_COLUMNS)
    shown = _shown_counts(rows[used], study, values[used], shown_elsewhere)
    shown["estimate"] = shown["with_it"] / shown["children"]
    shown["lower"], shown["upper"] = proportion_confint(
        shown["with_it"],
        shown["children"],
        alpha=1 - study.analysis.interval_probability,
        method="wilson",
    )
    return shown.sort_values(["school_rank", "group"])[SCHOOL_COLUMNS].reset_index(drop=True)


def _shown_counts(
    rows: pd.DataFrame, study: StudyDesign, values: np.ndarray, shown_elsewhere: set
) -> pd.DataFrame:
    """Students, and those with access, by school and group, of the schools that may be shown."""
    group_role = study.roles.group
    groups = group_role.contrast
    by = pd.DataFrame(
        {
            "school": rows[study.roles.school].to_numpy(),
            "group": rows[group_role.column].astype(str).to_numpy(),
            "with_it": values.astype(int),
            "children": 1,
        }
    )
    sums = by.pivot_table(
        index="school", columns="group", aggfunc="sum", fill_value=0, observed=False
    ).reindex(columns=pd.MultiIndex.from_product([["with_it", "children"], groups]), fill_value=0)
    with_it, children = sums["with_it"].to_numpy(), sums["children"].to_numpy()
    hidden = hidden_units(with_it, children - with_it, study.analysis.minimum_cell)
    shown = sums[~hidden & sums.index.isin(shown_elsewhere)]
    overall = shown["with_it"].sum(axis=1) / shown["children"].sum(axis=1)
    rank = overall.rank(method="first").astype(int)
    long = [
        pd.DataFrame(
            {
                "school_rank": rank.to_numpy(),
                "group": pd.Categorical([group] * len(shown), categories=groups),
                "with_it": shown["with_it", group].to_numpy(),
                "children": shown["children", group].to_numpy(),
            }
        )
        for group in groups
    ]
    return pd.concat(long, ignore_index=True)
