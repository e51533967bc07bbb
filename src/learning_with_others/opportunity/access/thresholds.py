"""How far the share with access hangs on where its thresholds lie."""

import numpy as np
import pandas as pd

from learning_with_others.opportunity.access.shares import access_by_group, margin
from learning_with_others.opportunity.contrast import contrasted
from learning_with_others.study import StudyDesign

STEPS = 60  # at most, before those that would single out a few students are left out
COLUMNS = ["shift", "quantity", "group", "children", "estimate", "lower", "upper", "flag"]


def threshold_sensitivity(rows: pd.DataFrame, study: StudyDesign) -> pd.DataFrame:
    """Repeat shares and gap with all thresholds moved together, over their whole range.

    Parameters
    ----------
    rows : pandas.DataFrame
        Rows of one grade.

    Returns
    -------
    pandas.DataFrame
        Columns `shift, quantity, group, children, estimate, lower, upper, flag`, as
        `access_by_group` gives them; `shift` is in score points, 0 the declared thresholds. No
        rows where access is a category or not declared.

    Notes
    -----
    Shares at neighbouring thresholds differ by the few students who lie between them. Only
    thresholds are shown between which, and beyond which, each group has nobody or at least the
    minimum cell.
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
    shifts = shown_shifts(groups, study.analysis.minimum_cell)
    parts = [
        access_by_group(
            contrast,
            study,
            np.where(np.isnan(found), np.nan, found >= shift),
            within_schools=False,
        ).assign(shift=shift)
        for shift in shifts
    ]
    return pd.concat(parts, ignore_index=True)[COLUMNS] if parts else pd.DataFrame(columns=COLUMNS)


def shown_shifts(margins: list[np.ndarray], minimum: int) -> list[float]:
    """Choose shifts of the thresholds whose shares give no small number of students away.

    The declared thresholds come first; others are added outward from them, each as near to the
    last as may be.

    Parameters
    ----------
    margins : list of ndarray
        Of each group's students.
    minimum : int

    Returns
    -------
    list of float
        In ascending order; empty if not even the declared thresholds may be shown.
    """
    everyone = np.concatenate(margins)
    if not everyone.size or not all(_may_stand(of, [0.0], minimum) for of in margins):
        return []
    reached = np.unique(everyone)[1:]  # at the lowest, everybody has access
    grid = reached[:: max(1, len(reached) // STEPS)]
    kept = [0.0]
    for shift in [*grid[grid > 0], *grid[grid < 0][::-1]]:
        tried = sorted([*kept, float(shift)])
        if all(_may_stand(of, tried, minimum) for of in margins):
            kept = tried
    return kept


def _may_stand(margins: np.ndarray, shifts: list[float], minimum: int) -> bool:
    """Whether nobody or enough students lie between all neighbours, and beyond the ends."""
    place = np.searchsorted(shifts, margins, side="right")
    counts = np.bincount(place, minlength=len(shifts) + 1)
    return not ((counts > 0) & (counts < minimum)).any()
