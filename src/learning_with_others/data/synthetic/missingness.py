"""What is missing: at random, at rates that differ by group."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from pandas.arrays import IntegerArray

from learning_with_others.study.simulation import DEFAULT, Simulation


def rates_by_student(rates: Mapping[str, float], group: np.ndarray) -> np.ndarray:
    """Rate of each student's group, or the default where the group is not named."""
    groups, position = np.unique(group, return_inverse=True)
    return np.array([rates.get(name, rates[DEFAULT]) for name in groups])[position]


def item_columns(
    names: list[str],
    codes: np.ndarray,
    simulation: Simulation,
    group: np.ndarray,
    rng: np.random.Generator,
) -> dict[str, IntegerArray]:
    """Leave answers out; in some scales a share of those is coded as skipped on purpose.

    Returns
    -------
    dict of str to IntegerArray
        Codes of each item, in the order of the survey.
    """
    missing = simulation.missing
    scale_of = [name for name, scale in simulation.items.items() for _ in scale]
    can_be_skipped = np.isin(scale_of, missing.skipped_scales)
    gone = rng.random(codes.shape) < rates_by_student(missing.items, group)[:, None]
    skipped = gone & can_be_skipped & (rng.random(codes.shape) < missing.skipped_share)
    codes = np.where(skipped, missing.skipped_code, codes)
    masks = gone & ~skipped
    return {
        name: IntegerArray(codes[:, position].copy(), masks[:, position].copy())
        for position, name in enumerate(names)
    }


def leave_out(
    values: np.ndarray, rates: Mapping[str, float], group: np.ndarray, rng: np.random.Generator
) -> pd.Series:
    """Leave numbers out at the rate of each student's group."""
    return pd.Series(values).mask(rng.random(len(values)) < rates_by_student(rates, group))
