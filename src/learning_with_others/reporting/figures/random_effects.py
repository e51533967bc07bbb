"""Estimated effects of clusters against the normal distribution."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from learning_with_others.reporting.figures.panels import draw_panels, label_figure
from learning_with_others.reporting.figures.style import FOCAL, MARK, NEUTRAL, REFERENCE

OUTLYING = 3.0
LOOKS = ((REFERENCE, "o"), (FOCAL, "^"), (MARK, "D"), (NEUTRAL, "s"))


def draw_random_effects(table: pd.DataFrame) -> Figure:
    """Draw a normal Q-Q plot of standardized effects for each outcome, clusters unnamed.

    Parameters
    ----------
    table : pandas.DataFrame
        As `benefits.cluster_effects.cluster_effect_quantiles` makes it.
    """
    outcomes = list(dict.fromkeys(table["outcome"]))
    kinds = list(table[["level", "term"]].drop_duplicates().itertuples(index=False, name=None))
    figure, axes = draw_panels(outcomes, (3.4, 3.2), sharex=True, sharey=True)
    reach = 1.08 * max(OUTLYING, float(table[["normal", "effect"]].abs().to_numpy().max()))
    for axis, outcome in zip(axes, outcomes, strict=True):
        _panel(axis, table[table["outcome"] == outcome], kinds, reach)
    label_figure(figure, axes, x="normal quantile", y="standardized effect")
    return figure


def _panel(axis: Axes, part: pd.DataFrame, kinds: list[tuple[str, str]], reach: float) -> None:
    axis.plot([-reach, reach], [-reach, reach], color=NEUTRAL, lw=1, zorder=1)
    for side in (-OUTLYING, OUTLYING):
        axis.axhline(side, color=NEUTRAL, lw=1, ls=":", zorder=1)
    for (level, term), (colour, marker) in zip(kinds, LOOKS, strict=False):
        mine = part[(part["level"] == level) & (part["term"] == term)]
        if len(mine):
            axis.plot(
                mine["normal"],
                mine["effect"],
                marker,
                ms=4,
                mfc="none" if marker != "o" else colour,
                color=colour,
                alpha=0.8,
                label=f"{level}, {term}",
            )
    ticks = np.arange(-3, 4)
    axis.set(xlim=(-reach, reach), ylim=(-reach, reach), xticks=ticks)
