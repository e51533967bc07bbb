"""What draws say of one number: summaries, verdicts, and fits to several values pooled."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from arviz_stats.base import array_stats
from scipy import optimize, stats


@dataclass(frozen=True)
class Summary:
    """Posterior mean, spread, interval and how sure its sign is.

    Attributes
    ----------
    mean, sd, lower, upper : float
        On the scale of the draws; the interval is equal-tailed.
    mcse : float
        Monte Carlo standard error of the mean.
    direction : float
        Posterior probability of the more probable sign, .5 to 1.
    """

    mean: float
    sd: float
    lower: float
    upper: float
    mcse: float
    direction: float

    @property
    def effective_size(self) -> float:
        """Independent draws that would give the mean as precisely."""
        return float(np.square(np.divide(self.sd, self.mcse)))


def summarize(
    draws: np.ndarray,
    probability: float,
    weights: np.ndarray | None = None,
    mcse: float | None = None,
) -> Summary:
    """Summarize draws of a scalar.

    Parameters
    ----------
    draws : ndarray, shape (chains, draws)
    probability : float
        Probability of the equal-tailed interval.
    weights : ndarray, shape (chains, draws), optional
        Of independent draws; without them, draws are chains.
    mcse : float, optional
        Monte Carlo standard error, where draws come from several fits.
    """
    tail = (1 - probability) / 2
    if weights is None:
        lower, upper = np.quantile(draws, [tail, 1 - tail])
        error = float(array_stats.mcse(draws, chain_axis=0, draw_axis=1)) if mcse is None else mcse
        return Summary(
            mean=float(draws.mean()),
            sd=float(draws.std(ddof=1)),
            lower=float(lower),
            upper=float(upper),
            mcse=error,
            direction=_direction((draws > 0).mean()),
        )
    flat, shares = draws.ravel(), weights.ravel() / weights.sum()
    mean = shares @ flat
    squares = np.square(flat - mean)
    lower, upper = weighted_quantiles(flat, shares, [tail, 1 - tail])
    return Summary(
        mean=float(mean),
        sd=float(np.sqrt(shares @ squares)),
        lower=lower,
        upper=upper,
        mcse=float(np.sqrt(np.square(shares) @ squares)) if mcse is None else mcse,
        direction=_direction(shares @ (flat > 0)),
    )


def _direction(positive: float) -> float:
    return float(max(positive, 1 - positive))


def weighted_quantiles(draws: np.ndarray, weights: np.ndarray, at: list[float]) -> list[float]:
    """Quantiles of weighted draws, interpolated as those of equal draws are in large samples.

    Parameters
    ----------
    draws, weights : ndarray, shape (S,)
        Weights sum to one.
    at : list of float
        Probabilities.
    """
    order = np.argsort(draws)
    reached = np.cumsum(weights[order]) - 0.5 * weights[order]
    return [float(value) for value in np.interp(at, reached, draws[order])]


def share_of(condition: np.ndarray, weights: np.ndarray | None) -> float:
    """Probability of what holds in some draws, weighted where draws are."""
    return float(np.average(condition, weights=weights))


def equivalence_share(draws: np.ndarray, bound: float, weights: np.ndarray | None = None) -> float:
    """Share of draws within the region of practical equivalence, `-bound` to `bound`."""
    return share_of(np.abs(draws) <= bound, weights)


def reachable_equivalence_share(sd: float, bound: float) -> float:
    """Largest share that a normal posterior of standard deviation `sd` can have within ±`bound`."""
    return float(2 * stats.norm.cdf(bound / sd) - 1)


def false_call_rate(sd: float, bound: float, error: float | None = None) -> float:
    """Probability of the verdict *supported* where there is no effect at all.

    For a normal posterior of sd `sd` whose mean is normal around zero: the mean must lie so far
    out that both parts of the rule hold.

    Parameters
    ----------
    sd, bound : float
    error : float, optional
        Standard deviation of the mean over repeated studies; `sd` where the model is right, its
        errors included.

    References
    ----------
    Kruschke, J. K. (2018). Rejecting or accepting parameter values in Bayesian estimation. Advances
    in Methods and Practices in Psychological Science 1, 270-280: the rule whose errors these are.
    """
    return float(2 * stats.norm.sf(least_supported(sd, bound) / (sd if error is None else error)))


def least_supported(sd: float, bound: float) -> float:
    """Smallest mean, above zero, of a normal posterior of sd `sd` that is called *supported*."""

    def inside(mean: float) -> float:
        share = stats.norm.cdf((bound - mean) / sd) - stats.norm.cdf((-bound - mean) / sd)
        return share - LARGEST_INSIDE

    far = bound + 10 * sd
    outside = optimize.brentq(inside, 0.0, far) if inside(0.0) > 0 else 0.0
    return float(max(stats.norm.ppf(LEAST_DIRECTION) * sd, outside))


def probability_error(probability: float, size: float) -> float:
    """Monte Carlo standard error of a probability, √(p(1 − p) / size).

    Never under that of a single draw on the other side: a share of 0 or 1 is not known exactly.

    Parameters
    ----------
    probability : float
    size : float
        Effective number of draws.
    """
    return float(np.sqrt(max(probability * (1 - probability), 1 / size) / size))


def error_through(function: Callable[[float], float], sd: float, size: float) -> float:
    """Monte Carlo standard error of a function of a posterior's sd, whose own is sd/√(2 size)."""
    error = sd / np.sqrt(2 * size)
    return abs(function(sd + error) - function(sd - error)) / 2


