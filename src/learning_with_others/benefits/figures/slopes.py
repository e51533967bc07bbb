"""Expected outcomes over the exposure, and slopes of single clusters."""

from collections.abc import Mapping

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from learning_with_others.exhibits.drawing.intervals import error_bars
from learning_with_others.exhibits.drawing.panels import draw_panels, label_figure, share_by_label
from learning_with_others.exhibits.drawing.style import FOCAL, MARK, NEUTRAL, PAPER, REFERENCE

LOOKS = ((FOCAL, "-", "o"), (REFERENCE, "--", "s"))
APART = 0.06  # between the two groups' points, where the exposure has two values


def draw_expected_outcomes(
    table: pd.DataFrame,
    groups: tuple[str, str],
    exposure: str,
    unit: str | Mapping[str, str] = "outcome SD",
) -> Figure:
    """Draw each group's expected outcome from low to high exposure, one panel an outcome.

    Bands (or bars, for the two values of a class-level exposure) are the table's intervals.

    Parameters
    ----------
    table : pandas.DataFrame
        As `models.expected_outcomes.expected_outcome_table` makes it.
    groups : (str, str)
        Focal and reference group; others in the table are not drawn.
    exposure : str
        Words for the horizontal axis.
    unit : str, or mapping of str to str
        Of the outcomes; by outcome where they differ.
    """
    outcomes = list(dict.fromkeys(table["outcome"]))
    alike = isinstance(unit, str)
    figure, axes = draw_panels(outcomes, (3.6, 3.0), sharey=alike)
    for axis, outcome in zip(axes, outcomes, strict=True):
        for group, look, side in zip(groups, LOOKS, (-APART, APART), strict=True):
            part = table[(table["outcome"] == outcome) & (table["group"] == group)]
            if (part["level"] == "").all():
                _band(axis, part, group, look)
            else:
                _levels(axis, part, group, look, side)
        if not alike:
            axis.set_ylabel(unit[outcome.replace("_", " ")], fontsize="small")
    share_by_label(figure, "y")
    label_figure(figure, axes, x=exposure, y=f"expected outcome{f' ({unit})' if alike else ''}")
    return figure


def _band(axis: Axes, part: pd.DataFrame, group: str, look: tuple[str, str, str]) -> None:
    colour, line, _ = look
    axis.fill_between(
        part["deviation"], part["lower"], part["upper"], color=colour, alpha=0.2, lw=0
    )
    axis.plot(part["deviation"], part["estimate"], line, color=colour, lw=2, label=group)
    axis.set_xlim(part["deviation"].min(), part["deviation"].max())
    axis.xaxis.set_major_locator(plt.MaxNLocator(5))


def _levels(
    axis: Axes, part: pd.DataFrame, group: str, look: tuple[str, str, str], side: float
) -> None:
    colour, line, marker = look
    places = [place + side for place in range(len(part))]
    bars = error_bars(part)
    axis.plot(places, part["estimate"], line, color=colour, lw=1.5)
    axis.errorbar(
        places, part["estimate"], yerr=bars, fmt=marker, color=colour, capsize=4, label=group
    )
    axis.set_xticks(range(len(part)), part["level"])
    axis.set_xlim(-0.5, len(part) - 0.5)
    axis.grid(visible=False, axis="x")


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
    edge = 0.03 * half  # room for the whole mark
    limits = (centre - half, centre + half)
    room = (limits[0] - edge, limits[1] + edge)
    for axis, outcome in zip(axes, outcomes, strict=True):
        _panel(axis, table[table["outcome"] == outcome], limits)
        axis.set_ylim(room)
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
        label="from itself alone",
    )
    for side, marker, out in ((limits[0], "v", raw < limits[0]), (limits[1], "^", raw > limits[1])):
        if out.any():
            edge = np.full(out.sum(), side)
            axis.plot(place[out], edge, marker, color=NEUTRAL, ms=size + 2, mew=0, clip_on=False)
    axis.errorbar(
        place,
        part["estimate"],
        yerr=error_bars(part),
        fmt="D",
        color=MARK,
        ecolor=(MARK, 0.45),
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
        bbox={"fc": PAPER, "ec": "none", "pad": 1},
    )
    axis.grid(visible=False, axis="x")
