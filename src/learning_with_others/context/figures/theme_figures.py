"""Figures of themes: passages per session, and when new themes stopped coming up."""

import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator, PercentFormatter

from learning_with_others.exhibits.drawing.forest import forest
from learning_with_others.exhibits.drawing.style import KINDS, group_looks

LABELS = {
    "rate": "passages per session",
    "net": "favourable less unfavourable passages per session",
}


def draw_rates(
    table: pd.DataFrame, *, estimate: str, groups: tuple[str, str] | None
) -> Figure | None:
    """Draw a panel for each source, a row for each theme, a point for each group's sessions."""
    ends = {"rate": ("lower", "upper"), "net": ("net_lower", "net_upper")}[estimate]
    return forest(
        table,
        row="theme",
        panel="source",
        hue="group",
        estimate=estimate,
        lower=ends[0],
        upper=ends[1],
        looks=group_looks(groups) if groups else None,
        label=LABELS[estimate],
        own_rows=True,
        flag="flag",
        flagged="coders' agreement under .67 or not known",
    )


def draw_saturation(table: pd.DataFrame) -> Figure | None:
    """Draw the share of a source's themes heard so far as steps over its sessions."""
    if (table["share_so_far"] == 1).all():
        return None  # all came up in the first sessions
    figure, axis = plt.subplots(figsize=(7, 3))
    looks = zip(KINDS, ("-", "--", ":", "-."), strict=True)
    for (source, mine), (colour, line) in zip(
        table.groupby("source", sort=False), looks, strict=False
    ):
        place = mine["place"].astype(int)
        axis.step(
            place, mine["share_so_far"], where="post", color=colour, ls=line, lw=2, label=source
        )
    axis.set(xlabel="session, in the order of the data", ylim=(0, 1.05))
    axis.set_ylabel("themes heard so far")
    axis.xaxis.set_major_locator(MaxNLocator(integer=True))
    axis.yaxis.set_major_formatter(PercentFormatter(1))
    axis.legend(frameon=False, loc="lower right")
    return figure
