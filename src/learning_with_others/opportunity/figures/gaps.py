"""Gaps in opportunity: a forest of every estimate, quantiles, and the parts of both splits."""

import textwrap
from textwrap import fill

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from learning_with_others.exhibits.drawing.panels import draw_panels, label_figure
from learning_with_others.exhibits.drawing.style import MARK, NEUTRAL

# From top to bottom within a row: colour, face, marker. No colours of groups: these are gaps.
LOOKS = {
    "overall, as scored": (MARK, MARK, "o"),
    "overall, latent": (MARK, "white", "o"),
    "within schools, as scored": (NEUTRAL, NEUTRAL, "s"),
    "within schools, latent": (NEUTRAL, "white", "s"),
    "partially pooled": (MARK, MARK, "D"),
}
SCORES = {"raw": "as scored", "latent": "latent"}
POOLED = "partially pooled"
WIDTH, PER_ROW = 9.5, 0.72  # inches
LINE = 30  # characters of a label
APART = 0.19  # marks of one row, in rows
LEGEND_ACROSS = 3


def draw_gaps(gaps: pd.DataFrame, pooled: pd.DataFrame | None = None) -> Figure | None:
    """Draw focal minus reference on every measure, each estimate with its interval.

    Shares and scores stand in panels of their own, as their units differ. Rows without any
    estimate say why; verdicts on comparability stand at the right.

    Parameters
    ----------
    gaps : pandas.DataFrame
        As `opportunity_gaps` makes it, with the column `verdict` if known.
    pooled : pandas.DataFrame, optional
        As in `PooledGap.table`: its partially pooled gaps are drawn.

    Returns
    -------
    Figure or None
        None without rows.
    """
    if gaps.empty:
        return None
    units = list(dict.fromkeys(gaps["unit"]))
    parts = [_prepared(gaps[gaps["unit"] == unit], pooled) for unit in units]
    heights = [1.1 + PER_ROW * part["measure"].nunique() for part in parts]
    figure, axes = plt.subplots(
        len(parts),
        1,
        figsize=(WIDTH, sum(heights) + 0.5),
        height_ratios=heights,
        squeeze=False,
    )
    for axis, part, unit in zip(axes[:, 0], parts, units, strict=True):
        _forest(axis, part, unit)
    drawn = [axis.get_legend_handles_labels() for axis in axes[:, 0]]
    entries = {
        name: mark for marks, names in drawn for name, mark in zip(names, marks, strict=True)
    }
    if entries:
        figure.legend(
            entries.values(),
            entries.keys(),
            loc="outside upper center",
            ncols=min(len(entries), LEGEND_ACROSS),
            frameon=False,
        )
    return figure


def draw_quantile_gaps(table: pd.DataFrame) -> Figure | None:
    """Draw the gap at each quantile, a panel for each measure.

    Parameters
    ----------
    table : pandas.DataFrame
        As `quantile_gaps` makes it.

    Returns
    -------
    Figure or None
        None without an estimate.
    """
    table = table.dropna(subset="estimate")
    if table.empty:
        return None
    names = list(dict.fromkeys(table["measure"]))
    labels = [table.loc[table["measure"] == name, "label"].iloc[0] for name in names]
    figure, axes = draw_panels(labels, (3.3, 2.7), sharex=True, sharey=True)
    for axis, name, label in zip(axes, names, labels, strict=True):
        part = table[table["measure"] == name]
        axis.set_title(textwrap.fill(label, LINE), fontsize=10)
        axis.axhline(0, color=NEUTRAL, lw=1)
        place = 100 * part["quantile"]
        axis.plot(place, part["estimate"], "o-", color=MARK, lw=1.2)
        # A percentile interval need not hold its estimate.
        middle, reach = (part["lower"] + part["upper"]) / 2, (part["upper"] - part["lower"]) / 2
        axis.errorbar(place, middle, yerr=reach, fmt="none", ecolor=MARK, capsize=3, elinewidth=1.2)
        axis.set_xticks(100 * np.array(sorted(table["quantile"].unique())))
        axis.tick_params(labelsize=9)
        axis.grid(visible=False, axis="x")
    label_figure(figure, axes, x="percentile of each group", y="gap, focal − reference (SD)")
    return figure


def _prepared(gaps: pd.DataFrame, pooled: pd.DataFrame | None) -> pd.DataFrame:
    """One row for each mark, with the name of its look."""
    look = gaps["scope"] + ", " + gaps["score"].map(SCORES)
    out = gaps.assign(look=look)
    if pooled is None:
        return out
    mine = pooled[(pooled["kind"] == POOLED) & pooled["measure"].isin(gaps["measure"])]
    return pd.concat([out, mine.assign(look=POOLED)], ignore_index=True)


