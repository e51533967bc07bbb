"""The two groups of the main contrast: their rows, their unit, and whether they can be compared."""

import numpy as np
import pandas as pd

from learning_with_others.data.measures.opportunities import Measure
from learning_with_others.study import StudyDesign

ROUNDING = 1e-9  # of the values' size: less spread is none
FEWEST_DEGREES = 4  # with fewer, CR2 tests err too often (Tipton 2015)


def contrasted(rows: pd.DataFrame, study: StudyDesign) -> pd.DataFrame:
    """Rows of the focal and the reference group that have their clusters."""
    group_role = study.roles.group
    placed = rows.dropna(subset=list(study.roles.clusters.values()))
    return placed[placed[group_role.column].isin(group_role.contrast)]


def is_focal(rows: pd.DataFrame, study: StudyDesign) -> np.ndarray:
    """True for the focal group, shape (n,)."""
    group_role = study.roles.group
    return (rows[group_role.column] == group_role.focal).to_numpy(bool)


def pooled_sd(values: np.ndarray, focal: np.ndarray, weights: np.ndarray | None = None) -> float:
    """Root of the two groups' pooled variance; 0 where neither varies, NaN where one is empty.

    Parameters
    ----------
    values : ndarray, shape (n,)
        Without missing ones.
    focal : ndarray of bool, shape (n,)
    weights : ndarray, shape (n,), optional
        Not negative; all 1 without them. Rows with a weight count once in the divisor, n − 2.
    """
    weights = np.ones(len(values)) if weights is None else weights
    people, squares = np.count_nonzero(weights), 0.0
    for group in (focal, ~focal):
        mine = weights * group
        if not mine.any():
            return float("nan")
        squares += float(mine @ (values - mine @ values / mine.sum()) ** 2)
    if people <= 2:  # noqa: PLR2004 - one of each group has no spread
        return 0.0
    found = np.sqrt(squares / weights.sum() * people / (people - 2))
    return float(found) if found > ROUNDING * np.abs(values).max() else 0.0


def few_with_or_without(values: np.ndarray, minimum: int) -> bool:
    """Whether a difference of shares would rest on fewer students than the minimum cell.

    Parameters
    ----------
    values : ndarray, shape (n,)
        Above zero for students with a thing, 0 for those without.
    minimum : int
    """
    with_it = int((values > 0).sum())
    return any(0 < number < minimum for number in (with_it, len(values) - with_it))


def obstacle(values: np.ndarray, focal: np.ndarray, measure: Measure, study: StudyDesign) -> str:
    """Say why no difference between the groups can be estimated; empty if one can.

    Parameters
    ----------
    values : ndarray, shape (M, n)
        Without missing ones.
    focal : ndarray of bool, shape (n,)
    """
    minimum, group_role = study.analysis.minimum_cell, study.roles.group
    for group, mine in ((group_role.focal, focal), (group_role.reference, ~focal)):
        if mine.sum() < minimum:
            return f"fewer than {minimum} {group} people"
    groups = (values[0][focal], values[0][~focal]) if measure.kind == "category" else ()
    if any(few_with_or_without(group, minimum) for group in groups):
        return f"fewer than {minimum} people of a group with it or without it"
    if any(pooled_sd(each, focal) == 0 for each in values):
        return "does not vary within the groups"
    return ""
