"""Estimates with standard errors over plausible values, brought together."""

from dataclasses import dataclass

import numpy as np
from scipy import stats

from learning_with_others.errors import CompendiumError


@dataclass(frozen=True)
class Pooled:
    """One quantity over M plausible values.

    Attributes
    ----------
    estimate, sd : float
        Mean and its standard error.
    lower, upper : float
        Equal-tailed interval.
    missing_information : float
        Share of the information that is missing because scores are not observed, 0 to 1.
    monte_carlo_error : float
        Standard error of the estimate that comes from M being finite.
    degrees : float
        Degrees of freedom of the interval.
    count : int
        M.
    """

    estimate: float
    sd: float
    lower: float
    upper: float
    missing_information: float
    monte_carlo_error: float
    degrees: float
    count: int


def pool_estimates(
    estimates: np.ndarray, errors: np.ndarray, complete_degrees: float, probability: float
) -> Pooled:
    """Rubin's rules for estimates with standard errors, for analyses that are not Bayesian.

    Parameters
    ----------
    estimates, errors : ndarray, shape (M,)
        Estimate and standard error with each plausible value.
    complete_degrees : float
        Degrees of freedom if the scores were known, such as clusters − 1.
    probability : float
        Of the t interval.

    References
    ----------
    Rubin, D. B. (1987). Multiple imputation for nonresponse in surveys, eq. 3.1.2 to 3.1.10.
    Barnard, J. and Rubin, D. B. (1999). Small-sample degrees of freedom with multiple imputation.
    Biometrika 86, 948-955, eq. 3 to 5.
    """
    values = len(estimates)
    _check(values, np.stack([estimates, errors]))
    between, within = float(np.var(estimates, ddof=1)), float(np.mean(np.square(errors)))
    inflated = (1 + 1 / values) * between
    total = within + inflated
    share = _share(inflated, within)
    observed = (complete_degrees + 1) / (complete_degrees + 3) * complete_degrees * (1 - share)
    if share > 0:
        large_sample = (values - 1) / share**2
        degrees = 1 / (1 / large_sample + (1 / observed if observed > 0 else np.inf))
    else:
        degrees = observed
    half = stats.t.ppf((1 + probability) / 2, degrees) * np.sqrt(total) if degrees > 0 else np.nan
    estimate = float(np.mean(estimates))
    return Pooled(
        estimate=estimate,
        sd=float(np.sqrt(total)),
        lower=float(estimate - half),
        upper=float(estimate + half),
        missing_information=share,
        monte_carlo_error=float(np.sqrt(between / values)),
        degrees=float(degrees),
        count=values,
    )


def _share(inflated: float, within: float) -> float:
    return inflated / (inflated + within) if inflated + within > 0 else 0.0


def _check(values: int, numbers: np.ndarray) -> None:
    if values < 2:  # noqa: PLR2004 - variance between values needs two
        raise CompendiumError(
            f"{values} plausible value cannot be pooled",
            remedy="draw two or more; the design asks for 20",
        )
    if not np.isfinite(numbers).all():
        raise CompendiumError(
            "an estimate is not a number",
            where="pooling over plausible values",
            remedy="see which fit failed, and leave the quantity out if it cannot be estimated",
        )
