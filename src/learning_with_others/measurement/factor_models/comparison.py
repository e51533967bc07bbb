"""Four structures for one construct with elements, side by side."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from learning_with_others.errors import CompendiumError
from learning_with_others.measurement.factor_models.data import read_data
from learning_with_others.measurement.factor_models.fitting import FactorFit, fit_data
from learning_with_others.measurement.factor_models.specification import (
    FactorModel,
    bifactor,
    correlated_factors,
    one_factor,
    second_order,
)

MEASURES = ("chisq", "df", "p", "chisq_scaled", "p_scaled", "cfi", "tli", "rmsea", "rmsea_lower")
MEASURES += ("rmsea_upper", "srmr", "aic", "bic")
GENERAL = "general"


@dataclass(frozen=True)
class Comparison:
    """Structures fitted to the same rows.

    Attributes
    ----------
    table : pandas.DataFrame
        Columns `structure, chisq, df, p, chisq_scaled, p_scaled, cfi, tli, rmsea, rmsea_lower,
        rmsea_upper` (90%), `srmr, aic, bic, rows, flag`. A structure that cannot be fitted has
        NaN and the reason in `flag`. `rows` counts people.
    fits : dict of str to FactorFit
        Structures that could be fitted.
    """

    table: pd.DataFrame
    fits: dict[str, FactorFit]


def structures_of(elements: dict[str, list[str]]) -> dict[str, FactorModel]:
    """One factor, correlated elements, second order and bifactor, with unit-variance factors."""
    items = [item for part in elements.values() for item in part]
    general = GENERAL if GENERAL not in elements else f"{GENERAL} factor"
    unit = "unit_variance"
    return {
        "one_factor": one_factor(items, general, unit),
        "correlated": correlated_factors(elements, unit),
        "second_order": second_order(elements, general, unit),
        "bifactor": bifactor(elements, general, unit),
    }


def compare_structures(
    values: pd.DataFrame,
    structures: dict[str, FactorModel],
    *,
    missing: str = "fiml",
    cluster: np.ndarray | None = None,
) -> Comparison:
    """Fit models of the same items to the same rows.

    Parameters
    ----------
    values : pandas.DataFrame, shape (n, k)
    structures : dict of str to FactorModel
        As `structures_of` makes them.
    missing, cluster
        As for `fit_factor_model`.
    """
    first = next(iter(structures.values()))
    fits, out = {}, []
    try:
        data = read_data(values, first, missing=missing, cluster=cluster)
    except CompendiumError as error:
        return Comparison(
            pd.DataFrame([_row(name, None, error.problem) for name in structures]), {}
        )
    for name, model in structures.items():
        try:
            fits[name] = fit_data(data, model)
        except CompendiumError as error:
            out.append(_row(name, None, error.problem, data.moments[0].total))
        else:
            out.append(_row(name, fits[name], "; ".join(fits[name].flags)))
    return Comparison(pd.DataFrame(out).astype({"df": "Int64"}), fits)


def _row(name: str, fit: FactorFit | None, flag: str, rows: int = 0) -> dict[str, object]:
    if fit is None:
        nothing = dict.fromkeys(MEASURES, np.nan) | {"df": pd.NA}
        return {"structure": name} | nothing | {"rows": rows, "flag": flag}
    measures = {measure: getattr(fit.measures, measure) for measure in MEASURES}
    return {"structure": name} | measures | {"rows": fit.measures.rows, "flag": flag}
