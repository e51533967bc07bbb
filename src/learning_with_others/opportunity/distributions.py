"""Distributions of the opportunities: shares of answers, and means by school and by grade."""

import numpy as np
import pandas as pd
from scipy import special
from statsmodels.stats.weightstats import DescrStatsW

from learning_with_others.data.cluster_design import ClusterDesign, cluster_design, jackknife
from learning_with_others.data.clusters import school_names
from learning_with_others.data.codebook import Column
from learning_with_others.data.disclosure import reporting_groups
from learning_with_others.data.flow import ALL_GRADES, by_grade, rows_of_grade
from learning_with_others.data.measures.answer_counts import answer_table
from learning_with_others.data.measures.opportunities import (
    Measure,
    opportunity_measures,
    raw_values,
)
from learning_with_others.data.measures.scales import finest_scales, keyed_items
from learning_with_others.errors import CompendiumError
from learning_with_others.study import StudyDesign

SHARE_INTERVAL_KIND = "t on the logit scale, jackknife over clusters"
SCHOOL, GRADE = "school", "grade"
NOBODY = "nobody answered"
PLACE_COLUMNS = "measure label place_kind place group children mean sd lower upper flag".split()


def answer_shares(
    rows: pd.DataFrame, study: StudyDesign, columns: dict[str, Column]
) -> pd.DataFrame:
    """Estimate the share of every answer to every question on opportunities, by group.

    Parameters
    ----------
    rows : pandas.DataFrame
        Students of both groups, with school and classroom recorded.
    study : StudyDesign
    columns : dict of str to Column
        The codebook of the students' table.

    Returns
    -------
    pandas.DataFrame
        As `answer_table` makes it, and the columns `lower, upper, flag`; in a study with sampling
        weights also `weighted_share`, which the interval then belongs to.

    References
    ----------
    Franco, C., Little, R. J. A., Louis, T. A. and Slud, E. V. (2019). Comparative study of
    confidence intervals for proportions in complex sample surveys. Journal of Survey Statistics
    and Methodology 7, 334-364 (Wald interval of the logit).
    """
    scales = {measure.name for measure in opportunity_measures(study)}
    table = answer_table(rows, study, columns)
    table = table[table["scale"].isin(scales)].reset_index(drop=True)
    design, membership = cluster_design(rows, study), rows[study.roles.group.column]
    keyed = {scale.name: keyed_items(rows, study, columns, scale) for scale in finest_scales(study)}
    found = np.full((3, len(table)), np.nan)
    flags = np.full(len(table), "", dtype=object)
    parts = table.groupby(["scale", "item", "group"], sort=False, observed=True).indices
    for (scale, item, group), places in parts.items():
        given = keyed[scale][item].to_numpy(float)
        members = (membership == group).to_numpy(bool, na_value=False) & ~np.isnan(given)
        for place in places:
            chose = (given == table["answer"].iloc[place]).astype(float)
            *found[:, place], flags[place] = group_mean(design, members, chose, study, share=True)
    out = table.assign(lower=found[1], upper=found[2])
    if study.roles.weight is not None:
        out["weighted_share"] = found[0]
    return out.assign(flag=flags)


def group_mean(
    design: ClusterDesign,
    members: np.ndarray,
    values: np.ndarray,
    study: StudyDesign,
    *,
    share: bool,
) -> tuple[float, float, float, str]:
    """Weighted mean of some of the rows, with its interval.

    Parameters
    ----------
    design : ClusterDesign
        Of all n rows.
    members : ndarray of bool, shape (n,)
    values : ndarray, shape (n,)
        Not missing for members.
    share : bool
        Whether values are 0 and 1 and the interval is that of the logit.

    Returns
    -------
    mean, lower, upper : float
    flag : str

    References
    ----------
    Korn, E. L. and Graubard, B. I. (1999). Analysis of Health Surveys. Wiley, section 5.2
    (degrees of freedom: clusters less strata that hold members).
    """
    weights, held = design.weights[members], values[members]
    if not weights.sum() > 0:
        return np.nan, np.nan, np.nan, NOBODY
    mean = float(np.average(held, weights=weights))
    degrees = design.degrees_of(members)
    if held.min() == held.max():
        return mean, np.nan, np.nan, "no interval: everybody's value is the same"
    if degrees < 1:
        return mean, np.nan, np.nan, f"no interval: too few {design.level}"
    found = jackknife(
        design,
        lambda w: w[members] @ held / w[members].sum(),
        study.analysis.interval_probability,
        degrees,
    )
    half = found.upper[0] - found.estimate[0]
    if not share:
        return mean, mean - half, mean + half, ""
    reach = np.array([-1, 1]) * half / (mean * (1 - mean))
    lower, upper = special.expit(special.logit(mean) + reach)
    return mean, float(lower), float(upper), ""


