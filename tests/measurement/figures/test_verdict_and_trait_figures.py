"""Wright maps and verdicts: what a label, a colour and an empty panel say."""

import numpy as np
import pandas as pd
import pytest
from matplotlib import pyplot as plt
from matplotlib.colors import to_rgba

from learning_with_others.exhibits.drawing.style import TINT_GOOD, TINT_PARTLY
from learning_with_others.measurement.exhibits.comparable_scales import failing_steps
from learning_with_others.measurement.figures.comparisons import draw_comparability
from learning_with_others.measurement.figures.traits import draw_wright_map
from learning_with_others.psychometrics.comparability.decision import Verdict

GROUPS = ("Black", "White")
NOBODY = pd.DataFrame({"group": [], "mean": [], "sd": []})


@pytest.fixture(autouse=True)
def _close():
    yield
    plt.close("all")


def thresholds(items, at):
    rows = [(name, "threshold", k + 1, value) for name in items for k, value in enumerate(at)]
    table = pd.DataFrame(rows, columns=["item", "quantity", "category", "estimate"])
    return table.assign(lower=table["estimate"] - 0.2, upper=table["estimate"] + 0.2)


def test_a_threshold_is_labelled_with_the_two_answers_between_which_it_lies():
    at = [-1.5, 0.0, 1.5]
    figure = draw_wright_map(thresholds(["one"], at), NOBODY, GROUPS, "Any")
    labels = {text.get_text(): text.get_position()[1] for text in figure.axes[1].texts}
    assert labels == {"1|2": -1.5, "2|3": 0.0, "3|4": 1.5}
    assert figure.axes[0].get_title(loc="left") == "Any"
    assert "1|2: between the lowest answer and the next" in figure.axes[1].get_xlabel()


def test_groups_that_were_not_estimated_are_said_to_be_missing():
    figure = draw_wright_map(thresholds(["one"], [0.0]), NOBODY, GROUPS, "Any")
    assert [text.get_text() for text in figure.axes[0].texts] == ["not estimated\nby group"]


@pytest.mark.parametrize(("stem", "turned"), [("bel_", 0), ("g8idlong", 90)])
def test_names_that_would_overlap_stand_upright(stem, turned):
    names = [f"{stem}{k}" for k in range(7)]
    figure = draw_wright_map(thresholds(names, [0.0]), NOBODY, GROUPS, "Any")
    assert {text.get_rotation() for text in figure.axes[1].get_xticklabels()} == {turned}


def verdicts(*said):
    return pd.DataFrame(
        [(scale, kind, verdict, "") for scale, kind, verdict in said],
        columns=["scale", "comparison", "verdict", "released"],
    )


def test_a_scale_whose_scalar_model_fails_is_not_green():
    table = verdicts(
        ("valuing", "slopes", Verdict.COMPARABLE),
        ("valuing", "levels", Verdict.COMPARABLE),
        ("support", "levels", Verdict.COMPARABLE),
    )
    steps = pd.DataFrame(
        {
            "scale": ["valuing", "valuing", "valuing", "support"],
            "step": ["configural", "metric", "scalar", "scalar"],
            "holds": [None, True, np.bool_(False), True],
        }
    )
    words = failing_steps(table, steps)
    assert words == ["", "factor model: equal intercepts fail", ""]
    figure = draw_comparability(table.assign(linear=words))
    colours = [cell.get_facecolor() for cell in figure.axes[0].patches]
    assert colours == [to_rgba(tint) for tint in (TINT_GOOD, TINT_PARTLY, TINT_GOOD)]
    assert figure.axes[0].texts[1].get_text().endswith("factor model: equal intercepts fail")
