"""Bounds of an effect where outcomes are missing, and more often in one arm than in the other.

No package of this environment has them; `leebounds` of Stata (Tauchmann 2014) does the same.
"""

from dataclasses import dataclass

import numpy as np
from scipy import optimize, stats


@dataclass(frozen=True)
class Bounds:
    """What an effect lies between.

    Attributes
    ----------
    lower, upper : float
    effect : float
        Difference in means of those who were seen, as if they had left at random.
    seen : (float, float)
        Share seen of those assigned to the arm, and of those who were not.
    """

    lower: float
    upper: float
    effect: float
    seen: tuple[float, float]


def lee_bounds(outcome: np.ndarray, assigned: np.ndarray, weights: np.ndarray) -> Bounds:
    """Bound the effect on those who would be seen in either arm.

    The arm in which more are seen loses its highest outcomes, or its lowest, until as few are
    left. This holds if assignment makes nobody more likely to be seen and somebody else less.

    Parameters
    ----------
    outcome : ndarray, shape (n,)
        Of everybody assigned; NaN where not seen.
    assigned : ndarray of bool, shape (n,)
        To the arm whose effect it is, or to the other.
    weights : ndarray, shape (n,)
        Inverse probabilities of the arm in which each is, where these differ between strata.

    References
    ----------
    Lee, D. S. (2009). Training, wages, and sample selection: estimating sharp bounds on treatment
    effects. Review of Economic Studies 76, 1071-1102, proposition 1a. Weighted shares and means
    are ratios of inverse-probability sums (Hájek 1971).
    """
    seen = np.isfinite(outcome)
    shares = [
        float(weights[arm & seen].sum() / weights[arm].sum()) for arm in (assigned, ~assigned)
    ]
    most = max(shares)
    ends, means = [], []
    for arm, share in zip((assigned, ~assigned), shares, strict=True):
        order = np.argsort(outcome[arm & seen], kind="stable")
        values, mass = outcome[arm & seen][order], weights[arm & seen][order]
        kept = min(shares) / share if share == most else 1.0
        ends.append((_lowest(values, mass, kept), -_lowest(-values[::-1], mass[::-1], kept)))
        means.append(float(np.average(values, weights=mass)))
    (low, high), (other_low, other_high) = ends
    return Bounds(low - other_high, high - other_low, means[0] - means[1], (shares[0], shares[1]))


def _lowest(values: np.ndarray, weights: np.ndarray, kept: float) -> float:
    """Mean of the lowest share `kept` of sorted values, the last one counted in part."""
    until = np.clip(kept * weights.sum() - (np.cumsum(weights) - weights), 0, weights)
    return float(np.average(values, weights=until))


def interval_of_bounds(
    lower: float, upper: float, errors: tuple[float, float], probability: float
) -> tuple[float, float]:
    """Give the interval that holds the bounded parameter with a probability.

    Shorter than one that holds both bounds: a parameter near one of them is far from the other.

    Parameters
    ----------
    lower, upper : float
        Estimated bounds.
    errors : (float, float)
        Standard errors of the two.
    probability : float

    References
    ----------
    Imbens, G. W. and Manski, C. F. (2004). Confidence intervals for partially identified
    parameters. Econometrica 72, 1845-1857, eq. 6-7.
    """
    width = (upper - lower) / max(errors)
    reach = optimize.brentq(
        lambda c: stats.norm.cdf(c + width) - stats.norm.cdf(-c) - probability, 0, 10
    )
    return lower - reach * errors[0], upper + reach * errors[1]
