"""Draws of the residual covariance, with a prior for sds and another for correlations."""

import numpy as np
from scipy.linalg import lapack

from learning_with_others.bayes.multivariate.priors import StandardDeviation


def log_prior(covariance: np.ndarray, standard_deviation: StandardDeviation, shape: float) -> float:
    """Log density of (sds, correlations) but for its constant: spreads × LKJ(shape)."""
    variances = np.diag(covariance)
    log_determinant = np.linalg.slogdet(covariance)[1] - np.log(variances).sum()
    return float(
        standard_deviation.log_density(np.sqrt(variances)).sum() + (shape - 1) * log_determinant
    )


def draw_residual(
    last: np.ndarray,
    products: np.ndarray,
    rows: int,
    standard_deviation: StandardDeviation,
    shape: float,
    random: np.random.Generator,
) -> np.ndarray:
    r"""Draw the covariance of residuals by an independent proposal, kept or not by Metropolis.

    The proposal is the inverse Wishart :math:`|\Sigma|^{-(n + K)/2} e^{-\mathrm{tr}(\Sigma^{-1}
    E'E)/2}`: the likelihood times :math:`|\Sigma|^{-K/2} = \prod \sigma_k^{-K} |R|^{-K/2}`.
    The posterior of :math:`\Sigma` is the likelihood times :math:`\prod p(\sigma_k) \sigma_k^{-K}
    |R|^{\eta - 1}`, since :math:`d\Sigma = 2^K \prod \sigma_k^K d\sigma dR`; so what decides is
    :math:`\prod p(\sigma_k) |R|^{\eta - 1 + K/2}`, bounded for every prior, and nearly constant
    over the posterior of hundreds of rows.

    Parameters
    ----------
    last : ndarray, shape (K, K)
    products : ndarray, shape (K, K)
        E'E of the residuals.
    rows : int
        More than K.
    standard_deviation : StandardDeviation
        Prior of each standard deviation.
    shape : float
        Of the LKJ prior of the correlations.
    random : numpy.random.Generator

    Returns
    -------
    ndarray, shape (K, K)
        The last covariance if the proposal is refused.
    """
    proposed = _inverse_wishart(products, rows - 1, random)
    adjusted = shape + len(products) / 2
    change = log_prior(proposed, standard_deviation, adjusted) - log_prior(
        last, standard_deviation, adjusted
    )
    return proposed if -random.standard_exponential() < change else last


def _inverse_wishart(scale: np.ndarray, degrees: int, random: np.random.Generator) -> np.ndarray:
    """Σ = H H' with H = F A⁻¹', F the factor of the scale, A A' standard Wishart (Bartlett)."""
    size = len(scale)
    root = np.tril(random.standard_normal((size, size)), -1)
    root[np.diag_indices(size)] = np.sqrt(random.chisquare(degrees - np.arange(size)))
    half, _ = lapack.dtrtrs(root, np.linalg.cholesky(scale).T, lower=1)
    return half.T @ half