def means_by_place(
    rows: pd.DataFrame, study: StudyDesign, measures: list[Measure], grade: str = ALL_GRADES
) -> pd.DataFrame:
    """Mean of each opportunity by group in each school, and in each grade.

    Parameters
    ----------
    rows : pandas.DataFrame
        Students of every group; schools are named by their order among all of these rows.
    study : StudyDesign
    measures : list of Measure
    grade : str
        The grade in which schools are compared, where students have a row in each.

    Returns
    -------
    pandas.DataFrame
        Columns `measure, label, place_kind, place, group, children, mean, sd, lower, upper,
        flag`. `children` answered any of the measures. Intervals are those of `group_mean`: over
        a school's classrooms, over a grade's schools or classrooms.

    Raises
    ------
    CompendiumError
        If `rows` holds several grades and none is named.
    """
    rows, group_role = rows.reset_index(drop=True), study.roles.group
    values = pd.DataFrame({m.name: raw_values(rows, m, study) for m in measures})
    group = reporting_groups(rows[group_role.column], group_role.contrast)
    answered = group.where(values.notna().any(axis=1))
    out = []
    for key, part in _places(rows, study, grade) if measures else ():
        weighted = study.roles.weight is None or part[study.roles.weight].any()
        design = cluster_design(part, study) if weighted else None
        sizes = answered[part.index].value_counts(sort=False)
        for measure in measures:
            held = values.loc[part.index, measure.name].to_numpy()
            for name, children in sizes.items():
                members = (group[part.index] == name).to_numpy() & ~np.isnan(held)
                line = _describe(design, members, held, study, measure)
                out.append((measure.name, measure.label, *key, name, int(children), *line))
    return pd.DataFrame(out, columns=PLACE_COLUMNS)


def _describe(
    design: ClusterDesign | None,
    members: np.ndarray,
    values: np.ndarray,
    study: StudyDesign,
    measure: Measure,
) -> tuple[float, float, float, float, str]:
    """Mean, sd, limits and flag, unless they would rest on too few answers."""
    if design is None:
        return np.nan, np.nan, np.nan, np.nan, "all sampling weights are zero"
    if members.sum() < max(study.analysis.minimum_cell, 1):
        few = f"fewer than {study.analysis.minimum_cell} answered" if members.any() else NOBODY
        return np.nan, np.nan, np.nan, np.nan, few
    share = measure.kind == "category"
    mean, lower, upper, flag = group_mean(design, members, values, study, share=share)
    weights = design.weights[members]
    if len(weights) == 1 or np.isnan(mean):
        return mean, np.nan, lower, upper, flag
    # Weights of mean 1, so that the divisor is n - 1.
    sd = DescrStatsW(values[members], weights / weights.mean(), ddof=1).std
    return mean, float(sd), lower, upper, flag


def _places(
    rows: pd.DataFrame, study: StudyDesign, grade: str
) -> list[tuple[tuple[str, str], pd.DataFrame]]:
    """Give the kind and name of each place with its rows."""
    roles, grades = study.roles, []
    placed = rows.dropna(subset=list(roles.clusters.values()))
    if roles.grade is not None:
        grades = [(str(name), part) for name, part in by_grade(placed, study) if len(part)]
        if grade == ALL_GRADES and len(grades) > 1:
            raise CompendiumError(
                f"schools would be compared over {len(grades)} grades, people counted in each",
                remedy="name the grade that is analysed",
            )
        grade = grades[0][0] if grade == ALL_GRADES and grades else grade
    one = rows_of_grade(rows, study, grade)
    parts = [
        (name, one[one[roles.school] == key]) for key, name in school_names(rows, study).items()
    ]
    schools = [((SCHOOL, name), part) for name, part in parts if len(part)]
    return [*schools, *(((GRADE, name), part) for name, part in grades)]
