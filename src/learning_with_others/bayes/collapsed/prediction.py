"""Prior draws, and predictions of outcomes from prior or posterior draws."""

import numpy as np
import pandas as pd
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
from learning_with_others.bayes.design import Design
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


def linear_predictor(parameters: xr.Dataset, design: Design) -> np.ndarray:
    """X b + Z u + S v of every row, for every draw.

    Parameters
    ----------
    parameters : xarray.Dataset
        Posterior or prior draws, whose groups hold those of the design.
    design : Design

    Returns
    -------
    ndarray, shape (chains, draws, n)

    Raises
    ------
    CompendiumError
        If a group of the design has no effect among the parameters.
    """
    mean = parameters["coefficient"].sel(term=list(design.terms)).to_numpy() @ design.columns.T
    for grouping in design.groupings:
        known = pd.Index(parameters[grouping.name].to_numpy().astype(str))
        place = known.get_indexer(list(grouping.labels))
        if (place < 0).any():
            raise CompendiumError(
                f"{grouping.name} {grouping.labels[int(place.argmin())]!r} is not in this fit",
                remedy="predict groups that the model was fitted to, or add new_group_effects",
            )
        row = place[grouping.index]
        mean += parameters[f"effect_{grouping.name}"].to_numpy()[..., row]
        for k, term in enumerate(grouping.slopes):
            slope = parameters[f"effect_{grouping.name}_slope_{k}"].to_numpy()[..., row]
            mean += slope * design.columns[:, design.terms.index(term)]
    return mean


def new_group_effects(
    parameters: xr.Dataset, statistics: Statistics, level: int, labels: tuple[str, ...], seed: int
) -> xr.Dataset:
    """Replace a level's effects by draws for groups that were not in the data, N(0, D) each.

    Parameters
    ----------
    level : int
        0 for the lowest, 1 for the one above.
    labels : tuple of str
        Names of the new groups.
    """
    random = np.random.default_rng(seed)
    shape = parameters["sd_residual"].shape
    factor = covariance_factor(parameters, statistics, level)
    effects = factor @ random.standard_normal((len(factor), factor.shape[1], len(labels)))
    name = statistics.levels[level].name
    names = [f"effect_{name}", *(f"effect_{name}_slope_{k}" for k in range(factor.shape[1] - 1))]
    new = {
        each: (("chain", "draw", name), effects[:, k].reshape(*shape, -1))
        for k, each in enumerate(names)
    }
    return parameters.drop_dims(name).assign(new).assign_coords({name: list(labels)})


def predict(
    parameters: xr.Dataset, design: Design, seed: int, weights: np.ndarray | None = None
) -> xr.DataArray:
    """Draw outcomes: X b + Z u + S v + e, Var(e_i) = σ²/w_i.

    Returns
    -------
    xarray.DataArray
        Dimensions chain, draw and row.
    """
    mean = linear_predictor(parameters, design)
    standard_deviation = parameters["sd_residual"].to_numpy()[..., None]
    if weights is not None:
        standard_deviation = standard_deviation / np.sqrt(weights)
    mean += standard_deviation * np.random.default_rng(seed).standard_normal(mean.shape)
    coords = {name: parameters[name] for name in ("chain", "draw")}
    return xr.DataArray(mean, coords, ("chain", "draw", "row"), name="y")
