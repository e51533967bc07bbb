"""What a design could conclude of a gap: the verdicts that a posterior of its sd can reach.

All take the posterior to be normal with a known sd, and its mean to be normal around the true gap
with the same sd: what flat priors and a large sample give.
"""

from scipy import optimize, stats

from learning_with_others.bayes.summary import (
    LEAST_INSIDE,
    least_supported,
    reachable_equivalence_share,
)

POWER = 0.8  # by convention


def support_probability(gap: float, sd: float, bound: float) -> float:
    """Probability that a true gap is called *supported*, in either direction.

    Parameters
    ----------
    gap : float
        True gap.
    sd : float
        Of the posterior.
    bound : float
        Half-width of the region of practical equivalence.

    References
    ----------
    Kruschke, J. K. (2018). Rejecting or accepting parameter values in Bayesian estimation. Advances
    in Methods and Practices in Psychological Science 1, 270-280: the rule whose power this is.
    """
    needed = least_supported(sd, bound)
    return float(stats.norm.sf(needed, gap, sd) + stats.norm.cdf(-needed, gap, sd))


def supported_gap(sd: float, bound: float, power: float = POWER) -> float:
    """Smallest true gap that is called *supported* with probability `power`."""
    far = least_supported(sd, bound) + 10 * sd
    return float(optimize.brentq(lambda gap: support_probability(gap, sd, bound) - power, 0, far))


def none_probability(sd: float, bound: float) -> float:
    """Probability that a gap of exactly zero is called *practically none*."""
    if reachable_equivalence_share(sd, bound) < LEAST_INSIDE:
        return 0.0

    def short(mean: float) -> float:
        share = stats.norm.cdf((bound - mean) / sd) - stats.norm.cdf((-bound - mean) / sd)
        return share - LEAST_INSIDE

    return float(1 - 2 * stats.norm.sf(optimize.brentq(short, 0, bound) / sd))


def end_error(sd: float, size: float, probability: float) -> float:
    """Monte Carlo standard error of an end of an equal-tailed interval of a normal posterior.

    Parameters
    ----------
    sd : float
        Of the posterior.
    size : float
        Effective number of draws.
    probability : float
        Of the interval.

    References
    ----------
    Stuart, A. and Ord, J. K. (1994). Kendall's Advanced Theory of Statistics, vol. 1, section
    10.10: the variance of a sample quantile.
    """
    tail = (1 - probability) / 2
    return float(sd * (tail * (1 - tail) / size) ** 0.5 / stats.norm.pdf(stats.norm.ppf(tail)))
