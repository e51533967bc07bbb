import numpy as np
import pandas as pd
import pytest
from specified import specified

from learning_with_others.bayes.equation import equation, prior_rows
from learning_with_others.bayes.families.registry import FAMILIES
from learning_with_others.bayes.model_frame import model_frame

ROWS = 60


@pytest.fixture(scope="module")
def rows():
    rng = np.random.default_rng(2)
    return pd.DataFrame(
        {
            "c_within": rng.normal(size=ROWS),
            "100% & more": rng.normal(size=ROWS),
            "class": np.arange(ROWS) % 12,
            "school": np.arange(ROWS) % 4,
            "y": rng.normal(size=ROWS),
            "answer": np.arange(ROWS) % 4,
            "passed": np.arange(ROWS) % 2,
            "w": np.ones(ROWS),
        }
    )


def build(rows, family, **changes):
    outcome = {"ordered_logistic": "answer", "bernoulli": "passed"}.get(family, "y")
    groupings = {
        "classroom": {"column": "class", "slopes": ("c_within",), "correlated": True},
        "school": None,
    }
    given = {"family": family, "groupings": groupings} | changes
    return model_frame(specified(outcome, "c_within", "100% & more", **given), rows)


@pytest.mark.parametrize("family", FAMILIES)
def test_the_equation_is_whole(rows, family):
    text = equation(build(rows, family))
    display = text.split("$$")[1]
    assert display.count("{") - display.count(r"\{") == display.count("}") - display.count(r"\}")
    assert display.count(r"\begin{aligned}") == display.count(r"\end{aligned}") == 1
    for line in display.split("\\\\\n"):
        assert line.count("&") - line.count(r"\&") == 1
    assert r"\text{100\% \& more}_i" in display
    assert r"\text{c\_within}_i" in display
    assert "nested in school" in display


def test_every_parameter_with_a_prior_is_in_the_table(rows):
    frame = build(rows, "student_t")
    named = [name for name, _ in prior_rows(frame)]
    assert named == [
        "coefficient: Intercept",
        "coefficient: c_within, 100% & more",
        "sd_classroom",
        "sd_classroom_slope_0",
        "sd_school",
        "correlation_classroom",
        "sd_residual",
        "degrees_of_freedom",
    ]
    table = equation(frame).split("$$\n\n")[1].splitlines()
    assert len(table) == len(named) + 2
    assert all(row.count(" | ") == 2 for row in table[2:])
    for _, prior in prior_rows(frame):
        assert any(prior.reason in row for row in table)


def test_weights_divide_the_variance_and_crossing_is_said(rows):
    groupings = {"classroom": {"column": "class"}, "third": {"column": "answer"}, "school": None}
    crossed = rows.assign(answer=np.arange(ROWS) // 15)
    display = equation(build(crossed, "gaussian", weights="w", groupings=groupings))
    assert r"\sigma^2 / \text{w}_i" in display
    assert "12 groups, crossed with third, nested in school" in display


def test_thresholds_stand_where_the_intercept_was(rows):
    display = equation(build(rows, "ordered_logistic"))
    assert r"\tau_k - \mu_i" in display
    assert r"\beta_{0}\,\text{c\_within}_i" in display
