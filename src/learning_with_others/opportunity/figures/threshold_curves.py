"""Access along its thresholds: shares of both groups, and their gap."""

import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from learning_with_others.exhibits.drawing.style import FOCAL, MARK, NEUTRAL, REFERENCE

SIZE = (9.0, 3.6)  # inches
PALE = 0.18


def draw_thresholds(table: pd.DataFrame, groups: tuple[str, str]) -> Figure | None:
    """Draw the share with access of each group, and the gap, as all thresholds move together.

    Parameters
    ----------
    table : pandas.DataFrame
        From `threshold_sensitivity`.
    groups : (str, str)
        Focal and reference group.

    Returns
    -------
    Figure or None
        None without rows.
    """
    if table.empty:
        return None
    figure, (left, right) = plt.subplots(1, 2, figsize=SIZE, sharex=True)
    shares = table[table["quantity"] == "share"]
    for group, colour, marker in zip(groups, (FOCAL, REFERENCE), "os", strict=True):
        _draw_line(left, shares[shares["group"] == group], colour, marker, group)
    left.set(ylabel="share of students with access", ylim=(0, 1))
    left.legend(frameon=False)
    _draw_line(right, table[table["quantity"] == "gap"], MARK, "D", None)
    right.axhline(0, color=NEUTRAL, lw=1)
    right.set(ylabel=f"gap, {groups[0]} minus {groups[1]}")
    for axis in (left, right):
        axis.axvline(0, color=NEUTRAL, lw=1, ls="--")
    figure.supxlabel("shift of all thresholds, score points (0: as declared)", fontsize=11)
    return figure


def _draw_line(
    axis: Axes, table: pd.DataFrame, colour: str, marker: str, label: str | None
) -> None:
    ordered = table.sort_values("shift")
    axis.plot(ordered["shift"], ordered["estimate"], color=colour, marker=marker, ms=4, label=label)
    axis.fill_between(
        ordered["shift"], ordered["lower"], ordered["upper"], color=colour, alpha=PALE, lw=0
    )
