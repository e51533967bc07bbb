"""The collapsed log density as C functions: value and gradient at an unconstrained point.

A problem is a row of 64-bit integers: sizes, then addresses of arrays. The machine code reads
all sizes there, so that one compilation serves every design, data set and prior.
"""

# Types are the compiler's to infer, and a call costs nothing: functions are many-armed here.
# ruff: noqa: ANN001, ANN201, ANN202

from functools import cache

import numba
import numpy as np
from numba import types
from numba.core.ccallback import CFunc

from learning_with_others.bayes.collapsed.kernel import log_likelihood, scratch_shape
from learning_with_others.bayes.collapsed.machine_code import (
    callback,
    entry,
    floats,
    integers,
    part,
    step,
)
from learning_with_others.bayes.collapsed.transforms import (
    correlation_factor,
    correlation_gradient,
    correlation_prior,
    log_standard_deviation,
    standard_deviation_prior,
)

HEADER = 21
DOUBLES = types.CPointer(types.double)
DENSITY = types.int64(types.uint64, DOUBLES, DOUBLES, DOUBLES, types.CPointer(types.int64))
EXPAND = types.int64(types.uint64, types.uint64, DOUBLES, DOUBLES, types.CPointer(types.int64))
WRONG_SIZE, NOT_FINITE = -1, 4


@part
def statistics_at(header):
    """Arrays of the kernel, from their sizes and addresses."""
    columns, terms, upper_terms = header[0], header[1], header[2]
    tiles, lanes, upper_lanes, segments = header[3], header[4], header[5], header[6]
    return (
        floats(header[8], (columns, columns)),
        floats(header[9], (tiles, terms * terms, lanes)),
        floats(header[10], (tiles, columns + upper_terms, terms * lanes)),
        floats(header[11], (upper_terms * upper_terms, upper_lanes)),
        floats(header[12], (columns, upper_terms * upper_lanes)),
        integers(header[13], (tiles, lanes)),
        integers(header[14], (segments, 3)),
        integers(header[15], (tiles + 1,)),
    )


@part
def covariance_factor(log_standard_deviations, partial, terms, omega, factor):
    """Fill the Cholesky factors of the correlation and of the covariance matrix.

    Without partial correlations (none given) the terms are independent.
    """
    if len(partial):
        correlation_factor(partial, terms, omega)
    else:
        for r in range(terms):
            for c in range(terms):
                omega[r, c] = 1.0 if r == c else 0.0
    for r in range(terms):
        standard_deviation = np.exp(log_standard_deviations[r])
        for c in range(terms):
            factor[r, c] = standard_deviation * omega[r, c]


@part
def chain_gradient(
    log_standard_deviations, partial, omega, factor, slopes, by_standard_deviations, by_partial
):
    """Add the gradient by log sds and partial correlations, from twice the derivative by L L'."""
    terms = factor.shape[0]
    by_factor = np.empty((terms, terms))
    for r in range(terms):
        standard_deviation = np.exp(log_standard_deviations[r])
        for c in range(terms):
            inner = 0.0
            for k in range(terms):
                inner += slopes[r, k] * factor[k, c]
            by_standard_deviations[r] += factor[r, c] * inner
            by_factor[r, c] = standard_deviation * inner
    if len(partial):
        correlation_gradient(partial, terms, omega, by_factor, by_partial)


@part
def unfold(header, x, unfolded):
    """Replace the sampler's coordinates of standard deviations by their logarithms."""
    standard_deviations = 1 + header[1] + header[2]
    settings = floats(header[19], (standard_deviations, 3))
    for i in range(x.shape[0]):
        unfolded[i] = (
            log_standard_deviation(x[i], settings[i, 2])[0] if i < standard_deviations else x[i]
        )


