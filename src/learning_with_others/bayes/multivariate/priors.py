"""Priors that only a model of several outcomes has, and all priors of standard deviations."""

from dataclasses import dataclass

import numpy as np

from learning_with_others.bayes.prior_sets import SD_FAMILIES, Prior
from learning_with_others.errors import CompendiumError, suggest

POOLED_SD = Prior(
    "half_normal",
    0.2,
    "P(sd > .39) is .05: the same coefficient of two outcomes seldom differs by more than .5; "
    "outcomes are few, so a wider prior would hardly pool and a prior near 0 would decide",
)
RESIDUAL_CORRELATION = Prior("lkj", 2.0, "correlations near ±1 are unlikely, else open")


@dataclass(frozen=True)
class AcrossOutcomes:
    """Priors of what outcomes share.

    Attributes
    ----------
    pooled_sd : Prior
        Of the standard deviation of the pooled coefficient between outcomes.
    residual_correlation : Prior
        LKJ prior of the correlations of one row's residuals.
    """

    pooled_sd: Prior = POOLED_SD
    residual_correlation: Prior = RESIDUAL_CORRELATION

    def __post_init__(self) -> None:
        _check(self.pooled_sd, SD_FAMILIES, "pooled_sd")
        _check(self.residual_correlation, ("lkj",), "residual_correlation")


@dataclass(frozen=True)
class StandardDeviation:
    """Prior of a standard deviation as compiled code takes it.

    Attributes
    ----------
    family : int
        Position in `bayes.prior_sets.SD_FAMILIES`.
    scale, degrees : float
    """

    family: int
    scale: float
    degrees: float

    def log_density(self, values: np.ndarray) -> np.ndarray:
        """Log density but for its constant."""
        ratio = values / self.scale
        if SD_FAMILIES[self.family] == "half_normal":
            return -(ratio**2) / 2
        if SD_FAMILIES[self.family] == "exponential":
            return -ratio
        return -(self.degrees + 1) / 2 * np.log1p(ratio**2 / self.degrees)


def standard_deviation_of(prior: Prior) -> StandardDeviation:
    """Code a prior of a standard deviation."""
    return StandardDeviation(SD_FAMILIES.index(prior.distribution), prior.scale, prior.degrees)


def _check(prior: Prior, valid: tuple[str, ...], name: str) -> None:
    if prior.distribution not in valid:
        raise CompendiumError(
            f"the distribution {prior.distribution!r} does not fit",
            where=f"priors: {name}",
            remedy=suggest(prior.distribution, valid),
        )
    if not 0 < prior.scale < np.inf:
        raise CompendiumError(
            f"scale is {prior.scale}", where=f"priors: {name}", remedy="give a number above zero"
        )
