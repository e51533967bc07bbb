"""The prior of coefficients that share a standard deviation, and perhaps a mean."""

from dataclasses import dataclass

import numpy as np

TINY = 1e-150  # its square is still a number
SMALLEST_SPREAD = 1e-5  # of coefficients, in prior standard deviations of their mean


@dataclass(frozen=True)
class Spread:
    """Normal prior of n scaled coefficients, their mean integrated out: covariance τ²I + s²11'.

    Attributes
    ----------
    sd : float
        τ. Beside s it is held above `SMALLEST_SPREAD`, for the precision to be one in floating
        point; coefficients that differ by less are the same to the likelihood.
    common : float
        The precision is I / τ² less this, everywhere.
    log_ratio : float
        Log determinant of the covariance, less n log τ².
    held : bool
    """

    sd: float
    common: float
    log_ratio: float
    held: bool

    @classmethod
    def of(cls, sd: float, of_mean: float, count: int) -> "Spread":
        """From τ, s and n (Sherman and Morrison)."""
        least = max(SMALLEST_SPREAD * of_mean, TINY)
        variance = max(sd, least) ** 2
        total = variance + count * of_mean**2
        common = of_mean**2 / (variance * total) if of_mean else 0.0
        return cls(max(sd, least), common, np.log(total / variance), sd < least)

    def slope(self, second: np.ndarray) -> float:
        """Derivative of the log density by log τ, from the coefficients' second moments."""
        if self.held:
            return 0.0
        precision = np.eye(len(second)) / self.sd**2 - self.common
        return self.sd**2 * float(np.trace(precision @ second @ precision - precision))
