"""Items and groups along the trait: information, and Wright maps."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from scipy import stats

from learning_with_others.exhibits.drawing.panels import panel_grid
from learning_with_others.exhibits.drawing.style import (
    FOCAL,
    MARK,
    NEUTRAL,
    PAPER,
    REFERENCE,
    STEPS,
)

LARGEST_ERROR = 1.5  # of the trait's sd; beyond, hardly anything is known
DENSITY_HEIGHT = 0.35  # of the panel, for the highest density


def draw_information(
    table: pd.DataFrame,
    moments: pd.DataFrame,
    groups: tuple[str, str],
    labels: dict[str, str] | None = None,
) -> Figure | None:
    """Draw test information and conditional standard error, a panel for each scale.

    The groups are shown as the normal densities of the model, from their latent mean and sd: no
    person is drawn. Their height has no scale.

    Parameters
    ----------
    table : pandas.DataFrame
        As `information_table` gives it; scales without information are left out.
    moments : pandas.DataFrame
        Columns `scale, group, mean, sd`, in sd of the reference group's trait; a group with a
        missing moment is not drawn.
    groups : (str, str)
        Focal and reference group.
    labels : dict of str to str, optional
        What a person calls each scale.

    Returns
    -------
    Figure, or None without scales
    """
    table = table[table["information"].notna()]
    scales = list(dict.fromkeys(table["scale"]))
    if not scales:
        return None
    figure, axes = panel_grid(len(scales), (4.0, 2.7), margin=(0, 0.8), narrowest=7.5, sharex=True)
    across = axes.shape[1]
    for place, (axis, scale) in enumerate(zip(axes.flat, scales, strict=False)):
        part = table[table["scale"] == scale]
        _draw_densities(axis, moments[moments["scale"] == scale], groups, part["trait"])
        right = _draw_curves(axis, part)
        axis.set_title((labels or {}).get(scale, scale), fontsize=11)
        last = place % across == across - 1 or place == len(scales) - 1
        right.set_ylabel("standard error" if last else "")
        axis.set_ylabel("information" if place % across == 0 else "")
        axis.tick_params(labelbottom=place + across >= len(scales))
    figure.supxlabel(f"trait (sd of the group {groups[1]})", fontsize=11)
    handles = [
        Line2D([], [], color=MARK, label="information"),
        Line2D([], [], color=MARK, ls="--", label="standard error"),
        Patch(color=FOCAL, alpha=0.3, label=f"{groups[0]} (model)"),
        Patch(color=REFERENCE, alpha=0.3, label=f"{groups[1]} (model)"),
    ]
    figure.legend(handles=handles, loc="outside upper center", ncols=4, frameon=False)
    return figure


def _draw_densities(
    axis: Axes, moments: pd.DataFrame, groups: tuple[str, str], trait: pd.Series
) -> None:
    """Draw the groups' densities at the foot of the panel, in its own coordinates."""
    trait = np.linspace(trait.min(), trait.max(), 201)
    densities = _densities(moments, groups, trait)
    highest = max((density.max() for _, _, density in densities), default=1)
    for _, colour, density in densities:
        height = DENSITY_HEIGHT * density / highest
        transform = axis.get_xaxis_transform()
        axis.fill_between(trait, height, color=colour, alpha=0.3, lw=0, transform=transform)
        axis.plot(trait, height, color=colour, lw=1, transform=transform)


def _densities(
    moments: pd.DataFrame, groups: tuple[str, str], trait: np.ndarray
) -> list[tuple[str, str, np.ndarray]]:
    """Name, colour and normal density along the trait of each group with known moments."""
    known = moments.dropna(subset=["mean", "sd"]).set_index("group")
    return [
        (group, colour, stats.norm.pdf(trait, *known.loc[group, ["mean", "sd"]]))
        for group, colour in zip(groups, (FOCAL, REFERENCE), strict=True)
        if group in known.index
    ]


