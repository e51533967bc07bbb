"""The mean of an opportunity in every classroom: as scored, and partially pooled."""

from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd

from learning_with_others.bayes.specification import Sampler
from learning_with_others.data.clusters import FEWEST_SCHOOLS, sampled_rooms
from learning_with_others.data.measures.opportunities import Measure, raw_values
from learning_with_others.inference.random_streams import seed_of
from learning_with_others.opportunity.classrooms.pooled_means import (
    SHARE_COLUMNS,
    STUDENT,
    PooledMeans,
    pooled_means,
    variance_shares,
)
from learning_with_others.study import StudyDesign

INTERVAL_KIND = "equal-tailed posterior"
COLUMNS = (
    "place children raw_mean estimate lower upper mcse shrinkage shrinkage_mcse grand_mean "
    "grand_mcse flag"
).split()


@dataclass(frozen=True)
class ClassroomMap:
    """Every lowest cluster's mean.

    Attributes
    ----------
    table, shares : pandas.DataFrame
        See `classroom_map`.
    level : str
        The lowest cluster: "classroom", or "school" in a study without classrooms.
    words : str
        What a caption must say; empty if nothing.
    names : pandas.Index
        The clusters' names, length J.
    order : ndarray of int, shape (J,)
        Which cluster each row of the table is, a position in `names`.
    children, raw_mean : ndarray, shape (J,)
    draws : ndarray, shape (S, J)
        Posterior draws of the means, in score points.
    sampled : ndarray, shape (J,)
        The sampled cluster of each (`sampled_rooms`).
    flag : str
        Of the fit; empty if it passed its diagnosis.
    """

    table: pd.DataFrame
    shares: pd.DataFrame
    level: str
    words: str
    names: pd.Index = field(repr=False)
    order: np.ndarray = field(repr=False)
    children: np.ndarray = field(repr=False)
    raw_mean: np.ndarray = field(repr=False)
    draws: np.ndarray = field(repr=False)
    sampled: np.ndarray = field(repr=False)
    flag: str = ""


def classroom_map(
    rows: pd.DataFrame,
    study: StudyDesign,
    measure: Measure,
    sampler: Sampler,
    values: np.ndarray | None = None,
) -> ClassroomMap:
    """Estimate the mean of a student-level opportunity in every classroom, partially pooled.

    Parameters
    ----------
    rows : pandas.DataFrame
        Students of every group in one grade, with their clusters.
    study : StudyDesign
    measure : Measure
    sampler : Sampler
    values : ndarray, shape (M, n), optional
        Scores of the rows in place of the raw ones, as `latent_values` gives them.

    Returns
    -------
    ClassroomMap
        `table`: a row for each classroom in order of its estimate; columns `place` in this
        order ("1" the lowest; no name), `children` who answered, `raw_mean, estimate, lower, upper,
        mcse`
        in score points, `shrinkage, shrinkage_mcse, grand_mean, grand_mcse, flag`; the `mcse` are
        Monte Carlo standard errors. Classrooms under the minimum cell come last, without values.
        `shares`: columns `quantity, level, estimate, lower, upper, mcse, flag`; each level's share
        of the variance, and the mean reliability of the lowest clusters' raw means. Both are empty
        where the opportunity is dealt out by classroom, or nothing varies: `words` say why.

    Notes
    -----
    An estimate is the posterior mean of intercept + school effect + classroom effect, see
    `pooled_means`. `shrinkage` is 1 − λ, the part of the way from the classroom's raw mean to
    its school's expected mean; λ = τ² / (τ² + σ²/n), with the posterior means of the variances
    τ² of classrooms and σ² of students (Gelman and Hill 2007, *Data Analysis Using Regression
    and Multilevel/Hierarchical Models*, eq. 12.1, the school's mean in place of the grand mean).
    """
    scores = raw_values(rows, measure, study)[None] if values is None else np.asarray(values)
    answered = np.isfinite(scores).all(axis=0)
    rows, scores = rows[answered], scores[:, answered]
    level, column = next(iter(study.roles.clusters.items()))
    reason = _obstacle(rows, scores, study, measure)
    if reason:
        tables = pd.DataFrame(columns=COLUMNS), pd.DataFrame(columns=SHARE_COLUMNS)
        nothing = np.empty(0), np.empty(0), np.empty((0, 0)), np.empty(0, object)
        return ClassroomMap(*tables, level, reason, pd.Index([]), np.empty(0, int), *nothing)
    own = replace(sampler, seed=seed_of(sampler.seed, measure.name))
    found = pooled_means(rows, scores, study, own)
    sizes = np.bincount(found.index)
    raw = np.bincount(found.index, scores.mean(axis=0)) / sizes
    tail = (1 - study.analysis.interval_probability) / 2
    lower, upper = np.quantile(found.mean, [tail, 1 - tail], axis=0)
    shrinkage, shrinkage_mcse = _shrinkage(found, level, sizes)
    columns = {
        "children": sizes,
        "raw_mean": raw,
        "estimate": found.mean.mean(axis=0),
        "lower": lower,
        "upper": upper,
        "mcse": [found.error_of(draws) for draws in found.mean.T],
        "shrinkage": shrinkage,
        "shrinkage_mcse": shrinkage_mcse,
        "grand_mean": found.grand.mean(),
        "grand_mcse": found.error_of(found.grand),
        "flag": found.flag,
    }
    table, words = _in_order(pd.DataFrame(columns), study.analysis.minimum_cell, level)
    order = table.index.to_numpy()
    schools = rows[study.roles.school].nunique()
    if 1 < schools < FEWEST_SCHOOLS:
        words.append(f"How far {schools} schools differ rests on the prior to a good part.")
    names = pd.Index(rows[column].to_numpy()[np.unique(found.index, return_index=True)[1]])
    return ClassroomMap(
        table=table.reset_index(drop=True),
        shares=variance_shares(found, study.analysis.interval_probability),
        level=level,
        words=" ".join(words),
        names=names,
        order=order,
        children=sizes,
        raw_mean=raw,
        draws=found.mean,
        sampled=sampled_rooms(names.to_numpy(), rows, study),
        flag=found.flag,
    )


