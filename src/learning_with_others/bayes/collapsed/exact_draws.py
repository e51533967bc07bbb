"""Exact draws of coefficients and group effects, given draws of the rest."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from learning_with_others.bayes.collapsed.draw_kernel import transform_noise
from learning_with_others.bayes.collapsed.random_structure import Problem, lane_order
from learning_with_others.inference.parallel import share_work


@dataclass(frozen=True)
class Effects:
    """Draws of what was integrated out.

    Attributes
    ----------
    coefficients : ndarray, shape (chains, draws, p)
    lower : ndarray, shape (q, chains, draws, J)
        Effects of the lowest clusters, one random term after the other; q = 0 if not drawn.
    upper : ndarray, shape (k, chains, draws, S)
        Effects of the upper groups; k = 0 without them, or if not drawn.
    """

    coefficients: np.ndarray
    lower: np.ndarray
    upper: np.ndarray


def draw_effects(
    problem: Problem, points: np.ndarray, seed: int, *, groups: bool = True
) -> Effects:
    """Draw b ~ N(b̂, K⁻¹), then v | b, then u | b, v, for every draw of the sampler.

    Standard normal numbers are written where the draws will stand and are transformed in place,
    so that memory holds the result only. Chains have random streams of their own; the result does
    not depend on how threads share them.

    Parameters
    ----------
    problem : Problem
    points : ndarray, shape (chains, draws, dimensions)
        Log standard deviations and inverse hyperbolic tangents of partial correlations.
    seed : int
    groups : bool
        Whether effects of groups are drawn, or coefficients only.
    """
    chains, draws, _ = points.shape
    columns, terms, upper_terms = (int(size) for size in problem.header[:3])
    above = len(problem.statistics.levels[1].labels) if upper_terms else 0
    if not groups:
        terms = upper_terms = 0
    clusters = len(problem.statistics.rows)
    effects = Effects(
        np.empty((chains, draws, columns - 1)),
        np.empty((terms, chains, draws, clusters)),
        np.empty((upper_terms, chains, draws, above)),
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
            above,
            clusters,
        )

    share_work(
        lambda part: [run(k) for k in range(*part.indices(chains))], chains, draws * clusters
    )
    return effects


def _addresses(arrays: Iterable[np.ndarray]) -> np.ndarray:
    return np.array([array.ctypes.data for array in arrays], dtype=np.int64)
