"""Sample the Bayesian graded response model, and tell what came out."""

import time
from functools import partial

import arviz_stats as az  # without the plots of arviz, which take a second to import
import numpy as np
import nutpie
import pandas as pd
import xarray as xr
from nutpie.compiled_pyfunc import from_pyfunc

from learning_with_others.errors import CompendiumError
from learning_with_others.psychometrics.response_models.bayesian_density import (
    fixed_priors,
    item_parameters,
    log_posterior,
)
from learning_with_others.psychometrics.response_models.bayesian_design import (
    GradedDesign,
    GradedPriors,
)
from learning_with_others.psychometrics.response_models.bayesian_model import graded_model

INTERVAL_KIND = "equal-tailed credible"
REPORTED = ("slope", "threshold", "focal_mean", "focal_sd")
DIMENSIONS = {
    "centre": ("part",),
    "spread": ("part",),
    "slope": ("item",),
    "threshold": ("item_threshold",),
}
COLUMNS = [
    "parameter",
    "item",
    "threshold",
    "children",
    "mean",
    "sd",
    "lower",
    "upper",
    "mcse",
    "sd_mcse",
    "probability",
    "interval",
    "rhat",
    "ess_bulk",
    "ess_tail",
    "flag",
]
SAME_DENSITY = 1e-8  # relative; both are sums of a few thousand doubles
START_SD = 0.5  # of the chains' starting points around the prior's middle


def fit_graded(
    design: GradedDesign,
    priors: GradedPriors,
    *,
    seed: int,
    chains: int = 4,
    tune: int = 500,
    draws: int = 1000,
) -> xr.DataTree:
    """Sample the posterior with the No-U-Turn sampler.

    Parameters
    ----------
    design : GradedDesign
    priors : GradedPriors
    seed : int
    chains, tune, draws : int
        Chains, and warm-up and kept draws in each.

    Returns
    -------
    xarray.DataTree
        Groups `posterior` (`centre, spread, slope, threshold`, and `focal_mean, focal_sd` if
        there is a focal group) and `sample_stats`; attribute `seconds` is the sampling time.
        `bayes.diagnosis.diagnose` takes it as it is.

    Raises
    ------
    CompendiumError
        If the compiled density is not that of the PyMC model.
    KeyboardInterrupt
        If sampling was interrupted: nutpie returns what it has, padded with NaN.
    """
    fixed = fixed_priors(design, priors)
    middle = np.concatenate([fixed[0], fixed[0][design.part]])

    def near_the_middle(chain_seed: int) -> np.ndarray:
        return middle + START_SD * np.random.default_rng(chain_seed).standard_normal(len(middle))

    check_same_density(design, priors, near_the_middle(seed))
    kept = _expanded(middle, design)
    compiled = from_pyfunc(
        ndim=len(middle),
        make_logp_fn=lambda: partial(log_posterior, design=design, fixed=fixed),
        make_expand_fn=lambda *_: partial(_expanded, design=design),
        expanded_dtypes=[value.dtype for value in kept.values()],
        expanded_shapes=[value.shape for value in kept.values()],
        expanded_names=list(kept),
        coords=design.coordinates,
        dims=DIMENSIONS,
        make_initial_point_fn=near_the_middle,
    )
    started = time.perf_counter()
    fit = nutpie.sample(
        compiled,
        seed=seed,
        chains=chains,
        tune=tune,
        draws=draws,
        save_warmup=False,
        progress_bar=False,
    )
    seconds = time.perf_counter() - started
    energy = fit["sample_stats"]["energy"].to_numpy()
    if energy.shape != (chains, draws) or not np.isfinite(energy).all():
        raise KeyboardInterrupt("sampling ended before its last draw")
    out = xr.DataTree.from_dict(
        {
            "/posterior": fit["posterior"].to_dataset(),
            "/sample_stats": fit["sample_stats"].to_dataset()[["diverging", "energy"]],
        }
    )
    out.attrs["seconds"] = seconds
    return out


