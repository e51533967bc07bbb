"""Share of the benefit gap in regions of practical equivalence."""

import pandas as pd
from matplotlib.figure import Figure

from learning_with_others.reporting.figures.panels import draw_panels, label_figure
from learning_with_others.reporting.figures.style import MARK, NEUTRAL, REFERENCE

ENOUGH = 0.95  # of the gap in the region: practically none


def draw_equivalence(table: pd.DataFrame, bound: float) -> Figure:
    """Draw the share of the gap in each region, and the largest that so wide a posterior reaches.

    Parameters
    ----------
    table : pandas.DataFrame
        As `benefits.table.equivalence_table` makes it.
    bound : float
        Half-width of the declared region.
    """
    outcomes = list(dict.fromkeys(table["outcome"]))
    figure, axes = draw_panels(outcomes, (3.4, 2.7), sharex=True, sharey=True)
    for axis, outcome in zip(axes, outcomes, strict=True):
        part = table[table["outcome"] == outcome]
        axis.axhline(ENOUGH, color=NEUTRAL, lw=1.2, label=f"{ENOUGH:.0%}: practically none")
        axis.axvline(bound, color=NEUTRAL, lw=1.2, ls=":", label=f"declared region, ±{bound:g}")
        axis.plot(
            part["bound"], part["reachable"], "--", color=MARK, lw=1.5, label="largest possible"
        )
        axis.plot(
            part["bound"], part["share"], "o-", color=REFERENCE, lw=2, ms=5, label="share found"
        )
    axes[0].set(ylim=(0, 1.03), xlim=(table["bound"].min() - 0.01, table["bound"].max() + 0.01))
    axes[0].xaxis.set_major_formatter("±{x:.2f}")
    axes[0].set_xticks([0.05, 0.10, 0.15, 0.20])
    axes[0].yaxis.set_major_formatter("{x:.0%}")
    label_figure(
        figure, axes, x="half-width of the region (sd per sd)", y="share of the gap inside"
    )
    return figure
