"""Standard deviations of one outcome's group effects, drawn with the effects integrated out.

Given effects, a standard deviation moves only as far as their number allows, which is slow where
groups are few or alike. With the effects of this outcome integrated out (its coefficients and
all of the other outcomes given) it moves freely, and the effects are then drawn anew.
"""

import numba
import numpy as np

from learning_with_others.bayes.multivariate.priors import StandardDeviation
from learning_with_others.bayes.multivariate.standard_deviations import WIDTH, log_prior
from learning_with_others.bayes.multivariate.sums import Sums
from learning_with_others.bayes.multivariate.triangles import divide, divide_transposed, factorize

# Slices of each standard deviation in turn, as they are much cheaper than a draw of all else.
REPEATS = 2


@numba.njit(cache=True, nogil=True)
def _lay_upper(sds: np.ndarray, weight: float, sums: tuple, work: tuple) -> None:
    """Write the upper level's precision and right-hand side before any lower level is absorbed."""
    upper, upper_right = sums[2], sums[4]
    factors, solved = work[3], work[4]
    for s in range(len(upper)):
        for a in range(len(sds)):
            solved[s, a] = weight * sds[a] * upper_right[s, a]
            for b in range(len(sds)):
                factors[s, a, b] = weight * sds[a] * upper[s, a, b] * sds[b]
            factors[s, a, a] += 1


@numba.njit(cache=True, nogil=True)
def _lay_lower(j: int, sds: np.ndarray, weight: float, sums: tuple, work: tuple) -> None:
    """Write one lowest group's precision, right-hand side and cross-precision."""
    lower, between, lower_right = sums[0], sums[1], sums[3]
    factors, solved, across = work[:3]
    q, k = between.shape[1:]
    for a in range(q):
        solved[j, a] = weight * sds[a] * lower_right[j, a]
        for b in range(q):
            factors[j, a, b] = weight * sds[a] * lower[j, a, b] * sds[b]
        factors[j, a, a] += 1
        for b in range(k):
            across[j, b, a] = weight * sds[a] * between[j, a, b] * sds[q + b]


@numba.njit(cache=True, nogil=True)
def log_marginal(sds: np.ndarray, weight: float, sums: tuple, work: tuple) -> float:
    """Log likelihood of an outcome's group standard deviations, but for a constant.

    Parameters
    ----------
    sds : ndarray, shape (q + k,)
        Of the lowest level, then of the upper.
    weight : float
        1 / variance of a row given the effects.
    sums : tuple
        Σ zz' (J, q, q), Σ zs' (J, q, k), Σ ss' (S, k, k), Σ z t (J, q) and Σ s t (S, k) of the
        outcome t without its effects, and the upper group of each lowest one (J,).
    work : tuple
        Overwritten with F (J, q, q), F⁻¹ times the right-hand side (J, q) and times the
        cross-precision with the upper effects (J, k, q); the first two of the upper level too.
    """
    parents = sums[5]
    factors, solved, across, upper_factors, upper_solved = work
    q, k = sums[1].shape[1:]
    _lay_upper(sds[q:], weight, sums, work)
    total = 0.0
    for j in range(len(parents)):
        _lay_lower(j, sds, weight, sums, work)
        total -= factorize(factors[j])
        total += divide(factors[j], solved[j])
        above = parents[j]
        for b in range(k):
            divide(factors[j], across[j, b])
            for a in range(q):
                upper_solved[above, b] -= across[j, b, a] * solved[j, a]
            for c in range(b + 1):
                for a in range(q):
                    upper_factors[above, b, c] -= across[j, b, a] * across[j, c, a]
    for s in range(len(upper_solved)):
        total -= factorize(upper_factors[s])
        total += divide(upper_factors[s], upper_solved[s])
    return total


@numba.njit(cache=True, nogil=True)
def _draw_sds(
    sds: np.ndarray,
    weight: float,
    sums: tuple,
    work: tuple,
    families: np.ndarray,
    settings: np.ndarray,
    random: np.random.Generator,
) -> None:
    """Draw each sd by a slice, in place; `work` is left as `log_marginal` leaves it for them."""
    value = log_marginal(sds, weight, sums, work)
    for m in np.arange(REPEATS * len(sds)) % len(sds):
        prior = (families[m], settings[m, 0], settings[m, 1])
        start, width = sds[m], WIDTH * settings[m, 0]
        height = value + log_prior(start, *prior) - random.standard_exponential()
        low = start - width * random.random()
        high = low + width
        low = max(low, 0.0)
        while True:
            sds[m] = low + (high - low) * random.random()
            value = log_marginal(sds, weight, sums, work)
            if value + log_prior(sds[m], *prior) >= height:
                break
            if sds[m] < start:
                low = sds[m]
            else:
                high = sds[m]


