"""The gap in outcomes that are partly missing, under every treatment of the missing."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from learning_with_others.exhibits.drawing.intervals import error_bars
from learning_with_others.exhibits.drawing.style import FOCAL, MARK, NEUTRAL, REFERENCE

COMPLETE, WEIGHTED, IMPUTED = "complete cases", "response-weighted", "imputed"
SHIFTED, TIPPING = "delta-shifted", "tipping point"
TREATMENTS = {COMPLETE: "complete\ncases", WEIGHTED: "response-\nweighted", IMPUTED: "imputed"}
SHIFTS = {
    "focal": ("{focal}: imputed values shifted", FOCAL),
    "reference": ("{reference}: imputed values shifted", REFERENCE),
    "both": ("both groups' imputed values shifted", MARK),
}
PANEL_WIDTH, PANEL_HEIGHT = 2.9, 2.5  # inches
SMALL = 9  # points
STRIP = 0.16  # of a panel, below its bands: where it tips, in words
BEYOND = 1.15  # of the largest shift drawn: a tipping point farther out is told in words


def draw_treatments(
    table: pd.DataFrame, *, groups: tuple[str, str] = ("focal", "reference")
) -> Figure | None:
    """Draw each outcome's gap: complete, weighted and imputed, then as the imputed are shifted.

    Parameters
    ----------
    table : pandas.DataFrame
        From `outcome_gaps_by_treatment`, of one or several outcomes. Those with complete cases
        only are left out.
    groups : (str, str)
        Names of the focal and the reference group.

    Returns
    -------
    Figure or None
        None if no outcome has anything but complete cases.
    """
    treated = table.loc[table["treatment"].isin([WEIGHTED, IMPUTED]) & table["estimate"].notna()]
    outcomes = list(dict.fromkeys(treated["outcome"]))
    if not outcomes:
        return None
    figure, grid = plt.subplots(
        len(outcomes),
        1 + len(SHIFTS),
        figsize=(PANEL_WIDTH * (1 + len(SHIFTS)), PANEL_HEIGHT * len(outcomes) + 0.6),
        sharey="row",
        sharex="col",
        squeeze=False,
    )
    for axes, outcome in zip(grid, outcomes, strict=True):
        part = table[table["outcome"] == outcome]
        _draw_treatments(axes[0], part)
        axes[0].set_ylabel(f"{outcome}\ngap (SD)".replace("_", " "))
        for axis, (shifted, (_, colour)) in zip(axes[1:], SHIFTS.items(), strict=True):
            _draw_shift(axis, part[part["shifted"] == shifted], colour)
        for axis in axes:
            axis.axhline(0, color=MARK, lw=0.8)
            axis.tick_params(labelsize=SMALL)
        lowest, highest = axes[0].get_ylim()
        axes[0].set_ylim(lowest - STRIP * (highest - lowest), highest)
    names = {"focal": groups[0], "reference": groups[1]}
    for axis, (words, _) in zip(grid[0][1:], SHIFTS.values(), strict=True):
        axis.set_title(words.format(**names).replace(" imputed", "\nimputed", 1), fontsize=10)
    grid[0][0].set_title("the missing left out,\nweighted for, or imputed", fontsize=10)
    for axis in grid[-1][1:]:
        axis.set_xlabel("shift (SD)", fontsize=10)
    return figure


def _draw_treatments(axis: Axes, part: pd.DataFrame) -> None:
    for place, treatment in enumerate(TREATMENTS):
        one = part[part["treatment"] == treatment]
        if one.empty or one["estimate"].isna().all():
            continue
        bars = error_bars(one)
        axis.errorbar([place], one["estimate"], yerr=bars, fmt="o", color=MARK, capsize=3)
    axis.set_xticks(range(len(TREATMENTS)), list(TREATMENTS.values()))
    axis.set_xlim(-0.5, len(TREATMENTS) - 0.5)
    axis.grid(visible=False, axis="x")


def _draw_shift(axis: Axes, part: pd.DataFrame, colour: str) -> None:
    line = part[part["treatment"] == SHIFTED].sort_values("delta")
    if line.empty:
        axis.text(0.5, 0.6, "suppressed", transform=axis.transAxes, ha="center", color=NEUTRAL)
        return
    axis.fill_between(line["delta"], line["lower"], line["upper"], color=colour, alpha=0.2, lw=0)
    axis.plot(line["delta"], line["estimate"], "o-", color=colour, ms=4)
    axis.set_xticks(np.unique(line["delta"]))
    tipping = part.loc[part["treatment"] == TIPPING, "delta"]
    if len(tipping) and line["lower"].notna().all():
        _mark_tipping(axis, float(tipping.iloc[0]), float(line["delta"].abs().max()))


def _mark_tipping(axis: Axes, delta: float, farthest: float) -> None:
    """Mark where the verdict on zero changes, or say how far out it does."""
    words = f"tips at {delta:+.2f}".replace("-", "−") if np.isfinite(delta) else "does not tip"
    if np.isfinite(delta) and abs(delta) <= farthest * BEYOND:
        axis.axvline(delta, color=MARK, lw=1, ls="--")
        axis.plot([delta], [0], "D", color=MARK, ms=5, zorder=5)
    axis.text(0.97, 0.03, words, transform=axis.transAxes, ha="right", fontsize=SMALL)
