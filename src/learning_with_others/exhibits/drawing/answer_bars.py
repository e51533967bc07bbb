"""Every answer to every item, as bars around the middle of the response scale."""

from textwrap import shorten

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from learning_with_others.exhibits.drawing.style import MARK, NEUTRAL, OPPOSED, PAPER

MOST_ACROSS = 2
PANEL_WIDTH, PER_ITEM, PER_PANEL = 7.0, 0.78, 1.15  # inches
LONGEST_WORDING = 78  # characters that fit over a bar
ENDS = (0.1, 0.9)
EVEN_GAP = 0.14  # an even number of answers has no neutral one: no pale colours in the middle
BAR = 0.24  # of the height of an item
TURNED = "⇄"
SMALL = 8.5  # points
HATCHED = {"facecolor": (NEUTRAL, 0.25), "hatch": "/////"}
HATCH_WIDTH = 0.05  # of the whole, for every suppressed answer
SUPPRESSED = "suppressed (under the minimum, or would give one away): its width says nothing"


def draw_answers(table: pd.DataFrame) -> Figure | None:
    """Draw the answers to every item, a panel for each scale, a bar for each group.

    Bars lie around the middle of the scale: to the right is more of the construct, whatever the
    item's wording. Colours are those of the answers in the legend, so that they run the other way
    on a reversed item, which is marked ⇄. Items with labels of their own name their lowest and
    highest answer.

    Parameters
    ----------
    table : pandas.DataFrame
        From `answer_table`, one figure's scales only (seven elements of four items fill a
        page). A missing share is a hatched piece of fixed width; without `answered` the whole bar
        is suppressed.

    Returns
    -------
    Figure or None
        None without rows.
    """
    if table.empty:
        return None
    scales = list(dict.fromkeys(table["scale"]))
    parts = [table[table["scale"] == scale] for scale in scales]
    across = min(len(parts), MOST_ACROSS)
    rows = [parts[first : first + across] for first in range(0, len(parts), across)]
    heights = [PER_PANEL + PER_ITEM * max(part["item"].nunique() for part in row) for row in rows]
    figure, axes = plt.subplots(
        len(rows),
        across,
        figsize=(PANEL_WIDTH * across, sum(heights)),
        gridspec_kw={"height_ratios": heights},
        squeeze=False,
    )
    for axis in axes.flat[len(parts) :]:
        axis.set_visible(False)
    hatched = False
    for index, (axis, part) in enumerate(zip(axes.flat, parts, strict=False)):
        most = max(other["item"].nunique() for other in rows[index // across])
        hatched |= _draw_scale(axis, part, most)
    figure.supxlabel("share of answers, neutral ones halved around zero", fontsize=11)
    if hatched:
        piece = Patch(**HATCHED, edgecolor=NEUTRAL, lw=0.5, label=SUPPRESSED)
        figure.legend(
            handles=[piece], loc="outside upper left", frameon=False, fontsize=SMALL - 0.5
        )
    return figure


def bar_pieces(shares: np.ndarray) -> tuple[np.ndarray, float]:
    """Widths of a bar's pieces, and how far left of zero it begins.

    A suppressed answer has the same width whatever is left of the whole, so that the bar does not
    draw the share that the others leave.

    Parameters
    ----------
    shares : ndarray, shape (k,)
        In keyed order, NaN where suppressed.

    Returns
    -------
    widths : ndarray, shape (k,)
    below : float
        Width left of zero: the lower half of the answers, and half of a neutral one.
    """
    widths = np.where(np.isnan(shares), HATCH_WIDTH, shares)
    half = len(shares) // 2
    return widths, widths[:half].sum() + (widths[half] / 2 if len(shares) % 2 else 0)


def _draw_scale(axis: Axes, part: pd.DataFrame, room: int) -> bool:
    """Draw one scale, at the height that `room` items need; say whether a piece is hatched."""
    labels = _common_labels(part)
    items, groups = list(dict.fromkeys(part["item"])), list(dict.fromkeys(part["group"]))
    ticks, names = [], []
    turned_any = hatched = False
    for place, item in enumerate(items):
        mine = part[part["item"] == item]
        own = list(mine["label"][mine["group"] == mine["group"].iloc[0]])
        turned = own != labels and own == labels[::-1]
        turned_any |= turned
        ends = "" if turned or own == labels else f" ({own[0]} … {own[-1]})"
        words = f"{item}{' ' + TURNED if turned else ends}  {mine['wording'].iloc[0]}"
        axis.text(
            -1,
            place - 0.32,
            shorten(words, LONGEST_WORDING, placeholder=" …"),
            fontsize=SMALL,
            bbox={"facecolor": PAPER, "edgecolor": "none", "pad": 1.0},
        )
        for order, group in enumerate(groups):
            at = place - 0.12 + (order + 0.5) * BAR
            ticks.append(at)
            names.append(group)
            colours = _colours(len(own))[:: -1 if turned else 1]
            hatched |= _draw_bar(axis, mine[mine["group"] == group], at, colours)
    axis.axvline(0, color=MARK, lw=0.8)
    axis.set_yticks(ticks, names, fontsize=SMALL)
    axis.set(xlim=(-1, 1), ylim=(room - 0.35, -0.65))
    axis.set_xticks(np.linspace(-1, 1, 5), ["100%", "50%", "0", "50%", "100%"])
    axis.grid(visible=False, axis="y")
    axis.set_title(part["scale_label"].iloc[0], loc="left", fontsize=11, pad=24)
    handles = [
        Patch(facecolor=colour, edgecolor=NEUTRAL, lw=0.5, label=label)
        for colour, label in zip(_colours(len(labels)), labels, strict=True)
    ]
    if turned_any:
        handles.append(Patch(visible=False, label=f"{TURNED} reversed: right is still more"))
    axis.legend(
        handles=handles,
        loc="lower left",
        bbox_to_anchor=(-0.02, 0.995),
        ncols=len(handles),
        frameon=False,
        fontsize=SMALL - 0.5,
        handlelength=1.0,
        handletextpad=0.4,
        columnspacing=1.0,
        borderaxespad=0.1,
    )
    return hatched


def _draw_bar(axis: Axes, part: pd.DataFrame, at: float, colours: list[tuple]) -> bool:
    """Draw one group's answers to one item; say whether one of them is hatched."""
    shares = part["share"].to_numpy(float, na_value=np.nan)
    suppressed = np.isnan(shares)
    if suppressed.any() and not ("answered" in part and part["answered"].notna().all()):
        axis.text(0.01, at, "suppressed", va="center", fontsize=SMALL - 0.5, color=NEUTRAL)
        return False
    widths, below = bar_pieces(shares)
    starts = np.concatenate([[0], np.cumsum(widths)[:-1]]) - below
    look = {"height": BAR * 0.9, "edgecolor": NEUTRAL, "linewidth": 0.4}
    seen = np.flatnonzero(~suppressed)
    axis.barh(
        np.full(len(seen), at),
        widths[seen],
        left=starts[seen],
        color=[colours[k] for k in seen],
        **look,
    )
    axis.barh(
        np.full(suppressed.sum(), at),
        widths[suppressed],
        left=starts[suppressed],
        **HATCHED,
        **look,
    )
    return bool(suppressed.any())


def _common_labels(part: pd.DataFrame) -> list[str]:
    """Labels of the answers in keyed order, as most items of the scale have them."""
    one = part[part["group"] == part["group"].iloc[0]]
    runs = one.groupby("item", sort=False)["label"].agg(tuple)
    return list(runs.mode().iloc[0])


def _colours(answers: int) -> list[tuple]:
    if answers % 2:
        places = np.linspace(*ENDS, answers)
    else:
        half = np.linspace(ENDS[0], 0.5 - EVEN_GAP, answers // 2)
        places = np.concatenate([half, 1 - half[::-1]])
    return [tuple(colour) for colour in plt.get_cmap(OPPOSED)(places)]
