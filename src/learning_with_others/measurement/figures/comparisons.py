"""What measures can bear: verdicts, gaps by kind of score, and agreement of sources."""

import textwrap

import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from learning_with_others.exhibits.drawing.forest import forest
from learning_with_others.exhibits.drawing.style import (
    PAPER,
    TINT_BAD,
    TINT_GOOD,
    TINT_PARTLY,
    TINT_UNKNOWN,
)
from learning_with_others.psychometrics.comparability.decision import Comparison, Verdict

# Words say the same as colours.
COLOURS = {
    Verdict.COMPARABLE: TINT_GOOD,
    Verdict.PARTIAL: TINT_PARTLY,
    Verdict.TOO_FEW: TINT_UNKNOWN,
    Verdict.UNTESTABLE: TINT_UNKNOWN,
    Verdict.NOT_COMPARABLE: TINT_BAD,
}
LINE = 38  # characters of a cell's text
ROW = 0.62  # inches


def draw_comparability(table: pd.DataFrame) -> Figure | None:
    """Draw the verdict on every scale and comparison; nothing without scales.

    A comparable scale is green only where no step of the factor models fails.

    Parameters
    ----------
    table : pandas.DataFrame
        As `comparability_table` makes it; where it has the column `linear`, its words say which
        step of the factor models fails.
    """
    if table.empty:
        return None
    scales, kinds = list(dict.fromkeys(table["scale"])), list(Comparison)
    figure, axis = plt.subplots(figsize=(9, 0.9 + ROW * len(scales)))
    for row in table.itertuples():
        x, y = kinds.index(Comparison(row.comparison)), scales.index(row.scale)
        disagrees = getattr(row, "linear", "")
        settled = not disagrees or row.verdict != Verdict.COMPARABLE
        colour = COLOURS[Verdict(row.verdict) if settled else Verdict.PARTIAL]
        axis.add_patch(Rectangle((x, y), 1, 1, facecolor=colour, edgecolor=PAPER, linewidth=3))
        words = [row.verdict]
        if row.released:
            words.append(textwrap.shorten(f"released: {row.released}", LINE, placeholder=" …"))
        if disagrees:
            words.append(disagrees)
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
    return forest(
        table.replace({"construct": labels or {}}),
        row="construct",
        hue="score",
        label=f"{groups[0]} minus {groups[1]}, in SD of the {groups[1]} group on that score",
    )


OBSERVED, DISATTENUATED = "as observed", "corrected for error of measurement (disattenuated)"
WIDEST = 1.6  # intervals of disattenuated correlations may run on without saying more


def draw_convergence(table: pd.DataFrame) -> Figure | None:
    """Draw raw and disattenuated correlations with intervals; nothing without rows.

    One panel for each pair of sources, one row for each element. An interval that leaves the
    panel ends in an arrow; the line at 1 is where a correlation ends, a disattenuated one need
    not.

    Parameters
    ----------
    table : pandas.DataFrame
        From `convergence_table`.
    """
    names = ("estimate", "lower", "upper")
    found = {
        OBSERVED: ("correlation", "lower", "upper"),
        DISATTENUATED: ("disattenuated", "disattenuated_lower", "disattenuated_upper"),
    }
    parts = [
        table[["label"]].assign(
            pair=table["first"] + " with " + table["second"],
            kind=kind,
            **{name: table[column] for name, column in zip(names, columns, strict=True)},
        )
        for kind, columns in found.items()
    ]
    return forest(
        pd.concat(parts),
        row="label",
        panel="pair",
        hue="kind",
        label="correlation over classrooms",
        lines=(0, 1),
        limits=(-WIDEST, WIDEST),
    )
