"""Coefficients and effects of nested units of a multivariate normal regression, drawn at once.

Effects are integrated out level by level, the coefficients drawn from what remains, and the
effects then drawn top down: coefficients and effects do not wait for each other, as they would
if drawn in turns.
"""

import numpy as np

from learning_with_others.measurement.scores.plausible.information import (
    COEFFICIENT_PRECISION,
    Moments,
    absorb,
    gather,
)
from learning_with_others.measurement.scores.plausible.model import Cells
from learning_with_others.measurement.scores.plausible.triangles import (
    solve_each_transposed,
    solve_lower,
    solve_lower_transposed,
)

__all__ = ["COEFFICIENT_PRECISION", "Moments", "draw_coefficients"]


def draw_coefficients(
    moments: Moments,
    cells: Cells,
    precisions: list[np.ndarray],
    rng: np.random.Generator,
) -> tuple[np.ndarray, list[np.ndarray]]:
    """Draw coefficients and effects from their joint normal distribution.

    Parameters
    ----------
    moments : Moments
    cells : Cells
    precisions : list of ndarray, shape (p, p)
        Inverse covariances of the effects: of clusters, then of the level above if it has
        effects; none at all for a regression without effects.
    rng : numpy.random.Generator

    Returns
    -------
    coefficients : ndarray, shape (p, q)
    effects : list of ndarray, shape (units, p)
        One for each of `precisions`.

    References
    ----------
    Chib, S. and Carlin, B. P. (1999). On MCMC sampling in hierarchical longitudinal models.
    Statistics and Computing 9, 17-26, algorithm 2.
    """
    p = moments.precision.shape[1]
    levels, left = [], gather(moments, cells)
    parents = [cells.parent if len(precisions) > 1 else None, None]
    for precision, parent in zip(precisions, parents, strict=False):
        left, absorbed = absorb(left, precision, parent)
        levels.append(absorbed)
    factor = np.linalg.cholesky(left.fixed)
    right = solve_lower(factor, left.fixed_right[:, None])
    right += rng.standard_normal(len(factor))[:, None]
    coefficients = solve_lower_transposed(factor, right)[:, 0]

    effects: list[np.ndarray] = []
    for level in reversed(levels):
        remaining = level.right - level.cross @ coefficients
        if level.parent is not None:
            remaining -= np.matmul(level.unit, effects[0][level.parent][..., None])[..., 0]
        remaining += rng.standard_normal(remaining.shape)
        effects.insert(0, solve_each_transposed(level.factor, remaining))
    return coefficients.reshape(p, -1), effects
