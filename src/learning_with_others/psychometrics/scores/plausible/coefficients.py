"""Draws of coefficients and nested effects, and moves of effects with their standard deviations."""

import numpy as np

from learning_with_others.inference.compiled import compiled
from learning_with_others.psychometrics.scores.plausible.compiled_algebra import (
    solve_each_transposed,
    solve_lower,
    solve_lower_transposed,
)
from learning_with_others.psychometrics.scores.plausible.effects_information import (
    COEFFICIENT_PRECISION,
    Moments,
    absorb,
    gather,
)
from learning_with_others.psychometrics.scores.plausible.joint_model import Cells

__all__ = ["COEFFICIENT_PRECISION", "Moments", "draw_coefficients"]


def draw_coefficients(
    moments: Moments, cells: Cells, precisions: list[np.ndarray], rng: np.random.Generator
) -> tuple[np.ndarray, list[np.ndarray]]:
    """Draw coefficients and effects from their joint normal distribution.

    Parameters
    ----------
    moments : Moments
    cells : Cells
    precisions : list of ndarray, shape (p, p)
        Inverse covariances of the effects: of clusters, then of the level above if it has
        effects; none at all for a regression without effects.
    rng : numpy.random.Generator

    Returns
    -------
    coefficients : ndarray, shape (p, q)
    effects : list of ndarray, shape (units, p)
        One for each of `precisions`.

    References
    ----------
    Chib, S. and Carlin, B. P. (1999). On MCMC sampling in hierarchical longitudinal models.
    Statistics and Computing 9, 17-26, algorithm 2.
    """
    p = moments.precision.shape[1]
    levels, left = [], gather(moments, cells)
    parents = [cells.parent if len(precisions) > 1 else None, None]
    for precision, parent in zip(precisions, parents, strict=False):
        left, absorbed = absorb(left, precision, parent)
        levels.append(absorbed)
    factor = np.linalg.cholesky(left.fixed)
    right = solve_lower(factor, left.fixed_right[:, None])
    right += rng.standard_normal(len(factor))[:, None]
    coefficients = solve_lower_transposed(factor, right)[:, 0]

    effects: list[np.ndarray] = []
    for level in reversed(levels):
        remaining = level.right - level.cross @ coefficients
        if level.parent is not None:
            remaining -= np.matmul(level.unit, effects[0][level.parent][..., None])[..., 0]
        remaining += rng.standard_normal(remaining.shape)
        effects.insert(0, solve_each_transposed(level.factor, remaining))
    return coefficients.reshape(p, -1), effects


# Step sizes on the logarithm of the factor, one of them drawn at each try whatever the state.
STEPS = (0.05, 0.2, 0.8)


def draw_factors(
    slope: np.ndarray,
    curvature: np.ndarray,
    inverse_scales: np.ndarray,
    prior_sd: float,
    rng: np.random.Generator,
) -> np.ndarray:
    """Factors g_k for effects u_k, their standard deviation and its prior's scale.

    The density of the effects given their covariance, and of that given the prior's auxiliary
    scale a, do not change when all are stretched (u by g, the variance and 1 / a by g²). What
    changes is the likelihood, quadratic in g, and the prior of 1 / a, gamma(1/2, 1 / prior_sd²).

    Parameters
    ----------
    slope : ndarray, shape (p,)
        Derivative of the log likelihood with respect to each factor, at 1.
    curvature : ndarray, shape (p, p)
        Minus its second derivatives.
    inverse_scales : ndarray, shape (p,)
        1 / a.
    prior_sd : float
    rng : numpy.random.Generator

    Returns
    -------
    ndarray, shape (p,)

    References
    ----------
    Liu, J. S. and Sabatti, C. (2000). Generalised Gibbs sampler and multigrid Monte Carlo for
    Bayesian computation. Biometrika 87, 353-369, theorem 1.
    """
    noise = rng.standard_normal((len(slope), len(STEPS))) * STEPS
    patience = rng.standard_exponential(noise.shape)
    return _walk(slope, curvature, inverse_scales / prior_sd**2, noise, patience)


@compiled
def _walk(
    slope: np.ndarray,
    curvature: np.ndarray,
    prior_rate: np.ndarray,
    noise: np.ndarray,
    patience: np.ndarray,
) -> np.ndarray:
    """Metropolis steps on each factor in turn.

    The target stands against dg / g, so that symmetric steps on log g need no correction.
    """
    factors = np.ones(len(slope))
    for k in range(len(factors)):
        # Factors that have moved show in this one's slope through the curvature.
        tilt = slope[k]
        for other in range(k):
            tilt -= curvature[k, other] * (factors[other] - 1.0)
        current = -prior_rate[k]  # at factor 1
        for step in range(noise.shape[1]):
            proposal = factors[k] * np.exp(noise[k, step])
            change = proposal - 1.0
            target = (
                tilt * change
                - curvature[k, k] * change**2 / 2
                + np.log(proposal)
                - prior_rate[k] * proposal**2
            )
            if target - current > -patience[k, step]:
                factors[k] = proposal
                current = target
    return factors
