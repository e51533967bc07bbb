"""Fit stacked equations: draw standard deviations and correlations, then coefficients."""

import time
from dataclasses import dataclass

import numpy as np
import pandas as pd
import xarray as xr
from scipy.linalg import solve_triangular
from scipy.optimize import minimize

from learning_with_others.bayes.collapsed.importance import weighted_points
from learning_with_others.bayes.specification import Sampler
from learning_with_others.bayes.stacked.density import StackedPosterior
from learning_with_others.bayes.stacked.statistics import StackedStatistics
from learning_with_others.bayes.stacked.system import Place, SystemPriors
from learning_with_others.errors import CompendiumError

DRAW = ("chain", "draw")
MOST_DIMENSIONS = 40


def fit_stacked(
    statistics: StackedStatistics, priors: SystemPriors, sampler: Sampler
) -> xr.DataTree:
    """Fit several equations at once, coefficients and effects of clusters integrated out exactly.

    Standard deviations and correlations are drawn independently from a mixture fitted to their
    posterior, with weights, and coefficients exactly for each.

    Parameters
    ----------
    statistics : StackedStatistics
    priors : SystemPriors
    sampler : Sampler
        `chains` × `draws` points are drawn.

    Returns
    -------
    xarray.DataTree
        Group `weighted`: `coefficient` (by place, ``outcome, term``), `sd` (by name),
        `correlation` (by pair) and the draws' `weight`. Attributes `engine`, `method`, `pareto_k`,
        `seconds` and `rows`.

    Raises
    ------
    CompendiumError
        If the weights fail their diagnosis twice.
    """
    started = time.perf_counter()
    problem = StackedPosterior(statistics, priors)
    found = weighted_points(
        problem, sampler.chains * sampler.draws, sampler.seed, MOST_DIMENSIONS
    )
    if found is None:
        raise CompendiumError(
            "independent draws failed their diagnosis",
            where=f"system of {len(statistics.system.equations)} equations",
            remedy="let fewer links vary between clusters, or sample the model in PyMC",
        )
    draws = _name_draws(problem, found.points, np.random.default_rng(sampler.seed))
    shape = (sampler.chains, sampler.draws)
    fit = xr.DataTree.from_dict(
        {
            "/weighted": xr.Dataset(
                {
                    name: ((*DRAW, *dims), values.reshape(*shape, *values.shape[1:]))
                    for name, (dims, values) in {
                        **draws, "weight": ((), found.weights)
                    }.items()
                },
                {
                    "chain": np.arange(shape[0]),
                    "draw": np.arange(shape[1]),
                    "place": [", ".join(place) for place in statistics.system.coefficients],
                    "sd_of": statistics.system.standard_deviations,
                    "pair": statistics.system.pairs,
                },
            )
        }
    )
    fit.attrs |= {
        "engine": "stacked",
        "method": "independent draws",
        "pareto_k": found.pareto_k,
        "seconds": time.perf_counter() - started,
        "rows": sum(each.rows for block in statistics.patterns for each in block),
    }
    return fit


def _name_draws(
    problem: StackedPosterior, points: np.ndarray, random: np.random.Generator
) -> dict[str, tuple[tuple[str, ...], np.ndarray]]:
    """Coefficients b ~ N(b̂, K⁻¹), standard deviations and correlations of each point."""
    count = len(problem.statistics.system.coefficients)
    noise = random.standard_normal((len(points), count))
    coefficients, sds = [], []
    pairs = np.empty((len(points), len(problem.statistics.system.pairs)))
    for row, (point, own) in enumerate(zip(points, noise, strict=True)):
        solved = problem.solve(point)
        step = solve_triangular(solved.root, own, lower=True, trans="T")
        coefficients.append(solved.mean + step)
        sds.append(np.exp(solved.point.log_sds))
        pairs[row] = np.concatenate(
            [
                (omega @ omega.T)[np.tril_indices(len(omega), -1)]
                for omega, _ in solved.point.factors
            ]
        )
    return {
        "coefficient": (("place",), np.stack(coefficients)),
        "sd": (("sd_of",), np.stack(sds)),
        "correlation": (("pair",), pairs),
    }
