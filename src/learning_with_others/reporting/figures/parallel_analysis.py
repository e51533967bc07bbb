"""Eigenvalues of every scale beside those of unrelated answers."""

from textwrap import fill

import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from learning_with_others.reporting.figures.style import NEUTRAL, REFERENCE

MOST_ACROSS = 4
TITLE_WIDTH = 32  # characters
KINDS = {"components": (NEUTRAL, "s"), "factors": (REFERENCE, "o")}
MOST_NUMBERS = 12  # eigenvalues drawn: what lies beyond has never been kept


def draw_parallel_analysis(table: pd.DataFrame) -> Figure | None:
    """Draw observed eigenvalues and the 95th percentiles of shuffled answers, scale by scale.

    Eigenvalues that exceed theirs, up to the first that does not, are filled.

    Parameters
    ----------
    table : pandas.DataFrame
        From `parallel_table`; scales that could not be analysed are left out.

    Returns
    -------
    Figure or None
        None without rows.
    """
    table = table.dropna(subset=["eigenvalue", "comparison_upper"])
    if table.empty:
        return None
    scales = list(dict.fromkeys(table["scale"]))
    across = min(len(scales), MOST_ACROSS)
    down = -(-len(scales) // across)
    figure, axes = plt.subplots(
        down, across, figsize=(max(7.5, 3.9 * across), 3.3 * down + 0.6), squeeze=False
    )
    for axis in axes.flat[len(scales) :]:
        axis.set_visible(False)
    for axis, scale in zip(axes.flat, scales, strict=False):
        _draw_scale(axis, table[table["scale"] == scale])
    for axis in axes[:, 0]:
        axis.set_ylabel("eigenvalue")
    handles, labels = axes[0][0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=2, frameon=False)
    return figure


def _draw_scale(axis: Axes, part: pd.DataFrame) -> None:
    suggested = {}
    part = part[part["number"] <= max(MOST_NUMBERS, part["suggested"].max() + 1)]
    for kind, (colour, marker) in KINDS.items():
        mine = part[part["kind"] == kind].sort_values("number")
        suggested[kind] = int(mine["suggested"].iloc[0])
        limit = f"{kind}: 95th percentile of unrelated answers"
        axis.plot(mine["number"], mine["comparison_upper"], "--", lw=1.3, color=colour, label=limit)
        axis.plot(
            mine["number"],
            mine["eigenvalue"],
            marker=marker,
            ms=5,
            lw=1.3,
            color=colour,
            markerfacecolor="white",
            label=f"{kind}: observed (filled: above it)",
        )
        kept = mine[mine["number"] <= suggested[kind]]
        axis.plot(kept["number"], kept["eigenvalue"], marker, ms=5, color=colour)
    axis.set_xticks(range(1, int(part["number"].max()) + 1))
    counts = f"factors {suggested['factors']}, components {suggested['components']}"
    axis.set_title(f"{fill(part['label'].iloc[0], TITLE_WIDTH)}\n{counts}", fontsize=10.5)
    axis.set_xlabel("number")
    axis.axhline(0, color=NEUTRAL, lw=0.6)
