"""Items that work differently for two groups: how far, and where along the trait."""

import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.figure import Figure

from learning_with_others.exhibits.drawing.forest import forest
from learning_with_others.exhibits.drawing.style import FOCAL, REFERENCE
from learning_with_others.psychometrics.response_models.differential_items import (
    FOCAL_GROUP,
    REFERENCE_GROUP,
    expected_scores,
)
from learning_with_others.psychometrics.response_models.ladder import ResponseLadder

WIDEST_SHIFT = 2.0  # SDs; an interval that reaches beyond ends in an arrow
TRAIT = (-3.0, 3.0)


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
        table.assign(kind="anchor: held equal in both groups"),
        row="item",
        panel="scale",
        hue="kind",
        estimate="threshold_shift",
        lower="threshold_shift_lower",
        upper="threshold_shift_upper",
        label=f"threshold shift, SD of {groups[1]} students\n"
        f"(right: harder to agree with for {groups[0]} students at the same trait)",
        limits=(-WIDEST_SHIFT, WIDEST_SHIFT),
        flag="released",
        flagged="released: differs between the groups",
        own_rows=True,
    )


def draw_item_curves(ladder: ResponseLadder) -> Figure | None:
    """Draw the expected answer by trait in both groups, for the items that were released.

    Parameters
    ----------
    ladder : ResponseLadder

    Returns
    -------
    Figure, or None if no item differs
    """
    fit = ladder.released
    problem = fit.problem
    differ = sorted(fit.structure.free_slopes | fit.structure.free_thresholds)
    if not differ:
        return None
    shown = (problem.grid >= TRAIT[0]) & (problem.grid <= TRAIT[1])
    curves = [expected_scores(problem, vector)[:, shown] for vector in fit.full]
    figure, axes = plt.subplots(
        1, len(differ), figsize=(max(7.5, 3.6 * len(differ)), 3.4), squeeze=False
    )
    lines = (
        (FOCAL_GROUP, ladder.focal, FOCAL, "-"),
        (REFERENCE_GROUP, ladder.reference, REFERENCE, "--"),
    )
    for axis, item in zip(axes[0], differ, strict=True):
        for group, label, colour, style in lines:
            # Answers are counted from 1, as on a survey form.
            axis.plot(
                problem.grid[shown],
                1 + curves[group][item],
                color=colour,
                linestyle=style,
                linewidth=2,
                label=label,
            )
        axis.set(
            title=problem.items[item],
            xlabel=f"Trait, SDs of {ladder.reference}",
            ylim=(0.9, problem.categories[item] + 0.1),
            yticks=range(1, problem.categories[item] + 1),
        )
    axes[0][0].set_ylabel("Expected answer\n(category, keyed)")
    axes[0][-1].legend(loc="upper left", bbox_to_anchor=(1.0, 1.0), frameon=False)
    return figure
