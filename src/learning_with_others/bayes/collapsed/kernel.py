"""Value and gradient of the collapsed log likelihood: machine code that fits every design.

y = X b + Z_j u_j + S_s v_s + e with b ~ N(0, Λ), u_j ~ N(0, D), v_s ~ N(0, T) and
e_i ~ N(0, σ²/w_i); b, u and v are integrated out level by level, lowest first, so that no matrix
is larger than the number of columns.

With C = Z'[X, y, S] and G = Z'Z per lowest cluster, scale = 1/σ² and D = L L':

- I + scale L'GL = K K', W = L K⁻ᵀ, U = W W' (covariance of u_j given the rest), H = scale W'C,
- one level up G and C are S'S and S'[X, y] less the H'H below, and everything repeats,
- F = scale [X, y]'[X, y] − ΣH'H over both levels, and F + diag(Λ⁻¹, 0) = L diag(d) L' gives
  log determinant (the d of X), quadratic form (the d of y) and the rows of L⁻¹ as J, with which
  the gradient's Q = J'J,
- with R = I − scale G U and E = R C less what the upper group's effects explain, the derivative
  by D is half of Σ_j E Q E' − scale R G.
"""

# Types are the compiler's to infer, and a call costs nothing: functions are many-armed here.
# ruff: noqa: ANN001, ANN201, PLR0913, PLR0917

import numpy as np

from learning_with_others.bayes.collapsed.machine_code import part, step
from learning_with_others.bayes.collapsed.simd_layout import (
    add_squares,
    combine,
    eliminate,
    residual_part,
    shrink,
    subtract_products,
    transform,
)
from learning_with_others.bayes.collapsed.upper_groups import adjust, lift

LOG_TWO_PI = float(np.log(2 * np.pi))


@part
def scratch_shape(columns, terms, upper_terms, tiles, lanes, upper_lanes):
    """Rows and columns of scratch that one evaluation needs."""
    padded = (columns + 3) // 4 * 4
    tall = padded + upper_terms + 2
    square, upper_square = terms * terms, upper_terms * upper_terms
    most = max(square, upper_square)
    rows = 3 * tall + 2 * padded + 2 * most + 3 * upper_square + tiles * square
    return rows, max(terms * lanes + upper_terms * upper_lanes, 2 * padded + 4)


@part
def blocks_of(scratch, columns, terms, upper_terms):
    """Name blocks of rows of scratch.

    What lies beside another block's rows, or beyond its columns, is rubbish or zero and never
    enters a result.
    """
    padded = (columns + 3) // 4 * 4
    tall = padded + upper_terms + 2
    upper_square = upper_terms * upper_terms
    most = max(terms * terms, upper_square)
    at = 0
    matrix, at = scratch[at : at + tall], at + tall
    work, at = scratch[at : at + tall], at + tall
    products, at = scratch[at : at + tall], at + tall
    above_cross, at = scratch[at : at + padded], at + padded
    shrunk, at = scratch[at : at + padded], at + padded
    small, at = scratch[at : at + most], at + most
    root, at = scratch[at : at + most], at + most
    above_gram, at = scratch[at : at + upper_square], at + upper_square
    upper_root, at = scratch[at : at + upper_square], at + upper_square
    upper_covariance, at = scratch[at : at + upper_square], at + upper_square
    covariances = scratch[at:]
    lower = (matrix, work, products, small, root, covariances)
    upper = (above_gram, above_cross, upper_root, upper_covariance, shrunk)
    return lower, upper


@part
def clear(rows, start, stop, length):
    """Set rows to zero."""
    for a in range(start, stop):
        row = rows[a]
        for i in range(length):
            row[i] = 0.0


@part
def copy_scaled(source, count, length, scale, into):
    """Copy rows times a number."""
    for a in range(count):
        of, row = source[a], into[a]
        for i in range(length):
            row[i] = scale * of[i]


@part
def integrate_out(arrays, precision, scale, factor, upper_factor, lower, upper):
    """Integrate out all effects; return the sum of log determinants.

    Leaves in `matrix` the pivots and, from column `padded` on, L⁻¹; in `work`, beside the lowest
    clusters, H of the upper groups; in the upper blocks what else they need.
    """
    total, gram, cross, upper_gram, upper_cross, parents, segments, starts = arrays
    matrix, work, _, small, root, covariances = lower
    above_gram, above_cross, upper_root, upper_covariance, _ = upper
    columns, terms, upper_terms = total.shape[0], factor.shape[0], upper_factor.shape[0]
    tiles, lanes = parents.shape
    upper_lanes = upper_gram.shape[1]
    length, upper_length, square = terms * lanes, upper_terms * upper_lanes, terms * terms
    padded = above_cross.shape[0]

    clear(matrix, 0, matrix.shape[0], 2 * padded)
    clear(work, columns, work.shape[0], work.shape[1])
    copy_scaled(total, columns, columns, scale, matrix)
    copy_scaled(upper_gram, upper_terms * upper_terms, upper_lanes, scale, above_gram)
    copy_scaled(upper_cross, columns, upper_length, scale, above_cross)
    determinants = 0.0
    one, first = scale / scale, 0 * tiles
    for t in range(tiles):
        covariance = covariances[t * square : (t + 1) * square]
        determinants += shrink(gram[t], factor, terms, lanes, scale, small, root, covariance)
        combine(root, terms, lanes, scale, cross[t], columns + upper_terms, work, first)
        if upper_terms:
            own = segments[starts[t] : starts[t + 1]]
            lift(own, work, columns, terms, lanes, upper_lanes, above_gram, above_cross)
        if t < tiles - 1:
            subtract_products(work, columns, length, matrix)
    if upper_terms:
        determinants += shrink(
            above_gram, upper_factor, upper_terms, upper_lanes, one, small, upper_root,
            upper_covariance,
        )  # fmt: skip
        combine(upper_root, upper_terms, upper_lanes, one, above_cross, columns, work, length)
    subtract_products(work, columns, length + upper_length, matrix)
    for a in range(columns - 1):
        matrix[a, a] += precision[a]
    for a in range(columns):
        for b in range(padded, padded + 3):  # where products may have spilt
            matrix[a, b] = 0.0
        matrix[a, padded + a] = 1.0
    eliminate(matrix, columns, padded)
    for a in range(columns - 1):
        determinants += np.log(matrix[a, a])
    return determinants


