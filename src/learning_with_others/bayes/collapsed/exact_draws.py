"""Exact draws of coefficients and group effects, given draws of the rest."""

import os
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from learning_with_others.bayes.collapsed.draw_kernel import transform_noise
from learning_with_others.bayes.collapsed.random_structure import Problem, lane_order


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
        Log standard deviations and inverse hyperbolic tangents of partial correlations.
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
        transform_noise(
            problem.header,
            np.ascontiguousarray(points[chain]),
            places,
            here[0],
            _addresses(here[1 : 1 + terms]),
            _addresses(here[1 + terms :]),
            groups,
            clusters,
        )

    with ThreadPoolExecutor(min(chains, os.cpu_count() or 1)) as pool:
        list(pool.map(run, range(chains)))
    return effects


def _addresses(arrays: Iterable[np.ndarray]) -> np.ndarray:
    return np.array([array.ctypes.data for array in arrays], dtype=np.int64)
