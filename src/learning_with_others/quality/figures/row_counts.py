"""Rows at every step, and values missing, by group."""

from collections.abc import Mapping

import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.figure import Figure

from learning_with_others.exhibits.drawing.style import FOCAL, NEUTRAL, ORDERED, REFERENCE

HAIRLINE = 0.002
NONE = {"va": "center", "fontsize": 8, "color": NEUTRAL}  # how a bar of nothing is told


def _named(step: str, labels: Mapping[str, str] | None) -> str:
    """Name the outcome of a model's step as a person does."""
    before, colon, outcome = step.partition(": ")
    return f"{before}{colon}{(labels or {}).get(outcome, outcome)}"


def draw_flow(
    flow: pd.DataFrame, focal: str, reference: str, labels: Mapping[str, str] | None = None
) -> Figure:
    """Draw horizontal bars of the rows that remain, a panel for each group.

    Parameters
    ----------
    flow : pandas.DataFrame
        `step, group, rows`; a missing count is drawn as suppressed.
    focal, reference : str
    labels : mapping, optional
        What a person calls each outcome.
    """
    groups = list(flow["group"].cat.categories)
    colours = {focal: FOCAL, reference: REFERENCE}
    figure, axes = plt.subplots(1, len(groups), figsize=(10, 3.2), sharey=True)
    for axis, group in zip(axes, groups, strict=True):
        part = flow[flow["group"] == group]
        rows = part["rows"].astype(float)
        lengths = rows.fillna(0)  # of a small group every count can be suppressed
        bars = axis.barh(
            part["step"].map(lambda step: _named(step, labels)),
            lengths,
            color=colours.get(group, NEUTRAL),
        )
        written = ["suppressed" if pd.isna(value) else f"{value:,.0f}" for value in rows]
        axis.bar_label(bars, written, padding=4, fontsize=9)
        axis.set(title=group, xlabel="rows", xlim=(0, 1.3 * max(lengths.max(), 1)))
        axis.xaxis.set_major_locator(plt.MaxNLocator(3))
        axis.grid(visible=False, axis="y")
    axes[0].invert_yaxis()
    return figure


def draw_flow_by_school(
    flow: pd.DataFrame, labels: Mapping[str, str] | None = None
) -> Figure | None:
    """Draw a dot for every school and step, schools in order of their size.

    Parameters
    ----------
    flow : pandas.DataFrame
        `step, group, rows`; a suppressed count has no dot.
    labels : mapping, optional
        What a person calls each outcome.

    Returns
    -------
    Figure or None
        None if every count is suppressed.
    """
    steps = list(dict.fromkeys(flow["step"]))
    wide = flow.pivot_table(index="group", columns="step", values="rows", observed=True)
    # The table lacks a step that is suppressed in every school.
    wide = wide.reindex(columns=steps).astype(float).dropna(how="all")
    if wide.empty:
        return None
    ordered = wide.loc[wide.max(axis=1).sort_values(ascending=False).index]
    figure, axis = plt.subplots(figsize=(9, 3.6))
    import seaborn as sns  # noqa: PLC0415 - where something is drawn

    shades = sns.color_palette(ORDERED, len(steps))
    for step, shade in zip(steps, shades, strict=True):
        places, name = range(1, len(ordered) + 1), _named(step, labels)
        axis.plot(places, ordered[step], "o", ms=4, color=shade, label=name)
    axis.set(xlabel="schools, in order of the largest count shown", ylabel="rows", ylim=(0, None))
    axis.xaxis.set_major_locator(plt.MaxNLocator(integer=True))
    axis.legend(frameon=False, loc="upper left", bbox_to_anchor=(1.0, 1.0))
    return figure


def draw_missingness(
    missing: pd.DataFrame, focal: str, reference: str, labels: Mapping[str, str] | None = None
) -> Figure | None:
    """Draw the share missing in each column, focal beside reference group.

    Parameters
    ----------
    missing : pandas.DataFrame
        `column, group, share`; a missing share is suppressed and drawn as a cross at zero.
    focal, reference : str
    labels : mapping, optional
        What a person calls each column.

    Returns
    -------
    Figure or None
        None without rows.
    """
    if missing.empty:
        return None
    columns = list(dict.fromkeys(missing["column"]))
    figure, axis = plt.subplots(figsize=(8, 0.9 + 0.42 * len(columns)))
    for group, colour, offset in ((focal, FOCAL, -0.18), (reference, REFERENCE, 0.18)):
        part = missing[missing["group"] == group].set_index("column")["share"].reindex(columns)
        place = [k + offset for k in range(len(columns))]
        axis.barh(place, part.fillna(0), height=0.34, color=colour, label=group)
        for spot, value in zip(place, part, strict=True):
            if pd.isna(value):
                axis.plot(0.002, spot, "x", color=colour)
            elif value < HAIRLINE:  # no bar to see
                axis.annotate(f"{value:.1%}", (0, spot), (3, 0), textcoords="offset points", **NONE)
    axis.set_yticks(range(len(columns)), [(labels or {}).get(name, name) for name in columns])
    axis.invert_yaxis()
    axis.xaxis.set_major_formatter("{x:.0%}")
    gone = missing.loc[missing["group"].isin((focal, reference)), "share"].isna().any()
    cross = "\n(×: suppressed, fewer than the minimum cell)" if gone else ""
    axis.set_xlabel(f"share missing{cross}")
    axis.grid(visible=False, axis="y")
    figure.legend(loc="outside upper left", ncols=2, frameon=False)  # beside bars, not on them
    return figure
