"""Cholesky factors of matrices of a few rows, for which a library call costs more than the work."""

import math

import numba
import numpy as np


@numba.njit(cache=True, nogil=True)
def factorize(matrix: np.ndarray) -> float:
    """Overwrite a matrix with its lower Cholesky factor; half its log determinant."""
    total = 0.0
    for a in range(len(matrix)):
        for b in range(a + 1):
            value = matrix[a, b]
            for c in range(b):
                value -= matrix[a, c] * matrix[b, c]
            matrix[a, b] = math.sqrt(value) if a == b else value / matrix[b, b]
        total += math.log(matrix[a, a])
    return total


@numba.njit(cache=True, nogil=True)
def divide(factor: np.ndarray, right: np.ndarray) -> float:
    """Overwrite a vector with F⁻¹ times it; half its square."""
    total = 0.0
    for a in range(len(factor)):
        for c in range(a):
            right[a] -= factor[a, c] * right[c]
        right[a] /= factor[a, a]
        total += right[a] * right[a] / 2
    return total


@numba.njit(cache=True, nogil=True)
def divide_transposed(factor: np.ndarray, right: np.ndarray) -> None:
    """Overwrite a vector with F'⁻¹ times it."""
    for a in range(len(factor) - 1, -1, -1):
        for c in range(a + 1, len(factor)):
            right[a] -= factor[c, a] * right[c]
        right[a] /= factor[a, a]
