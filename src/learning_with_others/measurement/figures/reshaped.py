"""Published tables in the shape that the figures take."""

import pandas as pd
from matplotlib.figure import Figure

from learning_with_others.exhibits.drawing.answer_bars import draw_answers
from learning_with_others.exhibits.drawing.intervals import draw_intervals
from learning_with_others.measurement.figures.dimensionality import draw_parallel_analysis
from learning_with_others.measurement.figures.traits import draw_information, draw_wright_map

ENDS = ("lower", "upper")


def draw_answers_of(table: pd.DataFrame, construct: str) -> Figure | None:
    """Draw the answers to the items of one construct."""
    return draw_answers(table[table["construct"] == construct])


def draw_alpha_and_omega(table: pd.DataFrame, groups: tuple[str, str]) -> Figure | None:
    """Draw alpha and omega of each scale, focal beside reference group."""
    robust = {end: table[f"alpha_robust_{end}"].fillna(table[f"alpha_{end}"]) for end in ENDS}
    ends = {"alpha": robust, "omega": {end: table[f"omega_{end}"] for end in ENDS}}
    stacked = [
        table.assign(panel=name, estimate=table[name], **found) for name, found in ends.items()
    ]
    return draw_intervals(
        pd.concat(stacked), panel="panel", row="label", groups=groups, label="share of variance"
    )


def draw_waves(table: pd.DataFrame, groups: tuple[str, str]) -> Figure | None:
    """Draw the reliability of each outcome's middle grade, focal beside reference group."""
    return draw_intervals(
        table.assign(estimate=table["reliability"], row="grade " + table["grade"].astype(str)),
        panel="outcome",
        row="row",
        groups=groups,
        label="reliability of the middle grade",
    )


def draw_parallel_analysis_of(table: pd.DataFrame, scales: tuple[str, ...]) -> Figure | None:
    """Draw the parallel analyses of these scales."""
    return draw_parallel_analysis(table[table["scale"].isin(scales)])


def draw_information_of(
    table: pd.DataFrame, moments: pd.DataFrame, groups: tuple[str, str], labels: dict[str, str]
) -> Figure | None:
    """Draw the information of the scales that have labels."""
    return draw_information(table[table["scale"].isin(labels)], moments, groups, labels)


def draw_wright_map_of(
    table: pd.DataFrame, moments: pd.DataFrame, groups: tuple[str, str], scale: str, title: str
) -> Figure | None:
    """Draw the Wright map of one scale."""
    mine = moments[moments["scale"] == scale]
    return draw_wright_map(table[table["scale"] == scale], mine, groups, title)
