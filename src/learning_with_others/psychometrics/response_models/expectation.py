"""Likelihood, score and complete-data information at given parameters, in one pass."""

from dataclasses import dataclass, field

import numpy as np

from learning_with_others.psychometrics.response_models.curves import log_probability_gradient
from learning_with_others.psychometrics.response_models.kernels import expected_answers
from learning_with_others.psychometrics.response_models.marginal_problem import (
    Problem,
    normal_derivatives,
    normal_weights,
)


@dataclass(frozen=True)
class GroupCurves:
    """Probabilities of answers and of trait values in one group, with their derivatives.

    Attributes
    ----------
    probability : ndarray, shape (k, C, Q)
    gradient : ndarray, shape (k, C, C, Q)
        As `log_probability_gradient` gives them.
    weights : ndarray, shape (Q,)
        Density of the trait on the grid.
    trait_gradient : ndarray, shape (Q, 2)
    trait_hessian : ndarray, shape (Q, 2, 2)
        Derivatives of the log weights by mean and log sd.
    """

    probability: np.ndarray
    gradient: np.ndarray
    weights: np.ndarray
    trait_gradient: np.ndarray
    trait_hessian: np.ndarray


def group_curves(problem: Problem, vector: np.ndarray) -> GroupCurves:
    """Compute the curves of a group from its full vector, shape (k C + 2,)."""
    probability, gradient = log_probability_gradient(problem.unpack(vector), problem.grid)
    weights = normal_weights(*vector[-2:], problem.grid)
    return GroupCurves(
        probability, gradient, weights, *normal_derivatives(*vector[-2:], problem.grid)
    )


@dataclass(frozen=True)
class Expectation:
    """What one pass over the answers gives.

    Attributes
    ----------
    full : ndarray, shape (G, k C + 2)
        Parameters of the pass.
    log_likelihood : float
        −inf where the parameters are not admissible.
    gradient : ndarray, shape (G, k C + 2)
        Of the marginal log likelihood.
    counts : tuple of ndarray, each of shape (k, C, Q)
        Expected number of each answer at each node, by group.
    nodes : tuple of ndarray, each of shape (Q,)
        Expected number of people at each node, by group.
    curves : tuple of GroupCurves
        What the pass was made with, by group.
    """

    full: np.ndarray
    log_likelihood: float
    gradient: np.ndarray
    counts: tuple[np.ndarray, ...] = field(repr=False)
    nodes: tuple[np.ndarray, ...] = field(repr=False)
    curves: tuple[GroupCurves, ...] = field(repr=False)


def expectation(problem: Problem, full: np.ndarray) -> Expectation:
    """Compute the marginal log likelihood, its gradient and the expected counts.

    Parameters
    ----------
    problem : Problem
    full : ndarray, shape (G, k C + 2)

    References
    ----------
    Louis, T. A. (1982). Finding the observed information matrix when using the EM algorithm.
    JRSS B 44, eq. 3.1 (the score as the expected complete-data score).
    """
    if not _admissible(problem, full):
        return Expectation(full, -np.inf, np.zeros_like(full), (), (), ())
    total, counts, nodes = 0.0, [], []
    gradient = np.zeros_like(full)
    curves = tuple(group_curves(problem, vector) for vector in full)
    for group, (patterns, curve) in enumerate(zip(problem.patterns, curves, strict=True)):
        log_likelihood, expected, at_nodes = expected_answers(
            patterns.codes, patterns.count, curve.probability, curve.weights
        )
        total += log_likelihood
        counts.append(expected)
        nodes.append(at_nodes)
        gradient[group, :-2] = np.einsum("kcq,kcsq->ks", expected, curve.gradient).ravel()
        gradient[group, -2:] = at_nodes @ curve.trait_gradient
    return Expectation(full, total, gradient, tuple(counts), tuple(nodes), curves)


def complete_information(state: Expectation) -> np.ndarray:
    """Expected information of the complete data, positive semidefinite, by group.

    Returns
    -------
    ndarray, shape (G, k C + 2, k C + 2)
    """
    groups, size = state.full.shape
    out = np.zeros((groups, size, size))
    for group, curve in enumerate(state.curves):
        k, categories, nodes = curve.probability.shape
        answered = state.counts[group].sum(axis=1)
        expected = answered[:, None] * curve.probability
        # One row for each (answer, node), one column for each parameter of the item.
        rows = curve.gradient.transpose(0, 1, 3, 2).reshape(k, categories * nodes, categories)
        blocks = (rows * expected.reshape(k, -1, 1)).transpose(0, 2, 1) @ rows
        for item, block in enumerate(blocks):
            place = slice(item * categories, (item + 1) * categories)
            out[group, place, place] = block
        trait, people = curve.trait_gradient, state.nodes[group].sum()
        out[group, -2:, -2:] = people * (trait * curve.weights[:, None]).T @ trait
    return out


def _admissible(problem: Problem, full: np.ndarray) -> bool:
    """Whether all values are finite and graded intercepts decrease."""
    if not np.isfinite(full).all() or np.abs(full[:, -1]).max() > np.log(problem.grid[-1]):
        return False
    if problem.family != "graded":
        return True
    for vector in full:
        falls = -np.diff(problem.unpack(vector).intercepts, axis=1)
        if (falls[np.isfinite(falls)] <= 0).any():
            return False
    return True
