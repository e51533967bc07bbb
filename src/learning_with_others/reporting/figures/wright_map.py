"""Thresholds of a scale's items beside the groups, on one axis."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch
from scipy import stats

from learning_with_others.reporting.figures.style import FOCAL, MARK, NEUTRAL, REFERENCE

TRAIT = (-4.0, 4.0)
ITEM_WIDTH = 0.38  # inches
SHADES = ("#440154", "#31688E", "#35B779", "#8F9B12", "#B5651D", "#7F7F7F")


def draw_wright_map(
    items: pd.DataFrame, moments: pd.DataFrame, groups: tuple[str, str], title: str
) -> Figure | None:
    """Draw where along the trait each item's answers divide, and where the groups are.

    The groups are shown as the normal densities of the model, from their latent mean and sd: no
    person is drawn. A threshold beyond the axis is an arrow at its edge.

    Parameters
    ----------
    items : pandas.DataFrame
        As `item_parameter_table` gives it, for one scale: `item, quantity, category, estimate,
        lower, upper`; only thresholds are drawn.
    moments : pandas.DataFrame
        Columns `group, mean, sd`, in sd of the reference group's trait; a group with a missing
        moment is not drawn.
    groups : (str, str)
        Focal and reference group.
    title : str

    Returns
    -------
    Figure, or None without thresholds

    References
    ----------
    Wright, B. D. and Masters, G. N. (1982). Rating Scale Analysis, ch. 5.
    """
    thresholds = items[(items["quantity"] == "threshold") & items["estimate"].notna()]
    if thresholds.empty:
        return None
    # The hardest item last, by the mean of its thresholds.
    order = thresholds.groupby("item")["estimate"].mean().sort_values(kind="stable").index
    width = max(4.0, ITEM_WIDTH * len(order))
    figure, (left, right) = plt.subplots(
        1, 2, figsize=(2.6 + width, 5.2), sharey=True, width_ratios=[2.0, width]
    )
    _draw_densities(left, moments.dropna(subset=["mean", "sd"]), groups)
    _draw_thresholds(right, thresholds, list(order))
    left.set(ylim=TRAIT, ylabel="trait (sd of the reference group)")
    figure.suptitle(title, fontsize=12)
    return figure


def _draw_densities(axis: Axes, moments: pd.DataFrame, groups: tuple[str, str]) -> None:
    """Draw the groups' densities towards the left, their feet at the items."""
    trait = np.linspace(*TRAIT, 201)
    known = moments.set_index("group")
    for group, colour in zip(groups, (FOCAL, REFERENCE), strict=True):
        if group in known.index:
            density = stats.norm.pdf(trait, *known.loc[group, ["mean", "sd"]])
            axis.fill_betweenx(trait, density, color=colour, alpha=0.3, lw=0)
            axis.plot(density, trait, color=colour, lw=1)
    axis.invert_xaxis()
    axis.set(xticks=[], xlabel="groups (model)")
    handles = [
        Patch(color=colour, alpha=0.3, label=group)
        for group, colour in zip(groups, (FOCAL, REFERENCE), strict=True)
        if group in known.index
    ]
    axis.legend(handles=handles, loc="upper left", frameon=False, fontsize=9)


def _draw_thresholds(axis: Axes, thresholds: pd.DataFrame, order: list[str]) -> None:
    """Draw each threshold as the number of the answer above it, with its interval."""
    low, high = TRAIT
    for row in thresholds.itertuples():
        place, shade = order.index(row.item), SHADES[(int(row.category) - 1) % len(SHADES)]
        if not low < row.estimate < high:
            edge = high if row.estimate >= high else low
            marker = "^" if row.estimate >= high else "v"
            axis.plot(place, edge, marker, color=shade, clip_on=False, ms=8)
            continue
        if np.isfinite(row.lower):
            ends = np.clip([row.lower, row.upper], low, high)
            axis.plot([place, place], ends, color=shade, lw=1.2, alpha=0.6, zorder=1)
        axis.plot(place, row.estimate, "o", color="white", ms=12, zorder=2, mec=shade)
        axis.text(
            place,
            row.estimate,
            int(row.category),
            color=MARK,
            fontsize=8,
            ha="center",
            va="center",
            zorder=3,
        )
    axis.axhline(0, color=NEUTRAL, lw=0.8, zorder=0)
    slanted = {"rotation": 90} if len(order) > 8 else {}  # noqa: PLR2004 - names would overlap
    axis.set_xticks(range(len(order)), order, fontsize=9, **slanted)
    axis.set(
        xlim=(-0.6, len(order) - 0.4),
        xlabel="items by mean threshold\n(c: answers below c | c and above)",
    )
    axis.grid(visible=False, axis="x")