def _split(point: np.ndarray, design: GradedDesign) -> dict[str, np.ndarray]:
    """Parameters of the PyMC model in a point of `log_posterior`."""
    parts, own = len(design.parts), len(point) - len(design.part)
    values = {"centre": point[:parts], "log_spread": point[parts : 2 * parts]}
    if design.grouped:
        values["latent"] = point[2 * parts : own]
    return values | {"parameter": point[own:]}


def _expanded(point: np.ndarray, design: GradedDesign) -> dict[str, np.ndarray]:
    """Quantities to keep of a draw."""
    values = _split(point, design)
    slope, threshold = item_parameters(values["parameter"], design)
    kept = {
        "centre": values["centre"].copy(),
        "spread": np.exp(values["log_spread"]),
        "slope": slope,
        "threshold": threshold,
    }
    if design.grouped:
        mean, log_sd = values["latent"]
        kept |= {"focal_mean": np.array(mean), "focal_sd": np.array(np.exp(log_sd))}
    return kept


def check_same_density(design: GradedDesign, priors: GradedPriors, point: np.ndarray) -> None:
    """Hold the compiled density against the model that people read, at one point."""
    compiled = log_posterior(point, design, fixed_priors(design, priors))[0]
    model = graded_model(design, priors)
    # PyTensor: run node by node; compiling would take longer than sampling.
    read = float(model.compile_logp(mode="FAST_COMPILE")(_split(point, design)))
    if abs(compiled - read) > SAME_DENSITY * abs(read):
        raise CompendiumError(
            f"the compiled density gives {compiled:.10g}, the PyMC model {read:.10g}",
            where="psychometrics/response_models/bayesian_graded.py",
            remedy="change graded_model and log_posterior together",
        )


def bayesian_item_table(
    fit: xr.DataTree, children: int, probability: float, flag: str | None
) -> pd.DataFrame:
    """Summarize the draws of every item's slope and thresholds, and of the focal group.

    Parameters
    ----------
    fit : xarray.DataTree
        As `fit_graded` returns it.
    children : int
        Rows with answers behind the fit.
    probability : float
        Probability of the equal-tailed credible interval.
    flag : str or None
        What `bayes.diagnosis.diagnose` says of the fit.

    Returns
    -------
    pandas.DataFrame
        Columns `parameter` (slope, threshold, focal_mean, focal_sd), `item` (empty for the
        group), `threshold` (its number, 0 for others), `children` (a count), `mean, sd, lower,
        upper, mcse` (of the mean), `sd_mcse, probability, interval, rhat, ess_bulk, ess_tail,
        flag`. Slopes are on the logistic
        metric without 1.7; thresholds and the focal group's moments in sd of the reference
        group's trait.

    References
    ----------
    Vehtari, A. et al. (2021). Rank-normalization, folding, and localization: an improved R-hat
    for assessing convergence of MCMC. Bayesian Analysis 16, eq. 14 and sec. 4.
    """
    posterior = fit["posterior"].to_dataset()
    posterior = posterior[[name for name in REPORTED if name in posterior]]
    tail = (1 - probability) / 2
    measures = {
        "mean": posterior.mean(("chain", "draw")),
        "sd": posterior.std(("chain", "draw"), ddof=1),
        "lower": posterior.quantile(tail, ("chain", "draw")),
        "upper": posterior.quantile(1 - tail, ("chain", "draw")),
        "mcse": az.mcse(posterior),
        "sd_mcse": az.mcse(posterior, method="sd"),
        "rhat": az.rhat(posterior),
        "ess_bulk": az.ess(posterior, method="bulk"),
        "ess_tail": az.ess(posterior, method="tail"),
    }
    rows = []
    for name in posterior:
        labels = [posterior[name][dim].to_numpy() for dim in DIMENSIONS.get(name, ())]
        for place, label in enumerate(labels[0] if labels else [""]):
            item, _, number = label.rpartition(" ") if name == "threshold" else (label, "", 0)
            rows.append(
                {
                    "parameter": name,
                    "item": item,
                    "threshold": int(number),
                    "children": children,
                    **{
                        key: float(value[name].to_numpy().reshape(-1)[place])
                        for key, value in measures.items()
                    },
                }
            )
    table = pd.DataFrame(rows)
    return table.assign(probability=probability, interval=INTERVAL_KIND, flag=flag)[COLUMNS]
