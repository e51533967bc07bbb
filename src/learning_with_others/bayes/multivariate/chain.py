"""One Markov chain: coefficients and effects, standard deviations, residual covariance, in turn."""

from dataclasses import dataclass

import numpy as np

from learning_with_others.bayes.multivariate.effects import Coefficients, draw_effects
from learning_with_others.bayes.multivariate.groups import draw_groups
from learning_with_others.bayes.multivariate.priors import StandardDeviation
from learning_with_others.bayes.multivariate.residual import draw_residual, log_prior
from learning_with_others.bayes.multivariate.standard_deviations import (
    draw_pooled_standard_deviation,
)
from learning_with_others.bayes.multivariate.sums import Sums, residual_sums, sums_without


@dataclass(frozen=True)
class Priors:
    """Priors of every parameter.

    Attributes
    ----------
    coefficients : Coefficients
    standard_deviations : list of StandardDeviation, length r
        Of the random terms of the lowest level, then of the upper; alike for every outcome.
    pooled : StandardDeviation
        Of the pooled coefficient's standard deviation between outcomes.
    residual : StandardDeviation
    correlation : float
        Shape of the residual correlations' LKJ prior.
    """

    coefficients: Coefficients
    standard_deviations: list[StandardDeviation]
    pooled: StandardDeviation
    residual: StandardDeviation
    correlation: float


@dataclass(frozen=True)
class State:
    """A point of the chain.

    Attributes
    ----------
    coefficients : ndarray, shape (K, p)
    pooled_mean, pooled_sd : float
    standard_deviations : ndarray, shape (K, r)
        Standard deviations of effects.
    covariance : ndarray, shape (K, K)
        Of one row's residuals.
    energy : float
        −log density of outcomes and parameters but for its constant, effects and deviations from
        the pooled mean standardized.
    """

    coefficients: np.ndarray
    pooled_mean: float
    pooled_sd: float
    standard_deviations: np.ndarray
    covariance: np.ndarray
    energy: float


def start(sums: Sums, priors: Priors, random: np.random.Generator) -> State:
    """Draw a start of (co)variances, each chain elsewhere; the rest is drawn given these."""
    count = len(sums.outcomes)
    covariance = sums.outcomes / sums.rows
    stretch = np.exp(random.normal(scale=0.5, size=count))
    return State(
        coefficients=np.zeros((count, len(sums.design))),
        pooled_mean=0.0,
        pooled_sd=priors.pooled.scale * np.exp(random.normal()),
        standard_deviations=np.array([prior.scale for prior in priors.standard_deviations])
        * np.exp(random.normal(size=(count, len(priors.standard_deviations)))),
        covariance=covariance * np.outer(stretch, stretch),
        energy=np.nan,
    )


def sweep(sums: Sums, priors: Priors, last: State, random: np.random.Generator) -> State:
    """Draw every parameter once."""
    precision = np.linalg.inv(last.covariance)
    precision = (precision + precision.T) / 2
    split = sums.between.shape[1]
    by_level = [last.standard_deviations[:, :split], last.standard_deviations[:, split:]]
    drawn = draw_effects(sums, priors.coefficients, precision, by_level, last.pooled_sd, random)
    coefficients, pooled = drawn.coefficients, priors.coefficients.pooled
    standard_deviations = last.standard_deviations.copy()
    effects_energy = draw_groups(
        sums,
        sums_without(sums, coefficients),
        precision,
        standard_deviations,
        drawn.effects,
        priors.standard_deviations,
        random,
    )
    across, products = residual_sums(sums, coefficients, drawn.effects)
    deviations = coefficients[:, pooled] - drawn.pooled_mean
    square = sums.design[pooled, pooled]
    pooled_sd, moved = draw_pooled_standard_deviation(
        across[pooled], square, precision, deviations, last.pooled_sd, priors.pooled, random
    )
    coefficients[:, pooled] += moved - deviations
    # Residuals change by -x times what the coefficients moved by, and so do their products.
    change = np.outer(moved - deviations, across[pooled])
    products += square * np.outer(moved - deviations, moved - deviations) - change - change.T
    covariance = draw_residual(
        last.covariance, products, sums.rows, priors.residual, priors.correlation, random
    )
    density = log_likelihood(covariance, products, sums.rows)
    density += log_prior(covariance, priors.residual, priors.correlation)
    density += _log_prior(priors, coefficients, drawn.pooled_mean, pooled_sd, standard_deviations)
    energy = effects_energy - density
    return State(
        coefficients, drawn.pooled_mean, pooled_sd, standard_deviations, covariance, energy
    )


def log_likelihood(covariance: np.ndarray, products: np.ndarray, rows: int) -> float:
    """Log density of residuals with cross-products E'E, without its constant."""
    determinant = np.linalg.slogdet(covariance)[1]
    return float(-rows / 2 * determinant - np.trace(np.linalg.solve(covariance, products)) / 2)


def _log_prior(
    priors: Priors,
    coefficients: np.ndarray,
    pooled_mean: float,
    pooled_sd: float,
    standard_deviations: np.ndarray,
) -> float:
    """Log prior density of coefficients and standard deviations of effects."""
    prior, pooled = priors.coefficients, priors.coefficients.pooled
    scaled = coefficients**2 * prior.precision
    scaled[:, pooled] = ((coefficients[:, pooled] - pooled_mean) / pooled_sd) ** 2
    total = -scaled.sum() / 2 - pooled_mean**2 * prior.precision[pooled] / 2
    total += priors.pooled.log_density(np.array(pooled_sd))
    for prior, sds in zip(priors.standard_deviations, standard_deviations.T, strict=True):
        total += prior.log_density(sds).sum()
    return float(total)
