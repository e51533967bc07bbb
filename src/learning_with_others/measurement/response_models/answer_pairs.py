"""Compiled loops over pairs of answers, for the observed information."""

import numba
import numpy as np

BLOCK = 256  # rows whose posteriors fit into a processor's cache


@numba.njit(cache=True, nogil=True)
def expected_pairs(
    places: np.ndarray, weighted: np.ndarray, items: int, categories: int
) -> np.ndarray:
    """Expected number of each pair of answers at each node.

    Parameters
    ----------
    places : ndarray of int, shape (P, k filled up)
        From `answer_places`.
    weighted : ndarray, shape (P, W)
        Posterior × number of people with those answers.
    items, categories : int

    Returns
    -------
    ndarray, shape (k C + 1, k C + 1, W)
        Filled for pairs of items i ≤ j; the last row and column count nothing.
    """
    rows, width = weighted.shape
    size = items * categories + 1
    pairs = np.zeros((size, size, width))
    # Pair by pair over a block of rows: block and counts of a pair stay in the processor's cache.
    for start in range(0, rows, BLOCK):
        stop = min(start + BLOCK, rows)
        by_item = np.ascontiguousarray(places[start:stop].T)
        for i in range(items):
            for j in range(i, items):
                for row in range(stop - start):
                    first, second = by_item[i, row], by_item[j, row]
                    for node in range(width):
                        pairs[first, second, node] += weighted[start + row, node]
    return pairs


# Sums may be taken in any order, so that the compiler can add several terms at once.
@numba.njit(cache=True, nogil=True, fastmath={"reassoc", "nsz"})
def contract_pairs(pairs: np.ndarray, gradient: np.ndarray) -> np.ndarray:
    """Sum the products of two answers' gradients over expected pairs of answers.

    Parameters
    ----------
    pairs : ndarray, shape (k C + 1, k C + 1, W)
        For pairs of items i ≤ j.
    gradient : ndarray, shape (k, C, K, W)

    Returns
    -------
    ndarray, shape (k K, k K)
        Filled for i ≤ j.
    """
    items, categories, parameters, nodes = gradient.shape
    out = np.zeros((items * parameters, items * parameters))
    weighted = np.empty((parameters, nodes))
    for i in range(items):
        for j in range(i, items):
            for c in range(categories):
                weighted[:] = 0.0
                for d in range(categories):
                    count = pairs[i * categories + c, j * categories + d]
                    for b in range(parameters):
                        weighted[b] += count * gradient[j, d, b]
                for a in range(parameters):
                    for b in range(parameters):
                        total = 0.0
                        for node in range(nodes):
                            total += gradient[i, c, a, node] * weighted[b, node]
                        out[i * parameters + a, j * parameters + b] += total
    return out
