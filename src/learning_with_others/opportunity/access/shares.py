"""Access to frequent, high-quality opportunities: shares by group and by school."""

import numpy as np
import pandas as pd
from statsmodels.stats.proportion import proportion_confint

from learning_with_others.data.clusters import sampled_cluster
from learning_with_others.data.flow import by_grade
from learning_with_others.inference.cluster_robust import least_squares_cr2
from learning_with_others.opportunity.contrast import FEWEST_DEGREES, ROUNDING, few_with_or_without
from learning_with_others.study import StudyDesign

INTERVAL_KIND = "CR2 t (schools if ten or more, else classrooms)"
SCHOOL_INTERVAL_KIND = "Wilson, students taken as independent"
GROUP_COLUMNS = ["quantity", "group", "children", "estimate", "lower", "upper", "flag"]
SCHOOL_COLUMNS = ["place", "group", "children", "with_it", "estimate", "lower", "upper"]
FEWEST_CLUSTERS = 2
DIGITS = 9


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
        school). There is no gap where fewer of a group than the minimum cell have access, or
        lack it.
    """
    roles = study.roles
    focal_name, reference_name = roles.group.contrast
    used = used_rows(rows, study, values)
    rows, values = rows[used], values[used]
    focal = (rows[roles.group.column] == focal_name).to_numpy(float)
    lowest = rows[next(iter(roles.clusters.values()))].to_numpy()
    sampled = sampled_cluster(rows, study).to_numpy()
    both, n = roles.group.difference, len(focal)
    n_focal = int(focal.sum())
    apart, one = np.column_stack([focal, 1 - focal]), np.ones_like(focal)
    wanted = [
        ("share", focal_name, n_focal, apart, 0, sampled),
        ("share", reference_name, n - n_focal, apart, 1, sampled),
        ("gap", both, n, np.column_stack([focal, one]), 0, sampled),
    ]
    if within_schools:
        schools = pd.get_dummies(rows[roles.school], dtype=float).to_numpy()
        columns = np.column_stack([focal, schools])
        wanted.append(("gap_within_schools", both, n, columns, 0, lowest))
    recorded = rows[roles.group.column]
    missing = [name for name in roles.group.contrast if not (recorded == name).any()]
    minimum = study.analysis.minimum_cell
    few = any(few_with_or_without(values[mine], minimum) for mine in (focal > 0, focal == 0))
    out = []
    for quantity, group, children, columns, k, clusters in wanted:
        words = f"no {missing[0]} people have a value" if missing else ""
        if few and quantity != "share":
            words = words or f"fewer than {minimum} of a group with access or without"
        found = (np.nan, np.nan, np.nan, words)
        if not words:
            found = _estimate(values, columns, k, clusters, study.analysis.interval_probability)
        out.append((quantity, group, children, *found))
    table = pd.DataFrame(out, columns=GROUP_COLUMNS)
    shares, limits = table["quantity"] == "share", ["lower", "upper"]
    table.loc[shares, limits] = table.loc[shares, limits].clip(0, 1)
    return table


def access_by_grade(students: pd.DataFrame, study: StudyDesign) -> pd.DataFrame:
    """Give `access_by_group` in every grade, with the column `grade`; no rows without access."""
    grades = by_grade(students, study) if is_declared(study) else ()
    found = [
        access_by_group(rows, study, access(rows, study)).assign(grade=str(name))
        for name, rows in grades
    ]
    columns = ["grade", *GROUP_COLUMNS]
    return pd.concat(found, ignore_index=True)[columns] if found else pd.DataFrame(columns=columns)


def used_rows(rows: pd.DataFrame, study: StudyDesign, values: np.ndarray) -> np.ndarray:
    """Which rows shares of access are of: both groups, with their clusters and a value."""
    roles = study.roles
    used = rows[roles.group.column].isin(roles.group.contrast).to_numpy() & ~np.isnan(values)
    return used & rows[list(roles.clusters.values())].notna().all(axis=1).to_numpy()


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
    rows: pd.DataFrame, study: StudyDesign, values: np.ndarray, names: dict[object, str]
) -> pd.DataFrame:
    """Share with access by group in every school.

    Parameters
    ----------
    rows : pandas.DataFrame
        Rows of one grade.
    study : StudyDesign
    values : ndarray, shape (n,)
        1, 0 or NaN, from `access`.
    names : dict
        What reports call each school, from `school_names`.

    Returns
    -------
    pandas.DataFrame
        Columns `place, group, children, with_it, estimate, lower, upper`, in order of the
        school's overall share. Intervals are Wilson's (1927), which take students as
        independent: within one school there are too few classes for anything better.
    """
    roles = study.roles
    used = used_rows(rows, study, values)
    counted = pd.DataFrame(
        {
            "place": rows.loc[used, roles.school].map(names),
            "group": rows.loc[used, roles.group.column].astype(str),
            "with_it": values[used].astype(int),
        }
    )
    overall = counted.groupby("place")["with_it"].mean().sort_values(kind="stable")
    found = counted.groupby(["place", "group"])["with_it"].agg(children="size", with_it="sum")
    cells = pd.MultiIndex.from_product([overall.index, roles.group.contrast])
    found = found.loc[cells[cells.isin(found.index)]].reset_index()
    found["estimate"] = found["with_it"] / found["children"]
    found["lower"], found["upper"] = proportion_confint(
        found["with_it"],
        found["children"],
        alpha=1 - study.analysis.interval_probability,
        method="wilson",
    )
    return found[SCHOOL_COLUMNS]
