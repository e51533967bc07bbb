"""How far the ECDF of uniform ranks strays from the diagonal, everywhere at once."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from scipy import stats

from learning_with_others.errors import CompendiumError

NEVER = 1e-18  # the probability of so many ranks in one step is nothing beside the others


@dataclass(frozen=True)
class Band:
    """A simultaneous band around the difference of an ECDF from the uniform one.

    Attributes
    ----------
    points : ndarray, shape (positions - 1,)
        Shares k/positions of the ranks' range at which the ECDF is looked at.
    lower, upper : ndarray, shape (positions - 1,)
        Smallest and largest difference inside the band.
    pointwise : float
        γ: a difference lies outside where its two-sided binomial tail is γ or less.
    probability : float
        Exact probability that the ECDF of uniform ranks lies inside at every point.
    """

    points: np.ndarray
    lower: np.ndarray
    upper: np.ndarray
    pointwise: float
    probability: float


def difference_band(replications: int, positions: int, probability: float) -> Band:
    """Find the narrowest band of binomial intervals that holds at every point at once.

    Parameters
    ----------
    replications : int
        Number of ranks.
    positions : int
        Values that a rank can take, 0 to positions − 1: one more than the draws it is among.
    probability : float
        That all of the ECDF of uniform ranks lies inside, at least.

    Raises
    ------
    CompendiumError
        If a count is not positive or the probability not between 0 and 1.

    References
    ----------
    Säilynoja, T., Bürkner, P.-C. and Vehtari, A. (2022). Graphical test for discrete uniformity
    and its applications in goodness-of-fit evaluation and multiple sample comparison. Statistics
    and Computing, 32, 32. Sec. 2.2, with γ by optimization.
    """
    if replications < 1 or positions < 2 or not 0 < probability < 1:  # noqa: PLR2004
        raise CompendiumError(
            f"{replications} replications, {positions} positions, probability {probability}",
            where="calibration band",
            remedy="give one replication or more, two positions or more, a probability in (0, 1)",
        )
    tails = binomial_tails(replications, positions)
    # Between two tails that occur the band is the same one: only those need be tried.
    candidates = np.concatenate([[0.0], np.unique(tails)])
    low, high = 0, len(candidates) - 1
    while high - low > 1:
        middle = (low + high) // 2
        inside = probability_inside(replications, positions, candidates[middle]) >= probability
        low, high = (middle, high) if inside else (low, middle)
    pointwise = float(candidates[low])
    points = np.arange(1, positions) / positions
    allowed = tails > pointwise
    first = allowed.argmax(axis=1)
    last = replications - allowed[:, ::-1].argmax(axis=1)
    return Band(
        points=points,
        lower=first / replications - points,
        upper=last / replications - points,
        pointwise=pointwise,
        probability=probability_inside(replications, positions, pointwise),
    )


def probability_of_departure(ranks: np.ndarray, positions: int) -> float:
    """Exact probability that uniform ranks stray as far from uniformity as these, or farther.

    Parameters
    ----------
    ranks : ndarray of int, shape (replications,)
        From 0 to positions − 1.
    positions : int
    """
    counts = counts_below(ranks, positions)
    tails = binomial_tails(len(ranks), positions)
    farthest = tails[np.arange(positions - 1), counts].min()
    # Below 1e-12 or so it is rounding error.
    return max(0.0, 1 - probability_inside(len(ranks), positions, float(farthest)))


def counts_below(ranks: np.ndarray, positions: int) -> np.ndarray:
    """Count ranks below 1, 2, ..., positions − 1: their ECDF at the band's points, not yet a share.

    Raises
    ------
    CompendiumError
        If a rank is not a whole number from 0 to positions − 1.
    """
    values = np.asarray(ranks)
    if not np.isin(values, np.arange(positions)).all():
        raise CompendiumError(
            f"ranks from {values.min()} to {values.max()}",
            where="calibration",
            remedy=f"a rank is a whole number from 0 to {positions - 1}",
        )
    return np.bincount(values.astype(int), minlength=positions).cumsum()[:-1]


@lru_cache(maxsize=8)
def binomial_tails(replications: int, positions: int) -> np.ndarray:
    """Two-sided tail 2 min(P(X ≤ x), P(X ≥ x)) of every count x at every point.

    Returns
    -------
    ndarray, shape (positions - 1, replications + 1)
    """
    counts = np.arange(replications + 1)
    binomial = stats.binom(replications, np.arange(1, positions)[:, None] / positions)
    return 2 * np.minimum(binomial.cdf(counts), binomial.sf(counts - 1))


def probability_inside(replications: int, positions: int, pointwise: float) -> float:
    """Probability that the ECDF of uniform ranks has a tail above `pointwise` at every point.

    Counts of ranks in the steps between points are multinomial, that is, independent Poisson
    counts given their total; a recursion over the points keeps the probability of each count so
    far on paths that stayed inside.

    References
    ----------
    Moscovich, A. and Nadler, B. (2017). Fast calculation of boundary crossing probabilities for
    Poisson processes. Statistics & Probability Letters, 123, 177-182, eq. 6-9.
    """
    step = stats.poisson.pmf(np.arange(replications + 1), replications / positions)
    likely = step[: 1 + np.flatnonzero(step > NEVER).max()]
    allowed = binomial_tails(replications, positions) > pointwise
    paths = np.zeros(replications + 1)
    paths[0] = 1
    for inside in allowed:
        paths = np.convolve(paths, likely)[: replications + 1] * inside
    whole = stats.poisson.pmf(replications, replications)
    return float(paths @ step[::-1] / whole)
