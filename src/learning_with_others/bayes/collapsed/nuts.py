"""Hand the collapsed density to nutpie, without any model language in between."""

import os
from dataclasses import dataclass

import numpy as np
import nutpie
import pyarrow as pa
from nutpie.compile_pymc import CompiledPyMCModel

from learning_with_others.bayes.collapsed.density import density_function, expand_function
from learning_with_others.bayes.collapsed.random_structure import Problem

POINT = "point"
JITTER = 0.5
STATISTICS = ("diverging", "energy", "n_steps")


@dataclass(frozen=True)
class Sampled:
    """What the sampler returned.

    Attributes
    ----------
    points : ndarray, shape (chains, draws, dimensions)
        Log standard deviations and inverse hyperbolic tangents of partial correlations.
    statistics : dict of str to ndarray, shape (chains, draws)
        `diverging`, `energy` and `n_steps`.
    """

    points: np.ndarray
    statistics: dict[str, np.ndarray]


def sample_points(
    problem: Problem, *, chains: int, tune: int, draws: int, target_accept: float, seed: int
) -> Sampled:
    """Sample unconstrained points with nutpie's No-U-Turn sampler.

    nutpie calls the machine code from threads of its own, without Python's lock. Another problem
    needs no compilation: only addresses change.

    Raises
    ------
    KeyboardInterrupt
        If sampling ended before its last draw: nutpie then returns what it has.
    """
    size = problem.dimensions
    model = CompiledPyMCModel(
        dims={},
        _n_dim=size,
        _shapes={POINT: (size,)},
        _coords={},
        compiled_logp_func=density_function(),
        compiled_expand_func=expand_function(),
        initial_point_func=lambda seed: starting_point(problem, seed),
        shared_data={str(k): array for k, array in enumerate(problem.arrays)},
        shared_var_keys={},
        user_data=problem.header,
        n_expanded=size,
        shape_info=([POINT], [slice(0, size)], [(size,)]),
        logp_func=None,
        expand_func=None,
    )
    trace = nutpie.sample(
        model,
        seed=seed,
        chains=chains,
        tune=tune,
        draws=draws,
        target_accept=target_accept,
        cores=min(chains, os.cpu_count() or 1),
        progress_bar=False,
        return_raw_trace=True,
    )
    return read_trace(*trace.get_arrow_trace(), chains, draws)


def read_trace(
    points: list[pa.RecordBatch], statistics: list[pa.RecordBatch], chains: int, draws: int
) -> Sampled:
    """Read the draws after warm-up from nutpie's tables, one a chain; refuse a sample cut short."""
    kept = [~_numbers(table, "tuning") for table in statistics]
    if len(kept) != chains or any(chain.sum() != draws for chain in kept):
        raise KeyboardInterrupt("sampling ended before its last draw")

    def stack(tables: list[pa.RecordBatch], name: str) -> np.ndarray:
        pairs = zip(tables, kept, strict=True)
        return np.stack([_numbers(table, name)[keep] for table, keep in pairs])

    return Sampled(stack(points, POINT), {name: stack(statistics, name) for name in STATISTICS})


def _numbers(table: pa.RecordBatch, name: str) -> np.ndarray:
    column = pa.array(table.column(name))
    if not hasattr(column, "flatten") or pa.types.is_primitive(column.type):
        return column.to_numpy(zero_copy_only=False)
    return column.flatten().to_numpy().reshape(len(column), -1)


def starting_point(problem: Problem, seed: int | None) -> np.ndarray:
    """Draw a start: sds near half the outcome's, correlations near none, each chain elsewhere."""
    point = np.zeros(problem.dimensions)
    names = len(problem.curves)
    point[:names] = problem.unconstrained(np.full(names, 0.5 * problem.outcome_sd))
    return point + np.random.default_rng(seed).normal(scale=JITTER, size=len(point))
