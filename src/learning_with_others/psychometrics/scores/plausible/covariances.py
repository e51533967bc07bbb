"""Draws of covariance matrices under weak priors on their standard deviations."""

import numpy as np

from learning_with_others.inference.compiled import compiled
from learning_with_others.psychometrics.scores.plausible.compiled_algebra import (
    lower_triangle,
    solve_lower,
    solve_lower_transposed,
)

# With 2 degrees of freedom every correlation is uniform a priori, and every standard deviation
# half-t with 2 degrees of freedom.
DEGREES = 2


def draw_covariances(
    products: np.ndarray,
    count: np.ndarray,
    inverse_scales: np.ndarray,
    prior_sd: float,
    rng: np.random.Generator,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Draw covariance matrices given normal vectors, and the auxiliary scales of their priors.

    Parameters
    ----------
    products : ndarray, shape (R, p, p)
        Σ x x' of the vectors of each of R samples, mean zero.
    count : ndarray, shape (R,)
        Number of vectors.
    inverse_scales : ndarray, shape (R, p)
        Last draw of the priors' auxiliary 1 / a.
    prior_sd : float
        Scale of the half-t prior of each standard deviation.
    rng : numpy.random.Generator

    Returns
    -------
    covariances, precisions : ndarray, shape (R, p, p)
    inverse_scales : ndarray, shape (R, p)

    References
    ----------
    Huang, A. and Wand, M. P. (2013). Simple marginally noninformative prior distributions for
    covariance matrices. Bayesian Analysis 8, 439-452, eq. 2 and sec. 4.
    """
    p = products.shape[1]
    place = np.arange(p)
    scale = products.copy()
    scale[:, place, place] += 2 * DEGREES * inverse_scales
    # NumPy: a standard gamma checks its arguments in less time than a chi-square or a gamma.
    degrees = DEGREES + p - 1 + np.asarray(count)[:, None] - place
    diagonal = np.sqrt(2 * rng.standard_gamma(degrees / 2))
    covariances, precisions = _from_roots(scale, rng.standard_normal(products.shape), diagonal)
    rate = DEGREES * precisions[:, place, place] + 1 / prior_sd**2
    return covariances, precisions, (rng.standard_gamma((DEGREES + p) / 2, rate.shape) / rate)


@compiled
def _from_roots(
    scale: np.ndarray, noise: np.ndarray, diagonal: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Bartlett: the precision is F⁻¹' A A' F⁻¹ with F the factor of the scale.

    A is the lower triangle of the noise with the diagonal given.
    """
    covariances, precisions = np.empty(scale.shape), np.empty(scale.shape)
    p = scale.shape[1]
    for r in range(len(scale)):
        root = np.zeros((p, p))
        for row in range(p):
            root[row, row] = diagonal[r, row]
            for column in range(row):
                root[row, column] = noise[r, row, column]
        factor = lower_triangle(scale[r])
        half = solve_lower_transposed(factor, root)
        other = solve_lower(root, factor.T.copy())
        precisions[r] = _products_of_rows(half)
        covariances[r] = _products_of_rows(other.T)
    return covariances, precisions


@compiled
def _products_of_rows(matrix: np.ndarray) -> np.ndarray:
    """X X'."""
    p, width = matrix.shape
    out = np.empty((p, p))
    for a in range(p):
        for b in range(a + 1):
            total = 0.0
            for k in range(width):
                total += matrix[a, k] * matrix[b, k]
            out[a, b] = out[b, a] = total
    return out


def draw_variances(
    squares: np.ndarray,
    count: float,
    inverse_scales: np.ndarray,
    prior_sd: float,
    rng: np.random.Generator,
) -> tuple[np.ndarray, np.ndarray]:
    """Draw variances one by one: `draw_covariances` for p = 1, each entry for itself.

    Parameters
    ----------
    squares : ndarray, shape (k,)
        Sums of squares of `count` normal values, mean zero.
    count, inverse_scales, prior_sd, rng
        As in `draw_covariances`.

    Returns
    -------
    variances, inverse_scales : ndarray, shape (k,)
    """
    rate = DEGREES * inverse_scales + squares / 2
    variances = rate / rng.standard_gamma((DEGREES + count) / 2, rate.shape)
    rate = DEGREES / variances + 1 / prior_sd**2
    return variances, rng.standard_gamma((DEGREES + 1) / 2, rate.shape) / rate
