"""Estimates with intervals, groups side by side."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from learning_with_others.exhibits.drawing.panels import name_rows
from learning_with_others.exhibits.drawing.style import FOCAL, REFERENCE

OFFSET = 0.12
NARROWEST = 7.5  # inches


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
        Focal and reference group.
    label : str
        What is estimated, with its unit.
    """
    if table.empty:
        return None
    panels = list(dict.fromkeys(table[panel]))
    rows = list(dict.fromkeys(table[row]))
    figure, axes = plt.subplots(
        1,
        len(panels),
        figsize=(max(NARROWEST, 4.6 * len(panels)), 1.2 + 0.4 * len(rows)),
        sharey=True,
        squeeze=False,
    )
    for axis, name in zip(axes[0], panels, strict=True):
        part = table[table[panel] == name]
        for group, colour, marker, offset in (
            (groups[0], FOCAL, "o", -OFFSET),
            (groups[1], REFERENCE, "s", OFFSET),
        ):
            chosen = part[part["group"] == group]
            place = np.array([rows.index(value) for value in chosen[row]]) + offset
            _bars(axis, chosen, place, colour, marker, group)
        axis.set(title=name, xlabel=label)
        axis.grid(visible=False, axis="y")
    name_rows(axes[0][0], rows)
    axes[0][-1].legend(loc="upper left", bbox_to_anchor=(1.0, 1.0), frameon=False)
    return figure


def _bars(
    axis: Axes, table: pd.DataFrame, place: np.ndarray, colour: str, marker: str, label: str
) -> None:
    axis.errorbar(
        table["estimate"],
        place,
        xerr=error_bars(table),
        fmt=marker,
        color=colour,
        label=label,
        capsize=3,
    )
