"""Estimates with intervals, groups side by side."""

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from learning_with_others.exhibits.drawing.forest import forest
from learning_with_others.exhibits.drawing.style import group_looks


def error_bars(table: pd.DataFrame, estimate: str = "estimate") -> np.ndarray:
    """Lengths of the intervals below and above the estimates, shape (2, n).

    An estimate that its percentile interval does not hold is joined to the interval.
    """
    middle = table[estimate]
    arms = np.array([middle - table["lower"], table["upper"] - middle], dtype=float)
    return np.maximum(arms, 0)


def draw_intervals(
    table: pd.DataFrame, *, panel: str, row: str, groups: tuple[str, str], label: str
) -> Figure | None:
    """Draw estimates with their intervals, focal above reference group; nothing without rows.

    Parameters
    ----------
    table : pandas.DataFrame
        Columns `group, estimate, lower, upper` and those named by `panel` and `row`.
    panel, row : str
        Columns that choose the panel and the row within it.
    groups : (str, str)
        Focal and reference group; others are not drawn.
    label : str
        What is estimated, with its unit.
    """
    if table.empty:
        return None
    return forest(
        table[table["group"].isin(groups)],
        row=row,
        panel=panel,
        hue="group",
        looks=group_looks(groups),
        label=label,
        lines=(),
    )
