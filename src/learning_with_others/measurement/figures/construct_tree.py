"""The construct map as a tree: domains on the left, items on the right."""

import textwrap
from dataclasses import dataclass

import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from learning_with_others.exhibits.drawing.style import (
    MARK,
    NEUTRAL,
    PAPER,
    TINT_COOL,
    TINT_PLAIN,
    TINT_WARM,
)

# Inches, so that text keeps its place whatever the number of items.
ROW, GAP = 0.21, 0.16
MARGIN, BETWEEN = 0.1, 0.32
DOMAIN_WIDTH, CONSTRUCT_WIDTH, ELEMENT_WIDTH = 1.15, 2.55, 2.35
MARK_SPACE, NAME_SPACE = 0.24, 0.12
NAME_CHARACTER, WORDING_CHARACTER = 0.072, 0.07  # widths at the sizes used
LONGEST_WORDING = 78
NARROWEST = 8.0
TINTS = {"": TINT_PLAIN, "structural": TINT_COOL, "dynamic": TINT_WARM}


@dataclass(frozen=True)
class _Box:
    """Left and right side of a box of text, and the height of their middle."""

    left: float
    right: float
    middle: float


def draw_construct_map(table: pd.DataFrame, title: str) -> Figure | None:
    """Draw domain, construct, element and item as a tree; nothing without items.

    The words that all items of a construct begin with, up to a colon, are written once, in its
    box, as is a response scale that they share.

    Parameters
    ----------
    table : pandas.DataFrame
        As `measurement.construct_map.construct_map` makes it, or part of it.
    title : str
    """
    if table.empty:
        return None
    table = table.assign(y=_places(table)).reset_index(drop=True)
    columns = _columns(table)
    wordings = [
        _shortened(wording, _shared_stem(part["wording"]))
        for _, part in table.groupby(["survey", "construct"], sort=False)
        for wording in part["wording"]
    ]
    width = columns["wording"] + max(map(len, wordings)) * WORDING_CHARACTER + MARGIN
    width = max(width, NARROWEST)
    height = table["y"].max() + 1.45
    figure = plt.figure(figsize=(width, height), layout="none")
    axis = figure.add_axes((0, 0, 1, 1))
    axis.set(xlim=(0, width), ylim=(height - 0.85, -0.85))
    axis.axis("off")
    axis.text(MARGIN, -0.62, title, fontsize=13, weight="bold", va="center")
    _draw_headings(axis, table, columns)
    for _, part in table.groupby(["survey", "domain"], sort=False):
        _draw_domain(axis, part, columns)
    _draw_legend(axis, table, height - 1.08)
    return figure


def _columns(table: pd.DataFrame) -> dict[str, float]:
    """Left side of each column; that of elements takes no room where there are none."""
    construct = MARGIN + DOMAIN_WIDTH + BETWEEN
    element = construct + CONSTRUCT_WIDTH + BETWEEN
    item = element + (ELEMENT_WIDTH + BETWEEN if (table["element"] != "").any() else 0)
    name = item + MARK_SPACE
    wording = name + table["item"].str.len().max() * NAME_CHARACTER + NAME_SPACE
    return {
        "domain": MARGIN,
        "construct": construct,
        "element": element,
        "item": item,
        "name": name,
        "wording": wording,
    }


def _draw_headings(axis: Axes, table: pd.DataFrame, columns: dict[str, float]) -> None:
    headings = {"domain": "domain, survey", "construct": "construct", "name": "item"}
    if (table["element"] != "").any():
        headings["element"] = "element"
    for column, heading in headings.items():
        axis.text(columns[column], -0.3, heading, fontsize=9, color=NEUTRAL, va="center")


def _places(table: pd.DataFrame) -> list[float]:
    """Heights of the items: a gap between scales, a wider one between constructs."""
    place, places = 0.0, []
    before = None
    for row in table.itertuples():
        if before is not None:
            place += ROW
            place += GAP if row.scale != before.scale else 0
            place += GAP if row.construct != before.construct else 0
        places.append(place)
        before = row
    return places


