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
from learning_with_others.bayes.collapsed.machine_code import callback, floats, integers, part, step
from learning_with_others.bayes.collapsed.transforms import (
    correlation_factor,
    correlation_gradient,
    correlation_prior,
    spread_prior,
)

HEADER = 21
DOUBLES = types.CPointer(types.double)
DENSITY = types.int64(types.uint64, DOUBLES, DOUBLES, DOUBLES, types.CPointer(types.int64))
EXPAND = types.int64(types.uint64, types.uint64, DOUBLES, DOUBLES, types.voidptr)
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
def scale_rows(unconstrained, omega, terms, correlated, factor):
    """Fill the Cholesky factors of the correlation and of the covariance matrix; return sizes."""
    if correlated:
        correlation_factor(unconstrained[1], terms, omega)
    else:
        for r in range(terms):
            for c in range(terms):
                omega[r, c] = 1.0 if r == c else 0.0
    for r in range(terms):
        spread = np.exp(unconstrained[0][r])
        for c in range(terms):
            factor[r, c] = spread * omega[r, c]


@part
def back_to_unconstrained(unconstrained, omega, factor, slopes, correlated, gradient):
    """Fill the gradient by log sds and correlations from twice the derivative by L L'."""
    terms = factor.shape[0]
    by_factor = np.empty((terms, terms))
    for r in range(terms):
        total = 0.0
        spread = np.exp(unconstrained[0][r])
        for c in range(terms):
            inner = 0.0
            for k in range(terms):
                inner += slopes[r, k] * factor[k, c]
            total += factor[r, c] * inner
            by_factor[r, c] = spread * inner
        gradient[0][r] += total
    if correlated:
        correlation_gradient(unconstrained[1], terms, omega, by_factor, gradient[1])


@step
def log_density(header, x, gradient):
    """Return the log density at x and fill its gradient."""
    columns, terms, upper_terms = header[0], header[1], header[2]
    rows, width = scratch_shape(columns, terms, upper_terms, header[3], header[4], header[5])
    squares = terms * terms + upper_terms * upper_terms
    owner = np.empty(rows * width + 3 * squares)
    at = owner.ctypes.data
    scratch, at = floats(at, (rows, width)), at + 8 * rows * width
    omega, at = floats(at, (terms, terms)), at + 8 * terms * terms
    factor, at = floats(at, (terms, terms)), at + 8 * terms * terms
    slopes, at = floats(at, (terms, terms)), at + 8 * terms * terms
    upper_omega, at = floats(at, (upper_terms, upper_terms)), at + 8 * upper_terms * upper_terms
    upper_factor, at = floats(at, (upper_terms, upper_terms)), at + 8 * upper_terms * upper_terms
    upper_slopes = floats(at, (upper_terms, upper_terms))

    constants = floats(header[17], (6,))
    families = integers(header[18], (1 + terms + upper_terms,))
    settings = floats(header[19], (1 + terms + upper_terms, 2))
    correlated, upper_correlated = constants[4] > 0.0, constants[5] > 0.0
    upper = 1 + terms
    pairs = upper + upper_terms
    upper_pairs = pairs + (terms * (terms - 1) // 2 if correlated else 0)
    here = (x[1:upper], x[pairs:upper_pairs])
    above = (x[upper:pairs], x[upper_pairs:])
    scale_rows(here, omega, terms, correlated, factor)
    scale_rows(above, upper_omega, upper_terms, upper_correlated, upper_factor)

    value, by_scale = log_likelihood(
        statistics_at(header),
        floats(header[16], (columns - 1,)),
        (constants[0], constants[1], constants[2], constants[3]),
        np.exp(x[0]),
        factor,
        upper_factor,
        slopes,
        upper_slopes,
        scratch,
    )
    for i in range(x.shape[0]):
        gradient[i] = 0.0
    gradient[0] = by_scale
    by_here = (gradient[1:upper], gradient[pairs:upper_pairs])
    by_above = (gradient[upper:pairs], gradient[upper_pairs:])
    back_to_unconstrained(here, omega, factor, slopes, correlated, by_here)
    back_to_unconstrained(
        above, upper_omega, upper_factor, upper_slopes, upper_correlated, by_above
    )
    if header[20]:
        for i in range(pairs):
            added, slope = spread_prior(families[i], settings[i, 0], settings[i, 1], x[i])
            value += added
            gradient[i] += slope
        if correlated:
            value += correlation_prior(here[1], terms, constants[4], by_here[1])
        if upper_correlated:
            value += correlation_prior(above[1], upper_terms, constants[5], by_above[1])
    owner[0] = value  # keeps the scratch alive to here
    return value


def _density(dimensions, x_at, gradient_at, value_at, problem_at):
    header = numba.carray(problem_at, (HEADER,))
    if dimensions != header[7]:
        return WRONG_SIZE
    x = numba.carray(x_at, (header[7],))
    gradient = numba.carray(gradient_at, (header[7],))
    value = log_density(header, x, gradient)
    value_at[0] = value
    if not np.isfinite(value) or not np.isfinite(gradient).all():
        return NOT_FINITE
    return 0


def _copy(dimensions, expanded, x_at, out_at, _problem):
    if dimensions != expanded:
        return WRONG_SIZE
    for i in range(dimensions):
        out_at[i] = x_at[i]
    return 0


@cache
def density_function() -> CFunc:
    """Compile value and gradient, or load them from disk, with nutpie's C signature."""
    return callback(DENSITY)(_density)


@cache
def expand_function() -> CFunc:
    """Compile or load nutpie's second function: draws are kept on the unconstrained scale."""
    return callback(EXPAND)(_copy)
