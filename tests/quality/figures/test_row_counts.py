import pandas as pd
import pytest
from matplotlib import pyplot as plt

from learning_with_others.data.disclosure import OTHER_GROUPS
from learning_with_others.data.flow import publishable_flow
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


def published(rows, **options):
    """A flow as notebook 01 draws it, from each group's numbers of rows at three steps."""
    table = pd.DataFrame(
        [
            (step, STEPS[max(k - 1, 0)] if k else "", group, count, 0)
            for k, step in enumerate(STEPS)
            for group, counts in rows.items()
            for count in [counts[k]]
        ],
        columns=["step", "after", "group", "rows", "left"],
    )
    table["group"] = pd.Categorical(table["group"], categories=list(rows))
    return publishable_flow(table, MINIMUM, **options)


@pytest.mark.parametrize("others", range(13))
def test_any_number_of_people_outside_the_two_groups_is_drawn(others):
    rows = {"Black": [60, 55, 40], "White": [70, 70, 60], OTHER_GROUPS: [others] * 3}
    figure = draw_flow(published(rows), "Black", "White")
    panel = figure.axes[2]
    words = [text.get_text() for text in panel.texts]
    assert words == ["suppressed" if 0 < others < MINIMUM else str(others)] * 3


def test_a_step_suppressed_in_every_school_keeps_its_place_in_the_legend():
    # 120 beside 115 would show five who left.
    rows = {"school 1": [120, 115, 80], "school 2": [90, 88, 60]}
    figure = draw_flow_by_school(published(rows, between_models=True))
    lines = {line.get_label(): line.get_ydata() for line in figure.axes[0].lines}
    assert list(lines) == STEPS
    assert pd.isna(lines["raw file"]).all()
    assert list(lines["exposure recorded"]) == [115, 88]


def test_schools_of_which_nothing_may_be_shown_are_not_drawn():
    rows = {"school 1": [9, 9, 9], "school 2": [4, 3, 2]}
    assert draw_flow_by_school(published(rows, between_models=True)) is None


def test_no_missing_values_are_not_drawn():
    none = pd.DataFrame(columns=["column", "group", "share"])
    assert draw_missingness(none, "Black", "White") is None
