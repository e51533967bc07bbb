"""Response curves: probabilities of answers on a grid of traits, and their derivatives."""

import math

import numpy as np
from scipy import special

from learning_with_others.errors import CompendiumError
from learning_with_others.inference.compiled import compiled
from learning_with_others.psychometrics.answers import MISSING, Answers
from learning_with_others.psychometrics.response_models.item_parameters import (
    GRADED,
    ItemParameters,
)

# Smallest probability of an answer: its logarithm stays finite, and no row notices.
SMALLEST_PROBABILITY = 1e-200
ROOT_HALF, DENSITY_AT_ZERO = math.sqrt(0.5), 1 / math.sqrt(2 * math.pi)


def category_probabilities(parameters: ItemParameters, grid: np.ndarray) -> np.ndarray:
    """Probability of each answer to each item at each trait value.

    Parameters
    ----------
    parameters : ItemParameters
    grid : ndarray, shape (Q,)
        Trait values.

    Returns
    -------
    ndarray, shape (k, C, Q)
        C is the largest number of categories; 0 beyond an item's own.
    """
    if parameters.family == GRADED:
        return graded_curves(*graded_arguments(parameters), grid)[0]
    return adjacent_probabilities(parameters, grid)


def graded_arguments(parameters: ItemParameters) -> tuple[np.ndarray, np.ndarray, np.ndarray, bool]:
    """Slopes, intercepts, numbers of categories and whether probit, as `graded_curves` takes."""
    return (
        parameters.slopes,
        parameters.intercepts,
        parameters.categories,
        parameters.link == "probit",
    )


@compiled
def graded_curves(
    slopes: np.ndarray,
    intercepts: np.ndarray,
    categories: np.ndarray,
    probit: bool,
    grid: np.ndarray,
) -> tuple[np.ndarray, np.ndarray]:
    """P(X = c) = F(u_c) − F(u_{c+1}) with u_c = a θ + d_c, and the densities at all u_c.

    Returns
    -------
    probability : ndarray, shape (k, C, Q)
    density : ndarray, shape (k, C + 1, Q)
        F'(u_c), c = 0, …, C; 0 at the infinite ends and beyond an item's categories.
    """
    items, most = intercepts.shape
    probability = np.zeros((items, most + 1, len(grid)))
    density = np.zeros((items, most + 2, len(grid)))
    for item in range(items):
        for node in range(len(grid)):
            below, above = 0.0, 1.0  # F(−u_c) and F(u_c): both are kept, as either may be near 1
            for c in range(1, categories[item]):
                u = slopes[item] * grid[node] + intercepts[item, c - 1]
                if probit:
                    next_above = 0.5 * math.erfc(-u * ROOT_HALF)
                    next_below = 0.5 * math.erfc(u * ROOT_HALF)
                    density[item, c, node] = DENSITY_AT_ZERO * math.exp(-0.5 * u * u)
                else:
                    tail = math.exp(-abs(u))
                    small, large = tail / (1.0 + tail), 1.0 / (1.0 + tail)
                    next_above, next_below = (large, small) if u > 0 else (small, large)
                    density[item, c, node] = small * large
                probability[item, c - 1, node] = _difference(above, below, next_above, next_below)
                above, below = next_above, next_below
            probability[item, categories[item] - 1, node] = above
    return probability, density


@compiled
def _difference(above: float, below: float, next_above: float, next_below: float) -> float:
    """F(u) − F(v), from the tails in which nothing cancels."""
    return next_below - below if above > 0.5 else above - next_above  # noqa: PLR2004 - a half


def adjacent_probabilities(parameters: ItemParameters, grid: np.ndarray) -> np.ndarray:
    """P(X = c) ∝ exp Σ_{v ≤ c} (a θ + d_v), shape (k, C, Q)."""
    # An intercept of −∞ makes a category, and those after it, impossible.
    intercepts = np.where(np.isfinite(parameters.intercepts), parameters.intercepts, -np.inf)
    linear = parameters.slopes[:, None, None] * grid + intercepts[..., None]
    sums = np.cumsum(linear, axis=1)
    return special.softmax(np.concatenate([np.zeros_like(sums[:, :1]), sums], axis=1), axis=1)


def log_likelihood_on_grid(
    answers: Answers, parameters: ItemParameters, grid: np.ndarray
) -> np.ndarray:
    """Log likelihood of each row's answers at each trait value; missing answers add nothing.

    Parameters
    ----------
    answers : Answers
        n rows of k items.
    parameters : ItemParameters
        Of the same items in the same order.
    grid : ndarray, shape (Q,)

    Returns
    -------
    ndarray, shape (n, Q)

    Raises
    ------
    CompendiumError
        If items or numbers of categories differ between answers and parameters.
    """
    check_same_items(answers, parameters)
    logarithm = np.log(np.maximum(category_probabilities(parameters, grid), SMALLEST_PROBABILITY))
    return _sum_over_items(np.ascontiguousarray(answers.codes), logarithm)


def check_same_items(answers: Answers, parameters: ItemParameters) -> None:
    """Raise unless items and their numbers of categories are the same in both."""
    if answers.items != parameters.items:
        raise CompendiumError(
            f"answers are to {', '.join(answers.items)}; "
            f"parameters are of {', '.join(parameters.items)}",
            remedy="pass the parameters fitted to these items, in the same order",
        )
    different = np.flatnonzero(answers.categories != parameters.categories)
    if different.size:
        first = different[0]
        raise CompendiumError(
            f"has {answers.categories[first]} categories in the answers and "
            f"{parameters.categories[first]} in the parameters",
            where=f"item {answers.items[first]!r}",
            remedy="grade the answers once, with all groups compared, and fit those",
        )


@compiled
def _sum_over_items(codes: np.ndarray, logarithm: np.ndarray) -> np.ndarray:
    """Sum rows of the table of log probabilities (k, C, Q) that the codes (n, k) choose."""
    rows, items = codes.shape
    total = np.zeros((rows, logarithm.shape[2]))
    for row in range(rows):
        for item in range(items):
            code = codes[row, item]
            if code != MISSING:
                total[row] += logarithm[item, code]
    return total


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
        gradient *= _inverse(probability)[:, :, None]
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
    hessian *= _inverse(probability)[:, :, None, None]
    hessian -= gradient[:, :, :, None] * gradient[:, :, None, :]
    return hessian


def _inverse(probability: np.ndarray) -> np.ndarray:
    """1 / P; 0 where P is at its floor, which no parameter moves."""
    above = probability > SMALLEST_PROBABILITY
    return np.divide(1.0, probability, out=np.zeros_like(probability), where=above)


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
