"""The gate's verdicts as one page: scales down, kinds of comparison across."""

import textwrap

import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from learning_with_others.psychometrics.comparability.decision import Comparison, Verdict

# Okabe and Ito (2008), pale enough for black text; words say the same as colours.
COLOURS = {
    Verdict.COMPARABLE: "#A6DCC8",
    Verdict.PARTIAL: "#F7DFA5",
    Verdict.UNTESTABLE: "#E0E0E0",
    Verdict.NOT_COMPARABLE: "#F2B79B",
}
LINE = 38  # characters of a cell's text
ROW = 0.62  # inches


def draw_comparability(table: pd.DataFrame) -> Figure | None:
    """Draw the verdict on every scale and comparison; nothing without scales.

    Parameters
    ----------
    table : pandas.DataFrame
        As `comparability_table` makes it.
    """
    if table.empty:
        return None
    scales, kinds = list(dict.fromkeys(table["scale"])), list(Comparison)
    figure, axis = plt.subplots(figsize=(9, 0.9 + ROW * len(scales)))
    for row in table.itertuples():
        x, y = kinds.index(Comparison(row.comparison)), scales.index(row.scale)
        colour = COLOURS[Verdict(row.verdict)]
        axis.add_patch(Rectangle((x, y), 1, 1, facecolor=colour, edgecolor="white", linewidth=3))
        words = [row.verdict]
        if row.released:
            words.append(textwrap.shorten(f"released: {row.released}", LINE, placeholder=" …"))
        axis.text(x + 0.5, y + 0.5, "\n".join(words), ha="center", va="center", fontsize=9)
    axis.set(xlim=(0, len(kinds)), ylim=(len(scales), 0))
    axis.set_xticks([0.5 + k for k in range(len(kinds))], [str(kind) for kind in kinds])
    labels = [scale.replace("_", " ") for scale in scales]
    axis.set_yticks([0.5 + k for k in range(len(scales))], labels)
    axis.xaxis.tick_top()
    axis.tick_params(length=0)
    axis.grid(visible=False)
    for side in axis.spines.values():
        side.set_visible(False)
    return figure
