"""Means of several variables of the same people, with the covariance of these means."""

from dataclasses import dataclass

import numpy as np
from scipy import stats


@dataclass(frozen=True)
class JointMeans:
    """Means, their covariance and its degrees of freedom.

    Attributes
    ----------
    mean : ndarray, shape (k,)
    covariance : ndarray, shape (k, k)
    degrees : float
        Zero where no variance can be estimated.
    """

    mean: np.ndarray
    covariance: np.ndarray
    degrees: float

    @property
    def error(self) -> np.ndarray:
        """Standard errors, shape (k,)."""
        return np.sqrt(np.diag(self.covariance))

    def interval(self, probability: float) -> tuple[np.ndarray, np.ndarray]:
        """Limits of the t intervals, each of shape (k,)."""
        half = _quantile(probability, self.degrees) * self.error
        return self.mean - half, self.mean + half

    def share_interval(self, probability: float) -> tuple[np.ndarray, np.ndarray]:
        """Limits of intervals of shares, made on the logit scale so that they stay within 0 and 1.

        Not a number where the share is 0 or 1.

        References
        ----------
        Lumley, T. (2010). Complex Surveys: A Guide to Analysis Using R, section 2.4 (logit
        intervals of survey proportions).
        """
        with np.errstate(divide="ignore", invalid="ignore"):
            logit = np.log(self.mean / (1 - self.mean))
            half = _quantile(probability, self.degrees) * self.error / (self.mean * (1 - self.mean))
            return 1 / (1 + np.exp(half - logit)), 1 / (1 + np.exp(-half - logit))


def _quantile(probability: float, degrees: float) -> float:
    return float(stats.t.ppf((1 + probability) / 2, degrees)) if degrees > 0 else float("nan")


def joint_means(values: np.ndarray, unit: np.ndarray, *, sampled: bool) -> JointMeans:
    """Mean of each variable over those who have it, and the covariance by linearization.

    Parameters
    ----------
    values : ndarray, shape (n, k)
        NaN where missing; every column has a value.
    unit : ndarray, shape (n,)
        The school of each person.
    sampled : bool
        Whether schools stand for others. If so they are clusters, and the means vary as schools
        do (degrees of freedom: schools less one). Otherwise they are strata, all there are, and
        the means vary only as people within schools do (people less schools). Whoever is alone in
        a stratum counts with the whole deviation.

    References
    ----------
    Wolter, K. M. (2007). Introduction to Variance Estimation, 2nd edition, section 6.11 (Taylor
    linearization with strata and clusters).
    """
    known = ~np.isnan(values)
    mean = np.nanmean(values, axis=0)
    deviation = np.where(known, values - mean, 0.0) / known.sum(axis=0)
    _, code = np.unique(unit, return_inverse=True)
    size = np.bincount(code)
    total = np.zeros((len(size), values.shape[1]))
    np.add.at(total, code, deviation)
    if sampled:
        units = len(size)
        factor = units / (units - 1) if units > 1 else np.nan
        return JointMeans(mean, factor * total.T @ total, units - 1.0)
    several = size[code] > 1
    about = np.where(several[:, None], deviation - total[code] / size[code][:, None], deviation)
    factor = np.where(several, size[code] / np.maximum(size[code] - 1, 1), 1.0)
    return JointMeans(mean, (about * factor[:, None]).T @ about, float((size - 1).sum()))
