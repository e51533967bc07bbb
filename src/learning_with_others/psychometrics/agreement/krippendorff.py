"""Krippendorff's alpha: agreement of any number of raters, missing ratings allowed."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from learning_with_others.errors import CompendiumError, suggest
from learning_with_others.inference.cluster_bootstrap import (
    bootstrap_error,
    resample_clusters,
    resampled_interval,
)

Metric = Literal["nominal", "ordinal", "interval", "ratio"]
METRICS = ("nominal", "ordinal", "interval", "ratio")


@dataclass(frozen=True)
class Coincidences:
    """Pairs of ratings of the same unit.

    Attributes
    ----------
    values : ndarray, shape (C,)
        Categories in use, ascending.
    by_unit : ndarray, shape (units, C, C)
        Each ordered pair of a unit's m ratings counts 1/(m − 1); units rated once are left out.
    """

    values: np.ndarray
    by_unit: np.ndarray


def count_coincidences(ratings: np.ndarray, where: str = "") -> Coincidences:
    """Pair all ratings within units.

    Parameters
    ----------
    ratings : ndarray, shape (units, raters)
        NaN where a rater did not rate a unit.
    where : str
        What was rated, for errors.

    Raises
    ------
    CompendiumError
        If no unit has two ratings, or all ratings that can be paired are alike.

    References
    ----------
    Krippendorff, K. (2011). Computing Krippendorff's alpha-reliability, section D.
    """
    ratings = np.asarray(ratings, float)
    number = (~np.isnan(ratings)).sum(axis=1)
    paired = ratings[number > 1]
    values = np.unique(paired[~np.isnan(paired)])
    if len(values) < 2:  # noqa: PLR2004 - agreement needs something to disagree about
        raise CompendiumError(
            f"{len(paired)} units have two ratings, with {len(values)} distinct values among them",
            where=where,
            remedy="agreement shows only where units were rated twice and differ",
        )
    given = (paired[:, :, None] == values).sum(axis=1).astype(float)
    pairs = given[:, :, None] * given[:, None, :]
    same = np.arange(len(values))
    pairs[:, same, same] -= given  # a rating makes no pair with itself
    return Coincidences(values, pairs / (number[number > 1] - 1)[:, None, None])


def squared_distance(values: np.ndarray, margins: np.ndarray, metric: Metric) -> np.ndarray:
    """Squared distances of categories.

    Parameters
    ----------
    values : ndarray, shape (C,)
        Ascending.
    margins : ndarray, shape (r, C)
        How often each category was given, for the ordinal distance: the number of ratings
        between two categories, half of each counted.
    metric : {'nominal', 'ordinal', 'interval', 'ratio'}

    Returns
    -------
    ndarray, shape (r, C, C)

    Raises
    ------
    CompendiumError
        If there is no such metric.

    References
    ----------
    Krippendorff, K. (2011). Computing Krippendorff's alpha-reliability, section E.
    """
    if metric not in METRICS:
        raise CompendiumError(
            f"there is no metric {metric!r}", remedy=suggest(str(metric), METRICS)
        )
    if metric == "ordinal":
        rank = np.cumsum(margins, axis=1) - margins / 2
        return (rank[:, :, None] - rank[:, None, :]) ** 2
    difference = values[:, None] - values
    if metric == "nominal":
        one = (difference != 0).astype(float)
    elif metric == "interval":
        one = difference**2
    else:
        total = values[:, None] + values
        one = (difference / np.where(total == 0, 1, total)) ** 2
    return np.broadcast_to(one, (len(margins), *one.shape))


@dataclass(frozen=True)
class Agreement:
    """A coefficient of agreement with its interval.

    Attributes
    ----------
    estimate, lower, upper : float
        1 is perfect agreement, 0 agreement by chance.
    units : int
        Units with at least two ratings.
    flags : tuple of str
    mcse : float, optional
        Monte Carlo error of the interval, where it was resampled.
    """

    estimate: float
    lower: float
    upper: float
    units: int
    flags: tuple[str, ...]
    mcse: float | None = None


def krippendorff_alpha(
    ratings: np.ndarray,
    metric: Metric,
    *,
    probability: float,
    resamples: int,
    seed: int,
    where: str = "",
) -> Agreement:
    """Alpha = 1 − observed over expected disagreement, with a bootstrap interval over units.

    Parameters
    ----------
    ratings : ndarray, shape (units, raters)
        NaN where missing.
    metric : {'nominal', 'ordinal', 'interval', 'ratio'}
        How far apart two categories are. Categories that nobody gave do not count.
    probability : float
        Of the percentile interval.
    resamples, seed : int
        Resamples of whole units; resamples in which all ratings are alike are left out.
    where : str
        What was rated, for errors.

    Raises
    ------
    CompendiumError
        See `count_coincidences` and `squared_distance`.

    References
    ----------
    Krippendorff, K. (2011). Computing Krippendorff's alpha-reliability. University of
    Pennsylvania, Departmental Papers (ASC) 43.
    """
    pairs = count_coincidences(ratings, where)
    counts = resample_clusters(len(pairs.by_unit), resamples, seed)
    observed = np.einsum("ru,uij->rij", counts, pairs.by_unit)
    margins = observed.sum(axis=2)
    total = margins.sum(axis=1)
    distance = squared_distance(pairs.values, margins, metric)
    expected = margins[:, :, None] * margins[:, None, :] / (total - 1)[:, None, None]
    chance = (expected * distance).sum(axis=(1, 2))
    with np.errstate(invalid="ignore", divide="ignore"):
        alpha = 1 - (observed * distance).sum(axis=(1, 2)) / chance
    estimate, lower, upper, flags = resampled_interval(alpha, probability)
    return Agreement(estimate, lower, upper, len(pairs.by_unit), flags, bootstrap_error(alpha))
