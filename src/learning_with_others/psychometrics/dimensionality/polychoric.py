"""Polychoric correlations of graded items, by two-step maximum likelihood."""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from scipy.special import ndtri

from learning_with_others.errors import CompendiumError
from learning_with_others.inference.compiled import compiled
from learning_with_others.psychometrics.answers import Answers
from learning_with_others.psychometrics.dimensionality.two_step import (
    filled_table,
    most_likely_correlation,
    standard_error,
)

NEAR_ONE = 0.999  # beyond it the table is as good as perfectly associated
ROWS_AT_A_TIME = 50_000


@dataclass(frozen=True)
class Polychoric:
    """Polychoric correlations of k items.

    Attributes
    ----------
    items : tuple of str, length k
    correlation : ndarray, shape (k, k)
        Smoothed if the pairs' estimates were not positive definite; then `flags` says so.
    standard_errors : ndarray, shape (k, k)
        Two-step standard errors of the pairs' estimates; NaN on the diagonal, where not asked
        for, and for an association so perfect that there is none.
    thresholds : ndarray, shape (k, most categories − 1)
        Each item's, from all its answers; NaN beyond an item's categories.
    rows : ndarray of int, shape (k, k)
        People who answered both items; on the diagonal the item.
    flags : tuple of str
        What a reader must know of these numbers; empty if nothing.
    """

    items: tuple[str, ...]
    correlation: np.ndarray
    standard_errors: np.ndarray
    thresholds: np.ndarray
    rows: np.ndarray
    flags: tuple[str, ...]


def cross_tables(answers: Answers) -> np.ndarray:
    """Count every pair of answers to every pair of items.

    Returns
    -------
    ndarray, shape (categories of all items, the same)
        Block (i, j) is the cross-table of items i and j; block (i, i) has item i's counts on
        its diagonal.
    """
    starts = _starts(answers.categories)
    total = np.zeros((starts[-1], starts[-1]))
    for first in range(0, len(answers.codes), ROWS_AT_A_TIME):
        codes = answers.codes[first : first + ROWS_AT_A_TIME]
        row, item = np.nonzero(codes >= 0)
        given = np.zeros((len(codes), starts[-1]), dtype=np.float32)  # exact to 2²⁴ rows
        given[row, starts[item] + codes[row, item]] = 1
        total += given.T @ given
    return total


def polychoric_correlations(answers: Answers, *, errors: bool = True) -> Polychoric:
    """Estimate the correlations of the normal variables behind graded answers.

    Each pair of items uses the rows that answered both (select complete rows beforehand for
    listwise deletion); thresholds rest on all that answered the item, as psych's do. Cells that
    nobody fills stay empty, but for the one empty cell of two yes/no items, which is flagged: see
    `filled_table` (lavaan does the same; psych adds .5 to tables of any size).

    Parameters
    ----------
    answers : Answers
    errors : bool
        Whether to compute standard errors.

    Raises
    ------
    CompendiumError
        If two items were not answered together with variation in both.

    References
    ----------
    Olsson, U. (1979). Maximum likelihood estimation of the polychoric correlation coefficient.
    Psychometrika 44, 443-460 (the two-step estimator).
    """
    starts = _starts(answers.categories)
    tables = cross_tables(answers)
    _check_variation(answers, tables, starts)
    counts = np.diag(tables).copy()
    thresholds = _thresholds(counts, starts)
    correlation, standard_deviation = _all_pairs(tables, starts, counts, thresholds, errors=errors)
    flags = _near_perfect(answers.items, correlation) + _filled(answers.items, tables, starts)
    usable, changed = smooth_correlation(correlation)
    if changed:
        furthest = np.abs(usable - correlation).max()
        flags.append(
            "the pairs' correlations were not positive definite: smoothed, moved by up to"
            f" {furthest:.3f}"
        )
    rows = np.add.reduceat(np.add.reduceat(tables, starts[:-1], axis=0), starts[:-1], axis=1)
    return Polychoric(
        items=answers.items,
        correlation=usable,
        standard_errors=standard_deviation,
        thresholds=_by_item(thresholds, starts),
        rows=rows.astype(int),
        flags=tuple(flags),
    )


def comparison_correlations(answers: Answers) -> np.ndarray:
    """Give the bare correlations, shape (k, k): for the many samples of a parallel analysis."""
    starts, tables = _starts(answers.categories), cross_tables(answers)
    counts = np.diag(tables).copy()
    return _all_pairs(tables, starts, counts, _thresholds(counts, starts), errors=False)[0]


def _starts(categories: np.ndarray) -> np.ndarray:
    return np.concatenate([[0], np.cumsum(categories)]).astype(np.int64)


