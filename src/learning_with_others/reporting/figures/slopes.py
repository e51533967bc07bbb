"""Expected outcomes over the exposure, by race group."""

import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from learning_with_others.reporting.figures.panels import draw_panels, label_figure
from learning_with_others.reporting.figures.style import FOCAL, REFERENCE

LOOKS = ((FOCAL, "-", "o"), (REFERENCE, "--", "s"))
APART = 0.06  # between the two groups' points, where the exposure has two values


def draw_expected_outcomes(table: pd.DataFrame, groups: tuple[str, str], exposure: str) -> Figure:
    """Draw each group's expected outcome from low to high exposure, one panel an outcome.

    Bands (or bars, for the two values of a class-level exposure) are the table's intervals.

    Parameters
    ----------
    table : pandas.DataFrame
        As `benefits.expected.expected_outcome_table` makes it.
    groups : (str, str)
        Focal and reference group; others in the table are not drawn.
    exposure : str
        Words for the horizontal axis.
    """
    outcomes = list(dict.fromkeys(table["outcome"]))
    figure, axes = draw_panels(outcomes, (3.6, 3.0), sharey=True)
    for axis, outcome in zip(axes, outcomes, strict=True):
        for group, look, side in zip(groups, LOOKS, (-APART, APART), strict=True):
            part = table[(table["outcome"] == outcome) & (table["group"] == group)]
            if (part["level"] == "").all():
                _band(axis, part, group, look)
            else:
                _levels(axis, part, group, look, side)
    label_figure(figure, axes, x=exposure, y="expected outcome (sd)")
    return figure


def _band(axis: Axes, part: pd.DataFrame, group: str, look: tuple[str, str, str]) -> None:
    colour, line, _ = look
    axis.fill_between(
        part["deviation"], part["lower"], part["upper"], color=colour, alpha=0.2, lw=0
    )
    axis.plot(part["deviation"], part["estimate"], line, color=colour, lw=2, label=group)
    axis.set_xlim(part["deviation"].min(), part["deviation"].max())
    axis.xaxis.set_major_locator(plt.MaxNLocator(5))


def _levels(
    axis: Axes, part: pd.DataFrame, group: str, look: tuple[str, str, str], side: float
) -> None:
    colour, line, marker = look
    places = [place + side for place in range(len(part))]
    reach = [part["estimate"] - part["lower"], part["upper"] - part["estimate"]]
    axis.plot(places, part["estimate"], line, color=colour, lw=1.5)
    axis.errorbar(
        places, part["estimate"], yerr=reach, fmt=marker, color=colour, capsize=4, label=group
    )
    axis.set_xticks(range(len(part)), part["level"])
    axis.set_xlim(-0.5, len(part) - 0.5)
    axis.grid(visible=False, axis="x")
