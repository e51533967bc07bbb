"""Linear systems with a positive definite matrix of up to a few hundred rows.

Plain loops: the threads of a linear algebra library cost more than they save at this size, and
many times more where cores are shared; a search solves thousands of these systems.
"""

from dataclasses import dataclass

import numba
import numpy as np

SMALLEST_PIVOT = 1e-12  # of a matrix scaled to a diagonal of 1; below, it is singular to rounding


# Sums may be taken in any order, so that the compiler can add several terms at once.
@numba.njit(cache=True, nogil=True, fastmath={"reassoc", "nsz"})
def _factor(matrix: np.ndarray) -> bool:
    """Put the Cholesky factor L into the lower triangle; tell whether there is one."""
    for row in range(len(matrix)):
        for column in range(row + 1):
            total = matrix[row, column]
            for k in range(column):
                total -= matrix[row, k] * matrix[column, k]
            if row != column:
                matrix[row, column] = total / matrix[column, column]
            elif total > SMALLEST_PIVOT:
                matrix[row, row] = np.sqrt(total)
            else:  # also if it is NaN
                return False
    return True


@numba.njit(cache=True, nogil=True)
def _substitute(factor: np.ndarray, right: np.ndarray) -> None:
    """Solve L L' x = right in place, right of shape (m, r)."""
    size, columns = right.shape
    for row in range(size):
        for k in range(row):
            for column in range(columns):
                right[row, column] -= factor[row, k] * right[k, column]
        for column in range(columns):
            right[row, column] /= factor[row, row]
    for row in range(size - 1, -1, -1):
        for column in range(columns):
            right[row, column] /= factor[row, row]
        for k in range(row):
            for column in range(columns):
                right[k, column] -= factor[row, k] * right[row, column]


@dataclass(frozen=True)
class PositiveDefinite:
    """A factored matrix.

    Attributes
    ----------
    scale : ndarray, shape (m,)
        Square roots of the diagonal.
    factor : ndarray, shape (m, m)
        Lower triangle: Cholesky factor of the matrix scaled to a diagonal of 1.
    """

    scale: np.ndarray
    factor: np.ndarray

    def solve(self, right: np.ndarray) -> np.ndarray:
        """Solve matrix × x = right, of shape (m,) or (m, r)."""
        solved = right.reshape(len(right), -1) / self.scale[:, None]
        _substitute(self.factor, solved)
        return (solved / self.scale[:, None]).reshape(right.shape)


def factor_positive_definite(matrix: np.ndarray) -> PositiveDefinite | None:
    """Factor a symmetric matrix, or give nothing if it is not positive definite.

    Parameters
    ----------
    matrix : ndarray, shape (m, m)
    """
    diagonal = np.diag(matrix)
    if not (diagonal > 0).all():
        return None
    scale = np.sqrt(diagonal)
    factor = matrix / np.outer(scale, scale)
    return PositiveDefinite(scale, factor) if _factor(factor) else None
