"""Draw the posterior of one model and one plausible value, and judge its draws."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
import xarray as xr

from learning_with_others.bayes.collapsed.cell_fit import fit_cells
from learning_with_others.bayes.diagnosis import (
    Diagnosis,
    diagnose,
    effective_sizes,
    worst_of,
)
from learning_with_others.bayes.engine import fit_outcomes
from learning_with_others.bayes.model_frame import ModelFrame
from learning_with_others.bayes.specification import Sampler
from learning_with_others.bayes.stored_draws import stored_draws
from learning_with_others.inference.random_streams import seed_of
from learning_with_others.study import StudyDesign

# Each fit must pass its gate by itself, so a fit to one of many values may be shorter. Where one
# misses it by chance, it is drawn again, longer.
SINGLE, ONE_OF_MANY = 1000, 500  # draws of each of four chains
LONGER, MOST = 4, 4000
# Chains of families without a closed form: draws that follow each other tell less than independent
# ones, and few groups need short steps.
CHAINED, SHORT_STEPS, SHORTEST_STEPS = 1500, 0.95, 0.99


@dataclass(frozen=True)
class Drawn:
    """Draws of one posterior, and what they say of its estimands.

    Attributes
    ----------
    fit : xarray.DataTree
        As the engine gave it.
    estimands : dict of str to ndarray, shape (chains, draws)
    weights : ndarray, shape (chains, draws)
        They sum to one.
    diagnosis : Diagnosis
        Of the fit and of the estimands.
    seed : int
    """

    fit: xr.DataTree
    estimands: dict[str, np.ndarray]
    weights: np.ndarray
    diagnosis: Diagnosis
    seed: int


def sampler_of(
    study: StudyDesign, outcome: str, *, many: bool, chained: bool = False
) -> Callable[[int], Sampler]:
    """Give the sampler of each plausible value of an outcome.

    Outcomes have random streams of their own; alternatives to the model of an outcome share its,
    so that what differs between them is the model.

    Parameters
    ----------
    outcome : str
    many : bool
        Whether there are several values.
    chained : bool
        Whether the family is drawn by chains.
    """
    length = ONE_OF_MANY if many else SINGLE

    def sampler(number: int) -> Sampler:
        seed = seed_of(study.analysis.seed, outcome, number)
        if chained:
            return Sampler(seed, tune=SINGLE, draws=CHAINED, target_accept=SHORT_STEPS)
        return Sampler(seed, tune=length, draws=length)

    return sampler


def draw_posterior(
    frame: ModelFrame,
    sampler: Sampler,
    estimate: Callable[[xr.Dataset], dict[str, np.ndarray]],
    *,
    effects: bool = False,
    cells: pd.Categorical | None = None,
) -> Drawn:
    """Fit one outcome; where fit or estimands fail their gate, it is drawn again, longer.

    Parameters
    ----------
    frame : ModelFrame
    sampler : Sampler
    estimate : callable
        From a dataset of draws to those of the estimands.
    effects : bool
        Whether effects of groups are drawn too.
    cells : pandas.Categorical, optional
        Cells of the rows with a residual standard deviation each; effects are not drawn then.
    """
    if cells is not None:
        return draw_fit(lambda settings: fit_cells(frame, cells, settings), sampler, estimate)
    return draw_fit(
        lambda settings: fit_outcomes(frame, {"y": frame.outcome}, settings, effects=effects)["y"],
        sampler,
        estimate,
    )


def draw_fit(
    fit_with: Callable[[Sampler], xr.DataTree],
    sampler: Sampler,
    estimate: Callable[[xr.Dataset], dict[str, np.ndarray]],
) -> Drawn:
    """Fit a model; where fit or estimands fail their gate, it is drawn again, longer.

    Parameters
    ----------
    fit_with : callable
    sampler : Sampler
    estimate : callable
        As `draw_posterior` takes it.
    """
    shape = (sampler.chains, min(sampler.draws, SINGLE))

    def draw_with(settings: Sampler) -> Drawn:
        fit = fit_with(settings)
        found = [diagnose(fit)]
        if "weighted" in fit and settings == sampler:
            draws = fit["weighted"].to_dataset()
            weights = draws["weight"].to_numpy()
            estimands = estimate(draws)
            found.append(judge_estimands(estimands, weights))
        else:
            weights = np.full(shape, 1 / (shape[0] * shape[1]))
            estimands = estimate(stored_draws(fit, *shape, sampler.seed))
        return Drawn(fit, estimands, weights, worst_of(found), sampler.seed)

    drawn = draw_with(sampler)
    if drawn.diagnosis.flag:
        tune, draws = (min(LONGER * length, MOST) for length in (sampler.tune, sampler.draws))
        again = replace(sampler, tune=tune, draws=draws, target_accept=SHORTEST_STEPS)
        return draw_with(again)
    return drawn


def judge_estimands(draws: dict[str, np.ndarray], weights: np.ndarray) -> Diagnosis:
    """Judge weighted draws of what is reported, beside the weights themselves.

    Parameters
    ----------
    draws : dict of str to ndarray, shape (chains, draws)
    weights : ndarray, shape (chains, draws)

    References
    ----------
    Vehtari, A., Simpson, D., Gelman, A., Yao, Y. and Gabry, J. (2024). Pareto smoothed importance
    sampling. Journal of Machine Learning Research 25 (72), sec. 3: k of each expectation.
    """
    from arviz_stats.base import array_stats  # noqa: PLC0415 - a second, where draws are made

    flat = weights.ravel()
    values = np.column_stack([each.ravel() for each in draws.values()])
    terms = flat[:, None] * np.abs(values - flat @ values)
    k = [array_stats.pareto_khat(each[None], r_eff=1.0, tail="right") for each in terms.T]
    size = effective_sizes(values, flat).min()
    return Diagnosis({"pareto_k": float(np.max(k)), "effective_size": float(size)}, 0.0)
