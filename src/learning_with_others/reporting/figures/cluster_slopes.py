"""Slopes of single clusters, unpooled and partially pooled."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from learning_with_others.reporting.figures.panels import draw_panels, label_figure
from learning_with_others.reporting.figures.style import MARK, NEUTRAL, REFERENCE

BEYOND = 1.6  # of the pooled intervals' reach: unpooled slopes farther out are drawn at the edge
MANY = 60  # clusters, above which marks are small


def draw_cluster_slopes(table: pd.DataFrame) -> Figure:
    """Draw every cluster's pooled slope with its interval over the unpooled one, in order.

    A triangle at the edge is an unpooled slope outside the panel.

    Parameters
    ----------
    table : pandas.DataFrame
        As `benefits.cluster_slopes.cluster_slope_table` makes it.
    """
    outcomes = list(dict.fromkeys(table["outcome"]))
    across = 2 if table["cluster"].max() > MANY else 3
    figure, axes = draw_panels(outcomes, (7.2 / across + 0.6, 2.9), across=across, sharey=True)
    centre = (table["lower"].min() + table["upper"].max()) / 2
    half = BEYOND * (table["upper"].max() - table["lower"].min()) / 2
    limits = (centre - half, centre + half)
    for axis, outcome in zip(axes, outcomes, strict=True):
        _panel(axis, table[table["outcome"] == outcome], limits)
    level = str(table["level"].iloc[0])
    label_figure(figure, axes, x=f"{level}s, in order of their slope", y="slope (outcome sd)")
    return figure


def _panel(axis: Axes, part: pd.DataFrame, limits: tuple[float, float]) -> None:
    size = 3.0 if len(part) > MANY else 4.5
    place, raw = part["cluster"].to_numpy(), part["raw"].to_numpy()
    inside = (raw >= limits[0]) & (raw <= limits[1])
    axis.axhline(0, color=MARK, lw=0.8)
    axis.plot(
        place[inside],
        raw[inside],
        "o",
        color=NEUTRAL,
        ms=size,
        alpha=0.8,
        mew=0,
        label="its own students only",
    )
    for side, marker, out in ((limits[0], "v", raw < limits[0]), (limits[1], "^", raw > limits[1])):
        if out.any():
            edge = np.full(out.sum(), side)
            axis.plot(place[out], edge, marker, color=NEUTRAL, ms=size + 2, mew=0, clip_on=False)
    axis.errorbar(
        place,
        part["estimate"],
        yerr=[part["estimate"] - part["lower"], part["upper"] - part["estimate"]],
        fmt="D",
        color=REFERENCE,
        ecolor=(REFERENCE, 0.45),
        ms=size - 0.5,
        mew=0,
        elinewidth=size / 3,
        label="partially pooled, with its interval",
    )
    axis.set(ylim=limits, xlim=(0, len(part) + 1), xticks=[])
    axis.text(
        0.98,
        0.04,
        f"{len(part)} {part['level'].iloc[0]}s",
        transform=axis.transAxes,
        ha="right",
        fontsize="small",
        bbox={"fc": "white", "ec": "none", "pad": 1},
    )
    axis.grid(visible=False, axis="x")
