"""Draws of covariance matrices under weak priors on their standard deviations."""

import numpy as np

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
    factor = np.linalg.cholesky(scale).transpose(0, 2, 1)
    # Bartlett: the precision is F A A' F' with F the inverse transpose of the factor.
    root = np.tril(rng.standard_normal(products.shape), -1)
    root[:, place, place] = np.sqrt(
        rng.chisquare(DEGREES + p - 1 + np.asarray(count)[:, None] - place)
    )
    half = np.linalg.solve(factor, root)
    other = np.linalg.solve(root, factor)
    precisions = half @ half.transpose(0, 2, 1)
    covariances = other.transpose(0, 2, 1) @ other
    rate = DEGREES * precisions[:, place, place] + 1 / prior_sd**2
    return covariances, precisions, rng.gamma((DEGREES + p) / 2, 1 / rate)


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
    variances = 1 / rng.gamma((DEGREES + count) / 2, 1 / rate)
    return variances, rng.gamma((DEGREES + 1) / 2, 1 / (DEGREES / variances + 1 / prior_sd**2))
