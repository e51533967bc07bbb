"""Bounds that follow from relations and other bounds, and relations that follow from bounds."""

import numpy as np
from scipy.sparse import csr_array

CLOSE = 1e-6  # a computed bound this near to a whole number is that number


def tighten(
    matrix: csr_array,
    row_lower: np.ndarray,
    row_upper: np.ndarray,
    lower: np.ndarray,
    upper: np.ndarray,
) -> tuple[np.ndarray, np.ndarray]:
    """Tighten the bounds of whole numbers once by each relation.

    Parameters
    ----------
    matrix : scipy.sparse.csr_array
    row_lower, row_upper : numpy.ndarray
        Bounds of each row's sum, maybe infinite.
    lower, upper : numpy.ndarray
        Bounds of each variable, finite.

    Returns
    -------
    (numpy.ndarray, numpy.ndarray)
        The new bounds.

    Notes
    -----
    What a row leaves for one of its variables when all others are as small, or as large, as
    they may be (Savelsbergh 1994, *ORSA Journal on Computing* 6, 445-454).
    """
    row, column, value, least, most = _activity(matrix, lower, upper)
    rest_least = np.bincount(row, least, matrix.shape[0])[row] - least
    rest_most = np.bincount(row, most, matrix.shape[0])[row] - most
    one_end = (row_upper[row] - rest_least) / value
    other_end = (row_lower[row] - rest_most) / value
    highest = np.where(value > 0, one_end, other_end)
    lowest = np.where(value > 0, other_end, one_end)
    new_lower, new_upper = lower.copy(), upper.copy()
    np.minimum.at(new_upper, column, np.floor(highest + CLOSE))
    np.maximum.at(new_lower, column, np.ceil(lowest - CLOSE))
    return new_lower, new_upper


def redundant(
    matrix: csr_array,
    row_lower: np.ndarray,
    row_upper: np.ndarray,
    lower: np.ndarray,
    upper: np.ndarray,
) -> np.ndarray:
    """True for the relations that hold for all numbers within the bounds."""
    row, _, _, least, most = _activity(matrix, lower, upper)
    smallest = np.bincount(row, least, matrix.shape[0])
    largest = np.bincount(row, most, matrix.shape[0])
    return (smallest >= row_lower - CLOSE) & (largest <= row_upper + CLOSE)


def _activity(matrix: csr_array, lower: np.ndarray, upper: np.ndarray) -> tuple:
    """Each entry's row, column and value, and the least and most that it adds to its row."""
    row = np.repeat(np.arange(matrix.shape[0]), np.diff(matrix.indptr))
    column, value = matrix.indices, matrix.data
    least = np.where(value > 0, value * lower[column], value * upper[column])
    most = np.where(value > 0, value * upper[column], value * lower[column])
    return row, column, value, least, most
