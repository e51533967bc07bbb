"""Ranks of truths among an engine's draws, over studies simulated from the prior."""

from collections.abc import Callable
from dataclasses import dataclass

import arviz_stats as az  # without the plots of arviz, which take a second to import
import numpy as np
import xarray as xr

from benchmarks.calibration.prior_draws import draw_prior
from benchmarks.calibration.verdict import ranked_quantities
from learning_with_others.bayes.collapsed.accumulate import collapse, with_outcome
from learning_with_others.bayes.collapsed.fit import fit_collapsed
from learning_with_others.bayes.collapsed.prediction import predict
from learning_with_others.bayes.collapsed.priors import CollapsedPriors
from learning_with_others.bayes.collapsed.statistics import Statistics
from learning_with_others.bayes.design import Design
from learning_with_others.bayes.specification import Sampler
from learning_with_others.bayes.stored_draws import stored_draws
from learning_with_others.errors import CompendiumError

THINNED = 199
POSITIONS = THINNED + 1
# Draws of an engine are worth at least so many independent ones: taken every tenth or so, the 199
# are then all but independent.
ENOUGH = 2 * THINNED
FIRST_DRAWS, MOST_DRAWS = 500, 8000

Engine = Callable[[Statistics, int, int], xr.Dataset]
"""Posterior draws of some statistics, so many in each chain, from a seed."""


@dataclass(frozen=True)
class SimulatedStudy:
    """What is the same in every replication.

    Attributes
    ----------
    design : Design
    priors : CollapsedPriors
        Truths are drawn from them.
    weights : ndarray, shape (n,), optional
        Precision weights.
    """

    design: Design
    priors: CollapsedPriors
    weights: np.ndarray | None = None

    def statistics(self) -> Statistics:
        """Statistics of the design, with an outcome that only holds a place."""
        return collapse(self.design, np.arange(len(self.design.columns)) % 2.0, self.weights)


def collapsed_engine(priors: CollapsedPriors, chains: int = 2, tune: int = 500) -> Engine:
    """Make the collapsed engine with some priors, ready to be checked."""

    def engine(statistics: Statistics, draws: int, seed: int) -> xr.Dataset:
        sampler = Sampler(seed=seed, chains=chains, tune=tune, draws=draws)
        return stored_draws(fit_collapsed(statistics, priors, sampler), chains, draws, seed)

    return engine


def calibration_ranks(
    study: SimulatedStudy, engine: Engine, replications: int, seed: int
) -> dict[str, np.ndarray]:
    """Rank truths drawn from the prior among thinned draws of the engine's posterior.

    If the engine is right, each rank is uniform on 0 to 199.

    Parameters
    ----------
    study : SimulatedStudy
    engine : callable
        Takes statistics, draws per chain and a seed; gives a posterior.
    replications : int
    seed : int

    Returns
    -------
    dict of str to ndarray of int, shape (replications,)
        By quantity of `ranked_quantities`.

    Raises
    ------
    CompendiumError
        If the engine mixes so badly that 199 nearly independent draws are out of reach.

    References
    ----------
    Talts, S., Betancourt, M., Simpson, D., Vehtari, A. and Gelman, A. (2018). Validating Bayesian
    inference algorithms with simulation-based calibration. arXiv:1804.06788, algorithms 1 and 2.
    """
    statistics = study.statistics()
    truths = draw_prior(statistics, study.priors, replications, seed)
    ranks: dict[str, list[int]] = {}
    for number in range(replications):
        streams = np.random.SeedSequence([seed, number]).generate_state(2) % 2**31
        outcome_seed, engine_seed = (int(stream) for stream in streams)
        truth = truths.isel(draw=[number])
        outcome = predict(truth, study.design, outcome_seed, study.weights).to_numpy()[0, 0]
        own = with_outcome(statistics, study.design, outcome, study.weights)

        def measure(parameters: xr.Dataset, outcome: np.ndarray = outcome) -> dict[str, np.ndarray]:
            return ranked_quantities(parameters, study.design, outcome, study.weights)

        draws = thinned_draws(engine, own, measure, engine_seed)
        for name, value in measure(truth).items():
            ranks.setdefault(name, []).append(int((draws[name] < value.item()).sum()))
    return {name: np.array(own) for name, own in ranks.items()}


def thinned_draws(
    engine: Engine,
    statistics: Statistics,
    measure: Callable[[xr.Dataset], dict[str, np.ndarray]],
    seed: int,
) -> dict[str, np.ndarray]:
    """Draw until the worst quantity is worth twice 199 independent draws, and keep 199.

    Returns
    -------
    dict of str to ndarray, shape (199,)
    """
    draws = FIRST_DRAWS
    while draws <= MOST_DRAWS:
        values = measure(engine(statistics, draws, seed))
        worst = min(effective_draws(own) for own in values.values())
        if worst >= ENOUGH:
            total = next(iter(values.values())).size
            kept = np.linspace(0, total - 1, THINNED).round().astype(int)
            return {name: own.ravel()[kept] for name, own in values.items()}
        draws *= 2
    raise CompendiumError(
        f"{MOST_DRAWS} draws in each chain are worth {worst:.0f}, {ENOUGH} are needed",
        where="calibration",
        remedy="look at the fit's diagnosis: the engine mixes badly here",
    )


def effective_draws(values: np.ndarray) -> float:
    """Bulk effective sample size; of a quantity that does not vary, the number of draws."""
    if np.ptp(values) == 0:
        return float(values.size)
    return float(az.ess(values, method="bulk"))
