"""Draws of equal weight, for what is stored and for checks that replicate outcomes."""

import numpy as np
import xarray as xr

DRAW = ("chain", "draw")


def stored_draws(fit: xr.DataTree, chains: int, draws: int, seed: int) -> xr.Dataset:
    """Give `chains` × `draws` draws of a fit, each of the same weight.

    Chains are thinned evenly; weighted draws are resampled systematically, with replacement, and
    put in random order.

    Parameters
    ----------
    fit : xarray.DataTree
        Of either engine: groups `posterior` or `weighted`.
    chains, draws : int
        At most those of a fit by chains.
    seed : int

    References
    ----------
    Kitagawa, G. (1996). Monte Carlo filter and smoother for non-Gaussian nonlinear state space
    models. Journal of Computational and Graphical Statistics 5, 1-25 (systematic resampling).
    """
    coords = {"chain": np.arange(chains), "draw": np.arange(draws)}
    if "posterior" in fit:
        posterior = fit["posterior"].to_dataset()
        flat = posterior.sizes["chain"] * posterior.sizes["draw"]
        taken = np.arange(chains * draws) * flat // (chains * draws)
    else:
        posterior = fit["weighted"].to_dataset()
        random = np.random.default_rng(seed)
        places = (np.arange(chains * draws) + random.random()) / (chains * draws)
        reached = np.cumsum(posterior["weight"].to_numpy().ravel())
        taken = random.permutation(np.searchsorted(reached / reached[-1], places, side="right"))
        posterior = posterior.drop_vars("weight")
    variables = {
        name: (
            variable.dims,
            variable.to_numpy()
            .reshape(-1, *variable.shape[2:])[taken]
            .reshape(chains, draws, *variable.shape[2:]),
        )
        for name, variable in posterior.items()
    }
    others = {name: each for name, each in posterior.coords.items() if name not in DRAW}
    return xr.Dataset(variables, coords | others)
