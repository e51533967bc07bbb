"""Ranks of items with their sets: thick for each alone, thin for all at once."""

from textwrap import fill

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from learning_with_others.exhibits.drawing.panels import name_rows, panel_grid
from learning_with_others.exhibits.drawing.style import FAINT, KINDS, MARK
from learning_with_others.exhibits.words import format_value

WIDTH, ROW, HEAD, FOOT = 7.5, 0.42, 0.6, 0.75  # inches
THICK, THIN, SMALL, TEXT = 6.0, 1.3, 9, 10  # points
WORDING = 34  # characters of a line
FEWEST = 0.01  # a smaller probability is not written out
PAD = 0.13  # ranks: a set of one rank is seen, too


def draw_ranks(table: pd.DataFrame) -> Figure | None:
    """Draw the rank of each item with its sets, a panel for each group that is ranked together.

    `top_three` is written at the right and `planted` is a ring, where the table has them.
    """
    table = table[table["rank"].notna()]
    if table.empty:
        return None
    parts = dict(iter(table.groupby("label", sort=False)))
    heights = [len(part) + HEAD / ROW for part in parts.values()]
    figure, grid = panel_grid(
        len(parts), (WIDTH, 1), across=1, gridspec_kw={"height_ratios": heights}
    )
    figure.set_figheight(ROW * len(table) + HEAD * len(parts) + FOOT)
    for axis, (label, part) in zip(grid[:, 0], parts.items(), strict=True):
        _draw_group(axis, part.reset_index(drop=True))
        axis.set_title(label, fontsize=TEXT, loc="left")
        axis.set(xlim=(0.6, len(part) + 0.4), xticks=range(1, len(part) + 1))
        axis.tick_params(labelsize=SMALL)
    figure.supxlabel("rank by the mean answer (1: agreed with most)", fontsize=TEXT)
    marks = grid[0, 0].get_legend_handles_labels()
    figure.legend(*marks, loc="outside upper left", ncols=3, frameon=False, fontsize=SMALL)
    return figure


def _draw_group(axis: Axes, part: pd.DataFrame) -> None:
    name_rows(axis, [fill(wording, WORDING) for wording in part["wording"]], fontsize=SMALL)
    rows, rank = part.index, part["rank"]
    ends = part["marginal_lower"] - PAD, part["marginal_upper"] + PAD
    axis.hlines(rows, *ends, color=KINDS[2], lw=THICK, label="marginal set")
    reach = rank - part["simultaneous_lower"] + PAD, part["simultaneous_upper"] + PAD - rank
    thin = {"color": MARK, "lw": THIN, "capsize": 4, "label": "rank, with simultaneous set"}
    axis.errorbar(rank, rows, xerr=reach, fmt="o", ms=6, **thin)
    if "planted" in part:
        ring = {"color": KINDS[3], "mfc": "none", "ms": 11, "mew": 2, "zorder": 4}
        axis.plot(part["planted"], rows, "o", label="planted rank", **ring)
    axis.grid(visible=False, axis="y")
    for between in rows[1:]:
        axis.axhline(between - 0.5, color=FAINT, lw=0.8, zorder=0)
    if "top_three" in part and part["top_three"].notna().any():
        place = {"xycoords": ("axes fraction", "data"), "va": "center", "fontsize": SMALL}
        for row, share in part["top_three"].items():
            axis.annotate(_written(share), (1.02, row), **place, annotation_clip=False)
        axis.annotate("P(top 3)", (1.02, -0.8), **place, style="italic", annotation_clip=False)


def _written(share: float) -> str:
    """Write a probability without saying that anything is certain."""
    if pd.isna(share):
        return "–"
    if share < FEWEST:
        return f"< {FEWEST}"
    return f"> {1 - FEWEST:.2f}" if share > 1 - FEWEST else format_value(share, 2)
