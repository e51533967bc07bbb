"""Coefficients and effects of nested units of a multivariate normal regression, drawn at once.

Effects are integrated out level by level, the coefficients drawn from what remains, and the
effects then drawn top down: coefficients and effects do not wait for each other, as they would
if drawn in turns.
"""

from dataclasses import dataclass

import numba
import numpy as np

from learning_with_others.measurement.scores.plausible.model import Cells

# Precision of the normal prior of every coefficient: sd 10 in standard deviations of the variable,
# flat for any purpose but that a term without data stays finite.
COEFFICIENT_PRECISION = 0.01


@dataclass(frozen=True)
class Moments:
    """Weighted sums over each cell's rows.

    Attributes
    ----------
    precision : ndarray, shape (cells, p, p)
        Of a row of the response.
    weight : ndarray, shape (cells,)
        Σ l², l being the loading of the unit's effect (1 for an intercept).
    design_weight : ndarray, shape (cells, q)
        Σ l x.
    design_products : ndarray, shape (cells, q, q)
        Σ x x'.
    response_weight : ndarray, shape (cells, p)
        Σ l z.
    response_products : ndarray, shape (cells, p, q)
        Σ z x'.
    """

    precision: np.ndarray
    weight: np.ndarray
    design_weight: np.ndarray
    design_products: np.ndarray
    response_weight: np.ndarray
    response_products: np.ndarray


@dataclass(frozen=True)
class Information:
    """Quadratic form in the coefficients (p × q of them) and in one effect vector per unit.

    Attributes
    ----------
    fixed : ndarray, shape (pq, pq)
    fixed_right : ndarray, shape (pq,)
    cross : ndarray, shape (units, p, pq)
    unit : ndarray, shape (units, p, p)
    unit_right : ndarray, shape (units, p)
    """

    fixed: np.ndarray
    fixed_right: np.ndarray
    cross: np.ndarray
    unit: np.ndarray
    unit_right: np.ndarray


def gather(moments: Moments, cells: Cells) -> Information:
    """Information in the cells, effects by cluster, priors of the coefficients included."""
    precision = moments.precision
    count, p, _ = precision.shape
    q = moments.design_weight.shape[1]
    # NumPy: the sum over cells of Kronecker products, as one matrix product.
    fixed = precision.reshape(count, -1).T @ moments.design_products.reshape(count, -1)
    fixed = fixed.reshape(p, p, q, q).transpose(0, 2, 1, 3).reshape(p * q, p * q)
    fixed[np.diag_indices(p * q)] += COEFFICIENT_PRECISION
    fixed_right = np.matmul(precision, moments.response_products).sum(axis=0).ravel()
    cross, unit, unit_right = _sum_by_unit(
        precision,
        moments.weight,
        moments.design_weight,
        moments.response_weight,
        cells.cluster,
        cells.clusters,
    )
    return Information(fixed, fixed_right, cross.reshape(-1, p, p * q), unit, unit_right)


@numba.njit(cache=True, nogil=True)
def _sum_by_unit(
    precision: np.ndarray,
    weight: np.ndarray,
    design_weight: np.ndarray,
    response_weight: np.ndarray,
    unit_of_cell: np.ndarray,
    units: int,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Sums over the cells of each unit, without an array of cells × p × p × q between."""
    cells, p, _ = precision.shape
    q = design_weight.shape[1]
    cross = np.zeros((units, p, p, q))
    unit = np.zeros((units, p, p))
    right = np.zeros((units, p))
    for c in range(cells):
        j = unit_of_cell[c]
        for a in range(p):
            for b in range(p):
                value = precision[c, a, b]
                unit[j, a, b] += value * weight[c]
                right[j, a] += value * response_weight[c, b]
                for i in range(q):
                    cross[j, a, b, i] += value * design_weight[c, i]
    return cross, unit, right


def absorb(
    information: Information, precision: np.ndarray, parent: np.ndarray | None
) -> tuple[Information, np.ndarray]:
    """Integrate the units' effects out; what is left concerns the units of the level above.

    Parameters
    ----------
    information : Information
    precision : ndarray, shape (p, p)
        Inverse covariance of the effects.
    parent : ndarray of int, shape (units,), or None
        Unit of the level above that each belongs to; None if there is none.

    Returns
    -------
    Information
        With no units if there is no level above.
    conditional : ndarray, shape (units, p, p)
        Covariance of each effect given all above it.
    """
    conditional = np.linalg.inv(information.unit + precision)
    shrunk = conditional @ information.cross
    right = np.matmul(conditional, information.unit_right[..., None])[..., 0]
    units, p, width = shrunk.shape
    stacked = information.cross.reshape(units * p, width)
    fixed = information.fixed - stacked.T @ shrunk.reshape(units * p, width)
    fixed_right = information.fixed_right - stacked.T @ right.ravel()
    if parent is None:
        none = np.zeros(0)
        left = Information(
            fixed, fixed_right, none.reshape(0, p, width), none.reshape(0, p, p), none
        )
        return left, conditional
    upper = int(parent.max()) + 1
    cross, unit = np.zeros((upper, p, width)), np.zeros((upper, p, p))
    unit_right = np.zeros((upper, p))
    np.add.at(cross, parent, information.cross - information.unit @ shrunk)
    np.add.at(unit, parent, information.unit - information.unit @ conditional @ information.unit)
    lost = np.matmul(information.unit, right[..., None])[..., 0]
    np.add.at(unit_right, parent, information.unit_right - lost)
    return Information(fixed, fixed_right, cross, unit, unit_right), conditional


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
        above, conditional = absorb(left, precision, parent)
        levels.append((left, conditional, parent))
        left = above
    factor = np.linalg.cholesky(left.fixed)
    right = np.linalg.solve(factor, left.fixed_right) + rng.standard_normal(len(factor))
    coefficients = np.linalg.solve(factor.T, right)

    effects: list[np.ndarray] = []
    for information, conditional, parent in reversed(levels):
        remaining = information.unit_right - information.cross @ coefficients
        if parent is not None:
            remaining -= np.matmul(information.unit, effects[0][parent][..., None])[..., 0]
        noise = rng.standard_normal(remaining.shape)
        spread = np.linalg.cholesky(conditional)
        drawn = np.matmul(conditional, remaining[..., None]) + np.matmul(spread, noise[..., None])
        effects.insert(0, drawn[..., 0])
    return coefficients.reshape(p, -1), effects
