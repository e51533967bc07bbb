"""The opportunity by group and by school: shares of a category, means of a score."""

import numpy as np
import pandas as pd
from statsmodels.stats.proportion import proportion_confint

from learning_with_others.opportunity.cluster_robust import least_squares_cr2
from learning_with_others.study import Study

INTERVAL_KIND = "CR2 t (lowest cluster)"


def opportunity(rows: pd.DataFrame, study: Study) -> pd.Series:
    """Give each student's opportunity: 1 at the focal level of a category else 0, or the score."""
    exposure = study.roles.exposure
    if exposure.varies_by == "classroom":
        return (rows[exposure.name] == exposure.focal).astype(float)
    return rows[exposure.name]


def access_by_group(rows: pd.DataFrame, study: Study) -> pd.DataFrame:
    """Share or mean of the opportunity in each group, and the gap, overall and within schools.

    Students of one class share it, so the lowest clusters are what varies.

    Parameters
    ----------
    rows : pandas.DataFrame
        Rows of the focal and reference group in one grade.

    Returns
    -------
    pandas.DataFrame
        Columns `quantity, group, children, estimate, lower, upper`: `share` of a category or
        `mean` of a score, `gap` (focal minus reference) and `gap_within_schools` (the same with
        a fixed effect for every school).
    """
    rows = rows[opportunity(rows, study).notna()].dropna(subset=list(study.roles.clusters.values()))
    roles, probability = study.roles, study.analysis.interval_probability
    race = roles.race
    exposed = opportunity(rows, study).to_numpy()
    level = "share" if roles.exposure.varies_by == "classroom" else "mean"
    focal = (rows[race.column] == race.focal).to_numpy(float)
    classes = rows[next(iter(roles.clusters.values()))].to_numpy()
    schools = pd.get_dummies(rows[roles.school], dtype=float).to_numpy()
    fits = {
        "share": least_squares_cr2(exposed, np.column_stack([focal, 1 - focal]), classes),
        "gap": least_squares_cr2(exposed, np.column_stack([focal, np.ones_like(focal)]), classes),
        "within": least_squares_cr2(exposed, np.column_stack([focal, schools]), classes),
    }
    n_focal, n = int(focal.sum()), len(focal)
    both = f"{race.focal} minus {race.reference}"
    wanted = [
        (level, race.focal, n_focal, "share", 0),
        (level, race.reference, n - n_focal, "share", 1),
        ("gap", both, n, "gap", 0),
        ("gap_within_schools", both, n, "within", 0),
    ]
    out = []
    for quantity, group, children, fit, k in wanted:
        lower, upper = fits[fit].interval(probability)
        out.append((quantity, group, children, fits[fit].estimate[k], lower[k], upper[k]))
    return pd.DataFrame(
        out, columns=["quantity", "group", "children", "estimate", "lower", "upper"]
    )


def access_by_school(rows: pd.DataFrame, study: Study) -> pd.DataFrame:
    """Share with a class-level opportunity by group in the schools that may be shown.

    A school is shown if each of its four cells, group × with or without the opportunity, holds
    at least the minimum number of children; it is named by its rank only.

    Returns
    -------
    pandas.DataFrame
        Columns `school_rank, group, children, estimate, lower, upper`, in order of the school's
        overall share. Intervals are Wilson's (1927), which take children as independent:
        within one school there are too few classes for anything better.
    """
    roles = study.roles
    columns = ["school_rank", "group", "children", "estimate", "lower", "upper"]
    if roles.exposure.varies_by != "classroom":
        return pd.DataFrame(columns=columns)
    exposed = opportunity(rows, study)
    group = rows[roles.race.column].cat.remove_unused_categories()
    cells = (
        pd.DataFrame({"school": rows[roles.school], "group": group, "exposed": exposed})
        .groupby(["school", "group"], observed=False)["exposed"]
        .agg(children="size", with_it="sum")
    )
    cells["without_it"] = cells["children"] - cells["with_it"]
    large = (cells[["with_it", "without_it"]] >= study.analysis.minimum_cell).all(axis=1)
    shown = cells[large.groupby("school").transform("all")].reset_index()
    overall = shown.groupby("school")["with_it"].sum() / shown.groupby("school")["children"].sum()
    shown["school_rank"] = shown["school"].map(overall.rank(method="first").astype(int))
    shown["estimate"] = shown["with_it"] / shown["children"]
    shown["lower"], shown["upper"] = proportion_confint(
        shown["with_it"],
        shown["children"],
        alpha=1 - study.analysis.interval_probability,
        method="wilson",
    )
    return shown.sort_values(["school_rank", "group"])[columns].reset_index(drop=True)
