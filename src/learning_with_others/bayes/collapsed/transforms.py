"""From the sampler's unconstrained scale to standard deviations and correlations, with priors.

Order of the unconstrained numbers: residual sd; sds of the lowest level's terms; sds of the upper
level's terms, as `log_standard_deviation` maps them; then, where correlated, the inverse
hyperbolic tangents of the canonical partial correlations of the lowest and of the upper level,
row by row.
"""

# Types are the compiler's to infer, and a call costs nothing: functions are many-armed here.
# ruff: noqa: ANN001, ANN201

import math

import numpy as np
from scipy.special import ndtri_exp

from learning_with_others.bayes.collapsed.machine_code import part

HALF_NORMAL, HALF_STUDENT_T, EXPONENTIAL = 0, 1, 2
ROOT_HALF = math.sqrt(0.5)
LOG_ROOT_TWO_PI = 0.5 * math.log(2 * math.pi)
FAR = 30.0
NEAR_ZERO = -8.0


@part
def log_upper_tail(x):
    """Log Φ(−x), at any x."""
    if x < FAR:
        tail = 0.5 * math.erfc(x * ROOT_HALF)
        return math.log(tail) if x > 0.0 else math.log1p(-0.5 * math.erfc(-x * ROOT_HALF))
    part_of = 1.0 / (x * x)
    series = -part_of * (1.0 - part_of * (3.0 - 15.0 * part_of))
    return -0.5 * x * x - math.log(x) - LOG_ROOT_TWO_PI + math.log1p(series)


@part
def log_standard_deviation(x, curve):
    """Return log sd, its derivative by x, log(d sd/d x), and the derivative of that.

    sd = −curve · log Φ(−x): near zero it falls as fast as a normal tail, so that a posterior
    that reaches down to zero looks normal in x, where log sd has a long exponential tail; above,
    it rises as x². A curve of zero stands for sd = exp(x).
    """
    if curve == 0.0:
        return x, 1.0, x, 1.0
    log_tail = log_upper_tail(x)
    log_mills = -0.5 * x * x - LOG_ROOT_TWO_PI - log_tail
    # Below that, −log(1 − Φ(x)) and Φ(x) are the same number.
    log_ratio = math.log(-log_tail) if x > NEAR_ZERO else log_upper_tail(-x)
    slope = math.exp(log_mills - log_ratio)
    return math.log(curve) + log_ratio, slope, math.log(curve) + log_mills, math.exp(log_mills) - x


@part
def standard_deviation_prior(family, scale, degrees, standard_deviation):
    """Log density of a standard deviation and its derivative by log sd."""
    ratio = standard_deviation / scale
    if family == HALF_NORMAL:
        value = 0.5 * math.log(2.0 / math.pi) - math.log(scale) - 0.5 * ratio * ratio
        return value, -ratio * ratio
    if family == HALF_STUDENT_T:
        square = ratio * ratio
        constant = (
            math.log(2.0)
            + math.lgamma(0.5 * (degrees + 1.0))
            - math.lgamma(0.5 * degrees)
            - 0.5 * math.log(degrees * math.pi)
            - math.log(scale)
        )
        value = constant - 0.5 * (degrees + 1.0) * math.log1p(square / degrees)
        return value, -(degrees + 1.0) * square / (degrees + square)
    return -math.log(scale) - ratio, -ratio


@part
def correlation_factor(unconstrained, terms, factor):
    """Fill the lower triangle of the Cholesky factor of a correlation matrix.

    Row r holds z_rc √Π(1 − z²) of the entries before it, z = tanh of the unconstrained numbers
    (Lewandowski, Kurowicka and Joe 2009).
    """
    at = 0
    for r in range(terms):
        remainder = 1.0
        for c in range(r):
            z = math.tanh(unconstrained[at])
            factor[r, c] = z * remainder
            remainder /= math.cosh(unconstrained[at])
            at += 1
        factor[r, r] = remainder
        for c in range(r + 1, terms):
            factor[r, c] = 0.0


@part
def correlation_gradient(unconstrained, terms, factor, by_factor, gradient):
    """Add the derivative by the unconstrained numbers, given the one by the Cholesky factor."""
    at = 0
    for r in range(terms):
        remainder = 1.0
        for c in range(r):
            z = math.tanh(unconstrained[at])
            rest = 0.0
            for k in range(c + 1, r + 1):
                rest += by_factor[r, k] * factor[r, k]
            narrow = 1.0 / math.cosh(unconstrained[at])
            gradient[at] += by_factor[r, c] * remainder * narrow * narrow - z * rest
            remainder *= narrow
            at += 1


@part
def correlation_prior(unconstrained, terms, shape, gradient):
    """Return the log density of LKJ(shape), Jacobian included, and add its gradient.

    A canonical partial correlation given c others is Beta(β, β) on (−1, 1) with
    β = shape + (terms − 2 − c)/2 (Lewandowski, Kurowicka and Joe 2009, eq. 9 and sec. 3.2).
    """
    value = 0.0
    at = 0
    for r in range(terms if len(unconstrained) else 0):
        for c in range(r):
            beta = shape + 0.5 * (terms - 2 - c)
            size = abs(unconstrained[at])
            log_cosh = size + math.log1p(math.exp(-2.0 * size)) - math.log(2.0)
            constant = (
                math.lgamma(2.0 * beta)
                - 2.0 * math.lgamma(beta)
                - (2.0 * beta - 1.0) * math.log(2.0)
            )
            value += constant - 2.0 * beta * log_cosh
            gradient[at] -= 2.0 * beta * math.tanh(unconstrained[at])
            at += 1
    return value


def unconstrained(standard_deviations: np.ndarray, curves: np.ndarray) -> np.ndarray:
    """Standard deviations on the sampler's scale: the inverse of `log_standard_deviation`.

    Parameters
    ----------
    standard_deviations : ndarray, shape (..., n)
    curves : ndarray, shape (n,)
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        folded = -ndtri_exp(-standard_deviations / curves)
        return np.where(curves == 0, np.log(standard_deviations), folded)


def correlation_matrices(unconstrained: np.ndarray, terms: int) -> np.ndarray:
    """Turn draws of the unconstrained numbers into Cholesky factors of correlation matrices.

    Parameters
    ----------
    unconstrained : ndarray, shape (draws, terms (terms − 1) / 2)

    Returns
    -------
    ndarray, shape (draws, terms, terms)
        Lower triangles L with L L' the correlation matrix.
    """
    factor = np.zeros((len(unconstrained), terms, terms))
    column = iter(range(unconstrained.shape[1]))
    for r in range(terms):
        remainder = np.ones(len(unconstrained))
        for c in range(r):
            x = unconstrained[:, next(column)]
            factor[:, r, c] = np.tanh(x) * remainder
            remainder = remainder / np.cosh(x)
        factor[:, r, r] = remainder
    return factor
