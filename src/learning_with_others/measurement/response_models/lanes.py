"""Answers and curves laid out so that a processor works on several nodes of the grid at once.

The nodes are filled up with zeros to a multiple of its lanes, and every answer is a row of one
table, a missing one a row of ones: loops over them need no branches and leave no remainder.
"""

import numba
import numpy as np

from learning_with_others.measurement.answers import MISSING

LANES = 16  # nodes that compiled loops take at once
TOGETHER = 4  # items multiplied in one go


def widen(values: np.ndarray) -> np.ndarray:
    """Fill the last axis, nodes of the grid, up with zeros to a multiple of the lanes."""
    extra = -values.shape[-1] % LANES
    return np.pad(values, [(0, 0)] * (values.ndim - 1) + [(0, extra)])


def answer_table(probability: np.ndarray) -> np.ndarray:
    """Probabilities of answers by node, one row for each answer and a row of ones, the last.

    Parameters
    ----------
    probability : ndarray, shape (k, C, Q)

    Returns
    -------
    ndarray, shape (k C + 1, W)
        W is Q filled up.
    """
    items, categories, nodes = probability.shape
    wide = widen(probability.reshape(items * categories, nodes))
    return np.concatenate([wide, np.ones((1, wide.shape[1]))])


@numba.njit(cache=True, nogil=True)
def answer_places(codes: np.ndarray, categories: int) -> np.ndarray:
    """Rows of the answer table, shape (P, k filled up to a multiple of `TOGETHER`).

    Parameters
    ----------
    codes : ndarray of int, shape (P, k)
    categories : int
        C of the table.
    """
    rows, items = codes.shape
    out = np.full((rows, items + -items % TOGETHER), items * categories, dtype=np.int64)
    for row in range(rows):
        for item in range(items):
            if codes[row, item] != MISSING:
                out[row, item] = item * categories + codes[row, item]
    return out
