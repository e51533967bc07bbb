"""Compiled algebra of many small positive definite matrices.

A call of a library costs more than a matrix of ten rows: these loops cost the arithmetic alone.
"""

import numba
import numpy as np


@numba.njit(cache=True, nogil=True)
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


@numba.njit(cache=True, nogil=True)
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


@numba.njit(cache=True, nogil=True)
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


@numba.njit(cache=True, nogil=True)
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
