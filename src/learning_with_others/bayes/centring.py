"""Within and between clusters: a predictor taken apart by level."""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pandas as pd

from learning_with_others.errors import CompendiumError

ROUNDING = 1e-6  # of the spread over all rows: less variation within a cluster is none (float32)


@dataclass(frozen=True)
class Centred:
    """A predictor as a sum of parts, one for each level.

    Attributes
    ----------
    within : ndarray, shape (n,)
        Deviation from the mean of the lowest cluster.
    between : tuple of ndarray, each of shape (n,)
        For each level, the mean of its cluster as a deviation from the mean of the cluster one
        level up; for the highest, the mean of its cluster.
    """

    within: np.ndarray
    between: tuple[np.ndarray, ...]


def within_and_between(values: np.ndarray, *clusters: np.ndarray) -> Centred:
    """Take a predictor apart into deviations within clusters and cluster means.

    The parts sum to `values` (up to `ROUNDING`). Parts of different levels are uncorrelated over
    the rows, so each has its own coefficient: that of the deviation compares rows of one cluster.

    Parameters
    ----------
    values : array_like of float, shape (n,)
    *clusters : array_like, each of shape (n,)
        Labels of each row's cluster, from the lowest level to the highest, each nested in the
        next. Means are over rows, so large clusters count more.

    Raises
    ------
    CompendiumError
        If a value or label is missing, or a cluster lies in several clusters one level up.

    References
    ----------
    Mundlak, Y. (1978). On the pooling of time series and cross section data. Econometrica, 46,
    69-85, eq. 2.5.
    """
    numbers = np.asarray(values, float)
    if not clusters:
        raise CompendiumError("no clusters are given", where="centring", remedy="give one level")
    if not np.isfinite(numbers).all():
        raise CompendiumError(
            f"{(~np.isfinite(numbers)).sum()} values are missing or infinite",
            where="centring",
            remedy="choose complete rows first",
        )
    codes = [pd.factorize(np.asarray(labels))[0] for labels in clusters]
    lost = np.any([each < 0 for each in codes], axis=0)
    if lost.any():
        raise CompendiumError(
            f"{lost.sum()} rows have no cluster",
            where="centring",
            remedy="choose rows with all clusters known",
        )
    for labels, (lower, upper) in zip(clusters, pairwise(codes), strict=False):
        parent = np.zeros(lower.max() + 1, dtype=np.int64)
        parent[lower] = upper
        apart = np.flatnonzero(parent[lower] != upper)
        if len(apart):
            several = len(np.unique(upper[lower == lower[apart[0]]]))
            name = str(np.asarray(labels)[apart[0]])
            raise CompendiumError(
                f"the cluster {name!r} lies in {several} clusters one level up",
                where="centring",
                remedy="make labels unique, such as 'school / classroom'",
            )
    parts = [numbers, *(_means(numbers, each) for each in codes)]
    apart = [without_rounding(lower - upper, numbers) for lower, upper in pairwise(parts)]
    return Centred(within=apart[0], between=(*apart[1:], parts[-1]))


def cluster_mean(values: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Each row's mean over its cluster, both of shape (n,)."""
    return _means(values, pd.factorize(np.asarray(labels))[0])


def without_rounding(deviation: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Deviations of values from means of clusters, zero where they are rounding alone.

    A value that is constant within clusters up to how its digits were stored would otherwise have
    a slope there that the prior alone decides.
    """
    spread = np.nanmax(values) - np.nanmin(values)
    return np.where(np.abs(deviation) <= ROUNDING * spread, 0.0, deviation)


def _means(values: np.ndarray, codes: np.ndarray) -> np.ndarray:
    return (np.bincount(codes, values) / np.bincount(codes))[codes]