def _forest(axis: Axes, part: pd.DataFrame, unit: str) -> None:
    names = list(dict.fromkeys(part["measure"]))
    part = part.assign(place=_places(part, names))
    axis.axvline(0, color=NEUTRAL, lw=1)
    for row in range(1, len(names), 2):
        axis.axhspan(row - 0.5, row + 0.5, color=NEUTRAL, alpha=0.08, lw=0)
    for look, (colour, face, marker) in LOOKS.items():
        mine = part[(part["look"] == look) & part["estimate"].notna()]
        if mine.empty:
            continue
        axis.errorbar(
            mine["estimate"],
            mine["place"],
            xerr=_reach(mine),
            fmt=marker,
            color=colour,
            mfc=face,
            ms=5.5,
            elinewidth=1.4,
            capsize=2.5,
            label=look,
        )
    for row, name in enumerate(names):
        mine = part[part["measure"] == name]
        if mine["estimate"].isna().all():
            _write(axis, 0.02, row, str(mine["flag"].iloc[0]))
        if "verdict" in mine:
            _write(axis, 1.02, row, textwrap.fill(str(mine["verdict"].iloc[0]), LINE // 2))
    if "verdict" in part:
        _write(axis, 1.02, -0.7, "levels comparable?", style="italic")
    first = part.drop_duplicates("measure").set_index("measure")["label"]
    labels = [textwrap.fill(str(first[name]), LINE) for name in names]
    axis.set_yticks(range(len(names)), labels, fontsize=9.5)
    axis.set_ylim(len(names) - 0.5, -0.5)
    axis.set_xlabel(f"gap, focal − reference ({unit})")
    axis.grid(visible=False, axis="y")


def _places(part: pd.DataFrame, names: list[str]) -> pd.Series:
    """Heights of the marks: those of one measure around its row, in the order of `LOOKS`."""
    order = part["look"].map(list(LOOKS).index)
    rank = order.groupby(part["measure"]).rank(method="first")
    middle = rank.groupby(part["measure"]).transform("mean")
    return part["measure"].map(names.index) + APART * (rank - middle)


def _write(axis: Axes, across: float, row: float, words: str, style: str = "normal") -> None:
    """Write at a row; `across` as a part of the panel's width."""
    axis.annotate(
        words,
        (across, row),
        xycoords=("axes fraction", "data"),
        va="center",
        fontsize=9,
        style=style,
        annotation_clip=False,
    )


def _reach(part: pd.DataFrame) -> np.ndarray:
    """Lengths of the intervals to both sides; none where there is no interval."""
    reach = np.array([part["estimate"] - part["lower"], part["upper"] - part["estimate"]], float)
    return np.nan_to_num(reach)


SPLITS = {"additive": (MARK, MARK, "o"), "fixed effects": (MARK, "white", "s")}
TOTAL = "total"
COMPARABLE = ("comparable", "observed")
PANEL_WIDTH, INCHES_PER_PART, ABOVE = 3.3, 0.42, 1.0  # inches
MOST_ACROSS = 3
PART_LINE = 36  # characters of a title
PARTS_APART = 0.16


def draw_decomposition(table: pd.DataFrame) -> Figure | None:
    """Draw the gap and its parts in each opportunity, one panel each.

    Parameters
    ----------
    table : pandas.DataFrame
        From `decomposition_table`, with the column `verdict` if known. Latent gaps take the place
        of raw ones where there are both.

    Returns
    -------
    Figure or None
        None without estimates.
    """
    known = table[table["estimate"].notna()]
    if known.empty:
        return None
    best = known.groupby("measure")["score"].transform(lambda s: s.min())  # latent before raw
    known = known[known["score"] == best]
    measures = list(dict.fromkeys(known["measure"]))
    parts = [TOTAL, *dict.fromkeys(known.loc[known["split"].isin(SPLITS), "part"])]
    across = min(MOST_ACROSS, len(measures))
    down = -(-len(measures) // across)
    figure, axes = plt.subplots(
        down,
        across,
        figsize=(
            max(PANEL_WIDTH * across, 6.0) + 1.2,
            down * (ABOVE + INCHES_PER_PART * len(parts)),
        ),
        sharey=True,
        sharex=True,
        squeeze=False,
    )
    for axis in axes.flat[len(measures) :]:
        axis.set_visible(False)
    for axis, measure in zip(axes.flat, measures, strict=False):
        mine = known[known["measure"] == measure]
        _draw_panel(axis, mine, parts)
        score = "" if (mine["score"] == "raw").all() else ", latent"
        score += _reserve(mine)
        axis.set_title(fill(f"{mine['label'].iloc[0]}{score}", PART_LINE), fontsize=10, loc="left")
    axes[0][0].set_yticks(range(len(parts)), ["the whole gap", *parts[1:]])
    axes[0][0].set_ylim(len(parts) - 0.5, -0.5)
    figure.supxlabel("pooled within-group SD", fontsize=10)
    handles = [
        Line2D([], [], color=colour, mfc=face, marker=marker, ls="", label=f"{split} split")
        for split, (colour, face, marker) in SPLITS.items()
    ]
    figure.legend(handles=handles, loc="outside upper left", ncols=2, frameon=False, fontsize=9)
    return figure


def _draw_panel(axis: Axes, table: pd.DataFrame, parts: list[str]) -> None:
    axis.axvline(0, color=NEUTRAL, lw=1)
    axis.axhline(0.5, color=NEUTRAL, lw=0.6)
    for order, (split, (colour, face, marker)) in enumerate(SPLITS.items()):
        mine = table[(table["split"] == split) | ((table["split"] == TOTAL) & (order == 0))]
        shift = np.where(mine["part"] == TOTAL, 0, (order - 0.5) * 2 * PARTS_APART)
        place = mine["part"].map(parts.index).to_numpy(float) + shift
        reach = [mine["estimate"] - mine["lower"], mine["upper"] - mine["estimate"]]
        axis.errorbar(
            mine["estimate"], place, xerr=reach, fmt=marker, color=colour, mfc=face, capsize=2.5,
            ms=5,
        )  # fmt: skip
    axis.grid(visible=False, axis="y")


def _reserve(table: pd.DataFrame) -> str:
    """Say in a title what the comparison lacks, if anything."""
    verdict = table["verdict"].iloc[0] if "verdict" in table else COMPARABLE[0]
    return "" if verdict in COMPARABLE else f" (levels {verdict})"
