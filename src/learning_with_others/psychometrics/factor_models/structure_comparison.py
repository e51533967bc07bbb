"""Models of one construct side by side: four structures, and tests between nested ones."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from learning_with_others.errors import CompendiumError
from learning_with_others.psychometrics.factor_models import robust
from learning_with_others.psychometrics.factor_models.data import read_data
from learning_with_others.psychometrics.factor_models.estimation import (
    evaluate,
    maximize,
    observed_information,
)
from learning_with_others.psychometrics.factor_models.factor_model import (
    FactorModel,
    bifactor,
    correlated_factors,
    one_factor,
    second_order,
)
from learning_with_others.psychometrics.factor_models.fit_measures import chisq_p
from learning_with_others.psychometrics.factor_models.fitting import FactorFit, fit_data
from learning_with_others.psychometrics.factor_models.moments import population_moments

MEASURES = ("chisq", "df", "p", "chisq_scaled", "p_scaled", "cfi", "tli", "rmsea", "rmsea_lower")
MEASURES += ("rmsea_upper", "srmr", "aic", "bic")
GENERAL = "general"


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
) -> pd.DataFrame:
    """Fit models of the same items to the same rows.

    Parameters
    ----------
    values : pandas.DataFrame, shape (n, k)
    structures : dict of str to FactorModel
        As `structures_of` makes them.
    missing, cluster
        As for `fit_factor_model`.

    Returns
    -------
    pandas.DataFrame
        Columns `structure`, those of `MEASURES`, `rows, flag`; missing where a fit failed.
    """
    first, out = next(iter(structures.values())), []
    try:
        data = read_data(values, first, missing=missing, cluster=cluster)
    except CompendiumError as error:
        return pd.DataFrame([_row(name, None, error.problem) for name in structures])
    for name, model in structures.items():
        try:
            fit = fit_data(data, model)
        except CompendiumError as error:
            out.append(_row(name, None, error.problem, data.moments[0].total))
        else:
            out.append(_row(name, fit, "; ".join(fit.flags)))
    return pd.DataFrame(out).astype({"df": "Int64"})


def _row(name: str, fit: FactorFit | None, flag: str, rows: int = 0) -> dict[str, object]:
    if fit is None:
        nothing = dict.fromkeys(MEASURES, np.nan) | {"df": pd.NA}
        return {"structure": name} | nothing | {"rows": rows, "flag": flag}
    measures = {measure: getattr(fit.measures, measure) for measure in MEASURES}
    return {"structure": name} | measures | {"rows": fit.measures.rows, "flag": flag}


@dataclass(frozen=True)
class Difference:
    """Test of what the restricted model adds to the wider one.

    Attributes
    ----------
    chisq, df, p : float, int, float
        NaN where no positive scaling factor exists.
    scaling_factor : float
        1 under normal theory.
    """

    chisq: float
    df: int
    p: float
    scaling_factor: float


def difference_test(restricted: FactorFit, wider: FactorFit) -> Difference:
    """Test the restrictions; scaled where the fits are robust.

    The scaling factor of the difference comes from both models' factors (2001); if that is not
    positive, from the wider model's factor at the restricted model's moments (2010).

    References
    ----------
    Satorra, A. and Bentler, P. M. (2001). A scaled difference chi-square test statistic for
    moment structure analysis. Psychometrika 66, 507-514, p. 511; (2010). Ensuring positiveness
    of the scaled difference chi-square test statistic. Psychometrika 75, 243-248, eq. 9.
    """
    plain = restricted.measures.chisq - wider.measures.chisq
    df = restricted.measures.df - wider.measures.df
    if df == 0:
        return Difference(plain, 0, np.nan, 1.0)
    factor = 1.0
    if restricted.data.clusters is not None:
        own = restricted.measures.df * restricted.measures.scaling_factor
        factor = (own - _weighted(wider)) / df
        if factor <= 0:
            factor = (own - _weighted_at(restricted, wider)) / df
        if factor <= 0:
            return Difference(np.nan, df, np.nan, factor)
    return Difference(plain / factor, df, chisq_p(plain / factor, df), factor)


def _weighted(fit: FactorFit) -> float:
    """Degrees of freedom times scaling factor; nothing for a model without any."""
    return fit.measures.df * fit.measures.scaling_factor if fit.measures.df else 0.0


def _weighted_at(restricted: FactorFit, wider: FactorFit) -> float:
    """The same for the wider model, evaluated where the restricted one puts the moments."""
    data = restricted.data
    imagined = tuple(
        population_moments(label, *restricted.implied[label], restricted.rows[label])
        for label in data.labels
    )
    there = maximize(wider.structure, imagined, wider.point.parameters)
    point = evaluate(wider.structure, data.moments, there.parameters)
    curvature = observed_information(wider.structure, data.moments, point)
    at = robust.sandwich(wider.structure, data.moments, point, curvature, data.clusters)
    return data.saturated_trace - at.trace
