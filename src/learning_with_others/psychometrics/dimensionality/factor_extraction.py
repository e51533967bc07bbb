"""Common factors: extraction by minimum residual or maximum likelihood, and oblique rotation."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy.optimize import minimize

from learning_with_others.errors import CompendiumError
from learning_with_others.psychometrics.dimensionality.adequacy import LARGEST_CONDITION

Method = Literal["minimum_residual", "maximum_likelihood"]
SMALLEST_UNIQUENESS = 0.005  # as psych and R's factanal
AT_BOUND = 1e-4
GRADIENT_TOLERANCE = 1e-9
FLAT = 1e-5
UNIT = 0.01  # the optimizer's unit of a uniqueness: short first steps, as R's optim in psych


Objective = Callable[[np.ndarray, np.ndarray, int], tuple[float, np.ndarray, np.ndarray]]


@dataclass(frozen=True)
class Extraction:
    """Unrotated factors of k items.

    Attributes
    ----------
    loadings : ndarray, shape (k, m)
    uniquenesses : ndarray, shape (k,)
    discrepancy : float
        Minimum of the function; for maximum likelihood, times n − 1 it is the likelihood ratio.
    degrees_of_freedom : int
        Distinct correlations minus free parameters; below zero the solution is not unique.
    heywood : ndarray of bool, shape (k,)
        Items whose uniqueness stands at its lower bound.
    converged : bool
    """

    loadings: np.ndarray
    uniquenesses: np.ndarray
    discrepancy: float
    degrees_of_freedom: int
    heywood: np.ndarray
    converged: bool


def degrees_of_freedom(items: int, factors: int) -> int:
    """Distinct correlations minus free parameters of an exploratory factor model."""
    return ((items - factors) ** 2 - items - factors) // 2


def extract_factors(correlation: np.ndarray, factors: int, method: Method) -> Extraction:
    """Find the uniquenesses at which m factors leave least behind.

    Parameters
    ----------
    correlation : ndarray, shape (k, k)
        Positive definite for maximum likelihood.
    factors : int
        m, from 1 to k − 1.
    method : {'minimum_residual', 'maximum_likelihood'}

    Raises
    ------
    CompendiumError
        If so many factors cannot be taken from so many items, or the matrix is singular.

    References
    ----------
    Harman, H. H. and Jones, W. H. (1966). Factor analysis by minimizing residuals (minres).
    Psychometrika 31, 351-368. Jöreskog, K. G. (1967). Some contributions to maximum likelihood
    factor analysis. Psychometrika 32, 443-482 (the function of the uniquenesses alone).
    """
    items = len(correlation)
    if not 0 < factors < items:
        raise CompendiumError(
            f"{factors} factors cannot be taken from {items} items",
            remedy=f"ask for 1 to {items - 1} factors",
        )
    objective: Objective = _residual if method == "minimum_residual" else _likelihood
    if method == "maximum_likelihood" and np.linalg.cond(correlation) > LARGEST_CONDITION:
        raise CompendiumError(
            "the correlation matrix is singular, so that it has no likelihood",
            remedy="take out the items that others determine, or use minimum residual",
        )

    def scaled(hundredths: np.ndarray) -> tuple[float, np.ndarray]:
        value, gradient, _ = objective(hundredths * UNIT, correlation, factors)
        return value, gradient * UNIT

    found = minimize(
        scaled,
        _start(correlation) / UNIT,
        jac=True,
        method="L-BFGS-B",
        bounds=[(SMALLEST_UNIQUENESS / UNIT, 1 / UNIT)] * items,
        options={"ftol": 1e-15, "gtol": GRADIENT_TOLERANCE * UNIT, "maxiter": 2000},
    )
    uniquenesses = found.x * UNIT
    discrepancy, gradient, loadings = objective(uniquenesses, correlation, factors)
    # The search may stop for want of digits where it has arrived: what counts is the slope left.
    downhill = np.clip(uniquenesses - gradient, SMALLEST_UNIQUENESS, 1.0)
    return Extraction(
        loadings=loadings,
        uniquenesses=uniquenesses,
        discrepancy=discrepancy,
        degrees_of_freedom=degrees_of_freedom(items, factors),
        heywood=uniquenesses <= SMALLEST_UNIQUENESS + AT_BOUND,
        converged=bool(np.abs(downhill - uniquenesses).max() < FLAT),
    )


def _start(correlation: np.ndarray) -> np.ndarray:
    """Uniquenesses by squared multiple correlations, where the inverse gives usable ones."""
    alone = 1 / np.diag(np.linalg.pinv(correlation))
    return np.clip(alone, 0.05, 1.0)


def _residual(
    uniquenesses: np.ndarray, correlation: np.ndarray, factors: int
) -> tuple[float, np.ndarray, np.ndarray]:
    """Half the squared residuals at the best loadings, its gradient, and these loadings."""
    values, vectors = np.linalg.eigh(correlation - np.diag(uniquenesses))
    kept = np.clip(values[-factors:], 0, None)
    loadings = vectors[:, -factors:] * np.sqrt(kept)
    left = correlation - loadings @ loadings.T
    left[np.diag_indices_from(left)] -= uniquenesses
    return 0.5 * float((left**2).sum()), -np.diag(left), loadings[:, ::-1]


def _likelihood(
    uniquenesses: np.ndarray, correlation: np.ndarray, factors: int
) -> tuple[float, np.ndarray, np.ndarray]:
    """Give the concentrated maximum likelihood discrepancy, its gradient, and the loadings."""
    root = np.sqrt(uniquenesses)
    values, vectors = np.linalg.eigh(correlation / np.outer(root, root))
    rest = values[:-factors]
    kept = np.clip(values[-factors:] - 1, 0, None)
    loadings = root[:, None] * vectors[:, -factors:] * np.sqrt(kept)
    implied = (loadings**2).sum(axis=1) + uniquenesses
    gradient = (implied - np.diag(correlation)) / uniquenesses**2
    return float((rest - np.log(rest) - 1).sum()), gradient, loadings[:, ::-1]


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
