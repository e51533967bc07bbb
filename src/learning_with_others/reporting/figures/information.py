"""Where along the trait a scale measures well, and where the groups are."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from scipy import stats

from learning_with_others.reporting.figures.style import FOCAL, MARK, NEUTRAL, REFERENCE

PANELS_IN_A_ROW = 3
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
    across = min(len(scales), PANELS_IN_A_ROW)
    down = -(-len(scales) // across)
    figure, axes = plt.subplots(
        down,
        across,
        figsize=(max(7.5, 4.0 * across), 2.7 * down + 0.8),
        squeeze=False,
        sharex=True,
    )
    for axis in axes.flat[len(scales) :]:
        axis.set_axis_off()
    for place, (axis, scale) in enumerate(zip(axes.flat, scales, strict=False)):
        part = table[table["scale"] == scale]
        _draw_densities(axis, moments[moments["scale"] == scale], groups, part["trait"])
        right = _draw_curves(axis, part)
        axis.set_title((labels or {}).get(scale, scale), fontsize=11)
        last = place % across == across - 1 or place == len(scales) - 1
        right.set_ylabel("standard error" if last else "")
        axis.set_ylabel("information" if place % across == 0 else "")
        axis.tick_params(labelbottom=place + across >= len(scales))
    figure.supxlabel("trait (sd of the reference group)", fontsize=11)
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
    known = moments.dropna(subset=["mean", "sd"]).set_index("group")
    drawn = [(g, c) for g, c in zip(groups, (FOCAL, REFERENCE), strict=True) if g in known.index]
    densities = {g: stats.norm.pdf(trait, *known.loc[g, ["mean", "sd"]]) for g, _ in drawn}
    highest = max((density.max() for density in densities.values()), default=1)
    for group, colour in drawn:
        height = DENSITY_HEIGHT * densities[group] / highest
        transform = axis.get_xaxis_transform()
        axis.fill_between(trait, height, color=colour, alpha=0.3, lw=0, transform=transform)
        axis.plot(trait, height, color=colour, lw=1, transform=transform)


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
