"""How students of the synthetic study answer: their styles, and what they leave out."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from pandas.arrays import IntegerArray

from learning_with_others.data.synthetic.roster import draw_categories
from learning_with_others.study.simulation import DEFAULT, Simulation, Styles

STYLES = ("plain", "acquiescent", "extreme", "straight-lining", "speeding")


def draw_styles(styles: Styles, students: int, rng: np.random.Generator) -> np.ndarray:
    """Draw one style for each student, at the declared shares.

    Returns
    -------
    ndarray of str, shape (students,)
    """
    shares = [styles.acquiescent, styles.extreme, styles.straight_lining, styles.speeding]
    weights = np.tile([1 - sum(shares), *shares], (students, 1))
    return np.array(STYLES)[draw_categories(weights, rng)]


def draw_seconds(styles: Styles, style: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Time taken for the survey: log-normal, and a fraction of that for those who speed.

    Returns
    -------
    ndarray of int, shape (students,)
    """
    typical = styles.seconds_median * np.exp(
        styles.seconds_log_sd * rng.standard_normal(len(style))
    )
    return np.rint(typical * np.where(style == "speeding", styles.speeding_factor, 1)).astype(int)


def lean(answers: np.ndarray, middle: np.ndarray, style: np.ndarray, styles: Styles) -> np.ndarray:
    """Shift latent answers towards agreement, or away from the middle of the scale.

    Parameters
    ----------
    answers : ndarray, shape (students, items)
        Latent answers, before they are cut at the thresholds.
    middle : ndarray, shape (items,)
        Middle of each item's thresholds.
    style : ndarray of str, shape (students,)
    """
    factor = np.where(style == "extreme", styles.extremity_factor, 1)[:, None]
    shift = np.where(style == "acquiescent", styles.acquiescence_shift, 0)[:, None]
    return middle + factor * (answers - middle) + shift


def disregard(
    codes: np.ndarray, points: np.ndarray, style: np.ndarray, rng: np.random.Generator
) -> np.ndarray:
    """Put one place on every scale for straight-liners, and a random code for those who speed.

    Parameters
    ----------
    codes : ndarray of int, shape (students, items)
    points : ndarray of int, shape (items,)
        Number of points of each item's scale.
    style : ndarray of str, shape (students,)
    """
    place = np.where(
        (style == "straight-lining")[:, None], rng.random((len(codes), 1)), rng.random(codes.shape)
    )
    chosen = 1 + (place * points).astype(int)
    return np.where(np.isin(style, ["straight-lining", "speeding"])[:, None], chosen, codes)


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
