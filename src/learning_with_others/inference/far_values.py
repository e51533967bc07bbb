"""Values so far from the others that they are errors, or decide the results alone."""

import numpy as np

FAR = 10.0  # robust standard deviations from the median: no normal sample of any size reaches it
INTERQUARTILE = 1.349  # of a normal distribution, in standard deviations


def robust_distance(values: np.ndarray) -> np.ndarray:
    """Distance from the median in standard deviations told by the quartiles.

    An outlier moves neither. Zero for all where the quartiles coincide.

    Parameters
    ----------
    values : ndarray, shape (n,)
        NaN where missing.

    References
    ----------
    Huber, P. J. and Ronchetti, E. M. (2009). Robust statistics, 2nd ed. Wiley, ch. 1.
    """
    if not np.isfinite(values).any():
        return np.zeros(len(values))
    low, median, high = np.nanquantile(values, [0.25, 0.5, 0.75])
    spread = (high - low) / INTERQUARTILE
    return np.abs(values - median) / spread if spread > 0 else np.zeros(len(values))


def far_values(name: str, values: np.ndarray) -> list[str]:
    """Say how many values lie further from the median than any normal sample's would."""
    away = robust_distance(values)
    far = int((away > FAR).sum())
    if not far:
        return []
    where = f"lie up to {away.max():.0f} robust standard deviations from the median"
    told = "look for errors, results may rest on them"
    return [f"{far} of {len(values)} values of {name} {where}: {told}"]
