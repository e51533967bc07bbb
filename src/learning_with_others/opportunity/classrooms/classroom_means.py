"""The mean of an opportunity in every classroom: as scored, and partially pooled."""

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from learning_with_others.bayes.specification import Sampler
from learning_with_others.data.clusters import FEWEST_SCHOOLS
from learning_with_others.data.measures.opportunities import Measure, raw_values
from learning_with_others.opportunity.classrooms.pooled_means import (
    SHARE_COLUMNS,
    STUDENT,
    pooled_means,
    variance_shares,
)
from learning_with_others.study import StudyDesign

INTERVAL_KIND = "equal-tailed posterior"
COLUMNS = [
    "place",
    "children",
    "raw_mean",
    "estimate",
    "lower",
    "upper",
    "shrinkage",
    "grand_mean",
    "flag",
]


@dataclass(frozen=True)
class ClassroomMap:
    """Every lowest cluster's mean.

    Attributes
    ----------
    table, shares : pandas.DataFrame
        See `classroom_map`; only these and `words` may leave.
    level : str
        The lowest cluster: "classroom", or "school" in a study without classrooms.
    words : str
        What a caption must say; empty if nothing.
    names : pandas.Index
        The clusters' names, length J.
    children, raw_mean : ndarray, shape (J,)
    draws : ndarray, shape (S, J)
        Posterior draws of the means, in score points.
    flag : str
        Of the fit; empty if it passed its diagnosis.
    """

    table: pd.DataFrame
    shares: pd.DataFrame
    level: str
    words: str
    names: pd.Index = field(repr=False)
    children: np.ndarray = field(repr=False)
    raw_mean: np.ndarray = field(repr=False)
    draws: np.ndarray = field(repr=False)
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
        `table`: a row for each classroom; columns `place` (of the estimate, "1" the lowest; no
        name), `children` who answered, `raw_mean, estimate, lower, upper` in score points,
        `shrinkage, grand_mean, flag`. Classrooms under the minimum cell, and the smallest other
        one wherever totals would give theirs away, come last, without values and place.
        `shares`: columns `quantity, level, estimate, lower, upper, flag`; each level's share of
        the variance, and the mean reliability of the lowest clusters' raw means. Both are empty
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
        nothing = np.empty(0), np.empty(0), np.empty((0, 0))
        return ClassroomMap(*tables, level, reason, pd.Index([]), *nothing)
    found = pooled_means(rows, scores, study, sampler)
    sizes = np.bincount(found.index)
    raw = np.bincount(found.index, scores.mean(axis=0)) / sizes
    tail = (1 - study.analysis.interval_probability) / 2
    between, residual = (np.mean(found.sds[name] ** 2) for name in (level, STUDENT))
    lower, upper = np.quantile(found.mean, [tail, 1 - tail], axis=0)
    columns = {
        "children": sizes,
        "raw_mean": raw,
        "estimate": found.mean.mean(axis=0),
        "lower": lower,
        "upper": upper,
        "shrinkage": 1 - between / (between + residual / sizes),
        "grand_mean": found.grand.mean(),
        "flag": found.flag,
    }
    table, words = _withhold(pd.DataFrame(columns), study, level)
    schools = rows[study.roles.school].nunique()
    if 1 < schools < FEWEST_SCHOOLS:
        words.append(f"How far {schools} schools differ rests on the prior to a good part.")
    return ClassroomMap(
        table=table,
        shares=variance_shares(found, study.analysis.interval_probability),
        level=level,
        words=" ".join(words),
        names=pd.Index(rows[column].to_numpy()[np.unique(found.index, return_index=True)[1]]),
        children=sizes,
        raw_mean=raw,
        draws=found.mean,
        flag=found.flag,
    )


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


def withheld_clusters(children: np.ndarray, minimum: int) -> np.ndarray:
    """Clusters whose children may not be counted, given that all children together are known.

    Every cluster under the minimum, and the smallest other one unless the withheld clusters are
    several, hold the minimum together, and could share it out in several ways.

    Parameters
    ----------
    children : ndarray of int, shape (J,)
        Positive.
    minimum : int

    Returns
    -------
    ndarray of bool, shape (J,)
    """
    small = children < minimum
    number, together = small.sum(), children[small].sum()
    if not number or number == len(children):
        return small
    if number == 1 or together < minimum or together == number * (minimum - 1):
        small = small.copy()
        small[np.argmin(np.where(small, np.inf, children))] = True
    return small


def _withhold(
    table: pd.DataFrame, study: StudyDesign, level: str
) -> tuple[pd.DataFrame, list[str]]:
    """Put shown clusters in order and withheld ones last, without values."""
    minimum = study.analysis.minimum_cell
    hidden = withheld_clusters(table["children"].to_numpy(), minimum)
    shown = table[~hidden].sort_values("estimate")
    shown["place"] = [str(k) for k in range(1, len(shown) + 1)]
    if not hidden.any():
        return shown.reindex(columns=COLUMNS).reset_index(drop=True), []
    reason = f"under {minimum} {study.people}, or to protect such"
    lost = pd.DataFrame({"flag": [f"withheld: {reason}"] * hidden.sum()})
    table = pd.concat([shown, lost]).reindex(columns=COLUMNS).reset_index(drop=True)
    return table, [f"{hidden.sum()} of {len(hidden)} {level}s are withheld ({reason})."]