@part
def ends(header):
    """Where the lower sds, upper sds, and lower partial correlations end."""
    upper = 1 + header[1]
    pairs = upper + header[2]
    correlated = floats(header[17], (6,))[4] > 0.0
    return upper, pairs, pairs + (header[1] * (header[1] - 1) // 2 if correlated else 0)


@step
def log_density(header, x, gradient, steep):
    """Return log likelihood and log prior at x; fill the gradient of their sum, if `steep`."""
    columns, terms, upper_terms = header[0], header[1], header[2]
    rows, width = scratch_shape(columns, terms, upper_terms, header[3], header[4], header[5])
    squares = terms * terms + upper_terms * upper_terms
    owner = np.empty(rows * width + 3 * squares + len(x))
    at = owner.ctypes.data
    scratch, at = floats(at, (rows, width)), at + 8 * rows * width
    omega, at = floats(at, (terms, terms)), at + 8 * terms * terms
    factor, at = floats(at, (terms, terms)), at + 8 * terms * terms
    slopes, at = floats(at, (terms, terms)), at + 8 * terms * terms
    upper_omega, at = floats(at, (upper_terms, upper_terms)), at + 8 * upper_terms * upper_terms
    upper_factor, at = floats(at, (upper_terms, upper_terms)), at + 8 * upper_terms * upper_terms
    upper_slopes, at = floats(at, (upper_terms, upper_terms)), at + 8 * upper_terms * upper_terms
    point = floats(at, (len(x),))
    unfold(header, x, point)

    constants = floats(header[17], (6,))
    upper, pairs, upper_pairs = ends(header)
    own, own_partial = point[1:upper], point[pairs:upper_pairs]
    above, above_partial = point[upper:pairs], point[upper_pairs:]
    covariance_factor(own, own_partial, terms, omega, factor)
    covariance_factor(above, above_partial, upper_terms, upper_omega, upper_factor)
    value, by_scale = log_likelihood(
        statistics_at(header),
        floats(header[16], (columns - 1,)),
        (constants[0], constants[1], constants[2], constants[3]),
        np.exp(point[0]),
        factor,
        upper_factor,
        slopes,
        upper_slopes,
        scratch,
        steep,
    )
    for i in range(len(x)):
        gradient[i] = 0.0
    gradient[0] = by_scale
    by_own, by_above = gradient[pairs:upper_pairs], gradient[upper_pairs:]
    if steep:
        chain_gradient(own, own_partial, omega, factor, slopes, gradient[1:upper], by_own)
        chain_gradient(
            above, above_partial, upper_omega, upper_factor, upper_slopes, gradient[upper:pairs],
            by_above,
        )  # fmt: skip
    prior = 0.0
    if header[20]:
        prior += add_priors(header, x, point, pairs, gradient)
        prior += correlation_prior(own_partial, terms, constants[4], by_own)
        prior += correlation_prior(above_partial, upper_terms, constants[5], by_above)
    owner[0] = value  # keeps the scratch alive to here
    return value, prior


@part
def add_priors(header, x, point, standard_deviations, gradient):
    """Return the log prior of the sds on the sampler's scale; turn and complete the gradient."""
    families = integers(header[18], (standard_deviations,))
    settings = floats(header[19], (standard_deviations, 3))
    value = 0.0
    for i in range(standard_deviations):
        scale, degrees, curve = settings[i, 0], settings[i, 1], settings[i, 2]
        added, by_log = standard_deviation_prior(families[i], scale, degrees, np.exp(point[i]))
        _, slope, log_jacobian, by_x = log_standard_deviation(x[i], curve)
        value += added + log_jacobian
        gradient[i] = (gradient[i] + by_log) * slope + by_x
    return value


def _density(dimensions, x_at, gradient_at, value_at, problem_at):
    header = numba.carray(problem_at, (HEADER,))
    if dimensions != header[7]:
        return WRONG_SIZE
    x = numba.carray(x_at, (header[7],))
    gradient = numba.carray(gradient_at, (header[7],))
    likelihood, prior = log_density(header, x, gradient, True)
    value = likelihood + prior
    value_at[0] = value
    if not np.isfinite(value) or not np.isfinite(gradient).all():
        return NOT_FINITE
    return 0


@entry
def evaluate(header, points, likelihood, prior, gradients):
    """Fill log likelihood, log prior and (unless `gradients` has no rows) the sum's gradient.

    `points` is a row of unconstrained numbers for each; where the density is impossible, values
    are not finite.
    """
    steep = len(gradients) > 0
    unused = np.empty(points.shape[1])
    for k in range(len(points)):
        gradient = gradients[k] if steep else unused
        likelihood[k], prior[k] = log_density(header, points[k], gradient, steep)


@entry
def unfold_points(header, points, unfolded):
    """Fill log standard deviations and inverse hyperbolic tangents of partial correlations."""
    for k in range(len(points)):
        unfold(header, points[k], unfolded[k])


INTEGERS, NUMBERS = types.Array(types.int64, 1, "C"), types.Array(types.float64, 1, "C")
ROWS = types.Array(types.float64, 2, "C")


def compile_density() -> None:
    """Compile density and map of coordinates for Python, or load them from disk."""
    evaluate.compile((INTEGERS, ROWS, NUMBERS, NUMBERS, ROWS))
    unfold_points.compile((INTEGERS, ROWS, ROWS))


def _unfold(dimensions, expanded, x_at, out_at, problem_at):
    header = numba.carray(problem_at, (HEADER,))
    if dimensions != header[7] or expanded != header[7]:
        return WRONG_SIZE
    unfold(header, numba.carray(x_at, (header[7],)), numba.carray(out_at, (header[7],)))
    return 0


@cache
def density_function() -> CFunc:
    """Compile value and gradient, or load them from disk, with nutpie's C signature."""
    return callback(DENSITY)(_density)


@cache
def expand_function() -> CFunc:
    """Compile or load nutpie's second function: draws are kept as log standard deviations."""
    return callback(EXPAND)(_unfold)
