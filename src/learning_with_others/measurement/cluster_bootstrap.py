"""Covariances under resampling of whole clusters, from each cluster's sums."""

import numpy as np


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
    spread = np.sqrt(np.diagonal(covariances, axis1=1, axis2=2))
    return covariances / (spread[:, :, None] * spread[:, None, :])


def percentile_interval(resampled: np.ndarray, probability: float) -> tuple[float, float, float]:
    """Estimate (row 0) and the percentile interval of the other rows."""
    tail = (1 - probability) / 2
    lower, upper = np.quantile(resampled[1:], [tail, 1 - tail])
    return float(resampled[0]), float(lower), float(upper)
