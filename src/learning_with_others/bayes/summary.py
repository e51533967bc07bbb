"""Summaries of one quantity's draws."""

from dataclasses import dataclass

import arviz_stats as az  # without the plots of arviz, which take a second to import
import numpy as np
from scipy import optimize, stats

INTERVAL_KIND = "equal-tailed credible"
# The rule fixed before the data are seen.
LEAST_DIRECTION, LARGEST_INSIDE, LEAST_INSIDE = 0.975, 0.05, 0.95


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


def summarize(draws: np.ndarray, probability: float, mcse: float | None = None) -> Summary:
    """Summarize draws of a scalar.

    Parameters
    ----------
    draws : ndarray, shape (chains, draws)
    probability : float
        Probability of the equal-tailed interval.
    mcse : float, optional
        Monte Carlo standard error, where the draws are not chains of one fit.
    """
    tail = (1 - probability) / 2
    lower, upper = np.quantile(draws, [tail, 1 - tail])
    positive = float((draws > 0).mean())
    return Summary(
        mean=float(draws.mean()),
        sd=float(draws.std(ddof=1)),
        lower=float(lower),
        upper=float(upper),
        mcse=float(az.mcse(draws)) if mcse is None else mcse,
        direction=max(positive, 1 - positive),
    )


def equivalence_share(draws: np.ndarray, bound: float) -> float:
    """Share of draws within the region of practical equivalence, `-bound` to `bound`."""
    return float((np.abs(draws) <= bound).mean())


def reachable_equivalence_share(sd: float, bound: float) -> float:
    """Largest share that a normal posterior of standard deviation `sd` can have within ±`bound`."""
    return float(2 * stats.norm.cdf(bound / sd) - 1)


def false_call_rate(sd: float, bound: float) -> float:
    """Probability of the verdict *supported* where there is no effect at all.

    For a normal posterior of sd `sd` whose mean is normal around zero with the same sd:
    the mean must lie so far out that both parts of the rule hold.

    References
    ----------
    Kruschke, J. K. (2018). Rejecting or accepting parameter values in Bayesian estimation. Advances
    in Methods and Practices in Psychological Science 1, 270-280: the rule whose errors these are.
    """

    def inside(mean: float) -> float:
        share = stats.norm.cdf((bound - mean) / sd) - stats.norm.cdf((-bound - mean) / sd)
        return share - LARGEST_INSIDE

    far = bound + 10 * sd
    needed = optimize.brentq(inside, 0.0, far) if inside(0.0) > 0 else 0.0
    return float(2 * stats.norm.sf(max(stats.norm.ppf(LEAST_DIRECTION), needed / sd)))


def verdict(direction: float, share: float) -> str:
    """Decide by the rule fixed before the data were seen.

    *supported*: probability of direction at least .975 and under 5% within the region of
    practical equivalence; *practically none*: at least 95% within it; else *inconclusive*.
    """
    if direction >= LEAST_DIRECTION and share < LARGEST_INSIDE:
        return "supported"
    return "practically none" if share >= LEAST_INSIDE else "inconclusive"
