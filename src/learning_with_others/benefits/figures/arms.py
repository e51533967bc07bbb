"""What was assigned at random: who is seen by arm, bounds, and effects by grade and school."""

import pandas as pd
from matplotlib.figure import Figure

from learning_with_others.benefits.attrition import SHARE
from learning_with_others.benefits.effect_views import EVERYWHERE
from learning_with_others.exhibits.drawing.forest import forest
from learning_with_others.exhibits.drawing.style import group_looks
from learning_with_others.exhibits.words import format_value


def draw_rates(table: pd.DataFrame, groups: tuple[str, str]) -> Figure | None:
    """Draw the share seen in each arm, by group.

    Parameters
    ----------
    table : pandas.DataFrame
        As `benefits.attrition` makes it.
    groups : (str, str)
        Focal and reference group.
    """
    return forest(
        table[table["row"] == SHARE],
        row="arm",
        panel="outcome",
        hue="group",
        estimate="share",
        looks=group_looks(groups),
        label="share of those who entered that is seen",
    )


def draw_entries(table: pd.DataFrame, groups: tuple[str, str]) -> Figure | None:
    """Draw the difference in who is seen, by grade of entry.

    Parameters
    ----------
    table : pandas.DataFrame
        As `benefits.attrition` makes it.
    groups : (str, str)
        Focal and reference group.
    """
    several = len(table["outcome"].unique()) > 1
    return forest(
        table.assign(
            row="entered in grade " + table["entry"].astype(str),
            panel=table["outcome"] + ", " + table["kind"] if several else table["kind"],
        ),
        row="row",
        panel="panel",
        hue="group",
        estimate="effect",
        looks=group_looks(groups),
        label="difference in shares",
        across=2,
    )


def draw_bounds(table: pd.DataFrame, groups: tuple[str, str]) -> Figure | None:
    """Draw the effect if nobody left for a reason, in the interval of what its bounds allow.

    Parameters
    ----------
    table : pandas.DataFrame
        As `benefits.attrition` makes it.
    groups : (str, str)
        Focal and reference group.
    """
    ends = table[["lower_bound", "upper_bound"]].itertuples(index=False)
    notes = [
        "" if pd.isna(low) else f"{format_value(low, 2)} to {format_value(high, 2)}"
        for low, high in ends
    ]
    return forest(
        table.assign(bounds=notes),
        row="group",
        panel="outcome",
        hue="group",
        estimate="seen_alike",
        looks=group_looks(groups),
        label="outcome SD",
        note="bounds",
        note_title="bounds",
        across=1,
    )


def draw_views(table: pd.DataFrame, groups: tuple[str, str]) -> Figure | None:
    """Draw the effect by grade and by third of schools, as assigned and as observed.

    Parameters
    ----------
    table : pandas.DataFrame
        As `benefits.effect_views` makes it.
    groups : (str, str)
        Focal and reference group.
    """
    places = "grade " + table["grade"].astype(str)
    apart = table["part"] != EVERYWHERE
    third = table["part"].astype(str) + f" of schools by share of {groups[0]}"
    rows = places.where(~apart, places + ", " + third)
    order = table.assign(row=rows, apart=apart, panel=table["outcome"] + ", " + table["exposure"])
    order = order.sort_values("apart", kind="stable")
    return forest(
        order,
        row="row",
        panel="panel",
        hue="group",
        looks=group_looks(groups),
        label="outcome SD",
        across=2,
    )
