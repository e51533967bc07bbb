"""Metropolis updates of latent values, and draws of missing observed ones."""

import numpy as np

from learning_with_others.inference.compiled import compiled
from learning_with_others.psychometrics.scores.plausible.joint_model import GRID

FIRST, STEP = float(GRID[0]), float(GRID[1] - GRID[0])
# Gelman, Roberts and Gilks (1996): the best random walk in one dimension.
WALK = 2.4


def normal_likelihoods(log_likelihood: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Normal stand-ins of the likelihoods, from which proposals are made.

    The normal that turns a standard normal prior into a posterior of the right mean and variance.

    Parameters
    ----------
    log_likelihood : ndarray, shape (n, K, len(GRID))

    Returns
    -------
    centre, precision : ndarray, shape (n, K)
        Precision 0 where there are no answers.
    """
    n, scales, _ = log_likelihood.shape
    centre, precision = np.zeros((n, scales)), np.zeros((n, scales))
    for k in range(scales):
        logarithm = log_likelihood[:, k] - GRID**2 / 2
        weight = np.exp(logarithm - logarithm.max(axis=1, keepdims=True))
        weight /= weight.sum(axis=1, keepdims=True)
        mean = weight @ GRID
        variance = weight @ GRID**2 - mean**2
        gained = np.maximum(1 / variance - 1, 0.0)
        precision[:, k] = gained
        centre[:, k] = np.where(gained > 0, mean / variance / np.maximum(gained, 1e-12), 0.0)
    return centre, precision


@compiled
def _look_up(log_likelihood: np.ndarray, row: int, latent: int, value: float) -> float:
    """Log likelihood at a value; beyond the grid its last piece goes on."""
    place = (value - FIRST) / STEP
    left = min(max(int(place), 0), log_likelihood.shape[2] - 2)
    before = np.float64(log_likelihood[row, latent, left])
    return before + (place - left) * (log_likelihood[row, latent, left + 1] - before)


@compiled
def _middle(inverse: np.ndarray, off: np.ndarray, k: int) -> float:
    """Mean of a variable given all others, without its answers; `off` and it around the means."""
    pull = 0.0
    for other in range(len(off)):
        if other != k:
            pull += inverse[k, other] * off[other]
    return -pull / inverse[k, k]


@compiled
def _propose(
    walk: bool, current: float, step: float, middle: float, prior: float, best: float, extra: float
) -> tuple[float, float]:
    """Proposal, and the change of target less proposal density, but for the answers' own."""
    if walk:
        proposal = current + WALK * step
        return proposal, prior / 2 * ((current - middle) ** 2 - (proposal - middle) ** 2)
    proposal = (prior * middle + extra * best) / (prior + extra) + step
    return proposal, extra / 2 * ((proposal - best) ** 2 - (current - best) ** 2)


@compiled
def update_values(  # noqa: PLR0913, PLR0917 - a compiled loop takes arrays, not objects
    values: np.ndarray,
    mean: np.ndarray,
    precision: np.ndarray,
    cell: np.ndarray,
    kind: np.ndarray,
    missing: np.ndarray,
    log_likelihood: np.ndarray,
    centre: np.ndarray,
    stand_in: np.ndarray,
    walks: np.ndarray,
    rng: np.random.Generator,
) -> None:
    """Update every latent or missing value given all others, in place.

    Parameters
    ----------
    values, mean : ndarray, shape (n, p)
    precision : ndarray, shape (cells, p, p)
        Inverse covariance of a row around its mean.
    cell : ndarray of int, shape (n,)
    kind : ndarray of int, shape (p,)
        Position among the latent variables, −1 for an observed one.
    missing : ndarray of bool, shape (n, p)
        Observed variables to be drawn.
    log_likelihood : ndarray, shape (n, K, len(GRID))
    centre, stand_in : ndarray, shape (n, K)
        From `normal_likelihoods`.
    walks : ndarray of bool, shape (moves,)
        For each move over a row: propose a random walk, or a value from the conditional with the
        stand-in for the likelihood. The one repairs what the other is slow at.
    rng : numpy.random.Generator
    """
    p = values.shape[1]
    off, now, standard_deviation = np.empty(p), np.empty(p), np.empty(p)
    for i in range(values.shape[0]):
        inverse = precision[cell[i]]
        for k in range(p):
            off[k] = values[i, k] - mean[i, k]
            if kind[k] >= 0:
                standard_deviation[k] = 1.0 / np.sqrt(inverse[k, k] + stand_in[i, kind[k]])
                now[k] = _look_up(log_likelihood, i, kind[k], values[i, k])
        for walk in walks:
            for k in range(p):
                latent = kind[k]
                if latent < 0 and not missing[i, k]:
                    continue
                prior, middle = inverse[k, k], _middle(inverse, off, k)
                if latent < 0:
                    off[k] = middle + rng.standard_normal() / np.sqrt(prior)
                    values[i, k] = mean[i, k] + off[k]
                    continue
                extra, best = stand_in[i, latent], centre[i, latent] - mean[i, k]
                step = rng.standard_normal() * standard_deviation[k]
                proposal, change = _propose(walk, off[k], step, middle, prior, best, extra)
                there = _look_up(log_likelihood, i, latent, mean[i, k] + proposal)
                # A standard exponential is minus the logarithm of a uniform draw.
                if change + there - now[k] > -rng.standard_exponential():
                    off[k], now[k] = proposal, there
                    values[i, k] = mean[i, k] + proposal


@compiled
def sums_by_cell(left: np.ndarray, right: np.ndarray, cell: np.ndarray, cells: int) -> np.ndarray:
    """Σ left right' over the rows of each cell, shape (cells, width of left, width of right)."""
    out = np.zeros((cells, left.shape[1], right.shape[1]))
    for i in range(left.shape[0]):
        for a in range(left.shape[1]):
            for b in range(right.shape[1]):
                out[cell[i], a, b] += left[i, a] * right[i, b]
    return out
