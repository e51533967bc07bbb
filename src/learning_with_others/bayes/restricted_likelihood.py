"""The same model by restricted maximum likelihood: a check from another program."""

import warnings
from dataclasses import replace

import arviz_stats as az  # without the plots of arviz, which take a second to import
import numpy as np
import pandas as pd
import statsmodels.formula.api as smf
import xarray as xr
from statsmodels.regression.mixed_linear_model import MixedLMResultsWrapper
from statsmodels.tools.sm_exceptions import ConvergenceWarning

from learning_with_others.bayes.collapsed.accumulate import collapse
from learning_with_others.bayes.collapsed.maximize import maximize
from learning_with_others.bayes.collapsed.priors import CollapsedPriors
from learning_with_others.bayes.design import Design

REML_COLUMNS = ["term", "mean", "sd", "reml", "difference", "mcse", "sd_mcse", "difference_mcse"]


def reml_coefficients(design: Design, outcome: np.ndarray) -> pd.DataFrame:
    """Fit a design's model with statsmodels' `MixedLM` and return its coefficients.

    Levels must be nested, the highest last. Two optimizers are run one after the other, since
    one alone can stop at a wrong optimum. Where a slope's variance runs to zero, statsmodels
    cannot invert it; the model is then fitted without random slopes, which at zero is the same.

    Returns
    -------
    pandas.DataFrame
        Columns `term, estimate, standard_error`.
    """
    try:
        fit = _fit(design, outcome)
    except np.linalg.LinAlgError:
        fit = _fit(_without_zero_slopes(design, outcome), outcome)
    names = [f"x{k}" for k in range(len(design.terms))]
    return pd.DataFrame(
        {
            "term": design.terms,
            "estimate": fit.fe_params[names].to_numpy(),
            "standard_error": fit.bse_fe[names].to_numpy(),
        }
    )


def _without_zero_slopes(design: Design, outcome: np.ndarray) -> Design:
    """Leave out slopes that do not vary at the maximum of the collapsed likelihood, or else all."""
    at_zero = maximize(collapse(design, outcome), CollapsedPriors(np.inf, {})).at_zero
    flat = [
        tuple(t for k, t in enumerate(each.slopes) if f"sd_{each.name}_slope_{k}" not in at_zero)
        for each in design.groupings
    ]
    if flat == [each.slopes for each in design.groupings]:
        flat = [()] * len(flat)
    kept = [replace(one, slopes=s) for one, s in zip(design.groupings, flat, strict=True)]
    return replace(design, groupings=tuple(kept))


def _fit(design: Design, outcome: np.ndarray) -> MixedLMResultsWrapper:
    *lower, top = design.groupings
    data = pd.DataFrame(design.columns, columns=[f"x{k}" for k in range(len(design.terms))])
    data["y"] = outcome
    variances = {}
    for grouping in design.groupings:
        data[grouping.name] = grouping.index
        for term in grouping.slopes:
            column = f"x{design.terms.index(term)}"
            by_group = column if grouping is top else f"C({grouping.name}):{column}"
            variances[f"{grouping.name} {term}"] = f"0 + {by_group}"
    variances |= {grouping.name: f"0 + C({grouping.name})" for grouping in lower}
    fixed = " + ".join(name for name in data if name.startswith("x"))
    model = smf.mixedlm(
        f"y ~ 0 + {fixed}", data, groups=top.name, re_formula="1", vc_formula=variances or None
    )
    with warnings.catch_warnings():
        # A variance estimated at zero is a result here, not a failure.
        warnings.simplefilter("ignore", ConvergenceWarning)
        return model.fit(reml=True, method=["powell", "lbfgs"])


def compare_with_reml(posterior: xr.Dataset, design: Design, outcome: np.ndarray) -> pd.DataFrame:
    """Set posterior means of the coefficients (draws of equal weight) beside REML estimates.

    Returns
    -------
    pandas.DataFrame
        Columns `term, mean, sd, reml, difference` (in posterior standard deviations)`, mcse` (of
        the mean)`, sd_mcse, difference_mcse`.
    """
    coefficient = posterior["coefficient"].sel(term=list(design.terms))
    table = reml_coefficients(design, outcome).rename(columns={"estimate": "reml"})
    table["mean"] = coefficient.mean(["chain", "draw"]).to_numpy()
    table["sd"] = coefficient.std(["chain", "draw"]).to_numpy()
    table["difference"] = (table["mean"] - table["reml"]) / table["sd"]
    table["mcse"] = az.mcse(coefficient).to_numpy()
    table["sd_mcse"] = az.mcse(coefficient, method="sd").to_numpy()
    table["difference_mcse"] = table["mcse"] / table["sd"]
    return table[REML_COLUMNS]
