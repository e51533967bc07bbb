"""How often teachers report and observers see each element, as stacked bars."""

import textwrap

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from learning_with_others.exhibits.drawing.panels import name_rows
from learning_with_others.exhibits.drawing.style import MARK, NEUTRAL, ORDERED, PAPER

ENDS = (0.95, 0.2)  # the pale end is the rarest, the dark one the most often
LONGEST_LINE = 30
LEGIBLE = 0.07  # share of a bar that has room for its number
DARK = 0.5  # luminance under which text on a colour is white
HATCH = "///"


def draw_views(table: pd.DataFrame) -> Figure | None:
    """Draw a panel for each source, a bar for each element, a part for each answer.

    Withheld answers of an element, which together are what the others leave, are one hatched part
    at the bar's end, whatever their place among the answers.

    Parameters
    ----------
    table : pandas.DataFrame
        From `view_counts`, missing `share` where suppressed.

    Returns
    -------
    Figure or None
        None without rows.
    """
    if table.empty:
        return None
    sources = list(dict.fromkeys(table["source"]))
    elements = list(dict.fromkeys(table["label"]))
    figure, axes = plt.subplots(
        1,
        len(sources),
        figsize=(3.2 + 4.4 * len(sources), 1.7 + 0.5 * len(elements)),
        sharey=True,
        squeeze=False,
        layout="constrained",
    )
    for axis, source in zip(axes[0], sources, strict=True):
        _panel(axis, table[table["source"] == source], elements)
        axis.set_title(source, pad=46)
    name_rows(axes[0][0], [textwrap.fill(label, LONGEST_LINE) for label in elements])
    axes[0][0].tick_params(axis="y", labelsize=9)
    figure.get_layout_engine().set(wspace=0.06)
    return figure


def _panel(axis: Axes, part: pd.DataFrame, elements: list[str]) -> None:
    answers = part.drop_duplicates("answer").sort_values("answer")
    places = np.linspace(*ENDS, len(answers))
    colours = dict(zip(answers["answer"], plt.get_cmap(ORDERED)(places), strict=True))
    hidden_any = False
    for label, mine in part.groupby("label", sort=False):
        shown = mine.dropna(subset="share").sort_values("answer")
        at, start = elements.index(label), 0.0
        for answer, share in zip(shown["answer"], shown["share"].astype(float), strict=True):
            _piece(axis, at, (start, share), colours[answer])
            start += share
        if len(shown) < len(mine):
            hidden_any = True
            look = {"facecolor": PAPER, "edgecolor": NEUTRAL, "hatch": HATCH, "linewidth": 0.5}
            axis.barh(at, max(1 - start, 0), left=start, height=0.7, **look)
    handles = [
        Patch(facecolor=colours[answer], edgecolor=NEUTRAL, lw=0.5, label=words)
        for answer, words in zip(answers["answer"], answers["answer_label"], strict=True)
    ]
    if hidden_any:
        handles.append(Patch(facecolor=PAPER, edgecolor=NEUTRAL, hatch=HATCH, label="suppressed"))
    axis.legend(
        handles=handles,
        loc="lower center",
        bbox_to_anchor=(0.5, 1.0),
        ncols=3,
        frameon=False,
        fontsize=8.5,
        handlelength=1.2,
        columnspacing=1.2,
    )
    axis.set(xlim=(0, 1), xlabel="share of answers")
    axis.set_xticks(np.linspace(0, 1, 5), ["0", "25%", "50%", "75%", "100%"])
    axis.grid(visible=False, axis="y")


def _piece(axis: Axes, at: int, span: tuple[float, float], colour: np.ndarray) -> None:
    start, share = span
    axis.barh(at, share, left=start, height=0.7, color=colour, edgecolor=NEUTRAL, linewidth=0.4)
    if share >= LEGIBLE:
        light = np.array([0.299, 0.587, 0.114]) @ colour[:3]
        ink = PAPER if light < DARK else MARK
        words = f"{share:.0%}"
        axis.text(start + share / 2, at, words, ha="center", va="center", fontsize=8.5, color=ink)
