"""Checks of the fits: predictive checks, random effects and Pareto k."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MultipleLocator

from learning_with_others.benefits.cluster_effects import OUTLYING
from learning_with_others.exhibits.drawing.forest import forest
from learning_with_others.exhibits.drawing.panels import draw_panels, label_figure, share_by_label
from learning_with_others.exhibits.drawing.style import KINDS, MARK, NEUTRAL, WARNING, Look

OBSERVED = {
    "observed": Look(MARK, "o"),
    "observed, outside 95% of replications": Look(WARNING, "D", filled=False),
}


def draw_predictive_checks(
    table: pd.DataFrame, unit: str | Mapping[str, str] = "outcome SD"
) -> Figure | None:
    """Draw each observed statistic and its predictive interval, from the predictive mean.

    An observation outside its interval is drawn as a diamond in another colour.

    Parameters
    ----------
    table : pandas.DataFrame
        As `models.predictive.predictive_table` makes it.
    unit : str, or mapping of str to str
        Of the statistics; by outcome where they differ.
    """
    of = {"": unit} if isinstance(unit, str) else unit
    labels = {
        name: f"observed − replicated, {each} (lines: 95% of replications)"
        for name, each in of.items()
    }
    inside = table["observed"].between(table["lower"], table["upper"])
    columns = {"estimate": "observed", "lower": "lower", "upper": "upper"}
    apart = {name: table[column] - table["predicted"] for name, column in columns.items()}
    figure = forest(
        table.assign(
            row=table["of"] + ": " + table["statistic"],
            kind=np.where(inside, *OBSERVED),
            **apart,
        ),
        row="row",
        panel="outcome",
        hue="kind",
        looks=OBSERVED,
        label=labels.get("", labels),
        sharex=isinstance(unit, str),
        own_rows=unit != "outcome SD",  # other families have statistics of their own
    )
    return share_by_label(figure)


LOOKS = tuple(zip(KINDS, "o^Ds", strict=True))


def draw_random_effects(table: pd.DataFrame) -> Figure:
    """Draw a normal Q-Q plot of standardized effects for each outcome, clusters unnamed.

    Parameters
    ----------
    table : pandas.DataFrame
        As `benefits.cluster_effects.cluster_effect_quantiles` makes it.
    """
    outcomes = list(dict.fromkeys(table["outcome"]))
    kinds = list(table[["level", "term"]].drop_duplicates().itertuples(index=False, name=None))
    figure, axes = draw_panels(outcomes, (3.4, 3.2), sharex=True, sharey=True)
    reach = 1.08 * max(OUTLYING, float(table[["normal", "effect"]].abs().to_numpy().max()))
    for axis, outcome in zip(axes, outcomes, strict=True):
        _effects_panel(axis, table[table["outcome"] == outcome], kinds, reach)
    label_figure(figure, axes, x="normal quantile", y="standardized effect")
    return figure


def _effects_panel(
    axis: Axes, part: pd.DataFrame, kinds: list[tuple[str, str]], reach: float
) -> None:
    axis.plot([-reach, reach], [-reach, reach], color=NEUTRAL, lw=1, zorder=1)
    for side in (-OUTLYING, OUTLYING):
        axis.axhline(side, color=NEUTRAL, lw=1, ls=":", zorder=1)
    for (level, term), (colour, marker) in zip(kinds, LOOKS, strict=False):
        mine = part[(part["level"] == level) & (part["term"] == term)]
        if len(mine):
            axis.plot(
                mine["normal"],
                mine["effect"],
                marker,
                ms=4,
                mfc="none" if marker != "o" else colour,
                color=colour,
                alpha=0.8,
                label=f"{level}, {term}",
            )
    axis.set(xlim=(-reach, reach), ylim=(-reach, reach))
    axis.xaxis.set_major_locator(MultipleLocator(2 if reach > OUTLYING + 1 else 1))


GOOD = 0.7  # Vehtari et al. (2024): above it the estimate is not to be trusted


def draw_pareto_k(table: pd.DataFrame, left_out: str = "student") -> Figure | None:
    """Draw how many units have a Pareto k in each range, in numbers where it is too high.

    Parameters
    ----------
    table : pandas.DataFrame
        `LeaveOneOut.pareto` of `benefits.leave_one_out.leave_one_out`.
    left_out : str
        Units to show: student, or a level.

    Returns
    -------
    Figure or None
        None where nothing was left out.
    """
    table = table[table["left_out"] == left_out]
    if table.empty:
        return None
    outcomes = list(dict.fromkeys(table["outcome"]))
    figure, axes = draw_panels(outcomes, (3.4, 3.0), sharex=True, sharey=True)
    for axis, outcome in zip(axes, outcomes, strict=True):
        part = table[table["outcome"] == outcome].reset_index(drop=True)
        good = (part["to_k"] <= GOOD).to_numpy()
        bars = axis.bar(
            part.index, part["units"], color=np.where(good, NEUTRAL, WARNING), width=0.85
        )
        labels = [
            "" if fine or np.isnan(count) else f"{count:.0f}"
            for fine, count in zip(good, part["units"], strict=True)
        ]
        axis.bar_label(bars, labels, fontsize="small", padding=2)
        axis.axvline(good.sum() - 0.5, color=MARK, ls="--", lw=1)
        axis.set_xticks(part.index, [_range(row) for row in part.itertuples()], rotation=90)
        axis.tick_params(axis="x", labelsize="small")
        axis.grid(visible=False, axis="x")
        axis.margins(y=0.12)
    label_figure(figure, axes, x="Pareto k", y=f"{left_out}s")
    return figure


def _range(row: object) -> str:
    if np.isneginf(row.from_k):
        return f"under {row.to_k:g}"
    if np.isposinf(row.to_k):
        return f"{row.from_k:g} and over"
    return f"{row.from_k:g} to {row.to_k:g}"
