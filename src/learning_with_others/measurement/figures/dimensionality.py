"""Dimensionality: loadings, changes of fit, eigenvalues and correlations of items."""

from textwrap import fill

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import seaborn as sns  # noqa: F401 - brings the colour map
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from learning_with_others.exhibits.drawing.forest import forest
from learning_with_others.exhibits.drawing.panels import MOST_ACROSS, panel_grid
from learning_with_others.exhibits.drawing.style import MARK, NEUTRAL, PAPER, SIGNED
from learning_with_others.psychometrics.factor_models.invariance import (
    MOST_CFI_FALL,
    MOST_RMSEA_RISE,
)

STEPS = ("metric", "scalar", "strict")
# Measure of fit: its column, the limit of its change, the side where the step fails.
CHANGES = {
    "CFI": ("delta_cfi", -MOST_CFI_FALL, "left"),
    "RMSEA": ("delta_rmsea", MOST_RMSEA_RISE, "right"),
}


def draw_fit_changes(table: pd.DataFrame) -> Figure | None:
    """Draw the change of CFI and RMSEA at each step of invariance, beside Chen's limits.

    Parameters
    ----------
    table : pandas.DataFrame
        Columns `scale, step, delta_cfi, delta_rmsea`, as `invariance_table` makes them; rows
        without a change are left out. Nothing is drawn without rows.
    """
    table = table[table["step"].isin(STEPS)].dropna(subset=["delta_cfi", "delta_rmsea"])
    parts = [
        table[["scale", "step"]].assign(
            measure=name, estimate=table[column], lower=np.nan, upper=np.nan
        )
        for name, (column, _, _) in CHANGES.items()
    ]
    figure = forest(
        pd.concat(parts),
        row="scale",
        panel="measure",
        hue="step",
        label={
            name: f"change of {name} ({side} of the dashed line: does not hold)"
            for name, (_, _, side) in CHANGES.items()
        },
        sharex=False,
    )
    if figure is not None:
        for axis, (_, limit, _) in zip(figure.axes, CHANGES.values(), strict=True):
            axis.axvline(limit, color=MARK, lw=1.2, ls="--")
    return figure


def draw_loadings(table: pd.DataFrame) -> Figure | None:
    """Draw standardized loadings with their intervals, one panel for each scale.

    Parameters
    ----------
    table : pandas.DataFrame
        Columns `scale, item, loading, lower, upper`, as `loading_table` makes them. Nothing is
        drawn without rows.
    """
    return forest(
        table,
        row="item",
        panel="scale",
        estimate="loading",
        label="standardized loading",
        own_rows=True,
    )


MOST_SCALES_ACROSS = 4
TITLE_WIDTH = 32  # characters
KINDS = {"components": (NEUTRAL, "s"), "factors": (MARK, "o")}
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
    figure, axes = panel_grid(
        len(scales), (3.9, 3.3), across=MOST_SCALES_ACROSS, margin=(0, 0.6), narrowest=7.5
    )
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
            markerfacecolor=PAPER,
            label=f"{kind}: observed (filled: above it)",
        )
        kept = mine[mine["number"] <= suggested[kind]]
        axis.plot(kept["number"], kept["eigenvalue"], marker, ms=5, color=colour)
    axis.set_xticks(range(1, int(part["number"].max()) + 1))
    counts = f"factors {suggested['factors']}, components {suggested['components']}"
    axis.set_title(f"{fill(part['label'].iloc[0], TITLE_WIDTH)}\n{counts}", fontsize=10.5)
    axis.set_xlabel("number")
    axis.axhline(0, color=NEUTRAL, lw=0.6)


CELL, MARGIN = 0.27, 1.3  # inches
SMALLEST = 5  # items a panel makes room for


def draw_correlations(table: pd.DataFrame) -> Figure | None:
    """Draw the polychoric correlations of each construct's items; nothing without any.

    Parameters
    ----------
    table : pandas.DataFrame
        Columns `construct, item, other, polychoric`, as `inter_item_table` makes them; a
        correlation that is suppressed or could not be computed leaves its cell empty.
    """
    table = table.dropna(subset="polychoric") if "polychoric" in table else table[:0]
    if table.empty:
        return None
    parts = {name: _matrix(part) for name, part in table.groupby("construct", sort=False)}
    # The largest construct has a row to itself; the others share rows.
    names = sorted(parts, key=lambda name: -len(parts[name]))
    wide = names[:1]
    rows = [wide] + [names[k : k + MOST_ACROSS] for k in range(1, len(names), MOST_ACROSS)]
    heights = [CELL * max(SMALLEST, len(parts[row[0]])) + MARGIN for row in rows]
    figure = plt.figure(figsize=(9.5, sum(heights)))
    grid = figure.add_gridspec(len(rows), MOST_ACROSS, height_ratios=heights)
    for place, row in enumerate(rows):
        for column, name in enumerate(row):
            span = grid[place, :] if row is wide else grid[place, column]
            axis = figure.add_subplot(span)
            # Not seaborn's heat map: it lays the whole figure out again for each panel.
            cells = axis.imshow(parts[name], cmap=SIGNED, vmin=-1, vmax=1)
            items = list(parts[name])
            axis.set_xticks(range(len(items)), items, fontsize=8, rotation=90)
            axis.set_yticks(range(len(items)), items, fontsize=8)
            axis.set_title(name.replace("_", " "))
            axis.grid(visible=False)
            if row is wide:
                figure.colorbar(cells, ax=axis, label="polychoric correlation", shrink=0.7)
    return figure


def _matrix(part: pd.DataFrame) -> pd.DataFrame:
    """Square matrix of one construct, its diagonal left empty."""
    items = list(dict.fromkeys([*part["item"], *part["other"]]))
    matrix = pd.DataFrame(np.nan, items, items)
    for row in part.itertuples():
        matrix.loc[row.item, row.other] = matrix.loc[row.other, row.item] = row.polychoric
    return matrix
