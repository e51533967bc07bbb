"""Outcome gaps at low and at high exposure."""

import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.figure import Figure

from learning_with_others.reporting.figures.style import MARK, NEUTRAL

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
            found = gaps.loc[(outcome, quantity)]
            axis.errorbar(
                found["estimate"],
                row + side,
                xerr=[
                    [found["estimate"] - found["lower"]],
                    [found["upper"] - found["estimate"]],
                ],
                fmt=marker,
                color=MARK,
                mfc=face,
                capsize=3,
                ms=7,
                zorder=3,
                label=words if row == 0 else None,
            )
    axis.set_yticks(range(len(outcomes)), [name.replace("_", " ") for name in outcomes])
    axis.set_ylim(len(outcomes) - 0.5, -0.5)
    axis.set(xlabel=f"outcome gap, {groups[0]} − {groups[1]} (outcome sd)")
    axis.grid(visible=False, axis="y")
    figure.legend(loc="outside upper center", ncols=2, frameon=False)
    return figure
