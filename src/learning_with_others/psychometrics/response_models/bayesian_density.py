"""Log posterior density of the Bayesian graded response model and its gradient, compiled.

The same density as the PyMC model in `bayesian_model`, which people read and extend. Written out
here because that model's own gradient takes minutes to compile and tens of times as long to run;
the two are compared before every fit. Far from the posterior numbers overflow; a density that is
not finite ends the sampler's step there (hence `error_model="numpy"`, which raises nothing).
"""

import numpy as np

from learning_with_others.inference.compiled import compiled
from learning_with_others.psychometrics.response_models.bayesian_design import (
    COUNT,
    FIRST_ITEM,
    FOCAL,
    GRID,
    GradedDesign,
    GradedPriors,
)


@compiled(error_model="numpy")
def _log_probabilities(
    slopes: np.ndarray, thresholds: np.ndarray, start: np.ndarray, grid: np.ndarray
) -> np.ndarray:
    """Log probability of every answer: item i has one more than thresholds, from start[i] + i.

    σ(u) − σ(v) = σ(u) σ(−v) (1 − exp(v − u)), where u − v does not depend on the trait: no
    difference of numbers near each other is taken.
    """
    items, size = len(slopes), len(grid)
    table = np.empty((len(thresholds) + items, size))
    for item in range(items):
        slope, first, last = slopes[item], start[item], start[item + 1]
        for q in range(size):
            passed = 0.0  # log probability of passing the threshold before
            for t in range(first, last):
                u = slope * (grid[q] - thresholds[t])
                failed = -np.log1p(np.exp(u)) if u < 0 else -u - np.log1p(np.exp(-u))
                table[t + item, q] = passed + failed
                passed = failed + u
            table[last + item, q] = passed
        for t in range(first + 1, last):
            between = np.log(-np.expm1(-slope * (thresholds[t] - thresholds[t - 1])))
            for q in range(size):
                table[t + item, q] += between
    return table


@compiled(error_model="numpy")
def _log_density(latent: np.ndarray, grid: np.ndarray) -> np.ndarray:
    """Log weights of the grid in the reference and in the focal group, shape (2, Q)."""
    density = np.empty((2, len(grid)))
    for group in range(2):
        mean, sd = (latent[0], np.exp(latent[1])) if group else (0.0, 1.0)
        total = 0.0
        for q in range(len(grid)):
            density[group, q] = -0.5 * ((grid[q] - mean) / sd) ** 2
            total += np.exp(density[group, q])
        for q in range(len(grid)):
            density[group, q] -= np.log(total)
    return density


@compiled(error_model="numpy")
def _normalize(logarithms: np.ndarray) -> float:
    """Turn logarithms, in place, into shares that sum to 1; give the logarithm of their sum."""
    top = logarithms.max()
    total = 0.0
    for place in range(len(logarithms)):
        logarithms[place] = np.exp(logarithms[place] - top)
        total += logarithms[place]
    for place in range(len(logarithms)):
        logarithms[place] /= total
    return top + np.log(total)


@compiled(error_model="numpy")
def _expected_counts(
    patterns: np.ndarray, table: np.ndarray, density: np.ndarray, start: np.ndarray
) -> tuple[float, np.ndarray, np.ndarray]:
    """Log likelihood, expected number of each answer and of people of each group on the grid."""
    items, size = len(start) - 1, density.shape[1]
    log_likelihood = 0.0
    expected, people = np.zeros_like(table), np.zeros_like(density)
    weights = np.empty(size)
    for row in range(len(patterns)):
        group, count = patterns[row, FOCAL], patterns[row, COUNT]
        for q in range(size):
            weights[q] = density[group, q]
        for item in range(items):
            code = patterns[row, FIRST_ITEM + item]
            if code >= 0:
                answer = start[item] + item + code
                for q in range(size):
                    weights[q] += table[answer, q]
        log_likelihood += count * _normalize(weights)
        for q in range(size):
            weights[q] *= count
            people[group, q] += weights[q]
        for item in range(items):
            code = patterns[row, FIRST_ITEM + item]
            if code >= 0:
                answer = start[item] + item + code
                for q in range(size):
                    expected[answer, q] += weights[q]
    return log_likelihood, expected, people


@compiled(error_model="numpy")
def _item_gradient(
    expected: np.ndarray,
    slopes: np.ndarray,
    thresholds: np.ndarray,
    start: np.ndarray,
    grid: np.ndarray,
) -> tuple[np.ndarray, np.ndarray]:
    """Gradient by slopes and thresholds, from the expected number of each answer."""
    by_slope, by_threshold = np.zeros(len(slopes)), np.zeros(len(thresholds))
    for item in range(len(slopes)):
        slope, first, last = slopes[item], start[item], start[item + 1]
        for t in range(first, last):
            # Answers between two thresholds also gain where the two move apart.
            below = above = 0.0
            if t > first:
                below = 1 / np.expm1(slope * (thresholds[t] - thresholds[t - 1]))
            if t + 1 < last:
                above = 1 / np.expm1(slope * (thresholds[t + 1] - thresholds[t]))
            for q in range(len(grid)):
                distance = grid[q] - thresholds[t]
                chance = 1 / (1 + np.exp(-slope * distance))
                by_linear = expected[t + item + 1, q] * (1 - chance + above)
                by_linear -= expected[t + item, q] * (chance + below)
                by_slope[item] += by_linear * distance
                by_threshold[t] -= by_linear * slope
    return by_slope, by_threshold


