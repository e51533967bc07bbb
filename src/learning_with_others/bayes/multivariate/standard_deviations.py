"""Draws of standard deviations by slices, and of that between the pooled coefficients.

References
----------
Neal, R. M. (2003). Slice sampling. Annals of Statistics 31, 705-767, fig. 5.
"""

import math

import numba
import numpy as np

from learning_with_others.bayes.multivariate.priors import StandardDeviation
from learning_with_others.bayes.prior_sets import SD_FAMILIES

HALF_NORMAL, EXPONENTIAL = SD_FAMILIES.index("half_normal"), SD_FAMILIES.index("exponential")
# Of a slice's first interval, in scales of the prior; it then shrinks.
WIDTH = 4.0


@numba.njit(cache=True, nogil=True)
def log_prior(sd: float, family: int, scale: float, degrees: float) -> float:
    """Log prior density of a standard deviation, but for its constant."""
    ratio = sd / scale
    if family == HALF_NORMAL:
        return -ratio * ratio / 2
    if family == EXPONENTIAL:
        return -ratio
    return -(degrees + 1) / 2 * math.log1p(ratio * ratio / degrees)


@numba.njit(cache=True, nogil=True)
def log_density(
    sd: float,
    count: float,
    squares: float,
    slope: float,
    curvature: float,
    family: int,
    scale: float,
    degrees: float,
) -> float:
    """Log density of a standard deviation but for its constant.

    The sum of −count · log sd − squares / (2 sd²), the density of `count` deviations; of
    slope · sd − curvature · sd² / 2, that of the data given standardized deviations; and the prior.
    """
    value = slope * sd - curvature * sd * sd / 2 + log_prior(sd, family, scale, degrees)
    if count > 0:
        value -= count * math.log(sd) + squares / (2 * sd * sd)
    return value


@numba.njit(cache=True, nogil=True)
def draw_standard_deviation(  # noqa: PLR0913, PLR0917 - as log_density
    last: float,
    count: float,
    squares: float,
    slope: float,
    curvature: float,
    family: int,
    scale: float,
    degrees: float,
    random: np.random.Generator,
) -> float:
    """Draw a standard deviation from its last value and the arguments of `log_density`."""
    given = (count, squares, slope, curvature, family, scale, degrees)
    height = log_density(last, *given) - random.standard_exponential()
    low = last - WIDTH * scale * random.random()
    high = low + WIDTH * scale
    low = max(low, 0.0)
    while True:
        sd = low + (high - low) * random.random()
        if log_density(sd, *given) >= height:
            return sd
        if sd < last:
            low = sd
        else:
            high = sd


def draw_pooled_standard_deviation(
    across: np.ndarray,
    square: float,
    precision: np.ndarray,
    deviations: np.ndarray,
    last: float,
    prior: StandardDeviation,
    random: np.random.Generator,
) -> tuple[float, np.ndarray]:
    """Draw the standard deviation of the pooled coefficient between outcomes, twice.

    Given the deviations it hardly moves where it is near zero; given standardized deviations,
    hardly where the data tell them well; the pair moves in both.

    Parameters
    ----------
    across : ndarray, shape (K,)
        Σ x e' of the pooled term's column and the residuals.
    square : float
        Σ x² of that column.
    precision : ndarray, shape (K, K)
        Inverse of the residual covariance.
    deviations : ndarray, shape (K,)
        Of the coefficients from their mean.
    last : float
    prior : StandardDeviation
    random : numpy.random.Generator

    Returns
    -------
    float
        The standard deviation.
    ndarray, shape (K,)
        The deviations that go with it.

    References
    ----------
    Yu, Y. and Meng, X.-L. (2011). To center or not to center: that is not the question. Journal of
    Computational and Graphical Statistics 20, 531-570.
    """
    own = (prior.family, prior.scale, prior.degrees, random)
    squares = float(deviations @ deviations)
    given = draw_standard_deviation(last, float(len(deviations)), squares, 0.0, 0.0, *own)
    standard = deviations / given
    curvature = float(standard @ precision @ standard) * square
    slope = float(across @ precision @ standard) + given * curvature
    drawn = draw_standard_deviation(given, 0.0, 0.0, slope, curvature, *own)
    return drawn, drawn * standard
