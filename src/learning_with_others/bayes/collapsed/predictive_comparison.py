"""Leave-one-out comparison by row, by lowest cluster and by upper group."""

import warnings
from dataclasses import replace

import arviz_stats as az  # without the plots of arviz, which take a second to import
import numpy as np
import pandas as pd
import xarray as xr
from arviz_stats.utils import ELPDData
from scipy.special import logsumexp

from learning_with_others.bayes.collapsed.conditional import group_log_likelihood
from learning_with_others.bayes.collapsed.fit import fit_collapsed
from learning_with_others.bayes.collapsed.prediction import linear_predictor
from learning_with_others.bayes.collapsed.priors import CollapsedPriors
from learning_with_others.bayes.collapsed.statistics import Statistics
from learning_with_others.bayes.design import Design
from learning_with_others.bayes.specification import Sampler
from learning_with_others.bayes.stored_draws import stored_draws
from learning_with_others.errors import CompendiumError

GOOD_PARETO_K = 0.7
MOST_VALUES = 250_000_000


def row_log_likelihood(
    posterior: xr.Dataset, design: Design, outcome: np.ndarray, weights: np.ndarray | None = None
) -> xr.DataTree:
    """Give log p(y_i | b, u, v, σ) of every row, ready for `arviz.loo`.

    Parameters
    ----------
    posterior : xarray.Dataset
        Draws of equal weight, effects of groups among them.
    design, outcome, weights
        What was fitted.

    Returns
    -------
    xarray.DataTree
        Groups `posterior` (residual sd only) and `log_likelihood` (variable `y`).

    Raises
    ------
    CompendiumError
        If rows × draws exceed 250 million (2 GB).
    """
    sigma = posterior["sd_residual"].to_numpy()[..., None]
    if sigma.size * len(outcome) > MOST_VALUES:
        raise CompendiumError(
            f"{sigma.size:,} draws of {len(outcome):,} rows",
            where="leave-one-out",
            remedy="thin the draws with .isel(draw=slice(None, None, k)), or leave out clusters",
        )
    if weights is not None:
        sigma = sigma / np.sqrt(weights)
    value = linear_predictor(posterior, design)
    value -= outcome
    value /= sigma
    value *= value
    value *= -0.5
    value -= np.log(sigma) + 0.5 * np.log(2 * np.pi)
    coords = {name: posterior[name] for name in ("chain", "draw")}
    likelihood = xr.Dataset({"y": (("chain", "draw", "row"), value)}, coords)
    groups = {"/posterior": posterior[["sd_residual"]], "/log_likelihood": likelihood}
    return xr.DataTree.from_dict(groups)


def leave_one_row_out(
    posterior: xr.Dataset, design: Design, outcome: np.ndarray, weights: np.ndarray | None = None
) -> ELPDData:
    """PSIS-LOO by row (Vehtari, Gelman and Gabry 2017), pointwise."""
    return az.loo(row_log_likelihood(posterior, design, outcome, weights), pointwise=True)


def leave_one_group_out(
    posterior: xr.Dataset,
    statistics: Statistics,
    priors: CollapsedPriors,
    sampler: Sampler,
    *,
    level: int,
    refit_all: bool = False,
) -> pd.DataFrame:
    """Expected log predictive density of each group's outcomes, given the other groups'.

    For a lowest cluster log p(y_j | y_−j), where the draws hold b, v and θ and u_j is integrated
    out exactly; for an upper group log p(y_s | y_−s), with v_s and its clusters' u integrated out.
    By Pareto-smoothed importance sampling where the Pareto k is under .7, otherwise by an exact
    refit without the group.

    Parameters
    ----------
    posterior : xarray.Dataset
        Draws of equal weight, given these statistics and priors.
    sampler : Sampler
        For refits.
    level : int
        0 for lowest clusters, 1 for the groups above.
    refit_all : bool
        Refit without every group, whatever its k.

    Returns
    -------
    pandas.DataFrame
        Columns `group, rows, elpd, pareto_k, method` (``psis`` or ``refit``).
    """
    name, labels = statistics.levels[level].name, statistics.levels[level].labels
    members = np.arange(len(statistics.rows)) if level == 0 else statistics.parents
    if len(labels) == 1:
        raise CompendiumError(
            f"one {name} cannot be left out",
            where="leave-one-out",
            remedy="leave out groups of the lower level, or rows",
        )
    value = group_log_likelihood(statistics, posterior, level)
    shape = posterior["sd_residual"].shape
    tree = xr.DataTree.from_dict(
        {
            "/posterior": posterior[["sd_residual"]],
            "/log_likelihood": xr.Dataset(
                {"y": (("chain", "draw", "group"), value.reshape(*shape, -1))},
                {each: posterior[each] for each in ("chain", "draw")},
            ),
        }
    )
    with warnings.catch_warnings():
        # arviz warns of a large k, and the group is refitted.
        warnings.simplefilter("ignore", UserWarning)
        psis = az.loo(tree, pointwise=True)
    pareto_k, elpd = psis.pareto_k.to_numpy(), psis.elpd_i.to_numpy().copy()
    refit = refit_all | ~(pareto_k < GOOD_PARETO_K)
    for group in np.flatnonzero(refit):
        without = statistics.without(np.flatnonzero(members == group))
        seed = replace(sampler, seed=sampler.seed + 1 + int(group))
        again = stored_draws(
            fit_collapsed(without, priors, seed), seed.chains, seed.draws, seed.seed
        )
        left_out = group_log_likelihood(statistics, again, level)[:, group]
        elpd[group] = logsumexp(left_out) - np.log(len(left_out))
    return pd.DataFrame(
        {
            "group": labels,
            "rows": np.bincount(members, statistics.rows, minlength=len(labels)).astype(int),
            "elpd": elpd,
            "pareto_k": pareto_k,
            "method": np.where(refit, "refit", "psis"),
        }
    )
