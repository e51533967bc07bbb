"""Fit stacked equations: draw standard deviations and correlations, then coefficients."""

import time
from typing import Any

import numpy as np
import xarray as xr
from threadpoolctl import threadpool_limits

from learning_with_others.bayes.collapsed.importance import weighted_points
from learning_with_others.bayes.specification import Sampler
from learning_with_others.bayes.stacked.covariance_coordinates import Point
from learning_with_others.bayes.stacked.density import StackedPosterior
from learning_with_others.bayes.stacked.proposal import split_proposal
from learning_with_others.bayes.stacked.statistics import StackedStatistics
from learning_with_others.bayes.stacked.system import SystemPriors
from learning_with_others.errors import CompendiumError

DRAW = ("chain", "draw")
MOST_DIMENSIONS = 60
# An evaluation is dear and the first proposal good: it is adapted only where it fails.
ROUNDS = (0, 0, 0, 2000)


class _Drawing:
    """A posterior that draws coefficients wherever it is evaluated, and keeps the last ones."""

    def __init__(self, posterior: StackedPosterior, seed: int) -> None:
        self._posterior = posterior
        # The points are drawn from the seed itself: noise from it would follow them.
        self._random = np.random.default_rng(np.random.SeedSequence(seed).spawn(1)[0])
        self.coefficients = np.zeros((0, 0))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._posterior, name)

    def log_densities(self, points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Log likelihood and log prior at points; coefficients are drawn for each."""
        likelihood, prior, self.coefficients = self._posterior.evaluate(points, self._random)
        return likelihood, prior


def fit_stacked(
    statistics: StackedStatistics,
    priors: SystemPriors,
    sampler: Sampler,
    starts: list[np.ndarray] | None = None,
    *,
    adapt: bool = True,
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
    starts : list of ndarray, optional
        Where modes are sought: the attribute `mode` of a fit to much the same data.
    adapt : bool
        Whether to adapt the mixture until the weights pass; else `diagnose` judges the first ones.

    Returns
    -------
    xarray.DataTree
        Group `weighted`: `coefficient` (by place, ``outcome, term``), `sd` (by name),
        `correlation` (by pair, where there are some) and the draws' `weight`. Attributes
        `engine`, `method`, `pareto_k`, `seconds`, `rows` and `mode`.

    Raises
    ------
    CompendiumError
        If the weights fail their diagnosis however the mixture is adapted.
    """
    started = time.perf_counter()
    problem = _Drawing(StackedPosterior(statistics, priors), sampler.seed)
    shape, system = (sampler.chains, sampler.draws), statistics.system
    # Matrices are small: threads of the linear algebra would only wait for one another.
    with threadpool_limits(1):
        found = weighted_points(
            problem,
            shape[0] * shape[1],
            sampler.seed,
            most_dimensions=MOST_DIMENSIONS if adapt else problem.dimensions,
            propose=split_proposal,
            rounds=ROUNDS,
            starts=starts,
            judged=adapt,
        )
    if found is None:
        raise CompendiumError(
            "independent draws failed their diagnosis",
            where=f"system of {len(system.equations)} equations",
            remedy="let fewer links vary between clusters, or sample the model in PyMC",
        )
    points = [problem.covariances.at(point) for point in found.points]
    variables = {
        "coefficient": (("place",), problem.coefficients),
        "sd": (("sd_of",), np.exp([point.log_sds for point in points])),
        "weight": ((), found.weights),
    }
    if system.pairs:
        variables["correlation"] = ("pair",), correlations_of(points)
    draws = xr.Dataset(
        {
            name: ((*DRAW, *dims), values.reshape(*shape, *values.shape[1:]))
            for name, (dims, values) in variables.items()
        },
        {
            "chain": np.arange(shape[0]),
            "draw": np.arange(shape[1]),
            "place": [", ".join(place) for place in system.coefficients],
            "sd_of": system.standard_deviations,
            "pair": system.pairs,
        },
    )
    fit = xr.DataTree.from_dict({"/weighted": draws})
    fit.attrs |= {
        "engine": "stacked",
        "method": "independent draws",
        "pareto_k": found.pareto_k,
        "seconds": time.perf_counter() - started,
        "rows": sum(each.rows for block in statistics.patterns for each in block),
        "mode": found.mode,
    }
    return fit


def correlations_of(points: list[Point]) -> np.ndarray:
    """Correlations of every group, shape (points, pairs)."""
    found = []
    for group in range(len(points[0].factors)):
        omega = np.stack([point.factors[group][0] for point in points])
        rows, columns = np.tril_indices(omega.shape[1], -1)
        found.append((omega @ omega.transpose(0, 2, 1))[:, rows, columns])
    return np.concatenate(found, axis=1)
