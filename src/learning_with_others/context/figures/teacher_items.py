"""What teachers say: shares who agree, means of schools, the two scales, schools by source."""

from textwrap import fill

import pandas as pd
from matplotlib.figure import Figure

from learning_with_others.exhibits.drawing.forest import forest
from learning_with_others.exhibits.drawing.panels import name_rows, panel_grid
from learning_with_others.exhibits.drawing.style import FAINT, KINDS, MARK, NEUTRAL, Look

HALF = 0.5
# Schools that can be told apart by colour and marker; more are drawn without their names.
NAMED, LOOKS = 4, tuple(Look(colour, mark) for colour, mark in zip(KINDS, "osD^", strict=True))
MOST = 40  # schools: more rows are no longer read
ROW, FOOT, WIDTH = 0.42, 0.9, 7.5  # inches
WRAP = 34  # characters


def draw_shares(table: pd.DataFrame) -> Figure | None:
    """Draw the share who agree with each item, a panel for each construct (`label`)."""
    return forest(
        table,
        row="wording",
        panel="label",
        label="share of teachers who agree",
        lines=(HALF,),
        own_rows=True,
        across=1,
    )


def draw_school_means(table: pd.DataFrame) -> Figure | None:
    """Draw the mean of every school (`place`) for each item; of many, without their names."""
    known = table[table["estimate"].notna()]
    places = list(dict.fromkeys(known["place"]))
    label = "mean answer (points of the answer scale)"
    if len(places) > NAMED:
        return _draw_many(known, label)
    return forest(
        table,
        row="wording",
        panel="label",
        hue="place",
        looks=dict(zip(places, LOOKS, strict=False)),
        label=label,
        lines=(),
        own_rows=True,
        across=1,
    )


def _draw_many(table: pd.DataFrame, label: str) -> Figure:
    """Draw a tick for each school, and a point at their middle."""
    rows = list(dict.fromkeys(table["wording"]))
    figure, grid = panel_grid(1, (WIDTH, ROW * len(rows)), margin=(0, FOOT))
    axis = grid[0, 0]
    name_rows(axis, [fill(wording, WRAP) for wording in rows], fontsize=9)
    for place, wording in enumerate(rows):
        means = table.loc[table["wording"] == wording, "estimate"]
        axis.hlines(place, means.min(), means.max(), color=FAINT, lw=4, zorder=1)
        axis.plot(means, [place] * len(means), "|", color=NEUTRAL, ms=11, mew=1.3, zorder=2)
        axis.plot(means.median(), place, "o", color=MARK, ms=5, zorder=3)
    axis.grid(visible=False, axis="y")
    axis.set_xlabel(f"{label}: each school, and the median", fontsize=10)
    return figure


def draw_against(table: pd.DataFrame) -> Figure | None:
    """Draw supports less hindrances, over all schools and for each."""
    return forest(table, row="place", label="supports minus hindrances (points)")


def draw_strands(table: pd.DataFrame) -> Figure | None:
    """Draw each school's distance from the mean of schools, a panel for each strand (`label`).

    Nothing for more schools than a page holds.
    """
    if table["place"].nunique() > MOST:
        return None
    label = "from the mean of schools, in SD within schools"
    return forest(table, row="place", panel="label", label=label)
