"""Compiled algebra of many small matrices, and sums over cells, for the conditional draws."""

import numpy as np

from learning_with_others.inference.compiled import compiled


@compiled
def lower_triangle(matrix: np.ndarray) -> np.ndarray:
    """Cholesky factor L of L L' = matrix, shape (p, p).

    Raises
    ------
    ArithmeticError
        If the matrix is not positive definite.
    """
    p = matrix.shape[0]
    lower = np.zeros((p, p))
    for row in range(p):
        for column in range(row + 1):
            left = matrix[row, column]
            for k in range(column):
                left -= lower[row, k] * lower[column, k]
            if row > column:
                lower[row, column] = left / lower[column, column]
            elif left > 0:
                lower[row, row] = np.sqrt(left)
            else:
                raise ArithmeticError("a covariance or precision is not positive definite")
    return lower


@compiled
def solve_lower(lower: np.ndarray, right: np.ndarray) -> np.ndarray:
    """X of L X = right, shape (p, w)."""
    out = right.copy()
    for row in range(out.shape[0]):
        for k in range(row):
            factor = lower[row, k]
            for column in range(out.shape[1]):
                out[row, column] -= factor * out[k, column]
        scale = 1.0 / lower[row, row]
        for column in range(out.shape[1]):
            out[row, column] *= scale
    return out


@compiled
def solve_lower_transposed(lower: np.ndarray, right: np.ndarray) -> np.ndarray:
    """X of L' X = right, shape (p, w)."""
    out = right.copy()
    for row in range(out.shape[0] - 1, -1, -1):
        for k in range(row + 1, out.shape[0]):
            factor = lower[k, row]
            for column in range(out.shape[1]):
                out[row, column] -= factor * out[k, column]
        scale = 1.0 / lower[row, row]
        for column in range(out.shape[1]):
            out[row, column] *= scale
    return out


@compiled
def solve_each_transposed(lowers: np.ndarray, rights: np.ndarray) -> np.ndarray:
    """X of L' x = right for each of many, shape (units, p)."""
    units, p = rights.shape
    out = np.empty((units, p))
    for unit in range(units):
        for row in range(p - 1, -1, -1):
            left = rights[unit, row]
            for k in range(row + 1, p):
                left -= lowers[unit, k, row] * out[unit, k]
            out[unit, row] = left / lowers[unit, row, row]
    return out


@compiled
def stretch_quadratic(
    precision: np.ndarray,
    weight: np.ndarray,
    unexplained: np.ndarray,
    total: np.ndarray,
    effect: np.ndarray,
) -> tuple[np.ndarray, np.ndarray]:
    """Slope and curvature of the log likelihood in factors on `effect`, one for each variable.

    Parameters
    ----------
    precision : ndarray, shape (cells, p, p)
        Of a row of the response.
    weight : ndarray, shape (cells,)
        Σ l² over a cell's rows, l being the loading of the effects.
    unexplained : ndarray, shape (cells, p)
        Σ l × the response less what the fixed terms explain.
    total, effect : ndarray, shape (cells, p)
        All effects on each cell's rows, and those to be stretched.

    Returns
    -------
    slope : ndarray, shape (p,)
    curvature : ndarray, shape (p, p)
    """
    cells, p = effect.shape
    slope, curvature = np.zeros(p), np.zeros((p, p))
    for c in range(cells):
        for a in range(p):
            for b in range(p):
                pulled = effect[c, a] * precision[c, a, b]
                slope[a] += pulled * (unexplained[c, b] - weight[c] * total[c, b])
                curvature[a, b] += pulled * effect[c, b] * weight[c]
    return slope, curvature


@compiled
def products_given_exposure(
    products: np.ndarray, slope: np.ndarray, group: np.ndarray, groups: int
) -> tuple[np.ndarray, np.ndarray]:
    """Sums of squares of the exposure, and products of responses less their slopes on it.

    Parameters
    ----------
    products : ndarray, shape (cells, m + 1, m + 1)
        Σ e e' over the rows of each cell, the exposure first.
    slope : ndarray, shape (cells, m)
    group : ndarray of int, shape (cells,)
    groups : int

    Returns
    -------
    squares : ndarray, shape (groups,)
    responses : ndarray, shape (groups, m, m)
    """
    cells, m = slope.shape
    squares, responses = np.zeros(groups), np.zeros((groups, m, m))
    for c in range(cells):
        g = group[c]
        square = products[c, 0, 0]
        squares[g] += square
        for a in range(m):
            for b in range(m):
                responses[g, a, b] += (
                    products[c, a + 1, b + 1]
                    - slope[c, a] * products[c, b + 1, 0]
                    - slope[c, b] * products[c, a + 1, 0]
                    + square * slope[c, a] * slope[c, b]
                )
    return squares, responses


@compiled
def precisions_of_rows(
    exposure_variances: np.ndarray, precisions: np.ndarray, slope: np.ndarray, group: np.ndarray
) -> np.ndarray:
    """Inverse of L blockdiag(σ²_c, Σ_y) L' with L = [1 0; b I], in each cell.

    Parameters
    ----------
    exposure_variances : ndarray, shape (groups,)
        σ²_c.
    precisions : ndarray, shape (groups, m, m)
        Inverses of Σ_y.
    slope : ndarray, shape (cells, m)
        b.
    group : ndarray of int, shape (cells,)

    Returns
    -------
    ndarray, shape (cells, m + 1, m + 1)
    """
    cells, m = slope.shape
    out = np.empty((cells, m + 1, m + 1))
    for c in range(cells):
        g = group[c]
        corner = 1.0 / exposure_variances[g]
        for a in range(m):
            crossed = 0.0
            for b in range(m):
                crossed += precisions[g, a, b] * slope[c, b]
                out[c, a + 1, b + 1] = precisions[g, a, b]
            out[c, 0, a + 1] = out[c, a + 1, 0] = -crossed
            corner += slope[c, a] * crossed
        out[c, 0, 0] = corner
    return out
