"""Compiled sums over cells, for conditional draws of the structural parameters."""

import numba
import numpy as np


@numba.njit(cache=True, nogil=True)
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


@numba.njit(cache=True, nogil=True)
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


@numba.njit(cache=True, nogil=True)
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
