"""Reliability of graded answers, from the polychoric correlations behind them."""

from dataclasses import dataclass

import numpy as np

from learning_with_others.errors import CompendiumError
from learning_with_others.inference.compiled import compiled
from learning_with_others.psychometrics.dimensionality.bivariate_normal import cdf_grid, normal_cdf
from learning_with_others.psychometrics.dimensionality.factor_extraction import extract_factors
from learning_with_others.psychometrics.dimensionality.polychoric import Polychoric
from learning_with_others.psychometrics.reliability.alpha import alpha_of_covariance


@dataclass(frozen=True)
class OrdinalOmega:
    """Omega of graded items from one factor of their polychoric correlations.

    Attributes
    ----------
    latent : float
        Of the sum of the continuous variables behind the answers, equal spreads.
    categorical : float
        Of the sum of the answers themselves.
    flags : tuple of str
    """

    latent: float
    categorical: float
    flags: tuple[str, ...]


def ordinal_alpha(polychoric: Polychoric) -> float:
    """Alpha of the polychoric correlations.

    Consistency of the continuous variables behind the answers, not of the answers' sum.

    Raises
    ------
    CompendiumError
        See `alpha_of_covariance`.

    References
    ----------
    Zumbo, B. D., Gadermann, A. M. and Zeisser, C. (2007). Ordinal versions of coefficients alpha
    and theta for Likert rating scales. Journal of Modern Applied Statistical Methods 6, 21-29.
    """
    return alpha_of_covariance(polychoric.correlation)


def ordinal_omega(polychoric: Polychoric) -> OrdinalOmega:
    """Give omega behind the answers and of the answers, from one minimum residual factor.

    Both are variance that the factor explains over variance of the sum: latent, (Σλ)² / ΣR;
    categorical, the same for category numbers, whose covariances follow from thresholds and
    correlations. R are the polychoric correlations themselves.

    Raises
    ------
    CompendiumError
        If there are fewer than three items.

    References
    ----------
    Gadermann, A. M., Guhn, M. and Zumbo, B. D. (2012). Estimating ordinal reliability for
    Likert-type and ordinal item response data. Practical Assessment, Research and Evaluation 17.
    Green, S. B. and Yang, Y. (2009). Reliability of summated item scores using structural
    equation modeling: an alternative to coefficient alpha. Psychometrika 74, 155-167, eq. 21.
    """
    if len(polychoric.items) < 3:  # noqa: PLR2004 - three correlations identify three loadings
        raise CompendiumError(
            f"{len(polychoric.items)} items do not identify the loadings of a factor",
            where=", ".join(polychoric.items),
            remedy="give alpha for so few items",
        )
    found = extract_factors(polychoric.correlation, 1)
    loadings = found.loadings[:, 0]
    flags = ("an item has no variance of its own (Heywood case)",) if found.heywood.any() else ()
    return OrdinalOmega(
        float(loadings.sum() ** 2 / polychoric.correlation.sum()),
        categorical_omega(loadings, polychoric.thresholds, polychoric.correlation),
        flags,
    )


def categorical_omega(
    loadings: np.ndarray, thresholds: np.ndarray, correlation: np.ndarray
) -> float:
    """Share of the variance of the sum of category numbers that one factor behind them explains.

    Parameters
    ----------
    loadings : ndarray, shape (k,)
        Standardized.
    thresholds : ndarray, shape (k, most categories − 1)
        NaN beyond an item's categories.
    correlation : ndarray, shape (k, k)
        Polychoric, for the variance of the sum.
    """
    explained = _sum_variance(thresholds, np.outer(loadings, loadings))
    return float(explained / _sum_variance(thresholds, correlation))


@compiled
def _sum_variance(thresholds: np.ndarray, correlation: np.ndarray) -> float:
    """Variance of the sum of the items' category numbers, normal variables behind them.

    A category number is a count of the thresholds passed, so that two of them covary by the sum
    over pairs of thresholds of P(both below) − P(one below) P(other below).
    """
    k = len(thresholds)
    total = 0.0
    for i in range(k):
        mine = thresholds[i][~np.isnan(thresholds[i])]
        for j in range(k):
            other = thresholds[j][~np.isnan(thresholds[j])]
            below = cdf_grid(mine, other, correlation[i, j])
            for c in range(len(mine)):
                for d in range(len(other)):
                    total += below[c, d] - normal_cdf(mine[c]) * normal_cdf(other[d])
    return total
