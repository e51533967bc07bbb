"""Ranks of items with their sets: thick for each alone, thin for all at once."""

from textwrap import fill

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from learning_with_others.exhibits.drawing.panels import name_rows, panel_grid
from learning_with_others.exhibits.drawing.style import FAINT, KINDS, MARK, Look
from learning_with_others.exhibits.words import format_value

WIDTH, ROW, HEAD, FOOT = 7.5, 0.42, 0.6, 0.75  # inches
THICK, THIN, SMALL, TEXT = 6.0, 1.3, 9, 10  # points
WORDING = 34  # characters of a line
FEWEST = 0.01  # a smaller probability is not written out
PAD = 0.13  # ranks: a set of one rank is seen, too
PLANTED = Look(KINDS[3], "o", filled=False)


def draw_ranks(table: pd.DataFrame) -> Figure | None:
    """Draw the rank of each item with its sets, a panel for each group that is ranked together.

    `top_three` is written at the right and `planted` is a ring, where the table has them.
    """
    table = table[table["rank"].notna()]
    if table.empty:
        return None
    parts = dict(iter(table.groupby("label", sort=False)))
    most = max(len(part) for part in parts.values())
    figure, grid = panel_grid(
        len(parts),
        (WIDTH, 1),
        across=1,
        gridspec_kw={"height_ratios": [len(part) + HEAD / ROW for part in parts.values()]},
        sharex=True,
    )
    figure.set_figheight(ROW * len(table) + HEAD * len(parts) + FOOT)
    for axis, (label, part) in zip(grid[:, 0], parts.items(), strict=True):
        _draw_group(axis, part.reset_index(drop=True))
        axis.set_title(label, fontsize=TEXT, loc="left")
        axis.tick_params(labelsize=SMALL, labelbottom=True)
    axis.set(xlim=(0.6, most + 0.4), xticks=range(1, most + 1))
    figure.supxlabel("rank by the mean answer (1: agreed with most)", fontsize=TEXT)
    figure.legend(
        handles=_legend(planted="planted" in table),
        loc="outside upper left",
        ncols=4,
        frameon=False,
        fontsize=SMALL,
    )
    return figure


def _draw_group(axis: Axes, part: pd.DataFrame) -> None:
    name_rows(axis, [fill(wording, WORDING) for wording in part["wording"]], fontsize=SMALL)
    rows = part.index
    ends = part["marginal_lower"] - PAD, part["marginal_upper"] + PAD
    axis.hlines(rows, *ends, color=KINDS[2], lw=THICK, zorder=1)
    ends = part["simultaneous_lower"] - PAD, part["simultaneous_upper"] + PAD
    axis.hlines(rows, *ends, color=MARK, lw=THIN, zorder=2)
    for end in ends:
        axis.plot(end, rows, "|", color=MARK, ms=11, mew=THIN, zorder=2)
    axis.plot(part["rank"], rows, "o", color=MARK, ms=6, zorder=3)
    if "planted" in part:
        _mark(axis, part["planted"], rows)
    axis.grid(visible=False, axis="y")
    for between in rows[1:]:
        axis.axhline(between - 0.5, color=FAINT, lw=0.8, zorder=0)
    if "top_three" in part and part["top_three"].notna().any():
        place = {"xycoords": ("axes fraction", "data"), "va": "center", "fontsize": SMALL}
        for row, share in part["top_three"].items():
            axis.annotate(_written(share), (1.02, row), **place, annotation_clip=False)
        axis.annotate("P(top 3)", (1.02, -0.8), **place, style="italic", annotation_clip=False)


def _mark(axis: Axes, at: pd.Series, rows: pd.Index) -> None:
    axis.plot(at, rows, PLANTED.marker, color=PLANTED.colour, mfc="none", ms=11, mew=2, zorder=4)


def _written(share: float) -> str:
    """Write a probability without saying that anything is certain."""
    if pd.isna(share):
        return "–"
    if share < FEWEST:
        return f"< {FEWEST}"
    return f"> {1 - FEWEST:.2f}" if share > 1 - FEWEST else format_value(share, 2)


def _legend(*, planted: bool) -> list[Line2D]:
    handles = [
        Line2D([], [], ls="", marker="o", color=MARK, label="rank"),
        Line2D([], [], color=KINDS[2], lw=THICK, label="marginal set"),
        Line2D([], [], color=MARK, lw=THIN, marker="|", label="simultaneous set"),
    ]
    if planted:
        look = {"marker": PLANTED.marker, "color": PLANTED.colour, "mfc": "none", "ms": 9, "mew": 2}
        handles.append(Line2D([], [], ls="", label="planted rank", **look))
    return handles
