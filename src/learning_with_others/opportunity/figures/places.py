"""Means and shares place by place, and access along its thresholds."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from learning_with_others.exhibits.drawing.forest import forest
from learning_with_others.exhibits.drawing.style import FOCAL, MARK, NEUTRAL, REFERENCE, group_looks

MOST_PLACES = 20


def draw_places(
    table: pd.DataFrame, groups: tuple[str, str], *, place_kind: str = "school"
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
        both &= mine.groupby("place", sort=False)["group"].nunique() == len(groups)
        places = [place for place in places if both[place]]
    if not places:
        return None
    left = len(shown) - len(places)
    words = f"{left} {place_kind}{'s' * (left > 1)} not drawn: a group suppressed, or not there"
    mine = mine[mine["place"].isin(places)]
    gone = np.where(mine["children"].eq(0).fillna(value=False), "nobody", "suppressed")
    kind = "grade " if place_kind == "grade" else ""  # schools are called so already
    return forest(
        mine.assign(gone=np.where(mine["mean"].isna(), gone, ""), place=kind + mine["place"]),
        row="place",
        panel="label",
        hue="group",
        estimate="mean",
        looks=group_looks(groups),
        label=("mean with its interval" if mine["lower"].notna().any() else "mean, no interval")
        + f"\n{words}" * (left > 0),
        lines=(),
        missing="gone",
        sharex=False,
    )


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
