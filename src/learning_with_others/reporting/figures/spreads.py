"""Posterior densities of spreads between clusters over their priors."""

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from learning_with_others.reporting.figures.panels import draw_panels, label_figure
from learning_with_others.reporting.figures.style import FOCAL, MARK, REFERENCE

LOOKS = ((REFERENCE, "-"), (FOCAL, "-."))


def draw_spread_priors(table: pd.DataFrame) -> Figure:
    """Draw the posterior density of each spread, filled, over its prior density, dashed.

    A posterior that lies on its prior was decided by the prior.

    Parameters
    ----------
    table : pandas.DataFrame
        As `benefits.spreads.spread_table` makes it.
    """
    outcomes = list(dict.fromkeys(table["outcome"]))
    parameters = list(dict.fromkeys(table["parameter"]))
    figure, axes = draw_panels(outcomes, (3.6, 2.7), sharex=True, sharey=True)
    for axis, outcome in zip(axes, outcomes, strict=True):
        for name, (colour, line) in zip(parameters, LOOKS, strict=True):
            part = table[(table["outcome"] == outcome) & (table["parameter"] == name)]
            _density(axis, part, name, colour, line)
        counts = table[table["outcome"] == outcome].drop_duplicates("level")
        words = "\n".join(f"{row.groups} {row.level}s" for row in counts.itertuples())
        axis.text(0.97, 0.95, words, transform=axis.transAxes, ha="right", va="top")
    axes[0].set_xlim(0, table["sd"].max())
    axes[0].set_ylim(bottom=0)
    label_figure(figure, axes, x="standard deviation (outcome sd)", y="density")
    return figure


def _density(axis: Axes, part: pd.DataFrame, name: str, colour: str, line: str) -> None:
    axis.fill_between(part["sd"], part["posterior"], color=colour, alpha=0.3, lw=0)
    axis.plot(
        part["sd"],
        part["posterior"],
        line,
        color=colour,
        label=f"posterior, {name}",
    )
    axis.plot(part["sd"], part["prior"], "--", color=MARK, lw=1.2, label="prior")
