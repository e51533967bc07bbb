"""Information on coefficients and effects of nested units, effects integrated out in turn."""

from dataclasses import dataclass

import numpy as np

from learning_with_others.inference.compiled import compiled
from learning_with_others.psychometrics.scores.plausible.compiled_algebra import (
    lower_triangle,
    solve_lower,
)
from learning_with_others.psychometrics.scores.plausible.joint_model import Cells

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
    fixed_right, cross, unit, unit_right = _sum_by_unit(
        precision,
        moments.weight,
        moments.design_weight,
        moments.response_weight,
        moments.response_products,
        cells.cluster,
        cells.clusters,
    )
    return Information(fixed, fixed_right.ravel(), cross.reshape(-1, p, p * q), unit, unit_right)


@compiled
def _sum_by_unit(
    precision: np.ndarray,
    weight: np.ndarray,
    design_weight: np.ndarray,
    response_weight: np.ndarray,
    response_products: np.ndarray,
    unit_of_cell: np.ndarray,
    units: int,
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Sums over the cells of each unit, without an array of cells × p × p × q between."""
    cells, p, _ = precision.shape
    q = design_weight.shape[1]
    fixed_right = np.zeros((p, q))
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
                    fixed_right[a, i] += value * response_products[c, b, i]
    return fixed_right, cross, unit, right


@dataclass(frozen=True)
class Absorbed:
    """Units integrated out; F is the Cholesky factor of each effect's conditional precision.

    Attributes
    ----------
    factor : ndarray, shape (units, p, p)
        F.
    cross : ndarray, shape (units, p, pq)
        F⁻¹ times the information's.
    unit : ndarray, shape (units, p, p)
        F⁻¹ times the information's.
    right : ndarray, shape (units, p)
        F⁻¹ times the information's.
    parent : ndarray of int, shape (units,), or None
        Unit of the level above that each belongs to; None if there is none.
    """

    factor: np.ndarray
    cross: np.ndarray
    unit: np.ndarray
    right: np.ndarray
    parent: np.ndarray | None


def absorb(
    information: Information, precision: np.ndarray, parent: np.ndarray | None
) -> tuple[Information, Absorbed]:
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
    Absorbed
        From which the effects are drawn given all above them.
    """
    units, p, width = information.cross.shape
    upper = 0 if parent is None else int(parent.max()) + 1
    factor, cross, unit, right, *above = _absorb_units(
        information.cross,
        information.unit,
        information.unit_right,
        precision,
        np.full(units, -1) if parent is None else parent,
        upper,
    )
    stacked = cross.reshape(units * p, width)
    fixed = information.fixed - stacked.T @ stacked
    fixed_right = information.fixed_right - right.ravel() @ stacked
    return Information(fixed, fixed_right, *above), Absorbed(factor, cross, unit, right, parent)


@compiled
def _absorb_units(
    cross: np.ndarray,
    unit: np.ndarray,
    right: np.ndarray,
    precision: np.ndarray,
    parent: np.ndarray,
    upper: int,
) -> tuple[np.ndarray, ...]:
    """Factors and what they solve, by unit; then cross, unit and right of the units above.

    A parent of −1 is none.
    """
    units, p, width = cross.shape
    factors, solved_unit = np.empty((units, p, p)), np.empty((units, p, p))
    solved_cross, solved_right = np.empty((units, p, width)), np.empty((units, p))
    above_cross, above_unit = np.zeros((upper, p, width)), np.zeros((upper, p, p))
    above_right = np.zeros((upper, p))
    for j in range(units):
        factor = lower_triangle(unit[j] + precision)
        factors[j] = factor
        solved_cross[j] = solve_lower(factor, cross[j])
        solved_unit[j] = solve_lower(factor, unit[j])
        solved_right[j] = solve_lower(factor, right[j].reshape(p, 1))[:, 0]
        above = parent[j]
        if above < 0:
            continue
        above_cross[above] += cross[j]
        above_unit[above] += unit[j]
        above_right[above] += right[j]
        for a in range(p):
            for b in range(p):
                value = solved_unit[j, b, a]
                above_cross[above, a] -= value * solved_cross[j, b]
                above_unit[above, a] -= value * solved_unit[j, b]
                above_right[above, a] -= value * solved_right[j, b]
    return (
        factors, solved_cross, solved_unit, solved_right, above_cross, above_unit, above_right
    )  # fmt: skip
