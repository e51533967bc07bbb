"""The rubric's elements: means beside reliability, shares of variance, reliability by raters."""

from textwrap import fill

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from learning_with_others.exhibits.drawing.forest import forest
from learning_with_others.exhibits.drawing.panels import draw_panels, legend_above, name_rows
from learning_with_others.exhibits.drawing.style import KINDS, MARK, NEUTRAL, PAPER

LINE, TITLE = 34, 26  # letters of a row's name, of a panel's title
SMALL = 9  # points
LEGIBLE = 0.07  # share of a bar that has room for its number
HATCHES = ("", "////", "....")  # kinds differ by more than colour
PANELS = {
    "mean": ("mean rating", "points of the rubric", ("estimate", "lower", "upper")),
    "reliability": (
        "reliability of a classroom's score",
        "coefficient (absolute)",
        ("reliability", "reliability_lower", "reliability_upper"),
    ),
    "correlation": (
        "correlation with {people}' reports",
        "correlation over classrooms",
        ("correlation", "correlation_lower", "correlation_upper"),
    ),
}


def draw_elements(table: pd.DataFrame, people: str) -> Figure | None:
    """Draw each element's mean, its reliability and its correlation with people's reports."""
    names = ["label", "estimate", "lower", "upper"]
    parts = {
        title.format(people=people): table[["label", *columns]].set_axis(names, axis=1)
        for title, _, columns in PANELS.values()
        if set(columns) <= set(table) and table[columns[0]].notna().any()
    }
    if not parts:
        return None
    units = {title.format(people=people): unit for title, unit, _ in PANELS.values()}
    drawn = pd.concat([part.assign(panel=title) for title, part in parts.items()])
    figure = forest(drawn, row="label", panel="panel", label=units, lines=(), sharex=False)
    for axis, title in zip(figure.axes, parts, strict=True):
        if title.startswith("correlation"):
            axis.axvline(0, color=NEUTRAL, lw=1, zorder=1)
    return figure


def draw_variance_shares(table: pd.DataFrame) -> Figure | None:
    """Draw the shares of a single rating's variance as stacked bars, one for each element."""
    if table.empty:
        return None
    labels, parts = (list(dict.fromkeys(table[name])) for name in ("label", "part"))
    figure, axis = plt.subplots(figsize=(7.5, 1.1 + 0.42 * len(labels)))
    looks = dict(zip(parts, zip(KINDS, HATCHES, strict=False), strict=False))
    for place, label in enumerate(labels):
        start = 0.0
        mine = table[table["label"] == label]
        for part, share in zip(mine["part"], mine["share"].astype(float), strict=True):
            colour, hatch = looks[part]
            axis.barh(place, share, left=start, height=0.7, color=colour, hatch=hatch, ec=PAPER)
            if share >= LEGIBLE:
                box = {"facecolor": PAPER, "edgecolor": "none", "pad": 1.2}
                words = {"ha": "center", "va": "center", "fontsize": SMALL, "color": MARK}
                axis.text(start + share / 2, place, f"{share:.0%}", bbox=box, **words)
            start += share
    name_rows(axis, [fill(label, LINE) for label in labels], fontsize=SMALL)
    axis.set(xlim=(0, 1))
    axis.set_xlabel("share of the variance of a single rating", fontsize=SMALL + 1)
    axis.set_xticks(np.linspace(0, 1, 5), ["0", "25%", "50%", "75%", "100%"])
    axis.tick_params(axis="x", labelsize=SMALL)
    axis.grid(visible=False, axis="y")
    handles = [
        Patch(facecolor=colour, hatch=hatch, edgecolor=PAPER, label=part)
        for part, (colour, hatch) in looks.items()
    ]
    figure.legend(handles=handles, loc="outside upper left", ncols=3, frameon=False, fontsize=SMALL)
    return figure


def draw_reliability(
    table: pd.DataFrame, kinds: tuple[str, str], lines: tuple[float, ...]
) -> Figure | None:
    """Draw reliability over the number of raters of a classroom, a panel for each element.

    Of the two `kinds`, the first is solid with its interval as a band; `lines` are dotted.
    """
    if table.empty:
        return None
    labels = list(dict.fromkeys(table["label"]))
    across = 4 if len(labels) > 6 else 3  # noqa: PLR2004 - eight elements: two rows of four
    titles = [fill(label, TITLE) for label in labels]
    figure, axes = draw_panels(titles, (2.5, 2.3), across=across, sharex=True, sharey=True)
    for axis, label in zip(axes, labels, strict=True):
        for value in lines:
            axis.axhline(value, color=NEUTRAL, lw=1.2, ls=":")
        for kind, line in zip(kinds, ("-", "--"), strict=True):
            mine = table[(table["label"] == label) & (table["kind"] == kind)]
            at = mine["raters"].astype(int)
            if kind == kinds[0]:
                ends = mine["lower"], mine["upper"]
                axis.fill_between(at, *ends, color=MARK, alpha=0.12, lw=0)
            axis.plot(at, mine["estimate"], line, color=MARK, marker="o", ms=3.5, label=kind)
        axis.set(ylim=(0, 1))
        axis.grid(visible=False)
        axis.set_xticks(sorted(table["raters"].astype(int).unique()))
        axis.title.set_fontsize(SMALL)
        axis.tick_params(labelsize=SMALL)
    figure.supxlabel("raters of each classroom", fontsize=SMALL + 1)
    figure.supylabel("reliability of a classroom's mean rating", fontsize=SMALL + 1)
    legend_above(figure, axes)
    for words in figure.legends[0].get_texts():
        words.set_fontsize(SMALL)
    return figure
