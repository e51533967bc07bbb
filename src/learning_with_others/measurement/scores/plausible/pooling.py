"""Results over plausible values brought together: posterior draws, or estimates with errors."""

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
        Mean and standard deviation (standard error for Rubin's rules).
    lower, upper : float
        Equal-tailed interval.
    missing_information : float
        Share of the information that is missing because scores are not observed, 0 to 1.
    monte_carlo_error : float
        Standard error of the estimate that comes from M being finite.
    degrees : float
        Degrees of freedom of the interval; infinite for a mixture of posteriors.
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


def pool_posteriors(draws: np.ndarray, probability: float) -> Pooled:
    """Mix the posteriors given each plausible value with equal weights.

    The Monte Carlo error is √(B / M), B being the variance of the fits' means, which holds the
    Monte Carlo error within fits as well. Plausible values are taken as independent.

    Parameters
    ----------
    draws : ndarray, shape (M, ...)
        Posterior draws of a scalar, the same number from each fit.
    probability : float
        Of the equal-tailed credible interval.

    References
    ----------
    Zhou, X. and Reiter, J. P. (2010). A note on Bayesian inference after multiple imputation. The
    American Statistician 64, 159-163.
    """
    values = len(draws)
    _check(values, draws)
    flat = draws.reshape(values, -1)
    between = float(flat.mean(axis=1).var(ddof=1))
    within = float(flat.var(axis=1, ddof=1).mean())
    inflated = (1 + 1 / values) * between
    tail = (1 - probability) / 2
    lower, upper = np.quantile(flat, [tail, 1 - tail])
    return Pooled(
        estimate=float(flat.mean()),
        sd=float(flat.std(ddof=1)),
        lower=float(lower),
        upper=float(upper),
        missing_information=_share(inflated, within),
        monte_carlo_error=float(np.sqrt(between / values)),
        degrees=float("inf"),
        count=values,
    )


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
            "an estimate or draw is not a number",
            where="pooling over plausible values",
            remedy="see which fit failed, and leave the quantity out if it cannot be estimated",
        )
