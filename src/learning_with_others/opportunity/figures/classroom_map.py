"""Every classroom's mean, as scored and partially pooled, in order."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from learning_with_others.exhibits.drawing.intervals import error_bars
from learning_with_others.exhibits.drawing.style import MARK, NEUTRAL, PAPER

MANY = 60  # classrooms, above which marks are small and places are not numbered
NARROWEST, WIDEST, PER_CLASSROOM = 7.5, 12.0, 0.28  # inches


def draw_classroom_map(table: pd.DataFrame, label: str, level: str = "classroom") -> Figure | None:
    """Draw every shown classroom's pooled mean with its interval, joined to its raw mean.

    The line between the two marks is how far pooling moved the estimate.

    Parameters
    ----------
    table : pandas.DataFrame
        `ClassroomMap.table`.
    label : str
        What is estimated, with its unit.
    level : str
        What a mark stands for.

    Returns
    -------
    Figure or None
        None if no classroom may be shown.
    """
    shown = table.dropna(subset=["estimate", "raw_mean"])
    if shown.empty:
        return None
    number = len(shown)
    width = float(np.clip(2.0 + PER_CLASSROOM * number, NARROWEST, WIDEST))
    figure, axis = plt.subplots(figsize=(width, 4.8))
    _marks(axis, shown.sort_values("estimate"), 3.0 if number > MANY else 5.5)
    grand = float(shown["grand_mean"].iloc[0])
    axis.axhline(grand, color=MARK, lw=1.0, ls="--", zorder=1, label=f"grand mean ({grand:.4g})")
    axis.set(xlabel=f"{number} {level}s, in order of their estimate", ylabel=label)
    axis.set(xlim=(0, number + 1), xticks=[])
    if number <= MANY:
        axis.set_xticks(range(1, number + 1), shown.sort_values("estimate")["place"])
        axis.tick_params(axis="x", labelsize=8 if number > MANY / 2 else 9, length=0)
    axis.grid(visible=False, axis="x")
    figure.legend(loc="outside upper center", ncols=3, frameon=False)
    return figure


def _marks(axis: Axes, shown: pd.DataFrame, size: float) -> None:
    place = np.arange(1, len(shown) + 1)
    raw, estimate = shown["raw_mean"].to_numpy(float), shown["estimate"].to_numpy(float)
    axis.vlines(place, estimate, raw, color=NEUTRAL, lw=size / 4, zorder=3)
    axis.errorbar(
        place,
        estimate,
        yerr=error_bars(shown),
        fmt="o",
        color=MARK,
        ecolor=(MARK, 0.4),
        ms=size,
        mew=0,
        elinewidth=size / 3,
        zorder=2,
        label="partially pooled, with its interval",
    )
    axis.plot(
        place,
        raw,
        "o",
        ms=size,
        mfc=PAPER,
        mec=NEUTRAL,
        mew=size / 5,
        ls="none",
        zorder=4,
        label="raw mean",
    )
