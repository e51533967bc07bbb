"""Whether schools whose teachers report more support show more collaboration."""

from dataclasses import dataclass
from itertools import combinations, product

import numpy as np
import pandas as pd
from scipy import stats

from learning_with_others.context.school_strands import CONTEXT, Strand, strands_of
from learning_with_others.context.teacher_survey import ContextItems
from learning_with_others.data.clusters import FEWEST_SCHOOLS, school_places
from learning_with_others.inference.cluster_bootstrap import (
    bootstrap_error,
    resample_clusters,
    resampled_correlation,
    resampled_interval,
)
from learning_with_others.inference.cluster_robust import mean_of
from learning_with_others.inference.plausible_pooling import pool_estimates
from learning_with_others.study import StudyDesign

INTERVAL_KIND = "t, clustered in classrooms"
BOOTSTRAP = "percentile bootstrap (schools)"
SCHOOLS = "strand source place estimate lower upper flag".split()
PAIRS = "context strand source schools pairs alike correlation lower upper mcse flag".split()


@dataclass(frozen=True)
class SchoolComparison:
    """What `compare_schools` finds, or the reason why there are no rows."""

    schools: pd.DataFrame
    pairs: pd.DataFrame
    reason: str = ""


def compare_schools(
    students: pd.DataFrame,
    tables: dict[str, pd.DataFrame],
    items: ContextItems | None,
    study: StudyDesign,
    plausible: pd.DataFrame | None,
    resamples: int,
) -> SchoolComparison:
    """Set teachers' supports and hindrances beside collaboration, school by school.

    Parameters
    ----------
    students : pandas.DataFrame
        Of the grade, with scores.
    tables : dict of str to pandas.DataFrame
        `observations` and `classrooms`, as far as the study has them.
    items : ContextItems or None
    study : StudyDesign
    plausible : pandas.DataFrame or None
        Plausible values; mean scores are used without them.
    resamples : int
        Of schools, for the interval of a correlation.

    Returns
    -------
    SchoolComparison
        `schools`: columns `strand, source, place, estimate, lower, upper, flag`, a row for
        each school and strand, in the order of the first strand from the teachers. `place` is what
        reports call the school; no name or count of people is in the table.
        `estimate` is the school's mean less the mean of all schools, in standard deviations
        within schools (of teachers, students or classrooms; taken as known); the interval treats
        schools as given, teachers as independent, students as clustered in classrooms. A school
        with fewer people than the minimum cell has no estimate.
        `pairs`: columns `context, strand, source, schools, pairs, alike, correlation, lower, upper,
        mcse, flag`; `alike` of the `pairs` of schools stand in the order that more support and
        fewer hindrances would give. The correlation is there for ten schools or more.

    Notes
    -----
    Of J schools with means m and standard errors s, the variance of m_j − m̄ is
    (1 − 1/J)² s_j² + Σ s_k² / J² over the others, with Satterthwaite degrees of freedom. Over
    plausible values by Rubin's rules.
    """
    strands = strands_of(students, tables, items, study, plausible)
    reason = _obstacle(strands)
    minimum, probability = study.analysis.minimum_cell, study.analysis.interval_probability
    found = {strand: _school_means(strand, minimum, probability) for strand in strands}
    if not reason and all(means.empty for means in found.values()):
        reason = f"no two schools have {minimum} teachers, or {minimum} {study.people}."
    if reason:
        nothing = (pd.DataFrame(columns=names) for names in (SCHOOLS, PAIRS))
        return SchoolComparison(*nothing, reason)
    first = found[strands[0]]["estimate"]
    everywhere = sorted({school for means in found.values() for school in means.index}, key=str)
    order = first.reindex(everywhere).sort_values(ascending=False, kind="stable").index
    names = school_places(everywhere, students, study)
    rows = [
        (strand.name, strand.source, names[school], *row, _flag(strand, row["estimate"]))
        for strand, means in found.items()
        for school, row in means.reindex(order).iterrows()
    ]
    means = {strand: each["estimate"] for strand, each in found.items() if len(each)}
    pairs = [
        (a.name, b.name, b.source, *_compare(means[a], means[b], a.hinders, study, resamples))
        for a, b in product(means, means)
        if a.side == CONTEXT and b.side != CONTEXT
    ]
    return SchoolComparison(pd.DataFrame(rows, columns=SCHOOLS), pd.DataFrame(pairs, columns=PAIRS))


