"""Metropolis updates of latent values, and draws of missing observed ones."""

import numba
import numpy as np

from learning_with_others.measurement.scores.plausible.model import GRID

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


@numba.njit(cache=True, nogil=True)
def _look_up(log_likelihood: np.ndarray, value: float) -> float:
    """Log likelihood at a value; beyond the grid its last piece goes on."""
    place = (value - FIRST) / STEP
    left = min(max(int(place), 0), log_likelihood.shape[0] - 2)
    share = place - left
    return (1.0 - share) * log_likelihood[left] + share * log_likelihood[left + 1]


@numba.njit(cache=True, nogil=True)
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
) -> int:
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

    Returns
    -------
    int
        Proposals taken, of latent variables.
    """
    taken = 0
    p = values.shape[1]
    for i in range(values.shape[0]):
        inverse = precision[cell[i]]
        for walk in walks:
            for k in range(p):
                latent = kind[k]
                if latent < 0 and not missing[i, k]:
                    continue
                pull = 0.0
                for other in range(p):
                    if other != k:
                        pull += inverse[k, other] * (values[i, other] - mean[i, other])
                prior = inverse[k, k]
                middle = mean[i, k] - pull / prior
                if latent < 0:
                    values[i, k] = middle + rng.standard_normal() / np.sqrt(prior)
                    continue
                extra, best = stand_in[i, latent], centre[i, latent]
                total = prior + extra
                step = rng.standard_normal() / np.sqrt(total)
                current = values[i, k]
                if walk:
                    proposal = current + WALK * step
                    change = prior / 2 * ((current - middle) ** 2 - (proposal - middle) ** 2)
                else:
                    proposal = (prior * middle + extra * best) / total + step
                    change = extra / 2 * ((proposal - best) ** 2 - (current - best) ** 2)
                change += _look_up(log_likelihood[i, latent], proposal)
                change -= _look_up(log_likelihood[i, latent], current)
                if change >= 0 or rng.random() < np.exp(change):
                    values[i, k] = proposal
                    taken += 1
    return taken


@numba.njit(cache=True, nogil=True)
def sums_by_cell(left: np.ndarray, right: np.ndarray, cell: np.ndarray, cells: int) -> np.ndarray:
    """Σ left right' over the rows of each cell, shape (cells, width of left, width of right)."""
    out = np.zeros((cells, left.shape[1], right.shape[1]))
    for i in range(left.shape[0]):
        for a in range(left.shape[1]):
            for b in range(right.shape[1]):
                out[cell[i], a, b] += left[i, a] * right[i, b]
    return out
