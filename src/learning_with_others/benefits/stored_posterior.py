"""The posterior of each headline fit as a file that ArviZ loads, and its summary."""

from pathlib import Path

import numpy as np
import pandas as pd
import xarray as xr

from learning_with_others.data.disclosure import OTHER_GROUPS
from learning_with_others.models.benefit_fit import BenefitFit, with_attenuation
from learning_with_others.study import StudyDesign

COLUMNS = ["outcome", "term", "mean", "sd", "lower", "upper", "mcse"]


def posterior_tree(fit: BenefitFit) -> xr.DataTree:
    """Give the draws of a benefit model as a DataTree, one chain for each plausible value.

    Coefficients, standard deviations and correlations; effects of clusters and rows of people are
    not in it. Chains differ as the plausible values do: R-hat between them judges nothing.
    """
    tree = xr.DataTree.from_dict({"/posterior": fit.mixture})
    tree.attrs = fit.about | {"score": fit.score}
    return tree


def write_posteriors(fits: dict[str, BenefitFit], folder: Path) -> dict[str, Path]:
    """Write one NetCDF file for each outcome, which `xarray.open_datatree` reads.

    Returns
    -------
    dict of str to Path
    """
    folder.mkdir(parents=True, exist_ok=True)
    paths = {name: folder / f"{name}.nc" for name in fits}
    for name, path in paths.items():
        posterior_tree(fits[name]).to_netcdf(path, engine="netcdf4")
    return paths


def posterior_summary(fits: dict[str, BenefitFit], study: StudyDesign) -> pd.DataFrame:
    """Summarize every coefficient of every outcome's model with ArviZ.

    Returns
    -------
    pandas.DataFrame
        Columns `outcome, term, mean, sd, lower, upper, mcse`: of all plausible values together, in
        outcome sd; equal-tailed intervals. The Monte Carlo error holds what lies between values.
        Terms of pooled groups are left out.
    """
    import arviz_stats as az  # noqa: PLC0415 - a second, where draws are made

    parts = []
    for name, fit in fits.items():
        coefficient = fit.mixture[["coefficient"]]
        table = az.summary(
            coefficient,
            kind="stats",
            ci_kind="eti",
            ci_prob=study.analysis.interval_probability,
            round_to="none",
        )
        table.columns = ["mean", "sd", "lower", "upper"]
        means = coefficient["coefficient"].mean("draw")
        values = means.sizes["chain"]
        error = (
            means.std("chain", ddof=1) / np.sqrt(values)
            if values > 1
            else coefficient["coefficient"].std("draw") / np.sqrt(fit.mixture.sizes["draw"])
        )
        terms = [str(term) for term in coefficient["term"].to_numpy()]
        parts.append(
            table.astype(float).assign(outcome=name, term=terms, mcse=error.to_numpy().ravel())
        )
    whole = pd.concat(parts, ignore_index=True)[COLUMNS]
    shown = whole[~whole["term"].str.contains(OTHER_GROUPS, regex=False)].reset_index(drop=True)
    return with_attenuation(shown, fits)
