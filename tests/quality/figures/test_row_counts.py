import pandas as pd
import pytest
from matplotlib import pyplot as plt

from learning_with_others.data.disclosure import OTHER_GROUPS
from learning_with_others.quality.figures.row_counts import (
    draw_flow,
    draw_flow_by_school,
    draw_missingness,
)

MINIMUM = 10
STEPS = ["raw file", "exposure recorded", "benefit model"]


@pytest.fixture(autouse=True)
def closed():
    yield
    plt.close("all")


def published(rows, suppressed=()):
    """A flow as notebook 01 draws it, from each group's numbers of rows at three steps."""
    table = pd.DataFrame(
        [
            (step, group, counts[k] if counts[k] not in suppressed else None)
            for k, step in enumerate(STEPS)
            for group, counts in rows.items()
        ],
        columns=["step", "group", "rows"],
    )
    return table.astype({"group": pd.CategoricalDtype(list(rows))})


@pytest.mark.parametrize("others", range(13))
def test_any_number_of_people_outside_the_two_groups_is_drawn(others):
    rows = {"Black": [60, 55, 40], "White": [70, 70, 60], OTHER_GROUPS: [others] * 3}
    figure = draw_flow(published(rows, range(1, MINIMUM)), "Black", "White")
    panel = figure.axes[2]
    words = [text.get_text() for text in panel.texts]
    assert words == ["suppressed" if 0 < others < MINIMUM else str(others)] * 3


def test_a_step_suppressed_in_every_school_keeps_its_place_in_the_legend():
    rows = {"school 1": [120, 115, 80], "school 2": [90, 88, 60]}
    figure = draw_flow_by_school(published(rows, [120, 90]))
    lines = {line.get_label(): line.get_ydata() for line in figure.axes[0].lines}
    assert list(lines) == STEPS
    assert pd.isna(lines["raw file"]).all()
    assert list(lines["exposure recorded"]) == [115, 88]


def test_schools_of_which_nothing_may_be_shown_are_not_drawn():
    rows = {"school 1": [9, 9, 9], "school 2": [4, 3, 2]}
    assert draw_flow_by_school(published(rows, range(MINIMUM))) is None


def test_no_missing_values_are_not_drawn():
    none = pd.DataFrame(columns=["column", "group", "share"])
    assert draw_missingness(none, "Black", "White") is None


def test_missing_values_keep_their_legend_off_the_bars():
    table = pd.DataFrame(
        {"column": "gpa", "group": ["Black", "White"], "share": [0.2, 0.1]},
    )
    figure = draw_missingness(table, "Black", "White")
    assert [text.get_text() for text in figure.legends[0].texts] == ["Black", "White"]
    assert figure.axes[0].get_legend() is None


def test_steps_of_schools_are_named_as_people_name_outcomes():
    flow = pd.DataFrame({"step": "benefit model: gpa", "group": ["school 1"], "rows": [120.0]})
    figure = draw_flow_by_school(flow, {"gpa": "Grade point average"})
    assert figure.axes[0].lines[0].get_label() == "benefit model: Grade point average"
