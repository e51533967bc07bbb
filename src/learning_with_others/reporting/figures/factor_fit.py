"""Loadings of scales, and how fit changes as groups are held equal."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from learning_with_others.measurement.factor_models.invariance import (
    MOST_CFI_FALL,
    MOST_RMSEA_RISE,
)
from learning_with_others.reporting.figures.style import FOCAL, MARK, NEUTRAL, REFERENCE

STEPS = {"metric": ("o", REFERENCE), "scalar": ("s", FOCAL), "strict": ("^", NEUTRAL)}
SPREAD = 0.22  # between the steps of one scale
MOST_ACROSS = 3


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
                height + (place - 1) * SPREAD,
                marker,
                color=colour,
                label=step,
            )
        axis.set_xlabel(label, fontsize="small")
        axis.grid(visible=False, axis="y")
    axes[0][0].set_yticks(range(len(scales)), scales)
    axes[0][0].set_ylim(len(scales) - 0.5, -0.5)
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
        reach = [mine["loading"] - mine["lower"], mine["upper"] - mine["loading"]]
        # An interval that could not be had is a point without arms, not an error.
        arms = np.nan_to_num(np.array(reach, dtype=float))
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
