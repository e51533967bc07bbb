"""Dimensionality: loadings, changes of fit, eigenvalues and correlations of items."""

from textwrap import fill

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import seaborn as sns  # noqa: F401 - brings the colour map
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from learning_with_others.exhibits.drawing.intervals import error_bars
from learning_with_others.exhibits.drawing.panels import MOST_ACROSS, name_rows, panel_grid
from learning_with_others.exhibits.drawing.style import FOCAL, MARK, NEUTRAL, REFERENCE
from learning_with_others.psychometrics.factor_models.invariance import (
    MOST_CFI_FALL,
    MOST_RMSEA_RISE,
)

STEPS = {"metric": ("o", REFERENCE), "scalar": ("s", FOCAL), "strict": ("^", NEUTRAL)}
BETWEEN = 0.22  # between the steps of one scale


def draw_fit_changes(table: pd.DataFrame) -> Figure | None:
    """Draw the change of CFI and RMSEA at each step of invariance, beside Chen's limits.

    Parameters
    ----------
    table : pandas.DataFrame
        Columns `scale, step, delta_cfi, delta_rmsea`, as `invariance_table` makes them; rows
        without a change are left out. Nothing is drawn without rows.
    """
    table = table[table["step"].isin(STEPS)].dropna(subset=["delta_cfi", "delta_rmsea"])
    if table.empty:
        return None
    scales = list(dict.fromkeys(table["scale"]))
    figure, axes = plt.subplots(
        1, 2, figsize=(10, 1.6 + 0.42 * len(scales)), sharey=True, squeeze=False
    )
    for axis, column, limit, label in (
        (
            axes[0][0],
            "delta_cfi",
            -MOST_CFI_FALL,
            "change of CFI (left of the line: does not hold)",
        ),
        (
            axes[0][1],
            "delta_rmsea",
            MOST_RMSEA_RISE,
            "change of RMSEA (right of the line: does not hold)",
        ),
    ):
        axis.axvline(0, color=NEUTRAL, lw=1)
        axis.axvline(limit, color=MARK, lw=1.2, ls="--")
        for place, (step, (marker, colour)) in enumerate(STEPS.items()):
            mine = table[table["step"] == step]
            height = np.array([scales.index(scale) for scale in mine["scale"]], dtype=float)
            axis.plot(
                mine[column].astype(float),
                height + (place - 1) * BETWEEN,
                marker,
                color=colour,
                label=step,
            )
        axis.set_xlabel(label, fontsize="small")
        axis.grid(visible=False, axis="y")
    name_rows(axes[0][0], scales)
    axes[0][1].legend(loc="upper left", bbox_to_anchor=(1.0, 1.0), frameon=False)
    return figure


def draw_loadings(table: pd.DataFrame) -> Figure | None:
    """Draw standardized loadings with their intervals, one panel for each scale.

    Parameters
    ----------
    table : pandas.DataFrame
        Columns `scale, item, loading, lower, upper`, as `loading_table` makes them. Nothing is
        drawn without rows.
    """
    table = table.dropna(subset=["loading"])
    if table.empty:
        return None
    scales = list(dict.fromkeys(table["scale"]))
    across = min(len(scales), MOST_ACROSS)
    down = -(-len(scales) // across)
    sizes = table.groupby("scale", sort=False).size()
    heights = [sizes.iloc[row * across : (row + 1) * across].max() for row in range(down)]
    figure, axes = plt.subplots(
        down,
        across,
        figsize=(4.2 * across, sum(0.9 + 0.26 * height for height in heights)),
        height_ratios=[0.9 + 0.26 * height for height in heights],
        sharex=True,
        squeeze=False,
    )
    for axis in axes.flat[len(scales) :]:
        axis.set_visible(False)
    for panel, (axis, scale) in enumerate(zip(axes.flat, scales, strict=False)):
        mine = table[table["scale"] == scale]
        place = np.arange(len(mine))
        # An interval that could not be had is a point without arms, not an error.
        arms = np.nan_to_num(error_bars(mine, "loading"))
        axis.errorbar(
            mine["loading"].to_numpy(float), place, xerr=arms, fmt="o", color=REFERENCE, capsize=3
        )
        axis.axvline(0, color=NEUTRAL, lw=1)
        axis.set_yticks(place, list(mine["item"]))
        axis.set_ylim(heights[panel // across] - 0.5, -0.5)  # items equally far apart in a row
        axis.set_title(scale)
        axis.grid(visible=False, axis="y")
    for axis in axes[-1]:
        axis.set_xlabel("standardized loading")
    return figure


MOST_SCALES_ACROSS = 4
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


CELL, MARGIN = 0.27, 1.3  # inches
SMALLEST = 5  # items a panel makes room for


def draw_correlations(table: pd.DataFrame) -> Figure | None:
    """Draw the polychoric correlations of each construct's items; nothing without any.

    Parameters
    ----------
    table : pandas.DataFrame
        Columns `construct, item, other, polychoric`, as `inter_item_table` makes them; a
        correlation that is withheld or could not be computed leaves its cell empty.
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
            cells = axis.imshow(parts[name], cmap="vlag", vmin=-1, vmax=1)
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
