"""What measures can bear: verdicts, gaps by kind of score, and agreement of sources."""

import textwrap

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from learning_with_others.exhibits.drawing.intervals import error_bars
from learning_with_others.exhibits.drawing.panels import name_rows
from learning_with_others.exhibits.drawing.style import FOCAL, MARK, NEUTRAL, REFERENCE
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


SOURCE_OFFSET = 0.16
WIDEST = 1.6  # intervals of disattenuated correlations may run on without saying more
LONGEST_LINE = 34


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
    if table.empty:
        return None
    pairs = list(dict.fromkeys(zip(table["first"], table["second"], strict=True)))
    elements = list(dict.fromkeys(table["label"]))
    figure, axes = plt.subplots(
        1,
        len(pairs),
        figsize=(3.4 + 3.3 * len(pairs), 1.9 + 0.55 * len(elements)),
        sharey=True,
        squeeze=False,
    )
    ends = [*table["upper"], *table["disattenuated_upper"], 1.05]
    starts = [*table["lower"], *table["disattenuated_lower"], -0.05]
    limits = max(np.nanmin(starts) - 0.05, -WIDEST), min(np.nanmax(ends) + 0.05, WIDEST)
    for axis, (first, second) in zip(axes[0], pairs, strict=True):
        part = table[(table["first"] == first) & (table["second"] == second)]
        place = np.array([elements.index(label) for label in part["label"]], float)
        for prefix, label, colour, marker, offset in (
            ("", "as observed", REFERENCE, "o", -SOURCE_OFFSET),
            ("disattenuated", "disattenuated", FOCAL, "D", SOURCE_OFFSET),
        ):
            _intervals(axis, part, prefix, place + offset, (limits, colour, marker, label))
        for line in (0, 1):
            axis.axvline(line, color=MARK, linewidth=0.8, linestyle="-" if line == 0 else ":")
        axis.set(title=f"{first}\nwith {second}", xlabel="correlation", xlim=limits)
        axis.title.set_fontsize("medium")
        axis.grid(visible=False, axis="y")
    name_rows(axes[0][0], [textwrap.fill(label, LONGEST_LINE) for label in elements])
    figure.legend(
        *axes[0][0].get_legend_handles_labels(), loc="outside lower center", ncols=2, frameon=False
    )
    return figure


def _intervals(
    axis: Axes,
    table: pd.DataFrame,
    prefix: str,
    place: np.ndarray,
    look: tuple[tuple[float, float], str, str, str],
) -> None:
    limits, colour, marker, name = look
    estimate = table[prefix or "correlation"].to_numpy(float)
    ends = [table[f"{prefix}_{end}".lstrip("_")].to_numpy(float) for end in ("lower", "upper")]
    inside = [np.clip(end, *limits) for end in ends]
    axis.hlines(place, *inside, color=colour, linewidth=1.6)
    axis.plot(
        estimate,
        place,
        marker,
        color=colour,
        markerfacecolor="white" if prefix else colour,
        markersize=6,
        label=name,
    )
    for end, cut, arrow in zip(ends, limits, ("<", ">"), strict=True):
        beyond = (end < cut) if arrow == "<" else (end > cut)
        if beyond.any():  # an empty line that is not clipped would upset the layout
            edge = np.full(beyond.sum(), cut)
            axis.plot(edge, place[beyond], arrow, color=colour, clip_on=False, markersize=6)
