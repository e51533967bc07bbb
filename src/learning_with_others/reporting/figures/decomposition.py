"""Where a gap arises: its parts by both splits, side by side."""

from textwrap import fill

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from learning_with_others.reporting.figures.style import MARK, NEUTRAL

SPLITS = {"additive": (MARK, MARK, "o"), "fixed effects": (MARK, "white", "s")}
TOTAL = "total"
COMPARABLE = ("comparable", "observed")
PANEL_WIDTH, PER_ROW, ABOVE = 3.3, 0.42, 1.0  # inches
MOST_ACROSS = 3
LINE = 36  # characters of a title
APART = 0.16


def draw_decomposition(table: pd.DataFrame) -> Figure | None:
    """Draw the gap and its parts in each opportunity, one panel each.

    Parameters
    ----------
    table : pandas.DataFrame
        From `decomposition_table`, with the column `verdict` if known. Latent gaps take the place
        of raw ones where there are both.

    Returns
    -------
    Figure or None
        None without estimates.
    """
    known = table[table["estimate"].notna()]
    if known.empty:
        return None
    best = known.groupby("measure")["score"].transform(lambda s: s.min())  # latent before raw
    known = known[known["score"] == best]
    measures = list(dict.fromkeys(known["measure"]))
    parts = [TOTAL, *dict.fromkeys(known.loc[known["split"].isin(SPLITS), "part"])]
    across = min(MOST_ACROSS, len(measures))
    down = -(-len(measures) // across)
    figure, axes = plt.subplots(
        down,
        across,
        figsize=(max(PANEL_WIDTH * across, 6.0) + 1.2, down * (ABOVE + PER_ROW * len(parts))),
        sharey=True,
        sharex=True,
        squeeze=False,
    )
    for axis in axes.flat[len(measures) :]:
        axis.set_visible(False)
    for axis, measure in zip(axes.flat, measures, strict=False):
        mine = known[known["measure"] == measure]
        _draw_panel(axis, mine, parts)
        score = "" if (mine["score"] == "raw").all() else ", latent"
        score += _reserve(mine)
        axis.set_title(fill(f"{mine['label'].iloc[0]}{score}", LINE), fontsize=10, loc="left")
    axes[0][0].set_yticks(range(len(parts)), ["the whole gap", *parts[1:]])
    axes[0][0].set_ylim(len(parts) - 0.5, -0.5)
    figure.supxlabel("pooled within-group SD", fontsize=10)
    handles = [
        Line2D([], [], color=colour, mfc=face, marker=marker, ls="", label=f"{split} split")
        for split, (colour, face, marker) in SPLITS.items()
    ]
    figure.legend(handles=handles, loc="outside upper left", ncols=2, frameon=False, fontsize=9)
    return figure


def _draw_panel(axis: Axes, table: pd.DataFrame, parts: list[str]) -> None:
    axis.axvline(0, color=NEUTRAL, lw=1)
    axis.axhline(0.5, color=NEUTRAL, lw=0.6)
    for order, (split, (colour, face, marker)) in enumerate(SPLITS.items()):
        mine = table[(table["split"] == split) | ((table["split"] == TOTAL) & (order == 0))]
        shift = np.where(mine["part"] == TOTAL, 0, (order - 0.5) * 2 * APART)
        place = mine["part"].map(parts.index).to_numpy(float) + shift
        reach = [mine["estimate"] - mine["lower"], mine["upper"] - mine["estimate"]]
        axis.errorbar(
            mine["estimate"], place, xerr=reach, fmt=marker, color=colour, mfc=face, capsize=2.5,
            ms=5,
        )  # fmt: skip
    axis.grid(visible=False, axis="y")


def _reserve(table: pd.DataFrame) -> str:
    """Say in a title what the comparison lacks, if anything."""
    verdict = table["verdict"].iloc[0] if "verdict" in table else COMPARABLE[0]
    return "" if verdict in COMPARABLE else f" (levels {verdict})"
