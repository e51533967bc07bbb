"""How far the share with access hangs on where its thresholds lie."""

import numpy as np
import pandas as pd

from learning_with_others.opportunity.access.shares import access_by_group, margin
from learning_with_others.opportunity.contrast import contrasted, few_with_or_without
from learning_with_others.study import StudyDesign

GRID = 0.1  # score points
STEPS = 60  # at most, before those that few students reach, or miss, are left out
COLUMNS = ["shift", "quantity", "group", "children", "estimate", "lower", "upper", "flag"]


def threshold_sensitivity(
    rows: pd.DataFrame, study: StudyDesign, *, on_grid: bool = False
) -> pd.DataFrame:
    """Repeat shares and gap with all thresholds moved together, over their whole range.

    Parameters
    ----------
    rows : pandas.DataFrame
        Rows of one grade.
    study : StudyDesign
    on_grid : bool
        Whether shifts are whole steps of `GRID` instead of scores that somebody has: a score to
        its last digit tells how many questions its owner answered.

    Returns
    -------
    pandas.DataFrame
        Columns `shift, quantity, group, children, estimate, lower, upper, flag`, as
        `access_by_group` gives them; `shift` is in score points, 0 the declared thresholds. No
        rows where access is a category or not declared.

    Notes
    -----
    Beside the declared thresholds stand those that nobody or at least the minimum cell of each
    group reaches, and misses.
    """
    if study.roles.exposure.varies_by == "classroom" or not study.analysis.access:
        return pd.DataFrame(columns=COLUMNS)
    group_role = study.roles.group
    contrast = contrasted(rows, study)
    found = margin(contrast, study)
    groups = [
        found[(contrast[group_role.column] == group).to_numpy(bool) & ~np.isnan(found)]
        for group in group_role.contrast
    ]
    shifts = readable_shifts(groups, study.analysis.minimum_cell, on_grid=on_grid)
    parts = [
        access_by_group(
            contrast, study, np.where(np.isnan(found), np.nan, found >= shift), within_schools=False
        ).assign(shift=shift)
        for shift in shifts
    ]
    return pd.concat(parts, ignore_index=True)[COLUMNS] if parts else pd.DataFrame(columns=COLUMNS)


def readable_shifts(
    margins: list[np.ndarray], minimum: int, *, on_grid: bool = False
) -> list[float]:
    """Choose shifts of the thresholds: none, and those with enough students on either side.

    Parameters
    ----------
    margins : list of ndarray
        Of each group's students.
    minimum : int
    on_grid : bool

    Returns
    -------
    list of float
        In ascending order; empty without students.
    """
    everyone = np.concatenate(margins)
    if not everyone.size:
        return []
    reached = np.unique(everyone)[1:]  # at the lowest, everybody has access
    if on_grid:
        steps = np.arange(np.ceil(everyone.min() / GRID), np.floor(everyone.max() / GRID) + 1)
        reached = np.round(steps * GRID, 6)
    grid = reached[:: max(1, len(reached) // STEPS)]
    enough = [
        float(shift)
        for shift in grid
        if not any(few_with_or_without(of >= shift, minimum) for of in margins)
    ]
    return sorted({0.0, *enough})
