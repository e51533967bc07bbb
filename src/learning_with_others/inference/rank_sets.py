"""Confidence sets for ranks, and for what could be among the best."""

from typing import NamedTuple

import numpy as np

from learning_with_others.errors import CompendiumError

DRAWS = 20_000  # of the largest studentized difference; its 95% point then has an error near .01
NONE = 1e-12  # of the largest variance: a difference that varies less is known exactly


class RankSets(NamedTuple):
    """The lowest and highest rank of each unit; rank 1 has the largest value.

    Attributes
    ----------
    lower, upper : ndarray of int, shape (p,)
    """

    lower: np.ndarray
    upper: np.ndarray


def ranks_of(values: np.ndarray) -> np.ndarray:
    """Rank from the largest: one more than how many are larger, so that equal values share one.

    Parameters
    ----------
    values : ndarray, shape (..., p)
    """
    return 1 + (values[..., None, :] > values[..., :, None]).sum(axis=-1)


def rank_sets(
    estimates: np.ndarray,
    covariance: np.ndarray,
    *,
    simultaneous: bool,
    probability: float = 0.95,
    degrees: float = np.inf,
    stepdown: bool = True,
    seed: int = 0,
    draws: int = DRAWS,
) -> RankSets:
    """Two-sided confidence sets for the ranks of p units.

    A unit ranks below all that are significantly larger and above all that are significantly
    smaller. A difference is significant if, studentized, it exceeds a quantile of the largest
    of all differences compared, whose distribution is drawn. Differences found significant leave
    the family, and the rest is tested again until nothing new is found (stepdown). Units of equal
    value may have any rank among them; the sets hold all of these.

    Parameters
    ----------
    estimates : ndarray, shape (p,)
    covariance : ndarray, shape (p, p) or (p,)
        Of the estimates; standard errors of independent estimates if one-dimensional.
    simultaneous : bool
        Whether all sets together hold all ranks with the given probability; otherwise each set
        does by itself, in which differences with one unit only are compared.
    probability : float
    degrees : float
        Degrees of freedom of the covariance; differences are then multivariate t.
    stepdown : bool
    seed, draws : int

    References
    ----------
    Mogstad, M., Romano, J. P., Shaikh, A. M. and Wilhelm, D. (2024). Inference for ranks with
    applications to mobility across neighbourhoods and academic achievement across countries.
    Review of Economic Studies 91, 476-518 (the sets, and the stepdown of their algorithm 3.2).
    Romano, J. P. and Wolf, M. (2005). Exact and approximate stepdown methods for multiple
    hypothesis testing. Journal of the American Statistical Association 100, 94-108.
    """
    estimates, covariance = _checked(estimates, covariance)
    units = len(estimates)
    noise = _noise(covariance, degrees, seed, draws)
    every = ~np.eye(units, dtype=bool)
    if simultaneous:
        larger = _significant(estimates, covariance, every, noise, probability, stepdown=stepdown)
        return RankSets(1 + larger.sum(axis=0), units - larger.sum(axis=1))
    sets = []
    for unit in range(units):
        own = np.zeros_like(every)
        own[unit], own[:, unit] = True, True
        larger = _significant(
            estimates, covariance, own & every, noise, probability, stepdown=stepdown
        )
        sets.append((1 + larger[:, unit].sum(), units - larger[unit].sum()))
    lower, upper = np.array(sets, dtype=int).reshape(units, 2).T
    return RankSets(lower, upper)


def could_be_among(best: int, sets: RankSets) -> np.ndarray:
    """Which units a set for the `best` units holds: those that may have such a rank.

    Parameters
    ----------
    best : int
        How many, such as 3 for the top three.
    sets : RankSets
        Simultaneous ones: the set then holds all of the best with their probability.

    Returns
    -------
    ndarray of bool, shape (p,)
    """
    return sets.lower <= best


def value_draws(
    estimates: np.ndarray,
    covariance: np.ndarray,
    *,
    degrees: float = np.inf,
    seed: int = 0,
    draws: int = DRAWS,
) -> np.ndarray:
    """Posterior draws of the values under a flat prior, normal or multivariate t.

    Returns
    -------
    ndarray, shape (draws, p)

    References
    ----------
    Gelman, A. et al. (2013). Bayesian Data Analysis, 3rd edition, sections 3.5 and 4.1 (the normal
    approximation of a posterior).
    """
    estimates, covariance = _checked(estimates, covariance)
    return estimates + _noise(covariance, degrees, seed, draws)


def _checked(estimates: np.ndarray, covariance: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    estimates = np.asarray(estimates, dtype=float)
    covariance = np.asarray(covariance, dtype=float)
    if covariance.ndim == 1:
        covariance = np.diag(covariance**2)
    if covariance.shape != (len(estimates), len(estimates)):
        raise CompendiumError(
            f"{len(estimates)} estimates, but a covariance matrix of shape {covariance.shape}",
            where="rank sets",
            remedy="give one row and column, or one standard error, for each estimate",
        )
    if not (np.isfinite(estimates).all() and np.isfinite(covariance).all()):
        raise CompendiumError(
            "an estimate or its covariance is missing",
            where="rank sets",
            remedy="leave out what was not estimated",
        )
    return estimates, covariance


def _noise(covariance: np.ndarray, degrees: float, seed: int, draws: int) -> np.ndarray:
    """Draws of estimates around their values; a singular covariance matrix is one, too."""
    random = np.random.default_rng(seed)
    values, vectors = np.linalg.eigh(covariance)
    root = vectors * np.sqrt(np.clip(values, 0, None))
    noise = random.standard_normal((draws, len(covariance))) @ root.T
    if np.isfinite(degrees):
        noise /= np.sqrt(random.chisquare(degrees, size=(draws, 1)) / degrees)
    return noise


def _significant(
    estimates: np.ndarray,
    covariance: np.ndarray,
    compared: np.ndarray,
    noise: np.ndarray,
    probability: float,
    *,
    stepdown: bool,
) -> np.ndarray:
    """Say of each compared pair whether the first unit is significantly larger."""
    variance = np.diag(covariance)
    squares = variance[:, None] + variance - 2 * covariance
    varies = squares > NONE * variance.max(initial=0)
    difference = np.subtract.outer(estimates, estimates)
    known = compared & ~varies & (difference > 0)
    error = np.sqrt(np.where(varies, squares, 1))
    left, found = compared & varies, known
    while left.any():
        critical = np.quantile(_largest(noise, error, left), probability)
        new = left & (difference / error > critical)
        found, left = found | new, left & ~new
        if not new.any() or not stepdown:
            break
    return found


def _largest(noise: np.ndarray, error: np.ndarray, compared: np.ndarray) -> np.ndarray:
    """Draws of the largest studentized difference among the compared pairs."""
    largest = np.full(len(noise), -np.inf)
    for unit in np.flatnonzero(compared.any(axis=1)):
        others = compared[unit]
        of_unit = (noise[:, [unit]] - noise[:, others]) / error[unit, others]
        np.maximum(largest, of_unit.max(axis=1), out=largest)
    return largest
