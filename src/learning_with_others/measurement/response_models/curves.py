"""Derivatives of the log probability of each answer by the item's slope and intercepts."""

import numpy as np

from learning_with_others.measurement.response_models.likelihood import (
    SMALLEST_PROBABILITY,
    category_probabilities,
    graded_arguments,
    graded_curves,
)
from learning_with_others.measurement.response_models.parameters import GRADED, ItemParameters


def log_probability_gradient(
    parameters: ItemParameters, grid: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Probability of each answer, and gradient of its logarithm by (a_i, d_i1, …, d_i,C−1).

    Parameters
    ----------
    parameters : ItemParameters
    grid : ndarray, shape (Q,)

    Returns
    -------
    probability : ndarray, shape (k, C, Q)
    gradient : ndarray, shape (k, C, C, Q)
        Answer, then parameter. Zero where an item lacks the category or the intercept.
    """
    if parameters.family == GRADED:
        probability, density = graded_curves(*graded_arguments(parameters), grid)
        k, categories, size = probability.shape
        gradient = np.zeros((k, categories, categories, size))
        gradient[:, :, 0] = grid * (density[:, :-1] - density[:, 1:])
        for c in range(1, categories):  # intercept c is the floor of answer c, the top of c − 1
            gradient[:, c, c] = density[:, c]
            gradient[:, c - 1, c] = -density[:, c]
        gradient /= np.maximum(probability, SMALLEST_PROBABILITY)[:, :, None]
    else:
        probability = category_probabilities(parameters, grid)
        k, categories, size = probability.shape
        # Exponential family with statistics t = (c θ, 1[c ≥ 1], …, 1[c ≥ C − 1]).
        scores = np.arange(categories)
        statistics = np.zeros((categories, categories, size))
        statistics[:, 0] = scores[:, None] * grid
        statistics[:, 1:] = (scores[:, None] >= scores[None, 1:])[..., None]
        mean = np.einsum("kcq,csq->ksq", probability, statistics)
        gradient = statistics[None] - mean[:, None]
        gradient[_lacking(parameters, categories)] = 0.0
    return probability, gradient


def log_probability_hessian(
    parameters: ItemParameters, grid: np.ndarray, probability: np.ndarray, gradient: np.ndarray
) -> np.ndarray:
    """Hessian of the log probability of each answer.

    Parameters
    ----------
    parameters, grid, probability, gradient
        As `log_probability_gradient` takes and gives them.

    Returns
    -------
    ndarray, shape (k, C, C, C, Q)
        Answer, then parameter by parameter.
    """
    k, categories, size = probability.shape
    if parameters.family != GRADED:
        covariance = np.einsum("kcq,kcsq,kctq->kstq", probability, gradient, gradient)
        shape = (k, categories, categories, categories, size)
        hessian = np.array(np.broadcast_to(-covariance[:, None], shape))
        hessian[_lacking(parameters, categories)] = 0.0
        return hessian
    slope = _density_slope(parameters, grid)
    hessian = np.zeros((k, categories, categories, categories, size))
    hessian[:, :, 0, 0] = grid**2 * (slope[:, :-1] - slope[:, 1:])
    for c in range(1, categories):
        for category, sign in ((c, 1.0), (c - 1, -1.0)):
            hessian[:, category, c, c] = sign * slope[:, c]
            hessian[:, category, 0, c] = hessian[:, category, c, 0] = sign * grid * slope[:, c]
    hessian /= np.maximum(probability, SMALLEST_PROBABILITY)[:, :, None, None]
    hessian -= gradient[:, :, :, None] * gradient[:, :, None, :]
    return hessian


def _lacking(parameters: ItemParameters, categories: int) -> np.ndarray:
    """Which categories each item lacks, shape (k, C)."""
    return np.arange(categories)[None, :] >= parameters.categories[:, None]


def _density_slope(parameters: ItemParameters, grid: np.ndarray) -> np.ndarray:
    """F''(u_c) at u_c = a θ + d_c, c = 0, …, C, shape (k, C + 1, Q); 0 where u is infinite."""
    _, density = graded_curves(*graded_arguments(parameters), grid)
    intercepts = np.nan_to_num(parameters.intercepts)  # where the density is 0
    u = parameters.slopes[:, None, None] * grid + intercepts[..., None]
    density[:, 1:-1] *= -u if parameters.link == "probit" else -np.tanh(u / 2)
    return density
