"""Compiled loops over answers: posteriors on the grid, expected counts, scores and pairs.

Chunks have a fixed size and their sums are added in order, so that the number of threads does
not change a digit.
"""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import numba
import numpy as np

from learning_with_others.measurement.answers import MISSING

CHUNK = 8192  # rows
BLOCK = 256  # rows whose posteriors fit into a processor's cache
THREADS = 2
RESCALED_EVERY = 16  # items; a product of so many probabilities does not underflow


def in_chunks(rows: int, work: Callable[[slice], tuple]) -> Iterator[tuple]:
    """Give `work` of each chunk of rows in order, computed by threads if there are several."""
    chunks = [slice(start, start + CHUNK) for start in range(0, rows, CHUNK)]
    if len(chunks) == 1:
        yield work(chunks[0])
        return
    with ThreadPoolExecutor(THREADS) as pool:
        # A few chunks at a time, so that finished ones do not pile up in memory.
        for first in range(0, len(chunks), 2 * THREADS):
            yield from pool.map(work, chunks[first : first + 2 * THREADS])


@numba.njit(cache=True, nogil=True)
def _rescale(values: np.ndarray) -> float:
    """Scale values to sum 1; give the logarithm of their sum, −inf if all are 0."""
    total = values.sum()
    if total > 0:
        values /= total
    return np.log(total)


@numba.njit(cache=True, nogil=True)
def posterior_on_grid(
    codes: np.ndarray, probability: np.ndarray, weights: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Log likelihood and posterior of each row.

    Parameters
    ----------
    codes : ndarray of int, shape (P, k)
    probability : ndarray, shape (k, C, Q)
    weights : ndarray, shape (Q,)
        Density of the trait on the grid, sum 1.

    Returns
    -------
    log_likelihood : ndarray, shape (P,)
        −inf for answers that are impossible everywhere on the grid.
    posterior : ndarray, shape (P, Q)
    """
    rows, items = codes.shape
    size = len(weights)
    log_likelihood = np.zeros(rows)
    posterior = np.empty((rows, size))
    for row in range(rows):
        for node in range(size):
            posterior[row, node] = weights[node]
        since = 0
        for item in range(items):
            code = codes[row, item]
            if code != MISSING:
                for node in range(size):
                    posterior[row, node] *= probability[item, code, node]
                since += 1
                if since == RESCALED_EVERY:
                    since = 0
                    log_likelihood[row] += _rescale(posterior[row])
        log_likelihood[row] += _rescale(posterior[row])
    return log_likelihood, posterior


@numba.njit(cache=True, nogil=True)
def expected_counts(codes: np.ndarray, weighted: np.ndarray, categories: int) -> np.ndarray:
    """Expected number of each answer at each node, shape (k, C, Q).

    Parameters
    ----------
    codes : ndarray of int, shape (P, k)
    weighted : ndarray, shape (P, Q)
        Posterior × number of people with those answers.
    categories : int
    """
    rows, items = codes.shape
    size = weighted.shape[1]
    counts = np.zeros((items, categories, size))
    for row in range(rows):
        for item in range(items):
            code = codes[row, item]
            if code != MISSING:
                for node in range(size):
                    counts[item, code, node] += weighted[row, node]
    return counts


@numba.njit(cache=True, nogil=True)
def posterior_means(codes: np.ndarray, posterior: np.ndarray, gradient: np.ndarray) -> np.ndarray:
    """Posterior mean of the gradient that each answer chooses: the items' individual scores.

    Parameters
    ----------
    codes : ndarray of int, shape (P, k)
    posterior : ndarray, shape (P, Q)
    gradient : ndarray, shape (k, C, K, Q)

    Returns
    -------
    ndarray, shape (P, k, K)
    """
    rows, items = codes.shape
    parameters = gradient.shape[2]
    out = np.zeros((rows, items, parameters))
    for row in range(rows):
        for item in range(items):
            code = codes[row, item]
            if code != MISSING:
                for parameter in range(parameters):
                    out[row, item, parameter] = np.dot(
                        gradient[item, code, parameter], posterior[row]
                    )
    return out


@numba.njit(cache=True, nogil=True)
def expected_pairs(codes: np.ndarray, weighted: np.ndarray, categories: int) -> np.ndarray:
    """Expected number of each pair of answers at each node.

    Returns
    -------
    ndarray, shape (k C, k C, Q)
        Filled for pairs of items i ≤ j.
    """
    rows, items = codes.shape
    size = weighted.shape[1]
    pairs = np.zeros((items * categories, items * categories, size))
    # Pair by pair over a block of rows: block and counts of a pair stay in the processor's cache.
    for start in range(0, rows, BLOCK):
        stop = min(start + BLOCK, rows)
        for i in range(items):
            for j in range(i, items):
                for row in range(start, stop):
                    if codes[row, i] != MISSING and codes[row, j] != MISSING:
                        first = i * categories + codes[row, i]
                        second = j * categories + codes[row, j]
                        for node in range(size):
                            pairs[first, second, node] += weighted[row, node]
    return pairs


# Sums may be taken in any order, so that the compiler can add several terms at once.
@numba.njit(cache=True, nogil=True, fastmath={"reassoc", "nsz"})
def contract_pairs(pairs: np.ndarray, gradient: np.ndarray) -> np.ndarray:
    """Sum the products of two answers' gradients over expected pairs of answers.

    Parameters
    ----------
    pairs : ndarray, shape (k C, k C, Q)
        For pairs of items i ≤ j.
    gradient : ndarray, shape (k, C, K, Q)

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
