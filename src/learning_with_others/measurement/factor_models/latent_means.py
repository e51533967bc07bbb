"""Differences between groups in the means of the factors."""

import numpy as np
import pandas as pd
from scipy import stats

from learning_with_others.errors import CompendiumError
from learning_with_others.measurement.factor_models.fitting import FactorFit

COMPARABLE = ("scalar", "strict")
STEP = 1e-30  # of the complex step (Squire and Trapp 1998)


def latent_mean_differences(fit: FactorFit, probability: float = 0.95) -> pd.DataFrame:
    """Latent mean of each group minus that of the reference group, in its latent SD.

    Parameters
    ----------
    fit : FactorFit
        Fitted as scalar or strict (with releases: partial scalar), where means can be compared.
    probability : float
        Of the interval, normal theory.

    Returns
    -------
    pandas.DataFrame
        Columns `factor, group, reference, difference, standard_error, lower, upper, rows`; `rows`
        counts the people of `group`. Standard errors by the delta method, so they hold the
        uncertainty of the SD.

    Raises
    ------
    CompendiumError
        If intercepts were not held equal.
    """
    groups = fit.structure.table.groups
    if fit.invariance not in COMPARABLE or len(groups) < 2:  # noqa: PLR2004 - two to compare
        raise CompendiumError(
            f"latent means of {len(groups)} groups cannot be compared in a {fit.invariance} model",
            where="latent means",
            remedy="fit two groups or more with invariance='scalar', releasing items that differ",
        )
    rows = fit.structure.table.rows
    names = list(fit.model.factors)
    reach = stats.norm.ppf((1 + probability) / 2)
    out = []
    for group, label in enumerate(groups):
        free = rows[(rows["group"] == label) & (rows["kind"] == "mean") & (rows["free"] >= 0)]
        for factor in free["lhs"]:
            place = names.index(factor)
            estimate, error = _difference(fit, group, place)
            out.append(
                {
                    "factor": factor,
                    "group": label,
                    "reference": groups[0],
                    "difference": estimate,
                    "standard_error": error,
                    "lower": estimate - reach * error,
                    "upper": estimate + reach * error,
                    "rows": fit.rows[label],
                }
            )
    names = ["factor", "group", "reference", "difference", "standard_error"]
    return pd.DataFrame(out, columns=[*names, "lower", "upper", "rows"])


def _difference(fit: FactorFit, group: int, place: int) -> tuple[float, float]:
    def value(parameters: np.ndarray) -> complex:
        mean = fit.structure.matrices(parameters, group)["means"][place, 0]
        variance = fit.structure.factor_covariance(parameters, 0)[place, place]
        return mean / np.sqrt(variance)

    parameters = fit.point.parameters
    with np.errstate(invalid="ignore"):
        estimate = value(parameters)
    if not np.isfinite(estimate):
        return np.nan, np.nan  # a Heywood case: no SD to measure in
    slope = np.array(
        [value(parameters + 1j * STEP * unit).imag / STEP for unit in np.eye(len(parameters))]
    )
    return float(estimate), float(np.sqrt(slope @ fit.covariance @ slope))
