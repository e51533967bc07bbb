"""Shares with the opportunity, school by school."""

import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.figure import Figure

from learning_with_others.reporting.figures.style import FOCAL, REFERENCE


def draw_schools(schools: pd.DataFrame, focal: str, reference: str, label: str) -> Figure | None:
    """Draw each shown school's share by group, with intervals; nothing if none may be shown.

    Parameters
    ----------
    schools : pandas.DataFrame
        `school_rank, group, estimate, lower, upper`.
    """
    if schools.empty:
        return None
    figure, axis = plt.subplots(figsize=(8, 3.8))
    for group, colour, marker, offset in (
        (focal, FOCAL, "o", -0.08),
        (reference, REFERENCE, "s", 0.08),
    ):
        part = schools[schools["group"] == group]
        reach = [part["estimate"] - part["lower"], part["upper"] - part["estimate"]]
        place = part["school_rank"] + offset
        axis.errorbar(
            place, part["estimate"], yerr=reach, fmt=marker, color=colour, label=group, capsize=3
        )
    axis.yaxis.set_major_formatter("{x:.0%}")
    axis.xaxis.set_major_locator(plt.MaxNLocator(integer=True))
    axis.set(xlabel="schools that may be shown, in order of their share", ylabel=label)
    axis.grid(visible=False, axis="x")
    axis.legend(frameon=False)
    return figure
