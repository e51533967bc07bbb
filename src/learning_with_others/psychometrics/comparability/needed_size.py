"""How many people a group would show that releases change nothing that matters."""

import numpy as np
from scipy import stats

POWER = 0.8
DRAWS = 4000


def needed_size(
    covariance: np.ndarray, margin: float, *, within: float = 0.9, power: float = POWER
) -> float:
    """People that make all changes equivalent to none with this power, if none differs.

    A change with standard error σ/√n is shown to lie within the margin where |z| σ/√n plus its
    interval's half width does. The changes of one scale's items are correlated, so that the
    power is that of all of them together, by simulation.

    Parameters
    ----------
    covariance : ndarray, shape (k, k)
        Of the changes' estimates, times the number of people in a group.
    margin : float
    within : float
        Probability of the intervals.
    power : float

    References
    ----------
    Schuirmann, D. J. (1987). A comparison of the two one-sided tests procedure and the power
    approach. Journal of Pharmacokinetics and Biopharmaceutics 15, 657-680.
    """
    if not np.isfinite(covariance).all():
        return np.nan
    deviations = np.sqrt(np.diag(covariance))
    values, vectors = np.linalg.eigh(covariance)
    root = vectors * np.sqrt(np.maximum(values, 0))
    noise = np.random.default_rng(0).standard_normal((DRAWS, len(covariance))) @ root.T
    half = stats.norm.ppf((1 + within) / 2) * deviations
    # In each draw, the number of people from which on every interval lies within the margin.
    people = (((np.abs(noise) + half) / margin) ** 2).max(axis=1)
    return float(np.quantile(people, power))