def _draw_curves(axis: Axes, part: pd.DataFrame) -> Axes:
    """Draw information on the left scale and the standard error on the right one."""
    axis.plot(part["trait"], part["information"], color=MARK)
    axis.set(ylim=(0, 1.08 * part["information"].max()))
    axis.grid(visible=False, axis="y")
    right = axis.twinx()
    shown = part["standard_error"].where(part["standard_error"] <= LARGEST_ERROR)
    right.plot(part["trait"], shown, color=MARK, ls="--")
    right.set(ylim=(0, LARGEST_ERROR))
    right.spines["right"].set(visible=True, color=NEUTRAL)
    right.grid(visible=False)
    return right


TRAIT = (-4.0, 4.0)
ITEM_WIDTH = 0.38  # inches
ITEM_LETTERS = 10  # of an item's name, in an inch


def draw_wright_map(
    items: pd.DataFrame, moments: pd.DataFrame, groups: tuple[str, str], title: str
) -> Figure | None:
    """Draw where along the trait each item's answers divide, and where the groups are.

    The groups are shown as the normal densities of the model, from their latent mean and sd: no
    person is drawn. A threshold beyond the axis is an arrow at its edge.

    Parameters
    ----------
    items : pandas.DataFrame
        As `ResponseTables.parameters` gives it, for one scale: `item, quantity, category, estimate,
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
    _draw_sideways_densities(left, moments, groups)
    _draw_thresholds(right, thresholds, list(order))
    left.set(ylim=TRAIT, ylabel=f"trait (sd of the group {groups[1]})")
    left.set_title(title, fontsize=12, loc="left")  # a synthetic study's mark takes the figure's
    return figure


def _draw_sideways_densities(axis: Axes, moments: pd.DataFrame, groups: tuple[str, str]) -> None:
    """Draw the groups' densities towards the left, their feet at the items."""
    trait = np.linspace(*TRAIT, 201)
    handles = []
    for group, colour, density in _densities(moments, groups, trait):
        axis.fill_betweenx(trait, density, color=colour, alpha=0.3, lw=0)
        axis.plot(density, trait, color=colour, lw=1)
        handles.append(Patch(color=colour, alpha=0.3, label=group))
    axis.invert_xaxis()
    axis.set(xticks=[], xlabel="groups (model)")
    if handles:
        axis.legend(handles=handles, loc="upper left", frameon=False, fontsize=9)
    else:
        axis.text(
            0.5,
            0.5,
            "not estimated\nby group",
            transform=axis.transAxes,
            ha="center",
            color=NEUTRAL,
        )


def _draw_thresholds(axis: Axes, thresholds: pd.DataFrame, order: list[str]) -> None:
    """Draw each threshold with the two answers that it divides, and its interval."""
    low, high = TRAIT
    for row in thresholds.itertuples():
        place, shade = order.index(row.item), STEPS[(int(row.category) - 1) % len(STEPS)]
        if not low < row.estimate < high:
            edge = high if row.estimate >= high else low
            marker = "^" if row.estimate >= high else "v"
            axis.plot(place, edge, marker, color=shade, clip_on=False, ms=8)
            continue
        if np.isfinite(row.lower):
            ends = np.clip([row.lower, row.upper], low, high)
            axis.plot([place, place], ends, color=shade, lw=1.2, alpha=0.6, zorder=1)
        axis.plot(place, row.estimate, "o", color=PAPER, ms=14, zorder=2, mec=shade)
        axis.text(
            place,
            row.estimate,
            f"{int(row.category)}|{int(row.category) + 1}",  # answers count from one
            color=MARK,
            fontsize=7,
            ha="center",
            va="center",
            zorder=3,
        )
    axis.axhline(0, color=NEUTRAL, lw=0.8, zorder=0)
    letters = ITEM_LETTERS * max(4.0, ITEM_WIDTH * len(order)) / len(order)
    slanted = {"rotation": 90} if max(map(len, order)) > letters else {}  # else names would overlap
    axis.set_xticks(range(len(order)), order, fontsize=9, **slanted)
    axis.set(
        xlim=(-0.6, len(order) - 0.4),
        xlabel="items by mean threshold\n(1|2: between the lowest answer and the next)",
    )
    axis.grid(visible=False, axis="x")
