"""Slopes by group and the benefit gap, with the region of practical equivalence."""

import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.figure import Figure

from learning_with_others.reporting.figures.style import FOCAL, MARK, NEUTRAL, REFERENCE

DRAWN = ("benefit.slope", "benefit.gap", "benefit.gap.total")

MOST_ACROSS = 3


def draw_benefit_gaps(table: pd.DataFrame, groups: tuple[str, str], region: float) -> Figure:
    """Draw, for each outcome, both slopes and the within-school and total gaps.

    Parameters
    ----------
    table : pandas.DataFrame
        As `benefits.table.benefit_table` makes it; `group` is empty for the gaps of the main
        contrast; other groups are not drawn. In outcome SD for one unit of the exposure.
    groups : (str, str)
        Focal and reference group.
    region : float
        Half-width of the region of practical equivalence on the same scale.
    """
    table = table[table["quantity"].isin(DRAWN) & table["group"].isin(["", *groups])]
    outcomes = list(dict.fromkeys(table["outcome"]))
    rows = list(dict.fromkeys(table["row"]))
    colours = {groups[0]: FOCAL, groups[1]: REFERENCE}
    across = min(len(outcomes), MOST_ACROSS)
    down = -(-len(outcomes) // across)
    figure, axes = plt.subplots(
        down, across, figsize=(5 * across, 3 * down), sharex=True, sharey=True, squeeze=False
    )
    for axis in axes.flat[len(outcomes) :]:
        axis.set_visible(False)
    for axis, outcome in zip(axes.flat, outcomes, strict=False):
        axis.axvspan(-region, region, color=NEUTRAL, alpha=0.2, lw=0)
        axis.axvline(0, color=NEUTRAL, lw=1)
        for part in table[table["outcome"] == outcome].itertuples():
            reach = [[part.estimate - part.lower], [part.upper - part.estimate]]
            axis.errorbar(
                part.estimate,
                rows.index(part.row),
                xerr=reach,
                fmt="o" if part.group else "D",
                color=colours.get(part.group, MARK),
                capsize=4,
            )
        axis.set(title=outcome, xlabel="outcome sd")
        axis.grid(visible=False, axis="y")
    axes[0][0].set_yticks(range(len(rows)), rows)
    axes[0][0].set_ylim(len(rows) - 0.5, -0.5)
    return figure
