"""Exact draws of coefficients and group effects, given draws of the rest."""

import os
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from learning_with_others.bayes.collapsed.density import scale_rows, statistics_at
from learning_with_others.bayes.collapsed.kernel import blocks_of, integrate_out, scratch_shape
from learning_with_others.bayes.collapsed.lanes import shrink
from learning_with_others.bayes.collapsed.machine_code import entry, floats, part
from learning_with_others.bayes.collapsed.problem import Problem, lane_order


@dataclass(frozen=True)
class Effects:
    """Draws of what was integrated out.

    Attributes
    ----------
    coefficients : ndarray, shape (chains, draws, p)
    lower : ndarray, shape (q, chains, draws, J)
        Effects of the lowest clusters, one random term after the other.
    upper : ndarray, shape (k, chains, draws, S)
        Effects of the upper groups; k = 0 without them.
    """

    coefficients: np.ndarray
    lower: np.ndarray
    upper: np.ndarray


def draw_effects(problem: Problem, points: np.ndarray, seed: int) -> Effects:
    """Draw b ~ N(b̂, K⁻¹), then v | b, then u | b, v, for every draw of the sampler.

    Standard normal numbers are written where the draws will stand and are transformed in place,
    so that memory holds the result only. Chains have random streams of their own and run in
    threads; the result does not depend on how many.

    Parameters
    ----------
    problem : Problem
    points : ndarray, shape (chains, draws, dimensions)
        Unconstrained draws.
    seed : int
    """
    chains, draws, _ = points.shape
    columns, terms, upper_terms = problem.header[:3]
    groups = len(problem.statistics.levels[1].labels) if upper_terms else 0
    clusters = len(problem.statistics.rows)
    effects = Effects(
        np.empty((chains, draws, columns - 1)),
        np.empty((terms, chains, draws, clusters)),
        np.empty((upper_terms, chains, draws, groups)),
    )
    order, tiles, lanes = lane_order(problem.statistics)
    places = np.full(tiles * lanes, -1)
    places[: len(order)] = order
    streams = np.random.SeedSequence(seed).spawn(chains)

    def run(chain: int) -> None:
        random = np.random.default_rng(streams[chain])
        here = [effects.coefficients[chain], *effects.lower[:, chain], *effects.upper[:, chain]]
        for array in here:
            random.standard_normal(out=array)
        _transform(
            problem.header,
            np.ascontiguousarray(points[chain]),
            places,
            here[0],
            _addresses(here[1 : 1 + terms]),
            _addresses(here[1 + terms :]),
            groups,
        )

    with ThreadPoolExecutor(min(chains, os.cpu_count() or 1)) as pool:
        list(pool.map(run, range(chains)))
    return effects


def _addresses(arrays: Iterable[np.ndarray]) -> np.ndarray:
    return np.array([array.ctypes.data for array in arrays], dtype=np.int64)


@part
def place(address, draw, count):
    """One draw of one random term."""
    return floats(address + 8 * draw * count, (count,))


@entry
def _transform(header, points, places, coefficients, lower_at, upper_at, groups):
    """Turn standard normal numbers into draws, in place."""
    columns, terms, upper_terms = header[0], header[1], header[2]
    tiles, lanes, upper_lanes = header[3], header[4], header[5]
    arrays = statistics_at(header)
    cross, parents = arrays[2], arrays[5]
    precision, constants = floats(header[16], (columns - 1,)), floats(header[17], (6,))
    rows, width = scratch_shape(columns, terms, upper_terms, tiles, lanes, upper_lanes)
    owner = np.empty(rows * width)
    lower, upper = blocks_of(
        floats(owner.ctypes.data, (rows, width)), columns, terms, upper_terms
    )
    matrix, work, _, small, root, covariances = lower
    above_work, upper_root = upper[2], upper[3]
    beside = above_work.shape[0] + 4
    omega, factor = np.empty((terms, terms)), np.empty((terms, terms))
    upper_omega = np.empty((upper_terms, upper_terms))
    upper_factor = np.empty((upper_terms, upper_terms))
    pairs = 1 + terms + upper_terms
    upper_pairs = pairs + (terms * (terms - 1) // 2 if constants[4] > 0.0 else 0)
    weights = np.empty(columns)
    for draw in range(len(points)):
        x = points[draw]
        scale = np.exp(-2.0 * x[0])
        here = (x[1 : 1 + terms], x[pairs:upper_pairs])
        above = (x[1 + terms : pairs], x[upper_pairs:])
        scale_rows(here, omega, terms, constants[4] > 0.0, factor)
        scale_rows(above, upper_omega, upper_terms, constants[5] > 0.0, upper_factor)
        integrate_out(arrays, precision, scale, factor, upper_factor, lower, upper)

        own = coefficients[draw]
        for a in range(columns):
            weights[a] = matrix[columns - 1, beside + a]  # (−b̂, 1)
        for r in range(columns - 1):
            shift = own[r] / np.sqrt(matrix[r, r])
            for a in range(r + 1):
                weights[a] -= shift * matrix[r, beside + a]
        for a in range(columns - 1):
            own[a] = -weights[a]

        for s in range(groups):
            for r in range(upper_terms):
                total = place(upper_at[r], draw, groups)[s]
                for a in range(columns):
                    total += above_work[a, r * upper_lanes + s] * weights[a]
                small[r, 0] = total
            for k in range(upper_terms):
                total = 0.0
                for r in range(upper_terms):
                    total += upper_root[r * upper_terms + k, s] * small[r, 0]
                place(upper_at[k], draw, groups)[s] = total

        clusters = 0
        for i in range(len(places)):
            clusters += places[i] >= 0
        for t in range(tiles):
            shrink(arrays[1][t], factor, terms, lanes, scale, small, root, covariances)
            residual = work[0]
            for i in range(terms * lanes):
                residual[i] = 0.0
            for a in range(columns):
                of = cross[t, a]
                for i in range(terms * lanes):
                    residual[i] += weights[a] * of[i]
            for k in range(upper_terms):
                of, effects = cross[t, columns + k], place(upper_at[k], draw, groups)
                for r in range(terms):
                    for i in range(lanes):
                        residual[r * lanes + i] -= of[r * lanes + i] * effects[parents[t, i]]
            for r in range(terms):
                into, noise = work[1 + r], place(lower_at[r], draw, clusters)
                for i in range(lanes):
                    at = places[t * lanes + i]
                    into[i] = noise[at] if at >= 0 else 0.0
                for k in range(terms):
                    by = root[r * terms + k]
                    for i in range(lanes):
                        into[i] += scale * by[i] * residual[k * lanes + i]
            for k in range(terms):
                effect = place(lower_at[k], draw, clusters)
                for i in range(lanes):
                    at = places[t * lanes + i]
                    if at >= 0:
                        total = 0.0
                        for r in range(terms):
                            total += root[r * terms + k, i] * work[1 + r, i]
                        effect[at] = total
    owner[0] = 0.0  # keeps the scratch alive to here
