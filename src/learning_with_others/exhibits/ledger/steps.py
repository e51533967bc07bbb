"""Steps of rounding for shares of people, and for numbers that would give away a count."""

import numpy as np
import pandas as pd

FINEST = 12  # decimals of the finest step
NO_STEP = 0
# Of steps 1, 0.5, 0.2, 0.1, 0.05, …: how many of them make one.
STEPS_IN_ONE = sorted(
    {10**decimals // lead for decimals in range(FINEST + 1) for lead in (1, 2, 5)} - {0}
)


def steps_in_one(n: np.ndarray, possible_values: int) -> np.ndarray:
    """Number of rounding steps between 0 and 1 for shares of `n` people.

    Parameters
    ----------
    n : array of float
        Numbers of people as shown (rounded), so that the step tells no more than they do.
    possible_values : int
        A share shown as 0 must allow for so many numerators.

    Returns
    -------
    numpy.ndarray of int
        One over the smallest of the steps 1, 2, 5 times a power of ten with
        ``step / 2 * n >= possible_values - 1``; `NO_STEP` where no step up to 1 does or `n` is
        missing.
    """
    n = np.atleast_1d(np.asarray(n, dtype=float))
    ladder = np.array(STEPS_IN_ONE, dtype=np.int64)
    if possible_values <= 1:
        return np.where(n > 0, ladder[-1], NO_STEP)
    most = np.where(n > 0, n, 0) / (2 * (possible_values - 1))
    place = np.searchsorted(ladder, most + 1e-9, side="right") - 1
    return np.where((place >= 0) & (most >= 1 - 1e-9), ladder[np.maximum(place, 0)], NO_STEP)


def nearest_steps(shares: np.ndarray, steps: np.ndarray) -> np.ndarray:
    """Number of steps nearest to each share, half up; missing where there is no step."""
    shares, steps = np.asarray(shares, dtype=float), np.asarray(steps)
    return np.where(steps == NO_STEP, np.nan, np.floor(shares * steps + 0.5))


def rounded_shares(shares: np.ndarray, steps: np.ndarray) -> np.ndarray:
    """Round shares to their steps; missing where there is no step."""
    return np.round(nearest_steps(shares, steps) / np.where(steps == NO_STEP, 1, steps), FINEST)


def bearable(
    value: float | pd.Series, n: float | pd.Series, possible_values: int
) -> float | pd.Series:
    """Round a number computed from `n` people so that it does not give away `n`.

    For numbers with a closed form in `n` (an item's mean, a BIC, Welch's degrees of freedom):
    with all their digits, only one `n` may fit.

    Parameters
    ----------
    value : float or pandas.Series
    n : float or pandas.Series
        Number of people behind each value.
    possible_values : int
        About so many neighbouring `n` must lead to the same rounded number.

    Returns
    -------
    float or pandas.Series
        Rounded to the smallest step of 1, 2, 5 times a power of ten that is at least
        ``abs(value) * possible_values / n``; missing stays missing, as does what has no `n`.
    """
    values, people = np.broadcast_arrays(np.asarray(value, float), np.asarray(n, float))
    rounded = np.full(values.shape, np.nan)
    known = np.isfinite(values) & (people > 0)
    rounded[known & (values == 0)] = 0.0
    moved = known & (values != 0)
    wanted = np.abs(values[moved]) * possible_values / people[moved]
    power = np.floor(np.log10(wanted))
    lead = wanted / 10.0**power
    factor = np.select([lead <= 1 + 1e-9, lead <= 2 + 1e-9, lead <= 5 + 1e-9], [1, 2, 5], 10)
    step = factor * 10.0**power
    multiples = np.floor(values[moved] / step + 0.5)
    decimals = np.maximum(-power, 0).astype(int)
    rounded[moved] = [
        round(m * s, d) for m, s, d in zip(multiples, step, decimals.tolist(), strict=True)
    ]
    if isinstance(value, pd.Series):
        return pd.Series(rounded, index=value.index, name=value.name)
    return float(rounded) if rounded.ndim == 0 else rounded