def _draw_domain(axis: Axes, part: pd.DataFrame, columns: dict[str, float]) -> None:
    first = part.iloc[0]
    text = f"{_wrapped(first['domain'], 14)}\n\n{_wrapped(first['survey'], 15)}"
    domain = _box(axis, columns["domain"], DOMAIN_WIDTH, part["y"], text)
    for name, rows in part.groupby("construct", sort=False):
        stem = _shared_stem(rows["wording"])
        label = "\n".join([_wrapped(name, 32), *_notes(rows, stem)])
        construct = _box(axis, columns["construct"], CONSTRUCT_WIDTH, rows["y"], label)
        _branch(axis, domain, construct)
        for element, items in rows.groupby("element", sort=False):
            parent = construct
            if element:
                tint = TINTS[items["kind"].iloc[0]]
                label = _wrapped(element, 31)
                parent = _box(axis, columns["element"], ELEMENT_WIDTH, items["y"], label, tint)
                _branch(axis, construct, parent)
            for item in items.itertuples():
                _branch(axis, parent, _Box(columns["item"], columns["item"], item.y))
                _draw_item(axis, item, stem, columns)


def _notes(rows: pd.DataFrame, stem: str) -> list[str]:
    """What the items of a construct share: how they begin, and their response scale."""
    notes = [f"“{stem} …”"] if stem else []
    scales = set(rows["answers"])
    if len(scales) == 1:
        steps = scales.pop().split("; ")
        notes.append(f"{steps[0]} … {steps[-1]}")
    return [_wrapped(note, 40) for note in notes]


def _draw_item(axis: Axes, item: tuple, stem: str, columns: dict[str, float]) -> None:
    if item.reversed:
        _mark_reversed(axis, columns["item"] + MARK_SPACE / 2, item.y)
    axis.text(columns["name"], item.y, item.item, fontsize=8.5, va="center", family="monospace")
    style = "italic" if item.reversed else "normal"
    wording = _shortened(item.wording, stem)
    axis.text(columns["wording"], item.y, wording, fontsize=9, va="center", style=style)


def _mark_reversed(axis: Axes, x: float, y: float) -> None:
    axis.text(
        x,
        y,
        "R",
        fontsize=7,
        weight="bold",
        color=PAPER,
        ha="center",
        va="center",
        bbox={"boxstyle": "circle,pad=0.18", "facecolor": MARK, "edgecolor": "none"},
    )


def _box(
    axis: Axes, left: float, width: float, places: pd.Series, text: str, tint: str = TINTS[""]
) -> _Box:
    """Write text in a box beside its rows, in the middle of them."""
    middle = (places.min() + places.max()) / 2
    half = max(places.max() - places.min() + ROW, 0.15 * (text.count("\n") + 1) + 0.16) / 2
    axis.add_patch(
        plt.Rectangle(
            (left, middle - half), width, 2 * half, facecolor=tint, edgecolor=NEUTRAL, lw=0.8
        )
    )
    axis.text(left + width / 2, middle, text, fontsize=9, ha="center", va="center")
    return _Box(left, left + width, middle)


def _branch(axis: Axes, parent: _Box, child: _Box) -> None:
    """Connect two boxes with a line that turns once each way, so that branches share a trunk."""
    turn = child.left - BETWEEN / 2
    axis.plot(
        [parent.right, turn, turn, child.left - 0.02],
        [parent.middle, parent.middle, child.middle, child.middle],
        color=NEUTRAL,
        lw=0.8,
        solid_capstyle="round",
        zorder=0,
    )


def _draw_legend(axis: Axes, table: pd.DataFrame, y: float) -> None:
    x = MARGIN
    for kind in ("structural", "dynamic"):
        if (table["kind"] == kind).any():
            axis.add_patch(
                plt.Rectangle((x, y - 0.07), 0.22, 0.14, facecolor=TINTS[kind], edgecolor=NEUTRAL)
            )
            axis.text(x + 0.3, y, f"{kind} element", fontsize=9, va="center")
            x += 1.7
    if table["reversed"].any():
        _mark_reversed(axis, x + 0.11, y)
        text = "reversed before scoring: a higher code is less of the construct"
        axis.text(x + 0.3, y, text, fontsize=9, va="center")


def _shared_stem(wordings: pd.Series) -> str:
    """Words that all items begin with, up to and with the colon; nothing for a single item."""
    if len(wordings) == 1:
        return ""
    # Sorted, the first and the last differ where any two do.
    first, last = min(wordings), max(wordings)
    same = 0
    while same < min(len(first), len(last)) and first[same] == last[same]:
        same += 1
    return first[: first.rfind(":", 0, same) + 1]


def _shortened(wording: str, stem: str) -> str:
    """Take the shared beginning away; cut what is too long for a line at a word."""
    own = wording.removeprefix(stem).strip()
    return textwrap.shorten(own, LONGEST_WORDING, placeholder=" …")


def _wrapped(text: str, width: int) -> str:
    return "\n".join(textwrap.wrap(text, width)) or text
