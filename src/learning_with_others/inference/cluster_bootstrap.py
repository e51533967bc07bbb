"""Resampling of whole clusters, and percentile intervals where some resamples are undefined."""

import numpy as np
import pandas as pd

OUTSIDE = 1e-9  # an estimate further from an interval than rounding


def resample_clusters(clusters: int, resamples: int, seed: int) -> np.ndarray:
    """Draw how often each cluster enters each resample.

    Returns
    -------
    ndarray of int, shape (resamples + 1, clusters)
        Row 0 is the sample itself: every cluster once.

    Notes
    -----
    Davison and Hinkley (1997, sec. 3.8): resampling the highest level of nesting, without
    resampling within it.
    """
    draws = np.random.default_rng(seed).multinomial(
        clusters, np.full(clusters, 1 / clusters), size=resamples
    )
    return np.vstack([np.ones((1, clusters), dtype=int), draws])


def resample_members(sampled: np.ndarray, resamples: int, seed: int) -> np.ndarray:
    """Draw how often each member of the sampled clusters enters each resample.

    Parameters
    ----------
    sampled : ndarray, shape (J,)
        Cluster of each member: of classrooms, their schools or themselves.

    Returns
    -------
    ndarray of int, shape (resamples + 1, J)
        Row 0 is the sample itself.
    """
    code, names = pd.factorize(sampled)
    return resample_clusters(len(names), resamples, seed)[:, code]


def resampled_covariances(
    values: np.ndarray, cluster: np.ndarray, counts: np.ndarray
) -> np.ndarray:
    """Covariance matrix of the rows in every resample.

    Parameters
    ----------
    values : ndarray, shape (n, k)
        Complete rows.
    cluster : ndarray of int, shape (n,)
        Each row's cluster, a column of `counts`.
    counts : ndarray of int, shape (r, clusters)
        From `resample_clusters`.

    Returns
    -------
    ndarray, shape (r, k, k)
        With divisor (rows in the resample − 1).
    """
    centred = values - values.mean(axis=0)  # sums of squares of raw scores would lose digits
    clusters, width = counts.shape[1], values.shape[1]
    size = np.bincount(cluster, minlength=clusters)
    sums = np.zeros((clusters, width))
    np.add.at(sums, cluster, centred)
    products = np.zeros((clusters, width, width))
    np.add.at(products, cluster, centred[:, :, None] * centred[:, None, :])

    rows = (counts @ size)[:, None, None]
    total = counts @ sums
    second = np.einsum("rc,cij->rij", counts, products)
    return (second - total[:, :, None] * total[:, None, :] / rows) / (rows - 1)


def correlations(covariances: np.ndarray) -> np.ndarray:
    """Turn covariance matrices, shape (r, k, k), into correlation matrices."""
    standard_deviation = np.sqrt(np.diagonal(covariances, axis1=1, axis2=2))
    return covariances / (standard_deviation[:, :, None] * standard_deviation[:, None, :])


def percentile_interval(resampled: np.ndarray, probability: float) -> tuple[float, float, float]:
    """Estimate (row 0) and the percentile interval of the other rows."""
    tail = (1 - probability) / 2
    lower, upper = np.quantile(resampled[1:], [tail, 1 - tail])
    return float(resampled[0]), float(lower), float(upper)


def excluded(estimate: float, lower: float, upper: float) -> tuple[str, ...]:
    """Say that an interval does not hold its own estimate: resampling moves it to one side."""
    if not (estimate < lower - OUTSIDE or estimate > upper + OUTSIDE):
        return ()
    return ("the percentile interval excludes its estimate: resampled values are biased",)


def bootstrap_error(resampled: np.ndarray) -> float:
    """Monte Carlo error of a bootstrap standard error, se / √(2 B), over the defined resamples.

    What a finite number of resamples leaves uncertain of an interval's width; the estimate itself
    rests on no simulation.

    Parameters
    ----------
    resampled : ndarray, shape (resamples + 1,)
        Row 0 is the sample itself.

    References
    ----------
    Efron, B. and Tibshirani, R. J. (1993). An introduction to the bootstrap, sec. 6.4.
    """
    defined = resampled[1:][np.isfinite(resampled[1:])]
    if len(defined) < 2:  # noqa: PLR2004 - one value has no spread
        return float("nan")
    return float(defined.std(ddof=1) / np.sqrt(2 * len(defined)))


INTERVAL_KIND = "percentile bootstrap (classrooms)"
SAMPLED_KIND = "percentile bootstrap (schools if ten or more, else classrooms)"
MOST_UNDEFINED = 0.05


def resampled_interval(
    values: np.ndarray, probability: float
) -> tuple[float, float, float, tuple[str, ...]]:
    """Estimate, percentile interval of the defined resamples, and flags.

    They say where many resamples are undefined, and where the interval excludes its estimate.

    Parameters
    ----------
    values : ndarray, shape (resamples + 1,)
        Row 0 is the sample itself; not finite where undefined.
    probability : float

    Returns
    -------
    (float, float, float, tuple of str)
        The interval is missing where the estimate is undefined or most resamples are.
    """
    defined = np.isfinite(values)
    undefined = 1 - defined[1:].mean()
    flags = ()
    if undefined > MOST_UNDEFINED:
        flags = (f"undefined in {undefined:.0%} of the resamples",)
    if not defined[0] or undefined > 1 / 2:
        estimate = float(values[0]) if defined[0] else float("nan")
        return estimate, float("nan"), float("nan"), flags
    found = percentile_interval(values[defined], probability)
    return *found, flags + excluded(*found)


def resampled_correlation(first: np.ndarray, second: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """Pearson correlation of classroom means in every resample, NaN where one does not vary.

    Parameters
    ----------
    first, second : ndarray, shape (classrooms,)
    counts : ndarray, shape (r, classrooms)
    """
    share = counts / counts.sum(axis=1, keepdims=True)
    one, two = first - first.mean(), second - second.mean()
    means = share @ one, share @ two
    products = [
        share @ (a * b) - x * y
        for a, b, x, y in (
            (one, two, *means),
            (one, one, means[0], means[0]),
            (two, two, means[1], means[1]),
        )
    ]
    limits = [np.finfo(float).eps * len(values) * (values @ values) for values in (one, two)]
    varies = (products[1] > limits[0]) & (products[2] > limits[1])
    root = np.sqrt(np.where(varies, products[1] * products[2], 1))
    return np.where(varies, products[0] / root, np.nan)
