"""Sensitivity of an indirect association to what was left out."""

from textwrap import fill

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from learning_with_others.exhibits.drawing.panels import draw_panels
from learning_with_others.exhibits.drawing.style import MARK, NEUTRAL, PAPER, group_looks

LINES = ("-", "--")  # of the focal and the reference group
MARKERS = "v^DPX*<>"  # of the covariates, along the top
WIDTH, PANEL, KEY, FOOT = 7.5, 2.4, 0.19, 0.4  # inches: figure; height of a panel, key, foot
TITLE, TEXT, SMALL = 28, 10, 9  # letters of a title's line; points
TOP, APART = 0.94, 0.07  # of a panel's height: the first covariate's mark, and between marks
KEYS_ACROSS = 2
REACH = 1.6  # of what the estimates span at small correlations: how far a panel reaches
MODERATE = 0.5  # correlations beyond it are drawn only as far as their panel reaches


def draw_sensitivity(
    curve: pd.DataFrame, groups: tuple[str, str], benchmarks: pd.DataFrame | None = None
) -> Figure | None:
    """Draw the indirect association over the residual correlation of mediator and outcome.

    Where a line meets zero, a correlation of that size would explain the association away. Dotted
    lines with marks at the top say what leaving out an observed covariate would amount to.

    Parameters
    ----------
    curve : pandas.DataFrame
        Columns `outcome, via, group, correlation, estimate, lower, upper`.
    groups : (str, str)
        Focal and reference group; others are not drawn.
    benchmarks : pandas.DataFrame, optional
        Columns `outcome, via, covariate, correlation`.

    Returns
    -------
    Figure or None
        None without a curve.
    """
    curve = curve[curve["group"].isin(groups)]
    if curve.empty:
        return None
    panels = list(dict.fromkeys(zip(curve["via"], curve["outcome"], strict=True)))
    titles = [fill(f"{via} → {outcome}", TITLE) for via, outcome in panels]
    figure, axes = draw_panels(titles, (WIDTH / 3, PANEL), sharex=True, sharey=True)
    looks = group_looks(groups)
    for axis, (via, outcome) in zip(axes, panels, strict=True):
        axis.axhline(0, color=NEUTRAL, lw=1)
        axis.axvline(0, color=NEUTRAL, lw=1)
        mine = curve[(curve["via"] == via) & (curve["outcome"] == outcome)]
        for group, line in zip(groups, LINES, strict=True):
            _draw_curve(axis, mine[mine["group"] == group], looks[group].colour, line, group)
        axis.title.set_fontsize(SMALL)
        axis.tick_params(labelsize=SMALL)
        axis.set_xticks([-0.8, -0.4, 0, 0.4, 0.8])
    axes[0].set(xlim=(curve["correlation"].min(), curve["correlation"].max()), ylim=_reach(curve))
    if benchmarks is not None:
        _mark_covariates(dict(zip(panels, axes, strict=True)), benchmarks)
    figure.supxlabel("residual correlation of mediator and outcome", fontsize=TEXT)
    figure.supylabel("indirect association", fontsize=TEXT)
    handles = {
        words: handle
        for axis in axes
        for handle, words in zip(*axis.get_legend_handles_labels(), strict=True)
    }
    lines = -(-len(handles) // KEYS_ACROSS)
    figure.set_size_inches(WIDTH, figure.get_figheight() + FOOT + KEY * lines)
    # At the left: the right corner is free for a mark.
    figure.legend(
        handles.values(),
        handles.keys(),
        loc="outside upper left",
        ncols=KEYS_ACROSS,
        frameon=False,
        fontsize=SMALL,
    )
    return figure


def _draw_curve(axis: Axes, part: pd.DataFrame, colour: str, line: str, group: str) -> None:
    if part.empty:
        return
    part = part.sort_values("correlation")
    at = part["correlation"]
    axis.fill_between(at, part["lower"], part["upper"], color=colour, alpha=0.2, lw=0)
    axis.plot(at, part["estimate"], line, color=colour, lw=1.8, label=group)


def _reach(curve: pd.DataFrame) -> tuple[float, float]:
    """Ends of the vertical axis: the association runs off as the correlation nears one."""
    near = curve[curve["correlation"].abs() <= MODERATE]
    low, high = min(near["lower"].min(), 0), max(near["upper"].max(), 0)
    middle, half = (low + high) / 2, REACH * (high - low) / 2
    return middle - half, middle + half


def _mark_covariates(axes: dict[tuple[str, str], Axes], benchmarks: pd.DataFrame) -> None:
    names = list(dict.fromkeys(benchmarks["covariate"]))
    for row in benchmarks.itertuples():
        axis = axes.get((row.via, row.outcome))
        if axis is None or not np.isfinite(row.correlation):
            continue
        axis.axvline(row.correlation, color=MARK, lw=0.9, ls=":", zorder=1)
        axis.plot(
            row.correlation,
            TOP - APART * names.index(row.covariate),
            MARKERS[names.index(row.covariate) % len(MARKERS)],
            transform=axis.get_xaxis_transform(),
            ls="",
            color=MARK,
            mfc=PAPER,
            ms=6,
            label=row.covariate,
        )
