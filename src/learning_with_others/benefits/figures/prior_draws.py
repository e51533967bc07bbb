"""Prior predictive quantities, and posterior standard deviations over their priors."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from learning_with_others.exhibits.drawing.panels import draw_panels, label_figure
from learning_with_others.exhibits.drawing.style import BAND, KINDS, MARK, NEUTRAL
from learning_with_others.exhibits.populations import Population

PROBABILITY = 0.95
BINS = 90
HEIGHT = 0.62  # of a distribution in its row; the rest holds its interval and its words
ACROSS = 2


def draw_prior_predictive(table: pd.DataFrame, region: float, groups: tuple[str, str]) -> Figure:
    """Draw the distribution of each quantity under each set of priors, one row a set.

    Each distribution is scaled to its own height; the bar below it is the equal-tailed 95%
    interval. A panel ends where the widest interval ends.

    Parameters
    ----------
    table : pandas.DataFrame
        As `bayes.prior_predictive.prior_quantities` makes it, sets below each other.
    region : float
        Half-width of the region of practical equivalence, in outcome sd; drawn behind the gap only.
    groups : (str, str)
        Focal and reference group.
    """
    names = {"focal": groups[0], "reference": groups[1]}
    sets = list(dict.fromkeys(table["priors"]))
    panels = list(table[["quantity", "of"]].drop_duplicates().itertuples(index=False, name=None))
    down = -(-len(panels) // ACROSS)
    figure, axes = plt.subplots(
        down,
        ACROSS,
        figsize=(5.4 * ACROSS, (1.1 + 0.75 * len(sets)) * down),
        sharey=True,
        squeeze=False,
        layout="constrained",
    )
    figure.get_layout_engine().set(hspace=0.06, wspace=0.03)
    for axis in axes.flat[len(panels) :]:
        axis.set_visible(False)
    for axis, (quantity, of) in zip(axes.flat, panels, strict=False):
        part = table[(table["quantity"] == quantity) & (table["of"] == of)]
        values = [part.loc[part["priors"] == name, "value"].to_numpy() for name in sets]
        intervals = np.quantile(values, [(1 - PROBABILITY) / 2, (1 + PROBABILITY) / 2], axis=1).T
        limits = _limits(intervals, quantity)
        for row, (own, interval) in enumerate(zip(values, intervals, strict=True)):
            _ridge(axis, row, own, interval, limits)
            if quantity == "gap":
                inside = (np.abs(own) <= region).mean()
                axis.text(
                    limits[1], row - 0.5, f"{inside:.0%} in ±{region:.2f}", ha="right", va="center"
                )
        if quantity == "gap":
            axis.axvspan(-region, region, color=BAND, lw=0, zorder=0)
        if quantity == "outcome sd":
            axis.axvline(1, color=NEUTRAL, lw=1.5, zorder=0)
        title, unit = _words(quantity, names.get(of, of))
        axis.set(title=title, xlabel=unit, xlim=limits)
        axis.grid(visible=False, axis="y")
    axes[0][0].set_yticks(range(len(sets)), [name.replace("_", " ") for name in sets])
    axes[0][0].set_ylim(len(sets) - 0.7, -0.8)
    return figure


def _words(quantity: str, of: str) -> tuple[str, str]:
    """Title and unit of a panel."""
    if quantity == "slope":
        return f"slope, {of}, {Population.POOLED.label}", "outcome SD"
    if quantity == "gap":
        return f"benefit gap, {Population.POOLED.label}", "outcome SD"
    if quantity == "icc":
        return f"intraclass correlation, {of}", "share of variance"
    return "standard deviation of the outcome", "1 is what a standardized outcome has"


def _limits(intervals: np.ndarray, quantity: str) -> tuple[float, float]:
    if quantity == "icc":
        return 0.0, 1.0
    widest = float(np.abs(intervals).max())
    return (0.0 if quantity == "outcome sd" else -widest, widest)


def _ridge(
    axis: Axes, row: int, values: np.ndarray, interval: np.ndarray, limits: tuple[float, float]
) -> None:
    colour = KINDS[row % len(KINDS)]
    density, edges = np.histogram(values, bins=BINS, range=limits)
    height = row - HEIGHT * density / density.max()
    axis.stairs(height, edges, baseline=row, fill=True, color=colour, alpha=0.35)
    axis.plot(interval, [row + 0.12] * 2, color=colour, lw=3, solid_capstyle="butt")
    axis.plot(np.median(values), row + 0.12, "o", color=colour, ms=5)


LOOKS = tuple(zip(KINDS, ("-", "-."), strict=False))


def draw_standard_deviation_priors(table: pd.DataFrame) -> Figure:
    """Draw the posterior density of each sd, filled, over its prior density, dashed.

    A posterior that lies on its prior was decided by the prior.

    Parameters
    ----------
    table : pandas.DataFrame
        As `benefits.cluster_standard_deviations.standard_deviation_table` makes it.
    """
    outcomes = list(dict.fromkeys(table["outcome"]))
    parameters = list(dict.fromkeys(table["parameter"]))
    figure, axes = draw_panels(outcomes, (3.6, 2.7), sharex=True, sharey=True)
    for axis, outcome in zip(axes, outcomes, strict=True):
        for name, (colour, line) in zip(parameters, LOOKS, strict=False):
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