@step
def log_likelihood(
    arrays, precision, constants, sigma, factor, upper_factor, slopes, upper_slopes, scratch, steep
):
    """Return the value and, if `steep`, its derivative by log σ; fill twice those by D and T.

    Where the covariances are impossible (not finite), so is the value.
    """
    total, gram, cross, upper_gram, _, parents, _, _ = arrays
    columns, terms, upper_terms = total.shape[0], factor.shape[0], upper_factor.shape[0]
    tiles, lanes = parents.shape
    upper_lanes = upper_gram.shape[1]
    length, upper_length, square = terms * lanes, upper_terms * upper_lanes, terms * terms
    scale = 1.0 / (sigma * sigma)
    lower, upper = blocks_of(scratch, columns, terms, upper_terms)
    determinants = integrate_out(arrays, precision, scale, factor, upper_factor, lower, upper)
    matrix, work, products, small, _, covariances = lower
    above_gram, above_cross, upper_root, upper_covariance, shrunk = upper

    observations, flat, log_weights, log_prior = constants
    quadratic = matrix[columns - 1, columns - 1]
    free = observations - flat
    value = -0.5 * (
        free * LOG_TWO_PI
        + 2.0 * observations * np.log(sigma)
        - log_weights
        + determinants
        + log_prior
        + quadratic
    )
    if not steep:
        return value, 0.0
    padded = above_cross.shape[0]
    by_scale = quadratic - free + half_factor(matrix, columns, padded, precision)

    clear(upper_slopes, 0, upper_terms, upper_terms)
    one, first = scale / scale, 0 * tiles
    if upper_terms:
        residual_part(
            above_gram, upper_covariance, upper_terms, upper_lanes, one, small, upper_slopes
        )
        combine(small, upper_terms, upper_lanes, one, above_cross, columns, work, length)
        combine(
            upper_covariance, upper_terms, upper_lanes, one, above_cross, columns, shrunk, first
        )
    clear(slopes, 0, terms, terms)
    clear(work, columns, padded, length)
    own = products.shape[0] - upper_terms - 1
    for t in range(tiles):
        covariance = covariances[t * square : (t + 1) * square]
        residual_part(gram[t], covariance, terms, lanes, scale, small, slopes)
        combine(small, terms, lanes, scale, cross[t], columns + upper_terms, work, first)
        both = length
        if upper_terms:
            adjust(
                work, columns, terms, lanes, upper_lanes, shrunk, upper_root, parents[t], products
            )
            add_squares(products, own, own + upper_terms, first, terms, lanes, slopes)
            if t == 0:
                both = length + upper_length
        transform(work, columns, both, matrix, padded, products)
        add_squares(products, first, columns, first, terms, lanes, slopes)
        if both > length:
            add_squares(products, first, columns, length, upper_terms, upper_lanes, upper_slopes)
    by_scale -= trace_product(slopes, factor) + trace_product(upper_slopes, upper_factor)
    return value, by_scale


@part
def half_factor(matrix, columns, beside, precision):
    """Turn L⁻¹ into J; return Σ 1 − Q_kk Λ⁻¹_kk over coefficients with a prior."""
    total = 0.0
    for a in range(columns):
        row = matrix[a, beside : beside + columns]
        weight = 1.0 if a == columns - 1 else 1.0 / np.sqrt(matrix[a, a])
        for b in range(a + 1):
            row[b] *= weight
        for b in range(min(a + 1, columns - 1)):
            total -= row[b] * row[b] * precision[b]
    for a in range(columns - 1):
        if precision[a] > 0.0:
            total += 1.0
    clear(matrix, columns, matrix.shape[0], beside + columns)
    return total


@part
def trace_product(slopes, factor):
    """tr(slopes L L')."""
    terms = factor.shape[0]
    total = 0.0
    for k in range(terms):
        for m in range(terms):
            for r in range(min(k, m) + 1):
                total += slopes[k, m] * factor[k, r] * factor[m, r]
    return total
