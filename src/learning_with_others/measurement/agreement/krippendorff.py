"""Krippendorff's alpha: agreement of any number of raters, missing ratings allowed."""

from dataclasses import dataclass

import numpy as np

from learning_with_others.measurement.agreement.coincidences import (
    Metric,
    count_coincidences,
    squared_distance,
)
from learning_with_others.measurement.agreement.resampling import resampled_interval
from learning_with_others.measurement.cluster_bootstrap import resample_clusters


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
    """

    estimate: float
    lower: float
    upper: float
    units: int
    flags: tuple[str, ...]


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
    return Agreement(estimate, lower, upper, len(pairs.by_unit), flags)
