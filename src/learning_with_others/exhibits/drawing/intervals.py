"""Estimates with intervals, groups side by side."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from learning_with_others.exhibits.drawing.style import FOCAL, REFERENCE

OFFSET = 0.12
NARROWEST = 7.5  # inches


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
    axes[0][0].set_yticks(range(len(rows)), rows)
    axes[0][0].set_ylim(len(rows) - 0.5, -0.5)
    axes[0][-1].legend(loc="upper left", bbox_to_anchor=(1.0, 1.0), frameon=False)
    return figure


def _bars(
    axis: Axes, table: pd.DataFrame, place: np.ndarray, colour: str, marker: str, label: str
) -> None:
    axis.plot(table["estimate"], place, marker, color=colour, label=label)
    # A percentile interval need not hold its estimate.
    middle, reach = (table["lower"] + table["upper"]) / 2, (table["upper"] - table["lower"]) / 2
    axis.errorbar(middle, place, xerr=reach, fmt="none", ecolor=colour, capsize=3)
