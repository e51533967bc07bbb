"""Benefit gaps: slopes by group, outcome gaps, pooled gaps, and practical equivalence."""

from collections.abc import Mapping

import pandas as pd
from matplotlib.figure import Figure

from learning_with_others.errors import CompendiumError
from learning_with_others.exhibits.drawing.forest import forest
from learning_with_others.exhibits.drawing.panels import draw_panels, label_figure, share_by_label
from learning_with_others.exhibits.drawing.style import MARK, NEUTRAL, Look, group_looks
from learning_with_others.exhibits.populations import Population, population_of

OTHERS = "another group"
SLOPE = "benefit.slope"
OF_GROUPS = (SLOPE, "benefit.slope.own")
DRAWN = (*OF_GROUPS, "benefit.gap", "benefit.gap.total", "benefit.gap.shared")


def draw_benefit_gaps(
    table: pd.DataFrame,
    groups: tuple[str, str],
    region: float | Mapping[str, float],
    label: str | Mapping[str, str] = "outcome SD",
) -> Figure | None:
    """Draw, for each outcome, slopes and gaps of both pairs, and the gap where both groups are.

    Parameters
    ----------
    table : pandas.DataFrame
        As `benefits.table.benefit_table` makes it; `group` is empty for the gaps of the main
        contrast; other groups are not drawn. For one unit of the exposure.
    groups : (str, str)
        Focal and reference group.
    region : float, or mapping of str to float
        Half-width of the region of practical equivalence on the same scale, drawn behind the gaps:
        it says nothing of a slope. By outcome where they differ.
    label : str, or mapping of str to str
        Unit of the outcomes; by outcome where they differ.
    """
    shown = table[table["quantity"].isin(DRAWN) & table["group"].isin(["", *groups])]
    of = [population_of(quantity) for quantity in shown["quantity"]]
    shown = shown.assign(
        of=shown["group"].replace("", "difference between the groups"),
        row=shown["group"].replace("", "gap") + ", " + [each.label for each in of],
        pair=[list(Population).index(each) for each in of],
    )
    shown = shown.sort_values("pair", kind="stable")
    return share_by_label(
        forest(
            shown,
            row="row",
            panel="outcome",
            hue="of",
            looks=group_looks(groups),
            label=label,
            sharex=isinstance(label, str),
            band=region,
            band_rows=list(shown.loc[~shown["quantity"].isin(OF_GROUPS), "row"].unique()),
        )
    )


def draw_group_slopes(
    table: pd.DataFrame,
    groups: tuple[str, str],
    label: str | Mapping[str, str] = f"slope, {Population.POOLED.label}, outcome SD",
) -> Figure | None:
    """Draw the slope of every group, a panel for each outcome.

    Parameters
    ----------
    table : pandas.DataFrame
        As `benefits.table.benefit_table` makes it.
    groups : (str, str)
        Focal and reference group, which keep their colours.
    label : str, or mapping of str to str
        What is drawn, with its unit; by outcome where they differ.
    """
    shown = table[table["quantity"] == SLOPE]
    return share_by_label(
        forest(
            shown.assign(of=shown["group"].where(shown["group"].isin(groups), OTHERS)),
            row="group",
            panel="outcome",
            hue="of",
            looks=group_looks(groups) | {OTHERS: Look(MARK, "D")},
            label=label,
            sharex=isinstance(label, str),
        )
    )


LOW, HIGH = "benefit.outcome_gap.low", "benefit.outcome_gap.high"
EXPOSURES = {LOW: "low exposure", HIGH: "high exposure"}
HOLLOW, FILLED = Look(MARK, "s", filled=False), Look(MARK, "o")


