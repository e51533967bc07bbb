"""Items that work differently for two groups: how far, and where along the trait."""

import pandas as pd
from matplotlib.figure import Figure

from learning_with_others.exhibits.drawing.forest import forest
from learning_with_others.exhibits.drawing.panels import panel_grid
from learning_with_others.exhibits.drawing.style import FOCAL, MARK, NEUTRAL, REFERENCE, Look
from learning_with_others.psychometrics.comparability.decision import SIGNIFICANT, Comparison

WIDEST_SHIFT = 2.0  # SDs; an interval that reaches beyond ends in an arrow
TRAIT = (-3.0, 3.0)
MOST_MARGINS = 4.0
LEVELS, SLOPES = Look(MARK, "o"), Look(NEUTRAL, "s", filled=False)


def draw_differential_items(table: pd.DataFrame, groups: tuple[str, str]) -> Figure | None:
    """Draw each item's threshold shift with its interval, a panel for each scale.

    Parameters
    ----------
    table : pandas.DataFrame
        As `differential_item_table` gives it; scales without items are left out.
    groups : (str, str)
        Focal and reference group.

    Returns
    -------
    Figure, or None without items
    """
    if "threshold_shift" not in table:
        return None
    return forest(
        table.assign(kind="anchor of these models: held equal"),
        row="item",
        panel="scale",
        hue="kind",
        estimate="threshold_shift",
        lower="threshold_shift_lower",
        upper="threshold_shift_upper",
        label=f"threshold shift, SD of the group {groups[1]}\n"
        f"(right: harder to agree with for {groups[0]} at the same trait)",
        limits=(-WIDEST_SHIFT, WIDEST_SHIFT),
        flag="released",
        flagged="released by purification (thresholds or slope differ)",
        own_rows=True,
    )


def draw_single_releases(table: pd.DataFrame) -> Figure | None:
    """Draw what each item's release moves, in margins, a panel for each scale.

    Parameters
    ----------
    table : pandas.DataFrame
        As `single_releases` gives it.

    Returns
    -------
    Figure, or None without items
    """
    ends = ["change", "lower", "upper"]
    shown = (table["p_holm"] < SIGNIFICANT) & (table["change"].abs() > table["margin"])
    return forest(
        table.assign(**{end: table[end] / table["margin"] for end in ends}, shown=shown),
        row="item",
        panel="scale",
        hue="comparison",
        estimate="change",
        looks={str(Comparison.LEVELS): LEVELS, str(Comparison.SLOPES): SLOPES},
        label="change by the release of one item, in margins",
        lines=(-1, 0, 1),
        limits=(-MOST_MARGINS, MOST_MARGINS),
        flag="shown",
        flagged="beyond the margin, and differs from 0 (Holm)",
        own_rows=True,
    )


def draw_item_curves(table: pd.DataFrame, groups: tuple[str, str]) -> Figure | None:
    """Draw the expected answer by trait in both groups, for the items that were released.

    Parameters
    ----------
    table : pandas.DataFrame
        From `item_curve_table`.
    groups : (str, str)
        Focal and reference group.

    Returns
    -------
    Figure, or None if no item differs
    """
    shown = table[table["trait"].between(*TRAIT)]
    if shown.empty:
        return None
    items = list(dict.fromkeys(shown["item"]))
    figure, axes = panel_grid(len(items), (3.6, 3.0), margin=(1.2, 0.4), narrowest=6.3)
    for axis, item in zip(axes.flat, items, strict=False):
        mine = shown[shown["item"] == item]
        for group, colour, style in zip(groups, (FOCAL, REFERENCE), ("-", "--"), strict=True):
            part = mine[mine["group"] == group]
            axis.plot(
                part["trait"],
                part["expected"],
                color=colour,
                linestyle=style,
                linewidth=2,
                label=group,
            )
        highest = mine["categories"].iloc[0]
        axis.set(
            title=item,
            ylim=(0.9, highest + 0.1),
            yticks=range(1, highest + 1),
        )
    figure.supxlabel(f"Trait, SDs of {groups[1]}", fontsize=11)
    figure.supylabel("Expected answer (category, keyed)", fontsize=11)
    axes[0][-1].legend(loc="upper left", bbox_to_anchor=(1.0, 1.0), frameon=False)
    return figure
