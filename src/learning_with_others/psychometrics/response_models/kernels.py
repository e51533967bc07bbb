"""Compiled loops over answers: posteriors on the grid, expected answers and scores."""

import numpy as np

from learning_with_others.inference.compiled import compiled
from learning_with_others.psychometrics.answers import MISSING

RESCALED_EVERY = 16  # items; a product of so many probabilities does not underflow


# Sums may be taken in any order, so that the compiler can add several terms at once.
@compiled(fastmath={"reassoc", "nsz"})
def _posterior(
    codes: np.ndarray, probability: np.ndarray, weights: np.ndarray, out: np.ndarray
) -> float:
    """Put one row's posterior into `out`; give its log likelihood, −inf if all weights are 0."""
    log_likelihood, items, size = 0.0, len(codes), len(weights)
    for node in range(size):
        out[node] = weights[node]
    for item in range(items):
        code = codes[item]
        if code != MISSING:
            for node in range(size):
                out[node] *= probability[item, code, node]
        if (item + 1) % RESCALED_EVERY == 0 or item == items - 1:
            total = 0.0
            for node in range(size):
                total += out[node]
            if total > 0:
                inverse = 1.0 / total
                for node in range(size):
                    out[node] *= inverse
            log_likelihood += np.log(total)
    return log_likelihood


@compiled
def posterior_on_grid(
    codes: np.ndarray, probability: np.ndarray, weights: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Log likelihood of each row's answers, shape (n,), and its posterior, shape (n, Q).

    Parameters
    ----------
    codes : ndarray of int, shape (n, k)
        `MISSING` where unanswered.
    probability : ndarray, shape (k, C, Q)
    weights : ndarray, shape (Q,)
        Of the grid in the population.
    """
    log_likelihood, posterior = np.empty(len(codes)), np.empty((len(codes), len(weights)))
    for row in range(len(codes)):
        log_likelihood[row] = _posterior(codes[row], probability, weights, posterior[row])
    return log_likelihood, posterior


@compiled
def expected_answers(
    codes: np.ndarray, count: np.ndarray, probability: np.ndarray, weights: np.ndarray
) -> tuple[float, np.ndarray, np.ndarray]:
    """Log likelihood of all rows, and expected answers and people at each node.

    Parameters
    ----------
    codes, probability, weights
        As for `posterior_on_grid`.
    count : ndarray, shape (n,)
        People with those answers.

    Returns
    -------
    float
    ndarray, shape (k, C, Q)
    ndarray, shape (Q,)
    """
    size, posterior = len(weights), np.empty(len(weights))
    total, answers, people = 0.0, np.zeros(probability.shape), np.zeros(len(weights))
    for row in range(len(codes)):
        times = count[row]
        total += times * _posterior(codes[row], probability, weights, posterior)
        for node in range(size):
            posterior[node] *= times
            people[node] += posterior[node]
        for item in range(codes.shape[1]):
            code = codes[row, item]
            if code != MISSING:
                for node in range(size):
                    answers[item, code, node] += posterior[node]
    return total, answers, people


@compiled(fastmath={"reassoc", "nsz"})
def posterior_means(codes: np.ndarray, posterior: np.ndarray, gradient: np.ndarray) -> np.ndarray:
    """Posterior mean of the gradient of each given answer's log probability.

    Parameters
    ----------
    codes : ndarray of int, shape (n, k)
    posterior : ndarray, shape (n, Q)
    gradient : ndarray, shape (k, C, K, Q)

    Returns
    -------
    ndarray, shape (n, k, K)
        0 where an item was not answered.
    """
    rows, items = codes.shape
    parameters, nodes = gradient.shape[2:]
    out = np.zeros((rows, items, parameters))
    for row in range(rows):
        for item in range(items):
            code = codes[row, item]
            if code != MISSING:
                for parameter in range(parameters):
                    total = 0.0
                    for node in range(nodes):
                        total += gradient[item, code, parameter, node] * posterior[row, node]
                    out[row, item, parameter] = total
    return out


@compiled
def expected_pairs(
    codes: np.ndarray, weighted: np.ndarray, items: int, categories: int
) -> np.ndarray:
    """Expected number of each pair of answers at each node.

    Parameters
    ----------
    codes : ndarray of int, shape (P, k)
    weighted : ndarray, shape (P, Q)
        Posterior × number of people with those answers.
    items, categories : int

    Returns
    -------
    ndarray, shape (k, C, k, C, Q)
        For pairs of items i ≤ j.
    """
    pairs = np.zeros((items, categories, items, categories, weighted.shape[1]))
    for i in range(items):
        for j in range(i, items):
            for row in range(len(codes)):
                first, second = codes[row, i], codes[row, j]
                if min(first, second) != MISSING:  # the lowest code
                    for node in range(weighted.shape[1]):
                        pairs[i, first, j, second, node] += weighted[row, node]
    return pairs
