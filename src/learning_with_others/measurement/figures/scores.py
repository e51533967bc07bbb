"""Gaps between groups as each kind of score shows them."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from learning_with_others.exhibits.drawing.intervals import error_bars
from learning_with_others.exhibits.drawing.panels import name_rows
from learning_with_others.exhibits.drawing.style import NEUTRAL

# Okabe and Ito (2008), none of the colours that stand for groups elsewhere.
LOOKS = (
    ("mean score", NEUTRAL, "D"),
    ("expected a posteriori", "#CC79A7", "s"),
    ("plausible values", "#009E73", "o"),
)
OFFSET = 0.2


def draw_score_comparison(
    table: pd.DataFrame, groups: tuple[str, str], labels: dict[str, str] | None = None
) -> Figure | None:
    """Draw the latent gap of each construct, kinds of scores side by side; nothing without rows.

    Parameters
    ----------
    table : pandas.DataFrame
        From `score_gap_table`, after disclosure control: columns `construct, score, estimate,
        lower, upper`.
    groups : (str, str)
        Focal and reference group.
    labels : dict of str to str, optional
        Names of the constructs as readers know them.
    """
    shown = table.dropna(subset="estimate")
    if shown.empty:
        return None
    constructs = list(dict.fromkeys(shown["construct"]))
    figure, axis = plt.subplots(figsize=(8.5, 1.8 + 0.55 * len(constructs)))
    for place, (kind, colour, marker) in enumerate(LOOKS):
        part = shown[shown["score"] == kind]
        if part.empty:
            continue
        row = np.array([constructs.index(name) for name in part["construct"]])
        axis.errorbar(
            part["estimate"],
            row + (place - 1) * OFFSET,
            xerr=np.nan_to_num(error_bars(part)),
            fmt=marker,
            color=colour,
            label=kind,
            capsize=3,
            markersize=6,
        )
    axis.axvline(0, color="black", linewidth=0.8)
    names = [(labels or {}).get(name, name) for name in constructs]
    name_rows(axis, names)
    axis.set_xlabel(f"{groups[0]} minus {groups[1]}, SD of the {groups[1]} group on that score")
    axis.grid(visible=False, axis="y")
    figure.legend(*axis.get_legend_handles_labels(), loc="outside lower center", ncols=3)
    return figure