def _obstacle(strands: list[Strand]) -> str:
    if not any(strand.side == CONTEXT for strand in strands):
        return "no survey of teachers asks what supports or hinders."
    if all(strand.side == CONTEXT for strand in strands):
        return "neither students nor observers report on collaboration."
    if all(len(set(strand.school)) < 2 for strand in strands):  # noqa: PLR2004 - a comparison
        return "there is only one school, and nothing to compare it with."
    return ""


def _flag(strand: Strand, estimate: float) -> str:
    few = f"fewer than the minimum of {strand.people}, or all alike"
    return strand.flag if np.isfinite(estimate) else few


def _school_means(strand: Strand, minimum: int, probability: float) -> pd.DataFrame:
    """Estimate, lower and upper of each school that has enough people, by school."""
    few = minimum if strand.fewest is None else strand.fewest
    sizes = pd.Series(strand.school).value_counts()
    schools = [school for school in sorted(sizes.index, key=str) if sizes[school] >= few]
    names = ["estimate", "lower", "upper"]
    inside = np.isin(strand.school, schools)
    codes = pd.Categorical(strand.school[inside], categories=schools).codes
    drawn = []
    for values in strand.drawn[:, inside]:
        mean = np.bincount(codes, values, len(schools)) / np.bincount(codes, minlength=len(schools))
        left = ((values - mean[codes]) ** 2).sum() / max(len(values) - len(schools), 1)
        scaled = values / np.sqrt(left) if left > 0 else values * np.nan
        drawn.append([mean_of(scaled[codes == k], strand.cluster[inside][codes == k])
                      for k in range(len(schools))])  # fmt: skip
    if len(schools) < 2 or not np.isfinite([m.value for m in drawn[0]]).all():  # noqa: PLR2004
        return pd.DataFrame(columns=names, dtype=float)
    share = np.full((len(schools), len(schools)), -1 / len(schools)) + np.eye(len(schools))
    rows = [_away(drawn, weights, probability) for weights in share]
    return pd.DataFrame(rows, index=schools, columns=names)


def _away(drawn: list[list], weights: np.ndarray, probability: float) -> tuple:
    """Estimate and interval of one school's distance from the mean of schools."""
    parts = np.array([[m.error**2 for m in means] for means in drawn]) * weights**2
    freedom = np.array([m.degrees for m in drawn[0]])
    values = np.array([weights @ [m.value for m in means] for means in drawn])
    errors = np.sqrt(parts.sum(axis=1))
    if not (np.isfinite(errors).all() and (errors > 0).all()):
        return values.mean(), np.nan, np.nan
    degrees = float(errors[0] ** 4 / (parts[0] ** 2 / freedom).sum())
    if len(values) > 1:
        pooled = pool_estimates(values, errors, degrees, probability)
        return pooled.estimate, pooled.lower, pooled.upper
    half = stats.t.ppf((1 + probability) / 2, degrees) * errors[0]
    return values[0], values[0] - half, values[0] + half


def _compare(
    one: pd.Series, other: pd.Series, hinders: bool, study: StudyDesign, resamples: int
) -> tuple:
    """Schools, pairs, pairs in the expected order; correlation where schools are many."""
    both = pd.concat([one, other], axis=1, join="inner").to_numpy(float)
    turned = -1 if hinders else 1
    alike = sum(turned * (a[0] - b[0]) * (a[1] - b[1]) > 0 for a, b in combinations(both, 2))
    schools = len(both)
    counts = (schools, schools * (schools - 1) // 2, int(alike))
    if schools < FEWEST_SCHOOLS:
        return *counts, *[np.nan] * 4, f"fewer than {FEWEST_SCHOOLS} schools: no correlation"
    drawn = resample_clusters(schools, resamples, study.analysis.seed)
    values = resampled_correlation(both[:, 0], both[:, 1], drawn)
    *found, flags = resampled_interval(values, study.analysis.interval_probability)
    return *counts, *found, bootstrap_error(values), "; ".join(flags)
