"""The figure of a joint display: two strands row by row, and how they relate."""

from textwrap import fill

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from learning_with_others.exhibits.drawing.style import (
    MARK,
    NEUTRAL,
    TINT_BAD,
    TINT_GOOD,
    TINT_PARTLY,
    TINT_UNKNOWN,
)
from learning_with_others.study.qualitative import CONFIRMS, DISCORDANT, EXPANDS

TINTS = {CONFIRMS: TINT_GOOD, EXPANDS: TINT_PARTLY, DISCORDANT: TINT_BAD}
ROW, HEAD, WIDTH = 0.5, 1.2, 9.5  # inches
LETTERS = 34
STRANDS = {"survey": "Survey", "sessions": "Themes of the sessions"}


def draw_joint(
    table: pd.DataFrame, *, labels: tuple[str, str], sizes: tuple[float, float]
) -> Figure | None:
    """Draw the survey's number and the themes', dotted lines at the sizes that count."""
    if table[list(STRANDS)].isna().all(axis=None):
        return None
    places = np.arange(len(table))
    figure, axes = plt.subplots(
        1, 2, figsize=(WIDTH, HEAD + ROW * len(table)), sharey=True, width_ratios=(1, 1)
    )
    for axis, (column, title), label, size in zip(
        axes, STRANDS.items(), labels, sizes, strict=True
    ):
        values = table[column].to_numpy(float)
        axis.axvline(0, color=NEUTRAL, lw=1)
        for line in (-size, size):
            axis.axvline(line, color=NEUTRAL, lw=1, ls=":")
        if column == "survey":
            ends = table[["survey_lower", "survey_upper"]].to_numpy(float)
            axis.hlines(places, ends[:, 0], ends[:, 1], color=MARK, lw=1.5)
        else:
            axis.hlines(places, np.zeros(len(values)), values, color=MARK, lw=1.5)
        axis.plot(values, places, "o", color=MARK, ms=5.5)
        axis.set_xlabel(f"difference ({label})", fontsize=10)
        axis.set_title(title, fontsize=10, loc="left")
        axis.tick_params(labelsize=9)
        axis.grid(visible=False, axis="y")
        reach = np.nanmax(np.abs([*axis.get_xlim(), size * 1.5]))
        axis.set_xlim(-reach, reach)
    rows = [
        fill(label, LETTERS) + (f"\n({fill(themes, LETTERS)})" if themes else "")
        for label, themes in zip(table["label"], table["themes"], strict=True)
    ]
    axes[0].set_yticks(places, rows, fontsize=9)
    axes[0].set_ylim(len(table) - 0.5, -0.5)
    for place, relation in zip(places, table["relation"], strict=True):
        axes[1].annotate(
            relation,
            (1.02, place),
            xycoords=("axes fraction", "data"),
            va="center",
            fontsize=9,
            bbox={
                "boxstyle": "round,pad=.3",
                "fc": TINTS.get(relation, TINT_UNKNOWN),
                "ec": "none",
            },
            annotation_clip=False,
        )
    return figure
