"""Benefit gaps: slopes by group, outcome gaps, pooled gaps, and practical equivalence."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from learning_with_others.errors import CompendiumError
from learning_with_others.exhibits.drawing.intervals import error_bars
from learning_with_others.exhibits.drawing.panels import (
    draw_panels,
    label_figure,
    name_rows,
    panel_grid,
)
from learning_with_others.exhibits.drawing.style import FOCAL, MARK, NEUTRAL, REFERENCE

DRAWN = ("benefit.slope", "benefit.gap", "benefit.gap.total")


def draw_benefit_gaps(table: pd.DataFrame, groups: tuple[str, str], region: float) -> Figure:
    """Draw, for each outcome, both slopes and the within-school and total gaps.

    Parameters
    ----------
    table : pandas.DataFrame
        As `benefits.table.benefit_table` makes it; `group` is empty for the gaps of the main
        contrast; other groups are not drawn. In outcome SD for one unit of the exposure.
    groups : (str, str)
        Focal and reference group.
    region : float
        Half-width of the region of practical equivalence on the same scale.
    """
    table = table[table["quantity"].isin(DRAWN) & table["group"].isin(["", *groups])]
    outcomes = list(dict.fromkeys(table["outcome"]))
    rows = list(dict.fromkeys(table["row"]))
    colours = {groups[0]: FOCAL, groups[1]: REFERENCE}
    figure, axes = panel_grid(len(outcomes), (5, 3), sharex=True, sharey=True)
    for axis, outcome in zip(axes.flat, outcomes, strict=False):
        axis.axvspan(-region, region, color=NEUTRAL, alpha=0.2, lw=0)
        axis.axvline(0, color=NEUTRAL, lw=1)
        for part in table[table["outcome"] == outcome].itertuples():
            reach = [[part.estimate - part.lower], [part.upper - part.estimate]]
            axis.errorbar(
                part.estimate,
                rows.index(part.row),
                xerr=reach,
                fmt="o" if part.group else "D",
                color=colours.get(part.group, MARK),
                capsize=4,
            )
        axis.set(title=outcome, xlabel="outcome sd")
        axis.grid(visible=False, axis="y")
    name_rows(axes[0][0], rows)
    return figure


LOW, HIGH = "benefit.outcome_gap.low", "benefit.outcome_gap.high"
# Marker, its face, place beside the row, words; the colours of the groups would mislead here.
LOOKS = {LOW: ("s", "white", -0.13, "low exposure"), HIGH: ("o", MARK, 0.13, "high exposure")}


def draw_outcome_gaps(table: pd.DataFrame, groups: tuple[str, str]) -> Figure:
    """Draw the gap at low and at high exposure of each outcome, joined by a line.

    Parameters
    ----------
    table : pandas.DataFrame
        As `benefits.table.benefit_table` makes it.
    groups : (str, str)
        Focal and reference group.
    """
    outcomes = list(dict.fromkeys(table["outcome"]))
    figure, axis = plt.subplots(figsize=(7.5, 1.4 + 0.6 * len(outcomes)), layout="constrained")
    axis.axvline(0, color=MARK, lw=1)
    gaps = table[table["quantity"].isin(LOOKS)].set_index(["outcome", "quantity"])
    for row, outcome in enumerate(outcomes):
        ends = [gaps.loc[(outcome, quantity), "estimate"] for quantity in LOOKS]
        sides = [row + side for _, _, side, _ in LOOKS.values()]
        axis.plot(ends, sides, color=NEUTRAL, lw=3, zorder=2, solid_capstyle="round")
        for quantity, (marker, face, side, words) in LOOKS.items():
            found = gaps.loc[[(outcome, quantity)]]
            axis.errorbar(
                found["estimate"],
                row + side,
                xerr=error_bars(found),
                fmt=marker,
                color=MARK,
                mfc=face,
                capsize=3,
                ms=7,
                zorder=3,
                label=words if row == 0 else None,
            )
    name_rows(axis, [name.replace("_", " ") for name in outcomes])
    axis.set(xlabel=f"outcome gap, {groups[0]} − {groups[1]} (outcome sd)")
    axis.grid(visible=False, axis="y")
    figure.legend(loc="outside upper center", ncols=2, frameon=False)
    return figure


ALONE, POOLED = "alone", "partially pooled"
OFFSET = 0.14
WIDTH = 7.5  # inches


def draw_pooled_gaps(table: pd.DataFrame, region: float) -> Figure | None:
    """Draw each outcome's gap alone (hollow) and partially pooled (filled), and the common mean.

    Parameters
    ----------
    table : pandas.DataFrame
        Columns `outcome`, `kind` (``alone`` or ``partially pooled``), `estimate`, `lower`,
        `upper`, in outcome SD between the two levels of the exposure. An outcome without a row
        ``alone`` is the common mean, drawn last and as a diamond.
    region : float
        Half-width of the region of practical equivalence on the same scale.

    Returns
    -------
    Figure or None
        None without rows.

    Raises
    ------
    CompendiumError
        If a kind is another, or no outcome has a row of its own.
    """
    if table.empty:
        return None
    unknown = sorted(set(table["kind"]) - {ALONE, POOLED})
    if unknown:
        raise CompendiumError(
            f"the kind {unknown[0]!r} is neither {ALONE!r} nor {POOLED!r}",
            where="figure of pooled gaps",
        )
    alone = set(table.loc[table["kind"] == ALONE, "outcome"])
    if not alone:
        raise CompendiumError("no outcome has a gap of its own", where="figure of pooled gaps")
    names = list(dict.fromkeys(table["outcome"]))
    names = [name for name in names if name in alone] + [n for n in names if n not in alone]
    common = table[~table["outcome"].isin(alone)]
    pooled = table[(table["kind"] == POOLED) & table["outcome"].isin(alone)]

    figure, axis = plt.subplots(figsize=(WIDTH, 1.6 + 0.5 * len(names)))
    axis.axvspan(-region, region, color=NEUTRAL, alpha=0.2, lw=0, label="practically none")
    axis.axvline(0, color=NEUTRAL, lw=1)
    for place in common["estimate"]:
        axis.axvline(place, color=MARK, lw=1, ls=":")
    # One colour: in other figures colours tell groups of students apart.
    for part, kind, offset, style in (
        (
            table[table["kind"] == ALONE],
            ALONE,
            -OFFSET,
            {"fmt": "o", "color": MARK, "mfc": "white"},
        ),
        (pooled, POOLED, OFFSET, {"fmt": "o", "color": MARK}),
        (common, "common mean", 0.0, {"fmt": "D", "color": MARK}),
    ):
        if part.empty:
            continue
        rows = np.array([names.index(name) for name in part["outcome"]]) + offset
        bars = error_bars(part)
        axis.errorbar(part["estimate"], rows, xerr=bars, capsize=3, label=kind, **style)
    name_rows(axis, names)
    axis.set_xlabel("benefit gap, outcome sd")
    axis.grid(visible=False, axis="y")
    axis.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0), frameon=False)
    return figure


ENOUGH = 0.95  # of the gap in the region: practically none


def draw_equivalence(table: pd.DataFrame, bound: float) -> Figure:
    """Draw the share of the gap in each region, and the largest that so wide a posterior reaches.

    Parameters
    ----------
    table : pandas.DataFrame
        As `benefits.table.equivalence_table` makes it.
    bound : float
        Half-width of the declared region.
    """
    outcomes = list(dict.fromkeys(table["outcome"]))
    figure, axes = draw_panels(outcomes, (3.4, 2.7), sharex=True, sharey=True)
    for axis, outcome in zip(axes, outcomes, strict=True):
        part = table[table["outcome"] == outcome]
        axis.axhline(ENOUGH, color=NEUTRAL, lw=1.2, label=f"{ENOUGH:.0%}: practically none")
        axis.axvline(bound, color=NEUTRAL, lw=1.2, ls=":", label=f"declared region, ±{bound:g}")
        axis.plot(
            part["bound"], part["reachable"], "--", color=MARK, lw=1.5, label="largest possible"
        )
        axis.plot(
            part["bound"], part["share"], "o-", color=REFERENCE, lw=2, ms=5, label="share found"
        )
    axes[0].set(ylim=(0, 1.03), xlim=(table["bound"].min() - 0.01, table["bound"].max() + 0.01))
    axes[0].xaxis.set_major_formatter("±{x:.2f}")
    axes[0].set_xticks([0.05, 0.10, 0.15, 0.20])
    axes[0].yaxis.set_major_formatter("{x:.0%}")
    label_figure(
        figure, axes, x="half-width of the region (sd per sd)", y="share of the gap inside"
    )
    return figure
