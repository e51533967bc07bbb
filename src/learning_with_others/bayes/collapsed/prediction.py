"""Predictions of outcomes from draws of the parameters."""

import numpy as np
import pandas as pd
import xarray as xr

from learning_with_others.bayes.collapsed.conditional import covariance_factor
from learning_with_others.bayes.collapsed.statistics import Statistics
from learning_with_others.bayes.design import Design
from learning_with_others.errors import CompendiumError


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
    shape = (parameters.sizes["chain"], parameters.sizes["draw"])
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
