"""Means and differences of means with standard errors that know of clusters."""

from dataclasses import dataclass

import numpy as np
from scipy import stats


@dataclass(frozen=True)
class Estimate:
    """An estimate, its cluster-robust standard error and degrees of freedom (clusters − 1).

    NaN where it cannot be estimated: a group without rows, or a single cluster.
    """

    value: float
    error: float
    degrees: float

    def interval(self, probability: float) -> tuple[float, float]:
        """Equal-tailed t interval."""
        if not self.degrees > 0:
            return float("nan"), float("nan")
        half = stats.t.ppf((1 + probability) / 2, self.degrees) * self.error
        return self.value - half, self.value + half


def mean_of(values: np.ndarray, cluster: np.ndarray) -> Estimate:
    """Mean of the recorded values.

    Parameters
    ----------
    values : ndarray, shape (n,)
        NaN where missing.
    cluster : ndarray, shape (n,)

    References
    ----------
    Liang, K.-Y. and Zeger, S. L. (1986). Longitudinal data analysis using generalized linear
    models. Biometrika 73, 13-22, with the factor clusters / (clusters − 1).
    """
    return difference_of(values, np.ones(len(values), dtype=bool), None, cluster)


def difference_of(
    values: np.ndarray, first: np.ndarray, second: np.ndarray | None, cluster: np.ndarray
) -> Estimate:
    """Mean of the rows in `first`, less that of the rows in `second` if given.

    Students of both groups who share a cluster are taken as dependent.

    Parameters
    ----------
    values : ndarray, shape (n,)
        NaN where missing.
    first, second : ndarray of bool, shape (n,)
    cluster : ndarray, shape (n,)
    """
    estimate, influence = 0.0, np.zeros(len(values))
    used = np.zeros(len(values), dtype=bool)
    for sign, group in ((1.0, first), (-1.0, second)):
        if group is None:
            continue
        known = group & ~np.isnan(values)
        if not known.any():
            return Estimate(float("nan"), float("nan"), 0.0)
        mean = float(values[known].mean())
        estimate += sign * mean
        influence[known] += sign * (values[known] - mean) / known.sum()
        used |= known
    _, code = np.unique(cluster[used], return_inverse=True)
    sums = np.bincount(code, influence[used])
    clusters = len(sums)
    if clusters == 1:
        return Estimate(estimate, float("nan"), 0.0)
    error = float(np.sqrt((sums**2).sum() * clusters / (clusters - 1)))
    return Estimate(estimate, error, clusters - 1.0)
