"""What the likelihood needs of the data: counts, means and covariances by missing pattern."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from learning_with_others.errors import CompendiumError, suggest

EVERYONE = "all"
COLLINEAR = 1e-10  # smallest eigenvalue of a correlation matrix that can still be inverted safely


@dataclass(frozen=True)
class GroupMoments:
    """Rows of one group, summed by which items they answer.

    Attributes
    ----------
    label : str
    values : ndarray, shape (n, k)
        NaN where missing; rows without any answer are left out.
    rows : ndarray of int, shape (n,)
        Position of each row in the frame it came from.
    pattern : ndarray of int, shape (n,)
        Each row's missing pattern.
    observed : ndarray of bool, shape (patterns, k)
    counts : ndarray, shape (patterns,)
        Rows of each pattern.
    means : ndarray, shape (patterns, k)
        Zero where missing.
    covariances : ndarray, shape (patterns, k, k)
        About the pattern's own mean, divisor its count; zero where missing.
    """

    label: str
    values: np.ndarray
    rows: np.ndarray
    pattern: np.ndarray
    observed: np.ndarray
    counts: np.ndarray
    means: np.ndarray
    covariances: np.ndarray

    @property
    def total(self) -> int:
        """Rows that enter."""
        return int(self.counts.sum())

    @property
    def complete(self) -> bool:
        """Whether every row answers every item."""
        return bool(self.observed.all())


def summarize(label: str, values: np.ndarray, rows: np.ndarray) -> GroupMoments:
    """Sum rows, shape (n, k), by missing pattern."""
    observed, pattern = np.unique(~np.isnan(values), axis=0, return_inverse=True)
    counts = np.bincount(pattern).astype(float)
    filled = np.nan_to_num(values)
    k = values.shape[1]
    means = np.zeros((len(counts), k))
    np.add.at(means, pattern, filled)
    means /= counts[:, None]
    centred = np.where(np.isnan(values), 0.0, filled - means[pattern])
    covariances = np.zeros((len(counts), k, k))
    for place in np.flatnonzero(counts > 1):
        mine = centred[pattern == place]
        covariances[place] = mine.T @ mine / counts[place]
    return GroupMoments(label, values, rows, pattern, observed, counts, means, covariances)


def population_moments(
    label: str, mean: np.ndarray, covariance: np.ndarray, count: int
) -> GroupMoments:
    """Give the moments of `count` imagined rows with exactly this mean and covariance."""
    k = len(mean)
    return GroupMoments(
        label,
        np.empty((0, k)),
        np.empty(0, dtype=int),
        np.empty(0, dtype=int),
        np.ones((1, k), dtype=bool),
        np.array([float(count)]),
        mean[None],
        covariance[None],
    )


def group_moments(
    values: pd.DataFrame, group: np.ndarray | None, missing: str, reference: str | None = None
) -> tuple[GroupMoments, ...]:
    """Split the rows by group and sum them by missing pattern.

    Parameters
    ----------
    values : pandas.DataFrame, shape (n, k)
        The model's items as numbers, NaN where missing.
    group : ndarray, shape (n,), optional
    missing : {'complete', 'fiml'}
        Only rows that answer every item, or every row with an answer.
    reference : str, optional
        The group that comes first; the first in the data without it.

    Raises
    ------
    CompendiumError
        If an item does not vary, items are collinear, two items were never answered together,
        or a group has too few rows.
    """
    numbers = values.to_numpy(dtype=float, na_value=np.nan)
    labels, codes = _labels(group, len(values), reference)
    given = ~np.isnan(numbers)
    enters = given.all(axis=1) if missing == "complete" else given.any(axis=1)
    out = []
    for place, label in enumerate(labels):
        rows = np.flatnonzero(enters & (codes == place))
        where = "factor model" if group is None else f"factor model, group {label!r}"
        _check_rows(numbers[rows], list(values.columns), where)
        out.append(summarize(label, numbers[rows], rows))
    return tuple(out)


def _labels(
    group: np.ndarray | None, count: int, reference: str | None
) -> tuple[tuple[str, ...], np.ndarray]:
    if group is None:
        return (EVERYONE,), np.zeros(count, dtype=int)
    codes, names = pd.factorize(np.asarray(group, dtype=object))
    labels = [str(name) for name in names]
    if reference is not None and str(reference) not in labels:
        raise CompendiumError(
            f"the reference group {reference!r} has no rows",
            where="factor model",
            remedy=suggest(reference, labels),
        )
    first = 0 if reference is None else labels.index(str(reference))
    order = [first, *(place for place in range(len(labels)) if place != first)]
    rank = np.argsort(order)
    return tuple(labels[place] for place in order), rank[codes]


def _check_rows(numbers: np.ndarray, items: list[str], where: str) -> None:
    n, k = numbers.shape
    if n <= k:
        raise CompendiumError(
            f"{n} rows can be used, and a covariance matrix of {k} items needs more than {k}",
            where=where,
            remedy="use a larger group, fewer items, or missing='fiml' to keep incomplete rows",
        )
    given = ~np.isnan(numbers)
    for place, item in enumerate(items):
        column = numbers[given[:, place], place]
        if len(column) == 0 or np.ptp(column) == 0:
            raise CompendiumError(
                f"item {item!r} does not vary" if len(column) else f"item {item!r} has no answers",
                where=where,
                remedy="take the item out of the model",
            )
    together = given.T.astype(float) @ given
    if together.min() == 0:
        i, j = np.unravel_index(together.argmin(), together.shape)
        raise CompendiumError(
            f"items {items[i]!r} and {items[j]!r} were never answered by the same person",
            where=where,
            remedy="their covariance cannot be estimated; leave one of them out",
        )
    complete = numbers[given.all(axis=1)]
    if len(complete) > k and (np.ptp(complete, axis=0) > 0).all():
        refuse_collinear(np.cov(complete.T), items, where)


def refuse_collinear(covariance: np.ndarray, items: list[str], where: str) -> None:
    """Raise if a covariance matrix, shape (k, k), cannot be inverted safely."""
    standard_deviation = np.sqrt(np.diag(covariance))
    correlation = covariance / np.outer(standard_deviation, standard_deviation)
    values, vectors = np.linalg.eigh(correlation)
    if values[0] < COLLINEAR:
        involved = [items[place] for place in np.flatnonzero(np.abs(vectors[:, 0]) > 0.1)]  # noqa: PLR2004 - a visible share
        raise CompendiumError(
            f"the items {', '.join(involved)} determine each other exactly",
            where=where,
            remedy="keep one of two items that correlate perfectly; drop sums of other items",
        )
