"""Oblique rotation of factor loadings by gradient projection."""

from dataclasses import dataclass

import numpy as np

TOLERANCE = 1e-6  # of the projected gradient
ENOUGH = 1e-4  # of the same, where the criterion holds no further digit
SHORTEST_STEP = 1e-10
MOST_STEPS = 2000
SAME_MINIMUM = 1e-6


@dataclass(frozen=True)
class Rotation:
    """Rotated loadings.

    Attributes
    ----------
    loadings : ndarray, shape (k, m)
        Pattern coefficients; factors ordered by their sum of squares, each with a positive sum.
    factor_correlation : ndarray, shape (m, m)
    criterion : float
        Smallest value found.
    minima : int
        Distinct minima that the starts ended in: more than one, and the solution with the
        smallest criterion has rivals.
    converged : bool
    """

    loadings: np.ndarray
    factor_correlation: np.ndarray
    criterion: float
    minima: int
    converged: bool


def rotate_oblimin(loadings: np.ndarray, *, starts: int = 10, seed: int = 0) -> Rotation:
    """Rotate to direct quartimin (oblimin with γ = 0), without Kaiser's normalization.

    Parameters
    ----------
    loadings : ndarray, shape (k, m)
        Of orthogonal factors.
    starts : int
        The first from the loadings as they are, the others from random orthogonal rotations.
    seed : int
        Of the random starts.

    References
    ----------
    Jennrich, R. I. and Sampson, P. F. (1966). Rotation for simple loadings. Psychometrika 31,
    313-323. Bernaards, C. A. and Jennrich, R. I. (2005). Gradient projection algorithms and
    software for arbitrary rotation criteria in factor analysis. Educational and Psychological
    Measurement 65, 676-696 (oblique case).
    """
    factors = loadings.shape[1]
    if factors == 1:
        sign = 1.0 if loadings.sum() >= 0 else -1.0
        return Rotation(loadings * sign, np.eye(1), 0.0, 1, converged=True)
    rng = np.random.default_rng(seed)
    turns = [np.eye(factors)]
    turns += [np.linalg.qr(rng.normal(size=(factors, factors)))[0] for _ in range(starts - 1)]
    ends = [_descend(loadings, turn) for turn in turns]
    criterion, turn, converged = min(ends, key=lambda end: end[0])
    reached = np.sort([end[0] for end in ends if end[2]])
    apart = np.diff(reached) > SAME_MINIMUM * max(1.0, criterion)
    pattern = loadings @ np.linalg.inv(turn).T
    order = np.argsort(-(pattern**2).sum(axis=0), kind="stable")
    sign = np.where(pattern.sum(axis=0) < 0, -1.0, 1.0)
    return Rotation(
        loadings=(pattern * sign)[:, order],
        factor_correlation=(turn.T @ turn * np.outer(sign, sign))[np.ix_(order, order)],
        criterion=criterion,
        minima=1 + int(apart.sum()),
        converged=converged,
    )


def _quartimin(pattern: np.ndarray) -> tuple[float, np.ndarray]:
    """Sum over pairs of factors of the products of squared loadings, over 4, and its gradient."""
    squares = pattern**2
    others = squares.sum(axis=1, keepdims=True) - squares
    return float((squares * others).sum()) / 4, pattern * others


def _descend(loadings: np.ndarray, turn: np.ndarray) -> tuple[float, np.ndarray, bool]:
    """Follow the projected gradient from one start; columns of `turn` keep length one."""
    inverse = np.linalg.inv(turn)
    value, slope = _quartimin(loadings @ inverse.T)
    step = 1.0
    for _ in range(MOST_STEPS):
        gradient = -((loadings @ inverse.T).T @ slope @ inverse).T
        projected = gradient - turn * (turn * gradient).sum(axis=0)
        size = float((projected**2).sum())
        if size < TOLERANCE**2:
            return value, turn, True
        step *= 2
        while True:
            moved = turn - step * projected
            moved /= np.sqrt((moved**2).sum(axis=0))
            inverse = np.linalg.inv(moved)
            lower, slope = _quartimin(loadings @ inverse.T)
            if value - lower > 0.5 * size * step:
                break
            step /= 2
            if step < SHORTEST_STEP:
                return value, turn, size < ENOUGH**2
        turn, value = moved, lower
    return value, turn, False