@numba.njit(cache=True, nogil=True)
def _draw_standard(parents: np.ndarray, work: tuple, random: np.random.Generator) -> None:
    """Overwrite both right-hand sides with standardized effects, the upper ones first."""
    factors, solved, across, upper_factors, upper_solved = work
    for s in range(len(upper_solved)):
        for a in range(upper_solved.shape[1]):
            upper_solved[s, a] += random.standard_normal()
        divide_transposed(upper_factors[s], upper_solved[s])
    for j in range(len(solved)):
        for a in range(solved.shape[1]):
            solved[j, a] += random.standard_normal()
            for b in range(across.shape[1]):
                solved[j, a] -= across[j, b, a] * upper_solved[parents[j], b]
        divide_transposed(factors[j], solved[j])


@numba.njit(cache=True, nogil=True)
def _target(
    k: int,
    ratios: np.ndarray,
    effects: tuple,
    without: tuple,
    sums: tuple,
) -> None:
    """Write Σ z t and Σ s t of t, outcome k less what other outcomes' residuals predict of it."""
    lower, between, upper, lower_right, upper_right, parents = sums
    q, width = between.shape[1:]
    others = ratios.copy()
    others[k] = 0
    for s in range(len(upper)):
        upper_right[s] = without[1][s] @ ratios - upper[s] @ (others @ effects[1][s])
    for j in range(len(lower)):
        own, above = others @ effects[0][j], others @ effects[1][parents[j]]
        lower_right[j] = without[0][j] @ ratios - lower[j] @ own
        for a in range(q):
            for b in range(width):
                lower_right[j, a] -= between[j, a, b] * above[b]
                upper_right[parents[j], b] -= between[j, a, b] * own[a]


@numba.njit(cache=True, nogil=True)
def _draw_outcomes(  # noqa: PLR0913, PLR0917 - compiled code takes arrays, not objects
    sds: np.ndarray,
    precision: np.ndarray,
    effects: tuple,
    without: tuple,
    sums: tuple,
    work: tuple,
    families: np.ndarray,
    settings: np.ndarray,
    random: np.random.Generator,
) -> float:
    """Draw sds and effects outcome by outcome; half the sum of squared standardized effects."""
    q = sums[0].shape[1]
    total = 0.0
    for k in range(len(precision)):
        weight = precision[k, k]
        _target(k, precision[k] / weight, effects, without, sums)
        _draw_sds(sds[k], weight, sums, work, families, settings, random)
        _draw_standard(sums[5], work, random)
        effects[0][:, k] = work[1] * sds[k, :q]
        effects[1][:, k] = work[4] * sds[k, q:]
        total += (work[1] ** 2).sum() / 2 + (work[4] ** 2).sum() / 2
    return total


def draw_groups(
    sums: Sums,
    without: tuple[np.ndarray, np.ndarray],
    precision: np.ndarray,
    sds: np.ndarray,
    effects: tuple[np.ndarray, np.ndarray],
    priors: list[StandardDeviation],
    random: np.random.Generator,
) -> float:
    """Draw the standard deviations and then the effects of each outcome, in place.

    Parameters
    ----------
    sums : Sums
    without : tuple of ndarray, shapes (J, q, K) and (S, k, K)
        Σ z r' and Σ s r' of the residuals r without any effects.
    precision : ndarray, shape (K, K)
        Inverse of the residual covariance.
    sds : ndarray, shape (K, q + k)
    effects : tuple of ndarray, shapes (J, K, q) and (S, K, k)
    priors : list of StandardDeviation, length q + k
    random : numpy.random.Generator

    Returns
    -------
    float
        Half the sum of squares of the standardized effects.
    """
    lower, upper = sums.levels
    groups, q, _ = lower.products.shape
    across, k, _ = upper.products.shape
    given = (
        lower.products,
        sums.between,
        upper.products,
        np.empty((groups, q)),
        np.empty((across, k)),
        sums.parents,
    )
    work = (
        np.empty((groups, q, q)),
        np.empty((groups, q)),
        np.empty((groups, k, q)),
        np.empty((across, k, k)),
        np.empty((across, k)),
    )
    families = np.array([prior.family for prior in priors])
    settings = np.array([(prior.scale, prior.degrees) for prior in priors])
    return _draw_outcomes(sds, precision, effects, without, given, work, families, settings, random)