def verdict(direction: float, share: float) -> str:
    """Decide by the rule fixed before the data were seen.

    *practically none*: at least 95% within the region of practical equivalence, whatever the
    direction; *supported*: probability of direction at least .975 and under 5% within the region;
    *direction shown, size open*: such a probability of direction alone; else *inconclusive*.
    """
    if share >= LEAST_INSIDE:
        return NONE
    if direction < LEAST_DIRECTION:
        return INCONCLUSIVE
    return SUPPORTED if share < LARGEST_INSIDE else DIRECTION_SHOWN


@dataclass(frozen=True)
class PooledSummary:
    """Summary of a scalar over M fits, and what M values leave uncertain.

    Attributes
    ----------
    summary : Summary
        Of the equal-weight mixture of the fits; its `mcse` holds the part between values.
    missing_information : float
        Share of the variance that lies between values, 0 to 1; not a number for a single fit.
    """

    summary: Summary
    missing_information: float


def summarize_pooled(
    draws: np.ndarray, probability: float, weights: np.ndarray | None = None
) -> PooledSummary:
    """Summarize a scalar's draws from M fits, mixed with equal weights.

    With B the variance between the fits' means and W the mean variance within them, the missing
    information is (1 + 1/M) B / (W + (1 + 1/M) B), and the Monte Carlo error √(B / M), where B
    holds the Monte Carlo error within fits as well; a single fit's is its own.

    Parameters
    ----------
    draws : ndarray, shape (M, chains, draws)
    probability : float
        Of the equal-tailed interval.
    weights : ndarray, shape (M, chains, draws), optional
        Of independent draws.

    References
    ----------
    Zhou, X. and Reiter, J. P. (2010). A note on Bayesian inference after multiple imputation. The
    American Statistician 64, 159-163.
    """
    values = len(draws)
    if values == 1:
        alone = summarize(draws[0], probability, None if weights is None else weights[0])
        return PooledSummary(alone, float("nan"))
    flat = draws.reshape(values, -1)
    if weights is None:
        shares = np.full(flat.shape, 1 / flat.shape[1])
    else:
        shares = weights.reshape(values, -1)
        shares = shares / shares.sum(axis=1, keepdims=True)
    means = (shares * flat).sum(axis=1)
    between = float(means.var(ddof=1))
    within = float((shares * np.square(flat - means[:, None])).sum(axis=1).mean())
    inflated = (1 + 1 / values) * between
    found = summarize(
        flat,
        probability,
        None if weights is None else shares,
        mcse=float(np.sqrt(between / values)),
    )
    total = within + inflated
    return PooledSummary(found, inflated / total if total > 0 else 0.0)


INTERVAL_KIND = "equal-tailed credible"
SUPPORTED, DIRECTION_SHOWN = "supported", "direction shown, size open"
NONE, INCONCLUSIVE = "practically none", "inconclusive"
# The rule fixed before the data are seen.
LEAST_DIRECTION, LARGEST_INSIDE, LEAST_INSIDE = 0.975, 0.05, 0.95