def draw_outcome_gaps(
    table: pd.DataFrame,
    groups: tuple[str, str],
    unit: str | Mapping[str, str] = "(outcome SD)",
    exposures: tuple[str, str] | None = None,
) -> Figure | None:
    """Draw the gap at low and at high exposure of each outcome, joined by a line.

    Parameters
    ----------
    table : pandas.DataFrame
        As `benefits.table.benefit_table` makes it.
    groups : (str, str)
        Focal and reference group.
    unit : str, or mapping of str to str
        Of the outcomes; by outcome where they differ, with a panel for each unit.
    exposures : (str, str), optional
        Names of low and high exposure, where they are classes.
    """
    alike, apart = isinstance(unit, str), " − ".join(groups)
    named = dict(zip(EXPOSURES, exposures or EXPOSURES.values(), strict=True))
    shown = table.assign(exposure=table["quantity"].map(named)).dropna(subset="exposure")
    if not alike:  # a panel for each unit
        shown = shown.assign(unit=shown["outcome"].str.replace("_", " ").map(unit))
    return forest(
        shown,
        row="outcome",
        panel=None if alike else "unit",
        hue="exposure",
        looks=dict(zip(named.values(), (HOLLOW, FILLED), strict=True)),
        label=f"outcome gap, {apart} {unit}" if alike else f"outcome gap, {apart}",
        sharex=alike,
        own_rows=not alike,
        joined=True,
    )


ALONE, POOLED, COMMON = "alone", "partially pooled", "common mean"
LOOKS = {ALONE: Look(MARK, "o", filled=False), POOLED: FILLED, COMMON: Look(MARK, "D")}


def draw_pooled_gaps(table: pd.DataFrame, region: float) -> Figure | None:
    """Draw each outcome's gap alone (hollow) and partially pooled (filled), and the common mean.

    Parameters
    ----------
    table : pandas.DataFrame
        Columns `outcome`, `kind` (``alone`` or ``partially pooled``), `estimate`, `lower`,
        `upper`, in outcome SD between the two levels of the exposure. An outcome without a row
        ``alone`` is the common mean, drawn last, as a diamond and a dotted line.
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
    own = table["outcome"].isin(table.loc[table["kind"] == ALONE, "outcome"])
    if not own.any():
        raise CompendiumError("no outcome has a gap of its own", where="figure of pooled gaps")
    common = table[~own].assign(kind=COMMON)
    return forest(
        pd.concat([table[own], common]),
        row="outcome",
        hue="kind",
        looks=LOOKS,
        label=f"benefit gap, {Population.POOLED.label}, outcome SD",
        lines=(0.0, *common["estimate"]),
        band=region,
    )


ENOUGH = 0.95  # of the gap in the region: practically none


def draw_equivalence(table: pd.DataFrame, bound: float | Mapping[str, float], unit: str) -> Figure:
    """Draw the share of the gap in each region, and the largest that so wide a posterior reaches.

    Parameters
    ----------
    table : pandas.DataFrame
        As `benefits.table.equivalence_table` makes it.
    bound : float, or mapping of str to float
        Half-width of the declared region; by outcome where they differ.
    unit : str
        Of the half-width.
    """
    outcomes = list(dict.fromkeys(table["outcome"]))
    alike = not isinstance(bound, Mapping)
    figure, axes = draw_panels(outcomes, (3.4, 2.7), sharex=alike, sharey=True)
    for axis, outcome in zip(axes, outcomes, strict=True):
        part = table[table["outcome"] == outcome]
        declared = bound if alike else bound[outcome.replace("_", " ")]
        words = f"declared region{f', ±{bound:.2f}' if alike else ''}"
        axis.axhline(ENOUGH, color=NEUTRAL, lw=1.2, label=f"{ENOUGH:.0%}: practically none")
        axis.axvline(declared, color=NEUTRAL, lw=1.2, ls=":", label=words)
        axis.set_xlim(0.9 * part["bound"].min(), 1.05 * part["bound"].max())
        axis.set_xticks([declared / 2, declared, 1.5 * declared, 2 * declared])
        axis.xaxis.set_major_formatter("±{x:.2f}")
        axis.plot(
            part["bound"], part["reachable"], "--", color=NEUTRAL, lw=1.5, label="largest possible"
        )
        axis.plot(part["bound"], part["share"], "o-", color=MARK, lw=2, ms=5, label="share found")
    axes[0].set_ylim(0, 1.03)
    axes[0].yaxis.set_major_formatter("{x:.0%}")
    label_figure(figure, axes, x=f"half-width of the region ({unit})", y="share of the gap inside")
    return figure
