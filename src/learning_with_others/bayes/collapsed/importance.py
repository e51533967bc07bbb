"""Independent draws of what the collapsed model leaves: weighted points from a fitted mixture."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.special import logsumexp

from learning_with_others.bayes.collapsed.proposal import Problem, first_proposal
from learning_with_others.bayes.diagnosis import MINIMUM_SIZE, largest_k

ROUND, ENOUGH, FEWEST_ROUNDS, MOST_ROUNDS = 500, 300, 2, 8
LARGER_ROUND = 4
TINY = 1e-6  # of the outcome's sd
MOST_DIMENSIONS = 12  # in more, weights from a mixture of t distributions lose their worth

Mixture = Any
"""Like `Proposal`: `draw`, `log_density`, `adapted` and `mode`."""
Propose = Callable[[Problem, list[np.ndarray] | None], Mixture]


@dataclass(frozen=True)
class Weighted:
    """Points with weights that make them draws of the posterior.

    Attributes
    ----------
    points : ndarray, shape (S, d)
        On the sampler's scale.
    weights : ndarray, shape (S,)
        Pareto-smoothed; they sum to one.
    pareto_k : float
        Shape of the tail of the raw weights.
    mode : ndarray, shape (d,)
        The main one.
    """

    points: np.ndarray
    weights: np.ndarray
    pareto_k: float
    mode: np.ndarray

    @property
    def deserves_belief(self) -> bool:
        """Whether tail and effective size of the weights are good enough."""
        size = 1 / np.square(self.weights).sum()
        return self.pareto_k <= largest_k(len(self.weights)) and size >= MINIMUM_SIZE


def weighted_points(
    problem: Problem,
    count: int,
    seed: int,
    *,
    most_dimensions: int = MOST_DIMENSIONS,
    propose: Propose = first_proposal,
    rounds: tuple[int, ...] = (ROUND, LARGER_ROUND * ROUND),
    starts: list[np.ndarray] | None = None,
    judged: bool = True,
) -> Weighted | None:
    """Draw points independently from a mixture fitted to the posterior, and weigh them.

    The whole mixture is the denominator of the weights, a tenth of it the prior, so that no
    weight exceeds ten times the ratio of likelihood to evidence. Where the weights fail their
    diagnosis, the mixture is adapted once more, on more points.

    Parameters
    ----------
    problem : Problem
    count : int
        Points; those of the adaptation come on top.
    seed : int
    most_dimensions : int
        No mixture is tried in more.
    propose : callable
        Gives the first mixture, from the problem and `starts`.
    rounds : tuple of int
        Points of a round of adaptation, by attempt. Before an attempt of 0 there is none, but to
        the points of the attempt before.
    starts : list of ndarray, optional
        Points from which modes are sought; see `first_proposal`.
    judged : bool
        Else the first points are given, whatever their weights.

    Returns
    -------
    Weighted or None
        None where dimensions are too many, or the weights fail twice: sample with NUTS then.

    References
    ----------
    Owen, A. and Zhou, Y. (2000). Safe and effective importance sampling. Journal of the American
    Statistical Association 95, 135-143 (mixtures as denominator, fixed numbers a component).
    Vehtari, A., Simpson, D., Gelman, A., Yao, Y. and Gabry, J. (2024). Pareto smoothed importance
    sampling. Journal of Machine Learning Research 25 (72).
    """
    if problem.dimensions > most_dimensions:
        return None
    from arviz_stats.base import array_stats  # noqa: PLC0415 - a second, where draws are made

    random = np.random.default_rng(seed)
    proposal = propose(problem, starts)
    mode = proposal.mode
    for size in rounds:
        if size:
            proposal = _adapt(problem, proposal, size, random)
        points, log_weights = _weigh(problem, proposal, count, random)
        # It takes log likelihoods of what is left out: minus the log weights.
        smoothed, pareto_k = array_stats.psislw(-log_weights)
        weights = np.exp(smoothed - logsumexp(smoothed))
        found = Weighted(points, weights, float(pareto_k), mode)
        if found.deserves_belief or not judged:
            return found
        proposal = _moved(proposal, points, log_weights)
    return None


def _moved(proposal: Mixture, points: np.ndarray, log_weights: np.ndarray) -> Mixture:
    """Adapt to weighted points, the largest weights cut.

    A few large weights would draw a component onto their points (Ionides 2008).
    """
    weights = np.exp(log_weights - log_weights.max())
    weights = np.minimum(weights, np.sqrt(len(points)) * weights.mean())
    return proposal.adapted(points, weights / weights.sum())


def _adapt(problem: Problem, proposal: Mixture, size: int, random: np.random.Generator) -> Mixture:
    """Adapt until the points' effective size is three fifths of their number, or gains little."""
    last = 0.0
    for number in range(MOST_ROUNDS):
        points, log_weights = _weigh(problem, proposal, size, random)
        weights = np.exp(log_weights - log_weights.max())
        effective = weights.sum() ** 2 / np.square(weights).sum()
        enough = effective >= ENOUGH / ROUND * size or effective < 1.05 * last
        if enough and number >= FEWEST_ROUNDS:
            return proposal
        last = effective
        proposal = _moved(proposal, points, log_weights)
    return proposal


def _weigh(
    problem: Problem, proposal: Mixture, count: int, random: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Points, and log posterior less log density of the whole mixture."""
    points = proposal.draw(problem, count, random)
    likelihood, prior = problem.log_densities(points)
    log_weights = likelihood + prior - proposal.log_density(points, prior)
    # Differences of near-equal numbers say nothing where residuals are as small as rounding.
    own = slice(problem.residuals)
    smallest = problem.unconstrained(TINY * problem.sizes)[own]
    impossible = ~np.isfinite(log_weights) | (points[:, own] < smallest).any(axis=1)
    log_weights[impossible] = -np.inf
    points[impossible] = points[np.argmax(log_weights)]  # of no weight, yet drawn from
    return points, log_weights
