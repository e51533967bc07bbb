"""How reliable leaving one out by importance sampling was: counts of Pareto k."""

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from learning_with_others.reporting.figures.panels import draw_panels, label_figure
from learning_with_others.reporting.figures.style import FOCAL, MARK, REFERENCE

GOOD = 0.7  # Vehtari et al. (2024): above it the estimate is not to be trusted


def draw_pareto_k(table: pd.DataFrame, left_out: str = "student") -> Figure | None:
    """Draw how many units have a Pareto k in each range, in numbers where it is too high.

    Parameters
    ----------
    table : pandas.DataFrame
        `LeaveOneOut.pareto` of `benefits.leave_one_out.leave_one_out`.
    left_out : str
        Units to show: student, or a level.

    Returns
    -------
    Figure or None
        None where nothing was left out.
    """
    table = table[table["left_out"] == left_out]
    if table.empty:
        return None
    outcomes = list(dict.fromkeys(table["outcome"]))
    figure, axes = draw_panels(outcomes, (3.4, 3.0), sharex=True, sharey=True)
    for axis, outcome in zip(axes, outcomes, strict=True):
        part = table[table["outcome"] == outcome].reset_index(drop=True)
        good = (part["to_k"] <= GOOD).to_numpy()
        bars = axis.bar(
            part.index, part["units"], color=np.where(good, REFERENCE, FOCAL), width=0.85
        )
        labels = [
            "" if fine else str(count) for fine, count in zip(good, part["units"], strict=True)
        ]
        axis.bar_label(bars, labels, fontsize="small", padding=2)
        axis.axvline(good.sum() - 0.5, color=MARK, ls="--", lw=1)
        axis.set_xticks(part.index, [_range(row) for row in part.itertuples()], rotation=90)
        axis.tick_params(axis="x", labelsize="small")
        axis.grid(visible=False, axis="x")
        axis.margins(y=0.12)
    label_figure(figure, axes, x="Pareto k", y=f"{left_out}s")
    return figure


def _range(row: object) -> str:
    if np.isneginf(row.from_k):
        return f"under {row.to_k:g}"
    if np.isposinf(row.to_k):
        return f"{row.from_k:g} and over"
    return f"{row.from_k:g} to {row.to_k:g}"
