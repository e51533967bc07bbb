"""Common factors by minimum residual."""

from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize

from learning_with_others.errors import CompendiumError

SMALLEST_UNIQUENESS = 0.005  # as psych and R's factanal
AT_BOUND = 1e-4
GRADIENT_TOLERANCE = 1e-9
FLAT = 1e-5
UNIT = 0.01  # the optimizer's unit of a uniqueness: short first steps, as R's optim in psych


@dataclass(frozen=True)
class Extraction:
    """Unrotated factors of k items.

    Attributes
    ----------
    loadings : ndarray, shape (k, m)
    uniquenesses : ndarray, shape (k,)
    degrees_of_freedom : int
        Distinct correlations minus free parameters; below zero the solution is not unique.
    heywood : ndarray of bool, shape (k,)
        Items whose uniqueness stands at its lower bound.
    converged : bool
    """

    loadings: np.ndarray
    uniquenesses: np.ndarray
    degrees_of_freedom: int
    heywood: np.ndarray
    converged: bool


def degrees_of_freedom(items: int, factors: int) -> int:
    """Distinct correlations minus free parameters of an exploratory factor model."""
    return ((items - factors) ** 2 - items - factors) // 2


def extract_factors(correlation: np.ndarray, factors: int) -> Extraction:
    """Find the uniquenesses at which m factors leave least behind.

    Parameters
    ----------
    correlation : ndarray, shape (k, k)
    factors : int
        m, from 1 to k − 1.

    Raises
    ------
    CompendiumError
        If so many factors cannot be taken from so many items.

    References
    ----------
    Harman, H. H. and Jones, W. H. (1966). Factor analysis by minimizing residuals (minres).
    Psychometrika 31, 351-368.
    """
    items = len(correlation)
    if not 0 < factors < items:
        raise CompendiumError(
            f"{factors} factors cannot be taken from {items} items",
            remedy=f"ask for 1 to {items - 1} factors",
        )

    def scaled(hundredths: np.ndarray) -> tuple[float, np.ndarray]:
        value, gradient, _ = _residual(hundredths * UNIT, correlation, factors)
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
    _, gradient, loadings = _residual(uniquenesses, correlation, factors)
    # The search may stop for want of digits where it has arrived: what counts is the slope left.
    downhill = np.clip(uniquenesses - gradient, SMALLEST_UNIQUENESS, 1.0)
    return Extraction(
        loadings=loadings,
        uniquenesses=uniquenesses,
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
