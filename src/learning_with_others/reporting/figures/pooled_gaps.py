"""Each outcome's benefit gap alone and partially pooled with the others."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from learning_with_others.errors import CompendiumError
from learning_with_others.reporting.figures.style import MARK, NEUTRAL

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
        reach = np.array([part["estimate"] - part["lower"], part["upper"] - part["estimate"]])
        rows = np.array([names.index(name) for name in part["outcome"]]) + offset
        axis.errorbar(part["estimate"], rows, xerr=reach, capsize=3, label=kind, **style)
    axis.set_yticks(range(len(names)), names)
    axis.set_ylim(len(names) - 0.5, -0.5)
    axis.set_xlabel("benefit gap, outcome sd")
    axis.grid(visible=False, axis="y")
    axis.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0), frameon=False)
    return figure
