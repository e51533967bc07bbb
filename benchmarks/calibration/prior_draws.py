"""Draws of all parameters of a collapsed model from their priors."""

import numpy as np
import xarray as xr

from learning_with_others.bayes.collapsed.conditional import covariance_factor
from learning_with_others.bayes.collapsed.exact_draws import Effects
from learning_with_others.bayes.collapsed.fit import name_draws
from learning_with_others.bayes.collapsed.priors import (
    CollapsedPriors,
    StandardDeviationPrior,
    coefficient_scales,
    parameter_names,
)
from learning_with_others.bayes.collapsed.random_structure import pose
from learning_with_others.bayes.collapsed.statistics import Statistics
from learning_with_others.errors import CompendiumError


def draw_prior(
    statistics: Statistics, priors: CollapsedPriors, draws: int, seed: int
) -> xr.Dataset:
    """Draw all parameters from their priors; of the statistics only names and groups are used.

    Returns
    -------
    xarray.Dataset
        Variables as in the posterior of `fit_collapsed`, one chain.

    Raises
    ------
    CompendiumError
        If a coefficient has a flat prior.
    """
    random = np.random.default_rng(seed)
    scales = coefficient_scales(statistics, priors)
    if not np.isfinite(scales).all():
        term = statistics.terms[int(np.argmin(np.isfinite(scales)))]
        raise CompendiumError(
            f"the flat prior of {term!r} cannot be drawn from",
            remedy="give it a finite standard deviation",
        )
    problem = pose(statistics, priors)
    names = parameter_names(statistics)
    points = np.empty((1, draws, problem.dimensions))
    for k, name in enumerate(names):
        points[0, :, k] = np.log(
            _draw_standard_deviation(priors.standard_deviations[name], draws, random)
        )
    at = len(names)
    for level in statistics.levels:
        terms = 1 + len(level.slopes)
        for r in range(terms if level.name in priors.correlations else 0):
            for c in range(r):
                beta = priors.correlations[level.name] + 0.5 * (terms - 2 - c)
                partial = 2 * random.beta(beta, beta, size=draws) - 1
                points[0, :, at] = np.arctanh(partial)
                at += 1
    groups = [len(level.labels) for level in statistics.levels]
    drawn = [
        np.zeros((1 + len(level.slopes), 1, draws, count))
        for level, count in zip(statistics.levels, groups, strict=True)
    ]
    coefficients = scales * random.standard_normal((1, draws, len(scales)))
    upper = drawn[1] if len(drawn) > 1 else np.zeros((0, 1, draws, 0))
    named = name_draws(problem, points, Effects(coefficients, drawn[0], upper))
    for level in range(len(statistics.levels)):
        noise = random.standard_normal((draws, drawn[level].shape[0], groups[level]))
        effects = covariance_factor(named, statistics, level) @ noise
        drawn[level][:, 0] = effects.transpose(1, 0, 2)
    return name_draws(problem, points, Effects(coefficients, drawn[0], upper))


def _draw_standard_deviation(
    prior: StandardDeviationPrior, draws: int, random: np.random.Generator
) -> np.ndarray:
    if prior.family == "exponential":
        return random.exponential(prior.scale, size=draws)
    if prior.family == "half_student_t":
        return np.abs(prior.scale * random.standard_t(prior.degrees, size=draws))
    return np.abs(prior.scale * random.standard_normal(draws))
