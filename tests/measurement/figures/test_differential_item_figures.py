import matplotlib.pyplot as plt
import pandas as pd
import pytest
from graded_samples import FOCAL, REFERENCE, two_groups

from learning_with_others.measurement.figures.item_differences import (
    draw_differential_items,
    draw_item_curves,
)
from learning_with_others.measurement.response_model_tables import item_curve_table
from learning_with_others.psychometrics.response_models.differential_items import differential_items
from learning_with_others.psychometrics.response_models.ladder import climb_ladder


@pytest.fixture(scope="module")
def ladder():
    answers, group = two_groups(400, shift={1: 0.8})
    return climb_ladder(answers, group, focal=FOCAL, reference=REFERENCE)


@pytest.fixture(autouse=True)
def _close():
    yield
    plt.close("all")


def test_every_scale_has_a_panel_and_every_item_a_row(ladder):
    table = differential_items(ladder)
    both = pd.concat([table.assign(scale="first"), table.assign(scale="second")])
    reason = pd.DataFrame([{"scale": "third", "flag": "2 items"}])
    figure = draw_differential_items(pd.concat([both, reason]), (FOCAL, REFERENCE))
    assert [axis.get_title(loc="left") for axis in figure.axes] == ["first", "second"]
    labels = [label.get_text() for label in figure.axes[0].get_yticklabels()]
    assert labels == ["q1", "q2", "q3", "q4", "q5"]


def test_an_interval_beyond_the_panel_ends_in_an_arrow(ladder):
    table = differential_items(ladder).assign(scale="first")
    plain = draw_differential_items(table, (FOCAL, REFERENCE))
    table.loc[0, "threshold_shift_upper"] = 9.0
    wide = draw_differential_items(table, (FOCAL, REFERENCE))
    arrows = [
        line for line in wide.axes[0].lines if line.get_marker() == ">" and len(line.get_xdata())
    ]
    assert len(arrows) == 1
    assert len(wide.axes[0].lines) == len(plain.axes[0].lines) + 1
    assert wide.axes[0].get_xlim()[1] < 3


def test_nothing_is_drawn_without_items():
    reason = pd.DataFrame([{"scale": "third", "flag": "2 items"}])
    assert draw_differential_items(reason, (FOCAL, REFERENCE)) is None


def test_curves_are_drawn_for_the_items_that_differ_only(ladder):
    figure = draw_item_curves(item_curve_table(ladder), (FOCAL, REFERENCE))
    assert [axis.get_title() for axis in figure.axes] == ["q2"]
    focal, reference = (line.get_ydata() for line in figure.axes[0].lines)
    middle = len(focal) // 2
    assert focal[middle] < reference[middle]  # harder for the focal group
    answers, group = two_groups(400, seed=5)
    same = climb_ladder(answers, group, focal=FOCAL, reference=REFERENCE)
    if not same.released.structure.free_thresholds:
        assert draw_item_curves(item_curve_table(same), (FOCAL, REFERENCE)) is None
