"""Means and shares place by place, and access along its thresholds."""

from textwrap import fill

import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from learning_with_others.exhibits.drawing.intervals import error_bars
from learning_with_others.exhibits.drawing.panels import name_rows, panel_grid
from learning_with_others.exhibits.drawing.style import FOCAL, MARK, NEUTRAL, REFERENCE

MOST_PLACES = 20
OFFSET = 0.2
LOOKS = ((FOCAL, "o", -OFFSET), (REFERENCE, "s", OFFSET))
PANEL_WIDTH, PER_PLACE, PER_PANEL = 3.6, 0.42, 0.75  # inches
LONGEST_LINE = 32  # characters of a title
SMALL, TITLE = 7.5, 10.5  # points


def draw_places(
    table: pd.DataFrame,
    groups: tuple[str, str],
    *,
    place_kind: str = "school",
) -> Figure | None:
    """Draw each place's mean of each opportunity with its interval, focal above reference group.

    Parameters
    ----------
    table : pandas.DataFrame
        From `means_by_place`: `measure, label, place_kind, place, group, children, mean, lower,
        upper`. A panel for each measure, titled `label`, in rows of three.
    groups : (str, str)
        Focal and reference group.
    place_kind : {'school', 'grade'}

    Returns
    -------
    Figure or None
        None where no mean may be shown. Places without any are not drawn but counted, and of
        more than twenty only those are drawn that show both groups.
    """
    mine = table[(table["place_kind"] == place_kind) & table["group"].isin(groups)]
    shown = mine["mean"].notna().groupby(mine["place"], sort=False).any()
    places = list(shown.index[shown])
    if len(places) > MOST_PLACES:  # too many to read: those that show both groups
        both = mine["mean"].notna().groupby(mine["place"], sort=False).all()
        places = [place for place in places if both[place]]
    if not places:
        return None
    titles = mine.groupby("measure", sort=False)["label"].first().to_dict()
    size = (PANEL_WIDTH, PER_PANEL + PER_PLACE * len(places))
    figure, axes = panel_grid(len(titles), size, margin=(0, 0.7), narrowest=6, sharey=True)
    for axis, (measure, title) in zip(axes.flat, titles.items(), strict=False):
        _draw_panel(axis, mine[mine["measure"] == measure], places, groups)
        axis.set_title(fill(title, LONGEST_LINE), fontsize=TITLE, loc="left")
        axis.tick_params(labelsize=TITLE - 1.5)
    name_rows(axes[0][0], places)
    left = len(shown) - len(places)
    words = (
        f"\n{left} {place_kind}{'s' * (left > 1)} not drawn: a group withheld, or not there"
        if left
        else ""
    )
    figure.supxlabel(f"mean with its interval{words}", fontsize=TITLE)
    marks = [
        Line2D([], [], color=colour, marker=marker, ls="", label=group)
        for group, (colour, marker, _) in zip(groups, LOOKS, strict=True)
    ]
    figure.legend(handles=marks, loc="outside upper left", ncols=2, frameon=False, fontsize=TITLE)
    return figure


def _draw_panel(axis: Axes, part: pd.DataFrame, places: list[str], groups: tuple[str, str]) -> None:
    """Draw one measure; a mean that may not be shown is said to be withheld."""
    for at in range(1, len(places), 2):
        axis.axhspan(at - 0.5, at + 0.5, color=NEUTRAL, alpha=0.08, lw=0)
    for group, (colour, marker, offset) in zip(groups, LOOKS, strict=True):
        mine = part[part["group"] == group].set_index("place").reindex(places)
        height = pd.Series(range(len(places)), index=places) + offset
        seen = mine["mean"].notna()
        empty = mine["children"].eq(0).fillna(value=False)
        axis.errorbar(
            mine["mean"][seen],
            height[seen],
            xerr=error_bars(mine[seen], "mean"),
            fmt=marker,
            color=colour,
            ms=4.5,
            elinewidth=1.3,
            capsize=2,
        )
        for place in mine.index[~seen]:
            words = "no children" if empty[place] else "withheld"
            axis.text(
                0.02,
                height[place],
                words,
                transform=axis.get_yaxis_transform(),
                va="center",
                fontsize=SMALL,
                color=NEUTRAL,
            )
    axis.grid(visible=False, axis="y")


def draw_schools(schools: pd.DataFrame, focal: str, reference: str, label: str) -> Figure | None:
    """Draw each shown school's share by group, with intervals; nothing if none may be shown.

    Parameters
    ----------
    schools : pandas.DataFrame
        `school_rank, group, estimate, lower, upper`.
    """
    if schools.empty:
        return None
    figure, axis = plt.subplots(figsize=(8, 3.8))
    for group, colour, marker, offset in (
        (focal, FOCAL, "o", -0.08),
        (reference, REFERENCE, "s", 0.08),
    ):
        part = schools[schools["group"] == group]
        place, bars = part["school_rank"] + offset, error_bars(part)
        axis.errorbar(
            place, part["estimate"], yerr=bars, fmt=marker, color=colour, label=group, capsize=3
        )
    axis.yaxis.set_major_formatter("{x:.0%}")
    axis.xaxis.set_major_locator(plt.MaxNLocator(integer=True))
    axis.set(xlabel="schools that may be shown, in order of their share", ylabel=label)
    axis.grid(visible=False, axis="x")
    axis.legend(frameon=False)
    return figure


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