def _check_variation(answers: Answers, tables: np.ndarray, starts: np.ndarray) -> None:
    """Refuse a pair of which one item does not vary among those who answered both."""
    # Row i, block j: how often answer i was given by those who answered item j.
    with_other = np.add.reduceat(tables, starts[:-1], axis=1) > 0
    varies = np.add.reduceat(with_other.astype(int), starts[:-1], axis=0) > 1
    if varies.all():
        return
    item, other = np.argwhere(~varies)[0]
    rows = int(tables[starts[item] : starts[item + 1], starts[other] : starts[other + 1]].sum())
    first, second = answers.items[item], answers.items[other]
    raise CompendiumError(
        f"item {first!r} has one answer at most in the {rows} rows that answered it and {second!r}",
        where=f"items {first!r} and {second!r}",
        remedy="take one of them out of the construct, or bring rows that answered both",
    )


def _near_perfect(items: tuple[str, ...], correlation: np.ndarray) -> list[str]:
    below = np.tril(np.abs(correlation) >= NEAR_ONE, -1)
    return [
        f"{items[j]} and {items[i]}: the association is as good as perfect"
        f" ({correlation[i, j]:+.4f}); the estimate stands at its bound"
        for i, j in np.argwhere(below)
    ]


def _filled(items: tuple[str, ...], tables: np.ndarray, starts: np.ndarray) -> list[str]:
    out = []
    for i in range(len(items)):
        for j in range(i):
            table = tables[starts[i] : starts[i + 1], starts[j] : starts[j + 1]]
            if (filled_table(table.copy()) != table).any():
                out.append(f"{items[j]} and {items[i]}: an empty cell of four counts half a person")
    return out


def _thresholds(counts: np.ndarray, starts: np.ndarray) -> np.ndarray:
    """Normal quantiles of the cumulative shares within each item; its last is infinite."""
    parts = [np.cumsum(part) / part.sum() for part in np.split(counts, starts[1:-1])]
    return ndtri(np.concatenate(parts))


def _by_item(thresholds: np.ndarray, starts: np.ndarray) -> np.ndarray:
    """Lay the thresholds out in one row an item, NaN beyond its categories."""
    out = np.full((len(starts) - 1, int(np.diff(starts).max()) - 1), np.nan)
    for item, (first, last) in enumerate(pairwise(starts)):
        out[item, : last - first - 1] = thresholds[first : last - 1]
    return out


@compiled
def _all_pairs(
    tables: np.ndarray, starts: np.ndarray, counts: np.ndarray, thresholds: np.ndarray, errors: bool
) -> tuple[np.ndarray, np.ndarray]:
    """Estimate every pair from its cross table, and each item's thresholds and counts."""
    items = len(starts) - 1
    correlation = np.eye(items)
    standard_deviation = np.full((items, items), np.nan)
    for i in range(items):
        mine = slice(starts[i], starts[i + 1])
        for j in range(i):
            other = slice(starts[j], starts[j + 1])
            table = filled_table(tables[mine, other].copy())
            low = thresholds[starts[i] : starts[i + 1] - 1]
            high = thresholds[starts[j] : starts[j + 1] - 1]
            found = most_likely_correlation(table, low, high)
            correlation[i, j] = correlation[j, i] = found
            if errors and abs(found) < NEAR_ONE:
                standard_deviation[i, j] = standard_deviation[j, i] = standard_error(
                    table, low, high, found, counts[mine], counts[other]
                )
    return correlation, standard_deviation


SMALLEST_EIGENVALUE = 1e-12  # as psych's cor.smooth
LIFTED_TO = 1e-10


def smooth_correlation(correlation: np.ndarray) -> tuple[np.ndarray, bool]:
    """Lift eigenvalues that are not positive, and scale back to correlations.

    Correlations estimated pair by pair need not be the correlations of anything: an eigenvalue
    may be negative. Those below 1e-12 become 1e-10, all are scaled to their number, and the
    rebuilt matrix to a diagonal of ones; a positive definite matrix comes back untouched.

    Parameters
    ----------
    correlation : ndarray, shape (k, k)

    Returns
    -------
    ndarray, shape (k, k)
    bool
        Whether anything was changed.

    References
    ----------
    Wothke, W. (1993). Nonpositive definite matrices in structural modeling. In Bollen and Long
    (eds), Testing Structural Equation Models; method "cor.smooth" of the R package psych.
    """
    values, vectors = np.linalg.eigh(correlation)
    if values[0] >= SMALLEST_EIGENVALUE:
        return correlation, False
    values = np.where(values < SMALLEST_EIGENVALUE, LIFTED_TO, values)
    rebuilt = (vectors * values * (len(values) / values.sum())) @ vectors.T
    standard_deviation = np.sqrt(np.diag(rebuilt))
    smoothed = rebuilt / np.outer(standard_deviation, standard_deviation)
    np.fill_diagonal(smoothed, 1.0)
    return smoothed, True
