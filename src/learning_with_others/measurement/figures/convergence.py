"""Students, observers and teachers on the same classrooms, pair by pair."""

import textwrap

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from learning_with_others.exhibits.drawing.panels import name_rows
from learning_with_others.exhibits.drawing.style import FOCAL, MARK, REFERENCE

OFFSET = 0.16
WIDEST = 1.6  # intervals of disattenuated correlations may run on without saying more
LONGEST_LINE = 34


def draw_convergence(table: pd.DataFrame) -> Figure | None:
    """Draw raw and disattenuated correlations with intervals; nothing without rows.

    One panel for each pair of sources, one row for each element. An interval that leaves the
    panel ends in an arrow; the line at 1 is where a correlation ends, a disattenuated one need
    not.

    Parameters
    ----------
    table : pandas.DataFrame
        From `convergence_table`.
    """
    if table.empty:
        return None
    pairs = list(dict.fromkeys(zip(table["first"], table["second"], strict=True)))
    elements = list(dict.fromkeys(table["label"]))
    figure, axes = plt.subplots(
        1,
        len(pairs),
        figsize=(3.4 + 3.3 * len(pairs), 1.9 + 0.55 * len(elements)),
        sharey=True,
        squeeze=False,
    )
    ends = [*table["upper"], *table["disattenuated_upper"], 1.05]
    starts = [*table["lower"], *table["disattenuated_lower"], -0.05]
    limits = max(np.nanmin(starts) - 0.05, -WIDEST), min(np.nanmax(ends) + 0.05, WIDEST)
    for axis, (first, second) in zip(axes[0], pairs, strict=True):
        part = table[(table["first"] == first) & (table["second"] == second)]
        place = np.array([elements.index(label) for label in part["label"]], float)
        for prefix, label, colour, marker, offset in (
            ("", "as observed", REFERENCE, "o", -OFFSET),
            ("disattenuated", "disattenuated", FOCAL, "D", OFFSET),
        ):
            _intervals(axis, part, prefix, place + offset, (limits, colour, marker, label))
        for line in (0, 1):
            axis.axvline(line, color=MARK, linewidth=0.8, linestyle="-" if line == 0 else ":")
        axis.set(title=f"{first}\nwith {second}", xlabel="correlation", xlim=limits)
        axis.title.set_fontsize("medium")
        axis.grid(visible=False, axis="y")
    name_rows(axes[0][0], [textwrap.fill(label, LONGEST_LINE) for label in elements])
    figure.legend(
        *axes[0][0].get_legend_handles_labels(), loc="outside lower center", ncols=2, frameon=False
    )
    return figure


def _intervals(
    axis: Axes,
    table: pd.DataFrame,
    prefix: str,
    place: np.ndarray,
    look: tuple[tuple[float, float], str, str, str],
) -> None:
    limits, colour, marker, name = look
    estimate = table[prefix or "correlation"].to_numpy(float)
    ends = [table[f"{prefix}_{end}".lstrip("_")].to_numpy(float) for end in ("lower", "upper")]
    inside = [np.clip(end, *limits) for end in ends]
    axis.hlines(place, *inside, color=colour, linewidth=1.6)
    axis.plot(
        estimate,
        place,
        marker,
        color=colour,
        markerfacecolor="white" if prefix else colour,
        markersize=6,
        label=name,
    )
    for end, cut, arrow in zip(ends, limits, ("<", ">"), strict=True):
        beyond = (end < cut) if arrow == "<" else (end > cut)
        if beyond.any():  # an empty line that is not clipped would upset the layout
            edge = np.full(beyond.sum(), cut)
            axis.plot(edge, place[beyond], arrow, color=colour, clip_on=False, markersize=6)