@compiled(error_model="numpy")
def _latent_gradient(
    people: np.ndarray, density: np.ndarray, latent: np.ndarray, grid: np.ndarray
) -> np.ndarray:
    """Gradient by the focal group's mean and log sd, from its expected density."""
    gradient = np.zeros(2)
    mean, variance = latent[0], np.exp(2 * latent[1])
    number = people[1].sum()
    for q in range(len(grid)):
        excess = people[1, q] - number * np.exp(density[1, q])
        gradient[0] += excess * (grid[q] - mean) / variance
        gradient[1] += excess * (grid[q] - mean) ** 2 / variance
    return gradient


@compiled(error_model="numpy")
def log_likelihood_with_gradient(
    slopes: np.ndarray,
    thresholds: np.ndarray,
    latent: np.ndarray,
    patterns: np.ndarray,
    start: np.ndarray,
    grid: np.ndarray,
) -> tuple[float, np.ndarray, np.ndarray, np.ndarray]:
    """Log likelihood of graded answers, traits integrated out on a grid, and its gradient.

    The gradient follows from expected counts (Fisher's identity).

    Parameters
    ----------
    slopes : ndarray, shape (k,)
        Logistic metric without 1.7.
    thresholds : ndarray, shape (T,)
        Increasing within an item, items one after another; on the latent scale.
    latent : ndarray, shape (2,)
        Mean and logarithm of the sd of the focal group; those of the reference group are 0.
    patterns : ndarray of int, shape (P, 2 + k)
        Whether in the focal group, number of people, and their answers, −1 where missing.
    start : ndarray of int, shape (k + 1,)
        Where each item's thresholds begin.
    grid : ndarray, shape (Q,)
        Evenly spaced trait values.

    Returns
    -------
    log_likelihood : float
    by_slope, by_threshold, by_latent : ndarray

    References
    ----------
    Samejima, F. (1969). Estimation of latent ability using a response pattern of graded scores.
    Psychometrika Monograph 17.
    Bock, R. D. and Aitkin, M. (1981). Marginal maximum likelihood estimation of item parameters.
    Psychometrika 46, eq. 14.
    """
    table = _log_probabilities(slopes, thresholds, start, grid)
    density = _log_density(latent, grid)
    log_likelihood, expected, people = _expected_counts(patterns, table, density, start)
    by_slope, by_threshold = _item_gradient(expected, slopes, thresholds, start, grid)
    return log_likelihood, by_slope, by_threshold, _latent_gradient(people, density, latent, grid)


def item_parameters(point: np.ndarray, design: GradedDesign) -> tuple[np.ndarray, np.ndarray]:
    """Slopes (k,) and thresholds (T,) from the items' log slopes, locations and log gaps."""
    k = len(design.items)
    gaps = np.exp(point[2 * k :])
    return np.exp(point[:k]), point[k : 2 * k][design.owner] + design.from_gaps @ gaps


@compiled(error_model="numpy")
def _log_prior(
    point: np.ndarray, mean: np.ndarray, sd: np.ndarray, part: np.ndarray
) -> tuple[float, np.ndarray]:
    """Log prior density and gradient: fixed normals first, then normals around those centres."""
    fixed, parts = len(mean), part[-1] + 1
    value = -0.5 * len(point) * np.log(2 * np.pi)
    gradient = np.zeros(len(point))
    for place in range(fixed):
        standard = (point[place] - mean[place]) / sd[place]
        value -= 0.5 * standard**2 + np.log(sd[place])
        gradient[place] -= standard / sd[place]
    for number, of in enumerate(part):
        spread = np.exp(point[parts + of])
        standard = (point[fixed + number] - point[of]) / spread
        value -= 0.5 * standard**2 + point[parts + of]
        gradient[fixed + number] -= standard / spread
        gradient[of] += standard / spread
        gradient[parts + of] += standard**2 - 1
    return value, gradient


def fixed_priors(design: GradedDesign, priors: GradedPriors) -> tuple[np.ndarray, np.ndarray]:
    """Means and sds of the first parameters: centres, log spreads, the focal group's moments."""
    parts = len(design.parts)
    moments = 2 * design.grouped
    mean = [priors.centre_mean[:parts], np.log(priors.spread_median[:parts]), np.zeros(moments)]
    sd = [priors.centre_sd[:parts], priors.spread_log_sd[:parts], priors.latent_sd[:moments]]
    return np.concatenate(mean), np.concatenate(sd)


def log_posterior(
    point: np.ndarray, design: GradedDesign, fixed: tuple[np.ndarray, np.ndarray]
) -> tuple[float, np.ndarray]:
    """Log of likelihood × prior density, and its gradient.

    Parameters
    ----------
    point : ndarray
        Centres and log spreads of the parts, the focal group's mean and log sd if there is one,
        then the items' parameters in the order of `design.part`.
    design : GradedDesign
    fixed : (ndarray, ndarray)
        As `fixed_priors` gives them.

    Returns
    -------
    float
    ndarray, shape of `point`
    """
    first, k = len(fixed[0]), len(design.items)
    own = point[first:]
    slopes, thresholds = item_parameters(own, design)
    latent = point[first - 2 : first] if design.grouped else np.zeros(2)
    likelihood, by_slope, by_threshold, by_latent = log_likelihood_with_gradient(
        slopes, thresholds, latent, design.patterns, design.start, GRID
    )
    prior, gradient = _log_prior(point, *fixed, design.part)
    by_own = gradient[first:]
    by_own[:k] += by_slope * slopes
    by_own[k : 2 * k] += np.bincount(design.owner, by_threshold)
    by_own[2 * k :] += (by_threshold @ design.from_gaps) * np.exp(own[2 * k :])
    if design.grouped:
        gradient[first - 2 : first] += by_latent
    return likelihood + prior, gradient
