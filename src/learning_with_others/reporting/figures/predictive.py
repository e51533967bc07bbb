"""Posterior predictive checks: what was observed, from what the model replicates."""

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from learning_with_others.reporting.figures.panels import draw_panels, label_figure
from learning_with_others.reporting.figures.style import FOCAL, MARK, NEUTRAL, REFERENCE


def draw_predictive_checks(table: pd.DataFrame) -> Figure:
    """Draw each observed statistic and its predictive interval, from the predictive mean.

    An observation outside its interval is drawn as a diamond in another colour.

    Parameters
    ----------
    table : pandas.DataFrame
        As `benefits.predictive.predictive_table` makes it.
    """
    outcomes = list(dict.fromkeys(table["outcome"]))
    rows = list(table[["of", "statistic"]].drop_duplicates().itertuples(index=False, name=None))
    figure, axes = draw_panels(outcomes, (3.4, 1.2 + 0.27 * len(rows)), sharex=True, sharey=True)
    for axis, outcome in zip(axes, outcomes, strict=True):
        _panel(axis, table[table["outcome"] == outcome], rows)
    axes[0].set_yticks(range(len(rows)), [f"{of}: {statistic}" for of, statistic in rows])
    axes[0].set_ylim(len(rows) - 0.4, -0.6)
    label_figure(figure, axes, x="observed − replicated (outcome sd)")
    return figure


def _panel(axis: Axes, part: pd.DataFrame, rows: list[tuple[str, str]]) -> None:
    place = [rows.index((row.of, row.statistic)) for row in part.itertuples()]
    centre = part["predicted"]
    axis.hlines(
        place,
        part["lower"] - centre,
        part["upper"] - centre,
        color=REFERENCE,
        lw=5,
        alpha=0.4,
        label="95% of replications",
    )
    axis.axvline(0, color=NEUTRAL, lw=1)
    inside = ((part["observed"] >= part["lower"]) & (part["observed"] <= part["upper"])).to_numpy()
    apart = (part["observed"] - centre).to_numpy()
    for chosen, look, colour, words in (
        (inside, "o", MARK, "observed"),
        (~inside, "D", FOCAL, "observed, outside"),
    ):
        if chosen.any():
            mine = [at for at, shown in zip(place, chosen, strict=True) if shown]
            axis.plot(apart[chosen], mine, look, color=colour, ms=5, label=words)
    axis.grid(visible=False, axis="y")
