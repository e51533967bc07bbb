"""Items that work differently for two groups: how far, and where along the trait."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from learning_with_others.exhibits.drawing.style import FOCAL, MARK, NEUTRAL, REFERENCE

MOST_COLUMNS = 3
# Inches: a row, a panel's title and tick labels, its width, the legend above, the label below.
ROW, TITLE, TICKS, PANEL, ABOVE, BELOW = 0.27, 0.3, 0.35, 3.2, 0.4, 0.75
LETTER, NARROWEST = 0.08, 7.5
WIDEST_SHIFT = 2.0  # SDs; an interval that reaches beyond ends in an arrow at the panel's edge
TRAIT = (-3.0, 3.0)


def draw_differential_items(table: pd.DataFrame, groups: tuple[str, str]) -> Figure | None:
    """Draw each item's threshold shift with its interval, a panel for each scale.

    Parameters
    ----------
    table : pandas.DataFrame
        As `differential_item_table` gives it; scales without items are left out.
    groups : (str, str)
        Focal and reference group.

    Returns
    -------
    Figure, or None without items
    """
    table = table[table["threshold_shift"].notna()] if "threshold_shift" in table else table[:0]
    if table.empty:
        return None
    parts = {scale: table[table["scale"] == scale] for scale in dict.fromkeys(table["scale"])}
    margin = 0.4 + LETTER * table["item"].astype(str).str.len().max()
    places, tallest = _stack([len(part) for part in parts.values()])
    columns = 1 + max(column for column, _ in places)
    width, height = max(NARROWEST, columns * (margin + PANEL)), ABOVE + tallest + BELOW
    figure = plt.figure(figsize=(width, height), layout="none")
    for (scale, part), (column, top) in zip(parts.items(), places, strict=True):
        tall = ROW * len(part)
        left, bottom = column * width / columns + margin, height - ABOVE - top - TITLE - tall
        inside = width / columns - margin - 0.2
        axis = figure.add_axes((left / width, bottom / height, inside / width, tall / height))
        _draw_shifts(axis, part, scale)
    figure.text(
        0.5,
        0.1 / height,
        f"Threshold shift, SDs of {groups[1]}\n"
        f"(right: harder to agree with for {groups[0]} students at the same trait)",
        horizontalalignment="center",
    )
    marks = [
        Line2D([], [], color=FOCAL, marker="D", linestyle="", label="released: differs"),
        Line2D([], [], color=NEUTRAL, marker="o", linestyle="", label="anchor: held equal"),
    ]
    figure.legend(handles=marks, loc="upper center", ncols=2, frameon=False)
    return figure


def _stack(items: list[int]) -> tuple[list[tuple[int, float]], float]:
    """Stack panels in columns, each on the column that is shortest so far.

    Returns
    -------
    places : list of (int, float)
        Column and top, in inches, of each panel.
    tallest : float
        Height of the tallest column, in inches.
    """
    heights = [0.0] * min(len(items), MOST_COLUMNS)
    places = []
    for count in items:
        column = heights.index(min(heights))
        places.append((column, heights[column]))
        heights[column] += TITLE + ROW * count + TICKS
    return places, max(heights)


def _draw_shifts(axis: Axes, part: pd.DataFrame, scale: str) -> None:
    place = np.arange(len(part))
    released = (part["released"] != "").to_numpy()
    for chosen, colour, marker in ((released, FOCAL, "D"), (~released, NEUTRAL, "o")):
        rows = part[chosen]
        lower = rows["threshold_shift_lower"].clip(-WIDEST_SHIFT, WIDEST_SHIFT)
        upper = rows["threshold_shift_upper"].clip(-WIDEST_SHIFT, WIDEST_SHIFT)
        axis.hlines(place[chosen], lower, upper, color=colour, linewidth=1.6)
        inside = rows["threshold_shift"].abs() <= WIDEST_SHIFT
        axis.plot(
            rows.loc[inside, "threshold_shift"],
            place[chosen][inside],
            marker,
            color=colour,
            markersize=5,
        )
        for limit, side, arrow in (("lower", -1, "<"), ("upper", 1, ">")):
            beyond = (rows[f"threshold_shift_{limit}"] * side > WIDEST_SHIFT).to_numpy()
            if beyond.any():
                ends = np.full(beyond.sum(), side * WIDEST_SHIFT)
                axis.plot(ends, place[chosen][beyond], arrow, color=colour, clip_on=False)
    axis.axvline(0, color=MARK, linewidth=0.8)
    axis.set_yticks(place, part["item"], fontsize="small")
    axis.set(xlim=(-WIDEST_SHIFT, WIDEST_SHIFT), ylim=(len(part) - 0.4, -0.6))
    axis.set_title(scale.replace("_", " "), fontsize="medium")
    axis.tick_params(axis="x", labelsize="small")
    axis.grid(visible=False, axis="y")


def draw_item_curves(table: pd.DataFrame, groups: tuple[str, str]) -> Figure | None:
    """Draw the expected answer by trait in both groups, for the items that were released.

    Parameters
    ----------
    table : pandas.DataFrame
        From `item_curve_table`.
    groups : (str, str)
        Focal and reference group.

    Returns
    -------
    Figure, or None if no item differs
    """
    shown = table[table["trait"].between(*TRAIT)]
    if shown.empty:
        return None
    items = list(dict.fromkeys(shown["item"]))
    figure, axes = plt.subplots(
        1, len(items), figsize=(max(7.5, 3.6 * len(items)), 3.4), squeeze=False
    )
    for axis, item in zip(axes[0], items, strict=True):
        mine = shown[shown["item"] == item]
        for group, colour, style in zip(groups, (FOCAL, REFERENCE), ("-", "--"), strict=True):
            part = mine[mine["group"] == group]
            axis.plot(
                part["trait"],
                part["expected"],
                color=colour,
                linestyle=style,
                linewidth=2,
                label=group,
            )
        highest = mine["categories"].iloc[0]
        axis.set(
            title=item,
            xlabel=f"Trait, SDs of {groups[1]}",
            ylim=(0.9, highest + 0.1),
            yticks=range(1, highest + 1),
        )
    axes[0][0].set_ylabel("Expected answer\n(category, keyed)")
    axes[0][-1].legend(loc="upper left", bbox_to_anchor=(1.0, 1.0), frameon=False)
    return figure