def classroom_maps(
    rows: pd.DataFrame, study: StudyDesign, measures: list[Measure], sampler: Sampler
) -> dict[str, ClassroomMap]:
    """Map every construct and number, by the measure's name."""
    mapped = [measure for measure in measures if measure.kind in ("construct", "number")]
    return {measure.name: classroom_map(rows, study, measure, sampler) for measure in mapped}


def _shrinkage(found: PooledMeans, level: str, sizes: np.ndarray) -> tuple[np.ndarray, list[float]]:
    """1 − λ of every cluster at the variances' means, and its error to first order in them."""
    between, residual = (found.sds[name] ** 2 for name in (level, STUDENT))
    b, r = between.mean(), residual.mean() / sizes
    apart = [
        (b * (residual / n - e) - e * (between - b)) / (b + e) ** 2
        for n, e in zip(sizes, r, strict=True)
    ]
    return r / (b + r), [found.error_of(draws) for draws in apart]


def _obstacle(rows: pd.DataFrame, scores: np.ndarray, study: StudyDesign, measure: Measure) -> str:
    """Say why there is no map; empty if there can be one."""
    level = next(iter(study.roles.clusters))
    if measure.kind == "category":
        return f"No map: the opportunity is dealt out by {level}."
    clusters = rows.groupby(list(study.roles.clusters.values()), observed=True).ngroup().to_numpy()
    if len(np.unique(clusters)) <= 1:
        return f"No map: fewer than two {level}s have {study.people} who answered."
    if not (np.ptp(scores, axis=1) > 0).all():
        return f"No map: all {study.people} have the same score."
    if pd.DataFrame(scores.T).groupby(clusters).nunique().to_numpy().max() == 1:
        return f"No map: {study.people} of one {level} never differ."
    return ""


def _in_order(table: pd.DataFrame, minimum: int, level: str) -> tuple[pd.DataFrame, list[str]]:
    """Put clusters in order of their estimates, those with too few answers last and without."""
    few = table["children"] < minimum
    words = f"fewer than {minimum} answered"
    ordered = table[~few].sort_values("estimate")
    table = pd.concat([ordered, table.loc[few, ["children"]].assign(flag=words)])
    table["place"] = [str(k) for k in range(1, len(table) + 1)]
    said = f"{few.sum()} of {len(few)} {level}s without an estimate: {words}."
    return table[COLUMNS], [said] if few.any() else []
