"""Observed information of the marginal likelihood, and the scores of single people."""

import numpy as np

from learning_with_others.psychometrics.response_models.curves import log_probability_hessian
from learning_with_others.psychometrics.response_models.expectation import Expectation, GroupCurves
from learning_with_others.psychometrics.response_models.kernels import (
    expected_pairs,
    posterior_means,
    posterior_on_grid,
)
from learning_with_others.psychometrics.response_models.marginal_problem import Patterns, Problem


def pattern_scores(patterns: Patterns, curve: GroupCurves) -> np.ndarray:
    """Score of one person with each pattern of answers, in one group.

    Returns
    -------
    ndarray, shape (P, k C + 2)
    """
    _, posterior = posterior_on_grid(patterns.codes, curve.probability, curve.weights)
    return _scores(patterns, curve, posterior)


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
        _, posterior = posterior_on_grid(patterns.codes, curve.probability, curve.weights)
        scores = _scores(patterns, curve, posterior)
        count = patterns.count[:, None]
        between = (scores * count).T @ scores
        pairs = expected_pairs(patterns.codes, posterior * count, *curve.probability.shape[:2])
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
    weighted = np.einsum("icjdq,jdbq->icjbq", pairs, curve.gradient)
    halves = np.einsum("icaq,icjbq->iajb", curve.gradient, weighted).reshape(k * categories, -1)
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


def _scores(patterns: Patterns, curve: GroupCurves, posterior: np.ndarray) -> np.ndarray:
    """Scores, shape (P, k C + 2), from posteriors of shape (P, Q)."""
    items = posterior_means(patterns.codes, posterior, curve.gradient)
    return np.column_stack([items.reshape(len(posterior), -1), posterior @ curve.trait_gradient])
