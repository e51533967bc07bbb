"""Whether an engine is calibrated: the quantities that are ranked, and the verdict."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
import xarray as xr

from benchmarks.calibration.bands import probability_of_departure
from learning_with_others.bayes.collapsed.prediction import linear_predictor
from learning_with_others.bayes.design import Design

ERROR = 0.05


def judge(ranks: Mapping[str, np.ndarray], positions: int, error: float = ERROR) -> pd.DataFrame:
    """Hold the ranks of each quantity against its simultaneous band.

    An engine is calibrated if every quantity is inside. A right engine is called wrong with
    probability `error` at most: each of K quantities has a band of level 1 − error/K.

    Parameters
    ----------
    ranks : mapping of str to ndarray of int, shape (replications,)
        By quantity.
    positions : int
        Values that a rank can take; see `bands.difference_band`.
    error : float

    Returns
    -------
    pandas.DataFrame
        Columns `quantity`, `replications`, `probability` (that uniform ranks stray as far or
        farther from uniformity, exact), `level` (error/K, under which they are outside),
        `inside`, `mean` (of the ranks as shares, 1/2 if uniform: a low one says that truths lie
        low among the draws).
    """
    level = error / len(ranks)
    table = pd.DataFrame(
        {
            "quantity": list(ranks),
            "replications": [len(own) for own in ranks.values()],
            "probability": [probability_of_departure(own, positions) for own in ranks.values()],
            "level": level,
            "mean": [float(np.mean(own)) / (positions - 1) for own in ranks.values()],
        }
    )
    return table.assign(inside=table["probability"] > level)


LOG_LIKELIHOOD = "log likelihood"


def ranked_quantities(
    parameters: xr.Dataset,
    design: Design,
    outcome: np.ndarray,
    weights: np.ndarray | None = None,
) -> dict[str, np.ndarray]:
    """Quantities of every draw whose ranks tell whether a posterior is right.

    All coefficients, standard deviations and correlations; of every random term the effect of
    the first group; and log p(y | b, u, v, σ), which alone tells a posterior that did not learn
    from the data.

    Parameters
    ----------
    parameters : xarray.Dataset
        Variables as in the posterior of `fit_collapsed`.
    design : Design
    outcome : ndarray, shape (n,)
    weights : ndarray, shape (n,), optional
        Precision weights.

    Returns
    -------
    dict of str to ndarray, shape (chains, draws)

    References
    ----------
    Modrák, M., Moon, A. H., Kim, S., Bürkner, P., Huurre, N., Faltejsková, K., Gelman, A. and
    Vehtari, A. (2023). Simulation-based calibration checking for Bayesian computation: the choice
    of test quantities shapes sensitivity. Bayesian Analysis, advance publication, sec. 3.
    """
    found = {LOG_LIKELIHOOD: _log_likelihood(parameters, design, outcome, weights)}
    for name, values in parameters.data_vars.items():
        if name.startswith("sd_"):
            found[name] = values.to_numpy()
            continue
        dimension = values.dims[2]
        kept = values[..., :1] if name.startswith("effect_") else values
        for k, label in enumerate(kept[dimension].to_numpy()):
            found[f"{name}[{label}]"] = kept[..., k].to_numpy()
    return found


def _log_likelihood(
    parameters: xr.Dataset, design: Design, outcome: np.ndarray, weights: np.ndarray | None
) -> np.ndarray:
    residuals = linear_predictor(parameters, design) - outcome
    precision = np.ones(len(outcome)) if weights is None else weights
    squares = np.einsum("cdi,cdi,i->cd", residuals, residuals, precision)
    sigma = parameters["sd_residual"].to_numpy()
    constant = 0.5 * np.log(precision).sum() - 0.5 * len(outcome) * np.log(2 * np.pi)
    return constant - len(outcome) * np.log(sigma) - 0.5 * squares / sigma**2
