"""Fit the collapsed model: sample what is left, then draw what was integrated out."""

import time

import numpy as np
import xarray as xr

from learning_with_others.bayes.collapsed.compilation import compile_engine
from learning_with_others.bayes.collapsed.exact_draws import Effects, draw_effects
from learning_with_others.bayes.collapsed.nuts import sample_points
from learning_with_others.bayes.collapsed.priors import CollapsedPriors, parameter_names
from learning_with_others.bayes.collapsed.random_structure import Problem, pose
from learning_with_others.bayes.collapsed.statistics import Statistics
from learning_with_others.bayes.collapsed.transforms import correlation_matrices
from learning_with_others.bayes.specification import Sampler

DRAW = ("chain", "draw")


def fit_collapsed(statistics: Statistics, priors: CollapsedPriors, sampler: Sampler) -> xr.DataTree:
    """Fit a Gaussian multilevel model with all effects integrated out.

    Parameters
    ----------
    statistics : Statistics
    priors : CollapsedPriors
    sampler : Sampler
        Its `chains`, `tune`, `draws`, `target_accept` and `seed` are used; .9 is accepted often
        enough, since this density has no funnel.

    Returns
    -------
    xarray.DataTree
        Groups `posterior` and `sample_stats`. Variables of the posterior, as in the explicit
        model: `coefficient` (by term), `sd_residual`, and per level `sd_<name>`, `effect_<name>`,
        `sd_<name>_slope_<k>`, `effect_<name>_slope_<k>` and, where correlated,
        `correlation_<name>` (by pair of terms). Attributes: `engine`, `seconds` (sampling and
        exact draws), and `rows`.

    Raises
    ------
    CompendiumError
        If the outcome does not vary, flat coefficients are collinear, or priors do not match.
    KeyboardInterrupt
        If sampling ended before its last draw.
    """
    problem = pose(statistics, priors)
    compile_engine()
    started = time.perf_counter()
    sampled = sample_points(
        problem,
        chains=sampler.chains,
        tune=sampler.tune,
        draws=sampler.draws,
        target_accept=sampler.target_accept,
        seed=sampler.seed,
    )
    points = sampled.points
    posterior = name_draws(problem, points, draw_effects(problem, points, sampler.seed))
    seconds = time.perf_counter() - started
    about = xr.Dataset(
        {name: (DRAW, values) for name, values in sampled.statistics.items()},
        {name: posterior[name] for name in DRAW},
    )
    fit = xr.DataTree.from_dict({"/posterior": posterior, "/sample_stats": about})
    fit.attrs = {
        "engine": "collapsed",
        "seconds": seconds,
        "rows": int(statistics.rows.sum()),
    }
    return fit


def name_draws(problem: Problem, points: np.ndarray, effects: Effects) -> xr.Dataset:
    """Name sds, correlations, coefficients and effects as the explicit model does.

    Parameters
    ----------
    problem : Problem
    points : ndarray, shape (chains, draws, dimensions)
    effects : Effects
    """
    statistics, shape = problem.statistics, points.shape[:2]
    names = parameter_names(statistics)
    standard_deviations = np.exp(points[..., : len(names)])
    coords: dict[str, list] = {
        "chain": np.arange(shape[0]),
        "draw": np.arange(shape[1]),
        "term": list(statistics.terms),
    }
    variables = {"coefficient": ((*DRAW, "term"), effects.coefficients)}
    variables |= {name: (DRAW, standard_deviations[..., k]) for k, name in enumerate(names)}
    at = len(names)
    for level, own in zip(statistics.levels, (effects.lower, effects.upper), strict=False):
        coords[level.name] = list(level.labels)
        variables[f"effect_{level.name}"] = ((*DRAW, level.name), own[0])
        for k in range(len(level.slopes)):
            variables[f"effect_{level.name}_slope_{k}"] = ((*DRAW, level.name), own[1 + k])
        if level.name not in problem.priors.correlations:
            continue
        terms = 1 + len(level.slopes)
        rows, columns = np.tril_indices(terms, -1)
        flat = points[..., at : at + len(rows)].reshape(-1, len(rows))
        factor = correlation_matrices(flat, terms)
        found = (factor @ factor.transpose(0, 2, 1))[:, rows, columns]
        pair = f"pair_{level.name}"
        words = ("Intercept", *level.slopes)
        coords[pair] = [f"{words[c]} & {words[r]}" for r, c in zip(rows, columns, strict=True)]
        variables[f"correlation_{level.name}"] = ((*DRAW, pair), found.reshape(*shape, -1))
        at += len(rows)
    return xr.Dataset(variables, coords)
