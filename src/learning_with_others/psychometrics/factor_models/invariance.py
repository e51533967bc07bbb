"""Measurement invariance across groups, with mean structure, step by step."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from learning_with_others.errors import CompendiumError
from learning_with_others.psychometrics.factor_models.data import Data, read_data
from learning_with_others.psychometrics.factor_models.factor_model import FactorModel
from learning_with_others.psychometrics.factor_models.fitting import FactorFit, fit_data
from learning_with_others.psychometrics.factor_models.parameter_table import LEVELS, Released
from learning_with_others.psychometrics.factor_models.structure_comparison import difference_test

MOST_CFI_FALL, MOST_RMSEA_RISE = 0.010, 0.015
SHOWN = ("chisq", "df", "p", "chisq_scaled", "p_scaled", "cfi", "tli")
SHOWN += ("rmsea", "rmsea_lower", "rmsea_upper", "srmr")


@dataclass(frozen=True)
class InvarianceLadder:
    """Configural, metric, scalar and strict model, each against the one before.

    Attributes
    ----------
    steps : pandas.DataFrame
        Columns `step, chisq, df, p, chisq_scaled, p_scaled, cfi, tli, rmsea, rmsea_lower,
        rmsea_upper` (90%), `srmr, delta_cfi, delta_rmsea, delta_srmr, difference_chisq,
        difference_df, difference_p, holds, rows, flag`. Changes and the likelihood-ratio test
        (scaled where clusters are given) are against the row above; `holds` is missing for the
        configural model. `rows` counts people.
    fits : dict of str to FactorFit
        Step to fit.
    """

    steps: pd.DataFrame
    fits: dict[str, FactorFit]


def invariance_ladder(
    values: pd.DataFrame,
    model: FactorModel,
    group: np.ndarray,
    *,
    cluster: np.ndarray | None = None,
    missing: str = "fiml",
    released: Released | None = None,
    reference: str | None = None,
) -> InvarianceLadder:
    """Fit the four steps of invariance and judge each by the change in CFI and RMSEA.

    Parameters
    ----------
    values, model, group, cluster, missing, reference
        As for `fit_factor_model`.
    released : dict of str to set of {'loading', 'intercept', 'residual'}, optional
        Parameters free to differ at every step: partial invariance.

    Returns
    -------
    InvarianceLadder

    References
    ----------
    Meredith, W. (1993). Measurement invariance, factor analysis and factorial invariance.
    Psychometrika 58, 525-543. Chen, F. F. (2007). Sensitivity of goodness of fit indexes to lack
    of measurement invariance. Structural Equation Modeling 14, 464-504, p. 501.
    """
    data = read_groups(
        values, model, group=group, missing=missing, cluster=cluster, reference=reference
    )
    fits = {step: fit_data(data, model, step, released) for step in LEVELS}
    return InvarianceLadder(step_table(fits), fits)


def read_groups(values: pd.DataFrame, model: FactorModel, **options: Any) -> Data:
    """Read data as `read_data` does, and refuse a single group: there is nothing to compare."""
    data = read_data(values, model, **options)
    if len(data.labels) < 2:  # noqa: PLR2004 - a comparison takes two
        raise CompendiumError(
            f"only the group {data.labels[0]!r} has rows",
            where="invariance",
            remedy="give rows of two groups or more",
        )
    return data


def step_table(fits: dict[str, FactorFit]) -> pd.DataFrame:
    """Tabulate fits, each against the one before; columns as in `InvarianceLadder.steps`."""
    out, before = [], None
    for step, fit in fits.items():
        row = {"step": step} | {name: getattr(fit.measures, name) for name in SHOWN}
        out.append(row | changes(fit, before) | {"rows": fit.measures.rows, "flag": _said(fit)})
        before = fit
    return pd.DataFrame(out).astype({"holds": "boolean", "difference_df": "Int64"})


def changes(fit: FactorFit, before: FactorFit | None) -> dict[str, float | bool | None]:
    """Change of fit against the wider model `before`, its test, and whether the step holds."""
    if before is None:
        names = ("cfi", "rmsea", "srmr")
        out = dict.fromkeys([f"delta_{name}" for name in names], np.nan)
        nothing = {"difference_chisq": np.nan, "difference_df": pd.NA, "difference_p": np.nan}
        return out | nothing | {"holds": pd.NA}
    new, old = fit.measures, before.measures
    test = difference_test(fit, before)
    return {
        "delta_cfi": new.cfi - old.cfi,
        "delta_rmsea": new.rmsea - old.rmsea,
        "delta_srmr": new.srmr - old.srmr,
        "difference_chisq": test.chisq,
        "difference_df": test.df,
        "difference_p": test.p,
        "holds": step_holds(fit, before),
    }


def step_holds(fit: FactorFit, before: FactorFit) -> bool:
    """Whether CFI falls by no more than .010 and RMSEA rises by no more than .015 (Chen 2007).

    Both unscaled, as in the simulations behind the limits.
    """
    fall = before.measures.cfi - fit.measures.cfi
    rise = fit.measures.rmsea - before.measures.rmsea
    return bool(fall <= MOST_CFI_FALL and rise <= MOST_RMSEA_RISE)


def _said(fit: FactorFit) -> str:
    return "; ".join(fit.flags)
