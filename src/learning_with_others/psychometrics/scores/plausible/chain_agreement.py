"""Whether the chains of the joint model agree: a module of its own, for chains need no ArviZ."""

import numpy as np
import pandas as pd
import xarray as xr

# Coefficients and slopes are what analyses estimate. Standard deviations of small groups and of
# few clusters mix slowly, and a value depends on them little.
MAXIMUM_RHAT, MINIMUM_ESS = 1.01, 400
MAXIMUM_RHAT_OF_SD, MINIMUM_ESS_OF_SD = 1.05, 100


def summarize_trace(trace: dict[str, np.ndarray]) -> pd.DataFrame:
    """Posterior mean and sd of the structural parameters, and how well the chains agree.

    Returns
    -------
    pandas.DataFrame
        Columns `parameter, mean, sd, rhat, ess_bulk, ess_tail, converged`. Coefficients and
        slopes have converged with a rank-normalized split R-hat below 1.01 and bulk and tail
        effective sample sizes of at least 400, standard deviations with 1.05 and 100 (Vehtari et
        al. 2021, sec. 4).
    """
    import arviz_stats as az  # noqa: PLC0415 - a second, where draws are made

    names = list(trace)
    draws = xr.Dataset({"x": (("parameter", "chain", "draw"), np.stack(list(trace.values())))})
    rhat = az.rhat(draws)["x"].to_numpy()
    bulk = az.ess(draws, method="bulk")["x"].to_numpy()
    tail = az.ess(draws, method="tail")["x"].to_numpy()
    flat = draws["x"].to_numpy().reshape(len(names), -1)
    standard_deviation = np.array([" sd " in f" {name}" for name in names])
    largest = np.where(standard_deviation, MAXIMUM_RHAT_OF_SD, MAXIMUM_RHAT)
    fewest = np.where(standard_deviation, MINIMUM_ESS_OF_SD, MINIMUM_ESS)
    return pd.DataFrame(
        {
            "parameter": names,
            "mean": flat.mean(axis=1),
            "sd": flat.std(axis=1, ddof=1),
            "rhat": rhat,
            "ess_bulk": bulk,
            "ess_tail": tail,
            "converged": (rhat < largest) & (np.minimum(bulk, tail) >= fewest),
        }
    )
