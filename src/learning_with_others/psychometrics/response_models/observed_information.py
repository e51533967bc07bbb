"""Observed information of the marginal likelihood, and the scores of single people."""

import numpy as np

from learning_with_others.inference.compiled import compiled
from learning_with_others.psychometrics.response_models.curves import log_probability_hessian
from learning_with_others.psychometrics.response_models.expectation import Expectation, GroupCurves
from learning_with_others.psychometrics.response_models.kernels import (
    answer_places,
    answer_table,
    posterior_means,
    wide_posterior,
    widen,
)
from learning_with_others.psychometrics.response_models.marginal_problem import Patterns, Problem


def pattern_scores(patterns: Patterns, curve: GroupCurves) -> np.ndarray:
    """Score of one person with each pattern of answers, in one group.

    Returns
    -------
    ndarray, shape (P, k C + 2)
    """
    return _scores(patterns, curve)[0]


def score_products(problem: Problem, state: Expectation) -> np.ndarray:
    """Sum of the outer products of people's scores, by group, shape (G, k C + 2, k C + 2)."""
    out = []
    for patterns, curve in zip(problem.patterns, state.curves, strict=True):
        scores = pattern_scores(patterns, curve)
        out.append((scores * patterns.count[:, None]).T @ scores)
    return np.array(out)


def observed_information(problem: Problem, state: Expectation) -> np.ndarray:
    """Minus the Hessian of the marginal log likelihood, by group.

    Louis's identity: complete information − variance of the complete score given the answers,
    the latter from the expected counts of pairs of answers.

    Parameters
    ----------
    problem : Problem
    state : Expectation
        A pass over the answers at the parameters in question.

    Returns
    -------
    ndarray, shape (G, k C + 2, k C + 2)

    References
    ----------
    Louis, T. A. (1982). Finding the observed information matrix when using the EM algorithm.
    JRSS B 44, 226-233, eq. 3.2.
    """
    groups, size = state.full.shape
    out = np.zeros((groups, size, size))
    for group, (patterns, curve) in enumerate(zip(problem.patterns, state.curves, strict=True)):
        scores, posterior, places = _scores(patterns, curve)
        count = patterns.count[:, None]
        between = (scores * count).T @ scores
        pairs = expected_pairs(places, posterior * count, *curve.probability.shape[:2])
        parameters = problem.unpack(state.full[group])
        second = log_probability_hessian(
            parameters, problem.grid, curve.probability, curve.gradient
        )
        counts, at_nodes = state.counts[group], state.nodes[group]
        blocks = np.einsum("kcq,kcstq->kst", counts, second)
        hessian = np.zeros((size, size))
        for item, block in enumerate(blocks):
            place = slice(item * len(block), (item + 1) * len(block))
            hessian[place, place] = block
        hessian[-2:, -2:] = np.einsum("q,qst->st", at_nodes, curve.trait_hessian)
        out[group] = between - _expected_outer(curve, counts, at_nodes, pairs) - hessian
    return out


def _expected_outer(
    curve: GroupCurves, counts: np.ndarray, at_nodes: np.ndarray, pairs: np.ndarray
) -> np.ndarray:
    """Expected outer product of the complete-data score, summed over people."""
    k, categories, nodes = curve.probability.shape
    halves = contract_pairs(pairs, widen(curve.gradient))
    # Pairs were counted for i ≤ j; within an item, an answer pairs with itself alone.
    within = np.kron(np.eye(k), np.ones((categories, categories))) > 0
    out = np.zeros((k * categories + 2, k * categories + 2))
    out[:-2, :-2] = np.where(within, halves, halves + halves.T)
    trait = curve.trait_gradient
    by_item = np.einsum("kcq,kcsq->ksq", counts, curve.gradient).reshape(-1, nodes)
    out[:-2, -2:] = by_item @ trait
    out[-2:, :-2] = out[:-2, -2:].T
    out[-2:, -2:] = (trait * at_nodes[:, None]).T @ trait
    return out


def _scores(patterns: Patterns, curve: GroupCurves) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Scores (P, k C + 2), posteriors (P, W) and places of answers, nodes filled up to W."""
    places = answer_places(patterns.codes, curve.probability.shape[1])
    _, posterior = wide_posterior(places, answer_table(curve.probability), widen(curve.weights))
    items = posterior_means(patterns.codes, posterior, widen(curve.gradient))
    trait = posterior @ widen(curve.trait_gradient.T).T
    return np.column_stack([items.reshape(len(trait), -1), trait]), posterior, places


BLOCK = 256  # rows whose posteriors fit into a processor's cache


@compiled
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
@compiled(fastmath={"reassoc", "nsz"})
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
