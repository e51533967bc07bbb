"""Compiled draws of what was integrated out, in place of standard normal numbers."""

# Types are the compiler's to infer, and a call costs nothing: functions are many-armed here.
# ruff: noqa: ANN001, ANN201, PLR0913, PLR0917

import numpy as np
from numba import types

from learning_with_others.bayes.collapsed.density import (
    INTEGERS,
    ROWS,
    covariance_factor,
    ends,
    statistics_at,
)
from learning_with_others.bayes.collapsed.kernel import blocks_of, integrate_out, scratch_shape
from learning_with_others.bayes.collapsed.machine_code import entry, floats, is_on_disk, part
from learning_with_others.bayes.collapsed.simd_layout import multiply_add, shrink


@part
def place(address, draw, count):
    """Effects of one draw of one random term."""
    return floats(address + 8 * draw * count, (count,))


@part
def draw_coefficients(matrix, columns, beside, own, weights):
    """B = b̂ + L⁻ᵀ d^−½ ε; weights becomes (−b, 1), whose product with [X, y] is a residual."""
    last = columns - 1
    for a in range(columns):
        weights[a] = matrix[last, beside + a]  # (−b̂, 1)
    for r in range(last):
        shift = own[r] / np.sqrt(matrix[r, r])
        for a in range(r + 1):
            weights[a] -= shift * matrix[r, beside + a]
    for a in range(last):
        own[a] = -weights[a]


@part
def draw_upper(upper_at, draw, groups, work, beside, upper_root, upper_lanes, weights, scratch):
    """V = W (H (−b, 1) + ε) for every upper group."""
    terms = len(upper_at)
    for s in range(groups):
        for r in range(terms):
            total = place(upper_at[r], draw, groups)[s]
            for a in range(len(weights)):
                total += work[a, beside + r * upper_lanes + s] * weights[a]
            scratch[r, 0] = total
        for k in range(terms):
            total = 0.0
            for r in range(terms):
                total += upper_root[r * terms + k, s] * scratch[r, 0]
            place(upper_at[k], draw, groups)[s] = total


@part
def remaining(cross, parent, lanes, weights, upper_at, draw, groups, residual):
    """Z'(y − X b − S v) in every lane."""
    columns, length = len(weights), cross.shape[1]
    for i in range(length):
        residual[i] = 0.0
    for a in range(columns):
        of = cross[a]
        for i in range(length):
            residual[i] += weights[a] * of[i]
    for k in range(len(upper_at)):
        of, effects = cross[columns + k], place(upper_at[k], draw, groups)
        for start in range(0, length, lanes):
            for i in range(lanes):
                residual[start + i] -= of[start + i] * effects[parent[i]]


@part
def draw_lower(lower_at, draw, clusters, places, root, lanes, scale, residual, work):
    """U = W (scale W' Z'r + ε) for the lowest clusters in a tile of lanes."""
    terms = len(lower_at)
    for r in range(terms):
        into, noise = work[r], place(lower_at[r], draw, clusters)
        for i in range(lanes):
            into[i] = noise[places[i]] if places[i] >= 0 else 0.0
        for k in range(terms):
            multiply_add(scale, root[r * terms + k], residual[k * lanes :], lanes, into)
    for k in range(terms):
        effect = place(lower_at[k], draw, clusters)
        for i in range(lanes):
            if places[i] >= 0:
                total = 0.0
                for r in range(terms):
                    total += root[r * terms + k, i] * work[r, i]
                effect[places[i]] = total


@entry
def transform_noise(header, points, places, coefficients, lower_at, upper_at, groups, clusters):
    """Turn standard normal numbers into draws, one row of `points` after the other.

    `lower_at` and `upper_at` are the addresses of each random term's draws; without any, only
    coefficients are drawn.
    """
    columns, terms, upper_terms = header[0], header[1], header[2]
    tiles, lanes, upper_lanes = header[3], header[4], header[5]
    arrays = statistics_at(header)
    gram, cross, parents = arrays[1], arrays[2], arrays[5]
    precision = floats(header[16], (columns - 1,))
    rows, width = scratch_shape(columns, terms, upper_terms, tiles, lanes, upper_lanes)
    owner = np.empty(rows * width)
    lower, upper = blocks_of(floats(owner.ctypes.data, (rows, width)), columns, terms, upper_terms)
    matrix, work, _, small, root, covariances = lower
    padded, upper_root = upper[1].shape[0], upper[2]
    omega, factor = np.empty((terms, terms)), np.empty((terms, terms))
    upper_omega = np.empty((upper_terms, upper_terms))
    upper_factor = np.empty((upper_terms, upper_terms))
    start, pairs, upper_pairs = ends(header)
    weights = np.empty(columns)
    for draw in range(len(points)):
        x = points[draw]
        scale = np.exp(-2.0 * x[0])
        covariance_factor(x[1:start], x[pairs:upper_pairs], terms, omega, factor)
        covariance_factor(x[start:pairs], x[upper_pairs:], upper_terms, upper_omega, upper_factor)
        integrate_out(arrays, precision, scale, factor, upper_factor, lower, upper)
        draw_coefficients(matrix, columns, padded, coefficients[draw], weights)
        beside = terms * lanes
        draw_upper(upper_at, draw, groups, work, beside, upper_root, upper_lanes, weights, small)
        for t in range(tiles if len(lower_at) else 0):
            shrink(gram[t], factor, terms, lanes, scale, small, root, covariances)
            remaining(cross[t], parents[t], lanes, weights, upper_at, draw, groups, work[0])
            own = places[t * lanes : (t + 1) * lanes]
            draw_lower(lower_at, draw, clusters, own, root, lanes, scale, work[0], work[1:])
    owner[0] = 0.0  # keeps the scratch alive to here


DRAWS = (INTEGERS, ROWS, INTEGERS, ROWS, INTEGERS, INTEGERS, types.int64, types.int64)


def compile_draws() -> None:
    """Compile the draws, or load them from disk."""
    transform_noise.compile(DRAWS)


def draws_are_compiled() -> bool:
    """Whether the draws' machine code is on disk, and of the sources as they are."""
    return is_on_disk(transform_noise)
