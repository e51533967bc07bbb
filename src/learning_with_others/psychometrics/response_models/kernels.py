"""Compiled loops over answers: posteriors on the grid, expected answers and scores."""

import numpy as np

from learning_with_others.inference.compiled import compiled
from learning_with_others.psychometrics.answers import MISSING

FEW_ROWS = 32  # rows whose posteriors fit into the fastest cache
RESCALED_EVERY = 4  # × 4 items; a product of so many probabilities does not underflow


# Sums may be taken in any order, so that the compiler can add several terms at once.
@compiled(fastmath={"reassoc", "nsz"})
def _rescale(block: np.ndarray, log_likelihood: np.ndarray) -> None:
    """Scale each row to sum 1, and add the logarithm of its sum, −inf if all are 0."""
    for row in range(len(block)):
        total = 0.0
        for node in range(block.shape[1]):
            total += block[row, node]
        if total > 0:
            inverse = 1.0 / total
            for node in range(block.shape[1]):
                block[row, node] *= inverse
        log_likelihood[row] += np.log(total)


@compiled
def _fill_block(
    places: np.ndarray,
    table: np.ndarray,
    weights: np.ndarray,
    block: np.ndarray,
    log_likelihood: np.ndarray,
) -> None:
    """Put posterior and log likelihood of a few rows into `block` and `log_likelihood`."""
    rows, width = len(places), len(weights)
    groups = places.shape[1] // TOGETHER
    for row in range(rows):
        log_likelihood[row] = 0.0
        for node in range(width):
            block[row, node] = weights[node]
    for group in range(groups):
        item = TOGETHER * group
        for row in range(rows):
            a, b = places[row, item], places[row, item + 1]
            c, d = places[row, item + 2], places[row, item + 3]
            for node in range(width):
                block[row, node] *= table[a, node] * table[b, node] * (
                    table[c, node] * table[d, node]
                )  # fmt: skip
        if (group + 1) % RESCALED_EVERY == 0 or group == groups - 1:
            _rescale(block[:rows], log_likelihood)


@compiled
def wide_posterior(
    places: np.ndarray, table: np.ndarray, weights: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Log likelihood and posterior of each row, nodes filled up.

    Parameters
    ----------
    places : ndarray of int, shape (P, k filled up)
        From `answer_places`.
    table : ndarray, shape (k C + 1, W)
        From `answer_table`.
    weights : ndarray, shape (W,)
        Density of the trait on the grid, sum 1, filled up.

    Returns
    -------
    log_likelihood : ndarray, shape (P,)
        −inf for answers that are impossible everywhere on the grid.
    posterior : ndarray, shape (P, W)
    """
    rows = len(places)
    log_likelihood, posterior = np.empty(rows), np.empty((rows, len(weights)))
    for start in range(0, rows, FEW_ROWS):
        part = slice(start, min(start + FEW_ROWS, rows))
        _fill_block(places[part], table, weights, posterior[part], log_likelihood[part])
    return log_likelihood, posterior


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
    places = answer_places(codes, probability.shape[1])
    found, posterior = wide_posterior(places, answer_table(probability), widen(weights))
    return found, np.ascontiguousarray(posterior[:, : len(weights)])


@compiled
def expected_answers(
    places: np.ndarray, count: np.ndarray, table: np.ndarray, weights: np.ndarray
) -> tuple[float, np.ndarray, np.ndarray]:
    """Log likelihood of all rows, expected number of each answer and of people at each node.

    Parameters
    ----------
    places, table, weights : ndarray
        As in `wide_posterior`.
    count : ndarray, shape (P,)
        People with each row's answers.

    Returns
    -------
    log_likelihood : float
    answers : ndarray, shape (k C + 1, W)
        The last row counts nothing.
    people : ndarray, shape (W,)
    """
    rows, width = len(places), len(weights)
    log_likelihood, block = np.empty(FEW_ROWS), np.empty((FEW_ROWS, width))
    total, answers, people = 0.0, np.zeros(table.shape), np.zeros(width)
    for start in range(0, rows, FEW_ROWS):
        few = min(FEW_ROWS, rows - start)
        part = places[start : start + few]
        _fill_block(part, table, weights, block, log_likelihood)
        for row in range(few):
            times = count[start + row]
            total += times * log_likelihood[row]
            for node in range(width):
                block[row, node] *= times
                people[node] += block[row, node]
        for item in range(places.shape[1]):
            for row in range(few):
                place = part[row, item]
                for node in range(width):
                    answers[place, node] += block[row, node]
    return total, answers, people


@compiled(fastmath={"reassoc", "nsz"})
def posterior_means(codes: np.ndarray, posterior: np.ndarray, gradient: np.ndarray) -> np.ndarray:
    """Posterior mean of the gradient that each answer chooses: the items' individual scores.

    Parameters
    ----------
    codes : ndarray of int, shape (P, k)
    posterior : ndarray, shape (P, W)
    gradient : ndarray, shape (k, C, K, W)

    Returns
    -------
    ndarray, shape (P, k, K)
    """
    rows, items = codes.shape
    parameters, nodes = gradient.shape[2:]
    out = np.zeros((rows, items, parameters))
    for start in range(0, rows, FEW_ROWS):
        stop = min(start + FEW_ROWS, rows)
        for item in range(items):
            for row in range(start, stop):
                code = codes[row, item]
                if code != MISSING:
                    for parameter in range(parameters):
                        total = 0.0
                        for node in range(nodes):
                            total += gradient[item, code, parameter, node] * posterior[row, node]
                        out[row, item, parameter] = total
    return out


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


@compiled
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
