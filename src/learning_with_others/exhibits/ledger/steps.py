"""Steps of rounding for shares of people, and for numbers that would give away a count."""

import numpy as np
import pandas as pd

FINEST = 12  # decimals of the finest step
NO_STEP = 0
DIGITS = 3
# Of steps 1, 0.5, 0.2, 0.1, 0.05, …: how many of them make one.
STEPS_IN_ONE = sorted(
    {10**decimals // lead for decimals in range(FINEST + 1) for lead in (1, 2, 5)} - {0}
)


def steps_in_one(n: np.ndarray, per_step: float) -> np.ndarray:
    """Number of rounding steps between 0 and 1 such that a step holds so many of `n` people.

    Parameters
    ----------
    n : array of float
        Numbers of people as shown (rounded), so that the step tells no more than they do.
    per_step : float

    Returns
    -------
    numpy.ndarray of int
        One over the smallest of the steps 1, 2, 5 times a power of ten with
        ``step * n >= per_step``; `NO_STEP` where no step up to 1 does or `n` is missing.
    """
    n = np.atleast_1d(np.asarray(n, dtype=float))
    ladder = np.array(STEPS_IN_ONE, dtype=np.int64)
    most = np.where(n > 0, n, 0) / per_step
    place = np.searchsorted(ladder, most + 1e-9, side="right") - 1
    return np.where((place >= 0) & (most >= 1 - 1e-9), ladder[np.maximum(place, 0)], NO_STEP)


def share_steps(
    shares: np.ndarray, n: np.ndarray, minimum: int, possible_values: int
) -> np.ndarray:
    """Number of rounding steps between 0 and 1 for each share of `n` people.

    A share that, rounded, stays away from none and all by `minimum` people tells of no small
    number: its step holds `possible_values` people. Near none and all, half a step does, so that
    a share shown as 0 allows for so many.

    Parameters
    ----------
    shares, n : array of float
        Shares, and numbers of people as shown.
    minimum, possible_values : int

    Returns
    -------
    numpy.ndarray of int
        As of `steps_in_one`.
    """
    coarse = steps_in_one(n, max(2 * (possible_values - 1), 1))
    fine = steps_in_one(n, possible_values)
    nearest = nearest_steps(shares, fine)
    people = np.atleast_1d(np.asarray(n, dtype=float))
    one = np.where(fine == NO_STEP, 1, fine)
    low, high = (nearest - 0.5) / one * people, (nearest + 0.5) / one * people
    inside = (fine != NO_STEP) & (low >= minimum) & (people - high >= minimum)
    return np.where(inside, fine, coarse)


def nearest_steps(shares: np.ndarray, steps: np.ndarray) -> np.ndarray:
    """Number of steps nearest to each share, half up; missing where there is no step."""
    shares, steps = np.asarray(shares, dtype=float), np.asarray(steps)
    return np.where(steps == NO_STEP, np.nan, np.floor(shares * steps + 0.5))


def rounded_shares(shares: np.ndarray, steps: np.ndarray) -> np.ndarray:
    """Round shares to their steps; missing where there is no step."""
    return np.round(nearest_steps(shares, steps) / np.where(steps == NO_STEP, 1, steps), FINEST)


def significant(values: pd.Series) -> pd.Series:
    """Round to three significant digits, and to whole numbers from a thousand on.

    Statistics of whole answers (means, variances, correlations, reliabilities) are quotients of
    whole numbers: from all their digits, those of several together, the number of people and even
    their answers were worked out. Three digits are fewer than sampling error leaves meaning to.
    """
    numbers = values.to_numpy(dtype=float)
    with np.errstate(divide="ignore", invalid="ignore"):
        power = np.floor(np.log10(np.abs(numbers)))
    decimals = np.where(np.isfinite(power), np.clip(DIGITS - 1 - power, 0, FINEST), 0).astype(int)
    rounded = [round(x, d) for x, d in zip(numbers.tolist(), decimals.tolist(), strict=True)]
    return pd.Series(rounded, index=values.index, name=values.name, dtype=float)


def bearable(
    value: pd.Series, n: pd.Series, possible_values: int, per_person: pd.Series | float
) -> pd.Series:
    """Round numbers computed from `n` people so that they do not give away `n`.

    With all their digits, only one `n` may fit a number with a closed form in `n`.

    Parameters
    ----------
    value, n : pandas.Series
    possible_values : int
        About so many neighbouring `n` must lead to the same rounded number.
    per_person : pandas.Series or float
        How far one person more moves a number, times `n`: half of its size for what falls with
        the square root of `n`.

    Returns
    -------
    pandas.Series
        Rounded to the smallest step of 1, 2, 5 times a power of ten that is at least
        ``possible_values * per_person / n``; missing stays missing, as does what has no `n`.
    """
    values, people, moves = np.broadcast_arrays(
        np.asarray(value, float), np.asarray(n, float), np.abs(np.asarray(per_person, float))
    )
    rounded = np.full(values.shape, np.nan)
    known = np.isfinite(values) & (people > 0)
    still = known & ~(moves > 0)
    rounded[still] = values[still]
    moved = known & (moves > 0)
    wanted = moves[moved] * possible_values / people[moved]
    power = np.floor(np.log10(wanted))
    lead = wanted / 10.0**power
    factor = np.select([lead <= 1 + 1e-9, lead <= 2 + 1e-9, lead <= 5 + 1e-9], [1, 2, 5], 10)
    step = factor * 10.0**power
    multiples = np.floor(values[moved] / step + 0.5)
    decimals = np.maximum(-power, 0).astype(int)
    rounded[moved] = [
        round(m * s, d) for m, s, d in zip(multiples, step, decimals.tolist(), strict=True)
    ]
    return pd.Series(rounded, index=value.index, name=value.name)
