"""Figures of a part of a published table."""

import pandas as pd
from matplotlib.figure import Figure

from learning_with_others.data.flow import ALL_GRADES
from learning_with_others.exhibits.drawing.answer_bars import draw_answers
from learning_with_others.exhibits.drawing.intervals import draw_intervals
from learning_with_others.opportunity.figures.classroom_map import draw_classroom_map
from learning_with_others.opportunity.figures.places import draw_places


def draw_construct(table: pd.DataFrame, construct: str) -> Figure | None:
    """Draw the answers to one construct's questions."""
    return draw_answers(table[table["construct"] == construct])


def draw_access(table: pd.DataFrame, groups: tuple[str, str], access: str) -> Figure | None:
    """Draw the share with access of each group, a row for each grade."""
    shares = table[(table["quantity"] == "share") & table["estimate"].notna()]
    grade = shares["grade"].astype(str)
    place = ("grade " + grade).where(grade != ALL_GRADES, "everybody")
    shares = shares.assign(panel=access, place=place)
    figure = draw_intervals(
        shares, panel="panel", row="place", groups=groups, label="share with access"
    )
    if figure is not None:  # from nothing, so that a small difference looks small
        figure.axes[0].set_xlim(left=0)
        figure.axes[0].xaxis.set_major_formatter("{x:.0%}")
    return figure


def draw_schools_in_order(table: pd.DataFrame, groups: tuple[str, str]) -> Figure | None:
    """Draw the share with access by school and group, schools in the order of the table."""
    shares = table.assign(place_kind="school", label="share with access", mean=table["estimate"])
    figure = draw_places(shares, groups)
    if figure is not None:
        figure.axes[0].xaxis.set_major_formatter("{x:.0%}")
    return figure


def draw_map(table: pd.DataFrame, label: str, level: str) -> Figure | None:
    """Draw clusters in the order of their estimates, numbered by it."""
    ranked = table.assign(place=[str(k) for k in range(1, len(table) + 1)])
    return draw_classroom_map(ranked, label, level)
