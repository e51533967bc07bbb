"""Edges of outcomes and columns that a fit passes without a word are words beside it."""

import numpy as np
import pandas as pd
import pytest
from specified import specified

from learning_with_others.bayes.model_frame import model_frame

ROWS = 200


@pytest.fixture
def rows():
    rng = np.random.default_rng(8)
    x = rng.normal(size=ROWS)
    return pd.DataFrame(
        {
            "x": x,
            "z": rng.normal(size=ROWS),
            "y": rng.normal(size=ROWS),
            "passed": (x + rng.logistic(size=ROWS) > 0).astype(float),
        }
    )


def said(rows, outcome="y", family="gaussian"):
    return "; ".join(model_frame(specified(outcome, "x", "z", family=family), rows).weaknesses)


def test_clean_rows_say_nothing(rows):
    assert said(rows) == said(rows, "passed", "bernoulli") == ""


@pytest.mark.parametrize(("blur", "kind"), [(0, "completely"), (1, "partly")])
def test_separation_is_named_with_its_term(rows, blur, kind):
    rows["passed"] = (rows["x"] > 0.1).astype(float)
    # At the very border both answers are given: what is left is quasi-complete.
    rows.loc[:1, "x"], rows.loc[:1, "z"] = 0.1, 0.0
    rows.loc[:1, "passed"] = [0.0, float(blur)]
    found = said(rows, "passed", "bernoulli")
    assert f"'x' separate {kind}" in found.replace("'x', 'z'", "'x'")
    assert "the prior alone" in found


def test_separation_of_an_ordered_answer_is_named(rows):
    grade = np.digitize(rows["y"], [-0.5, 0.5]) + 1.0
    rows["grade"] = np.where(rows["x"] > 1, 4.0, grade)
    assert "separate completely who answered '4'" in said(rows, "grade", "ordered_logistic")


def test_two_values_taken_for_a_number_are_named_with_the_family_to_choose(rows):
    assert "choose the family bernoulli" in said(rows, "passed")
    assert "choose the family" not in said(rows, "passed", "bernoulli")


def test_one_gross_outlier_is_named(rows):
    rows.loc[7, "y"] = 400.0
    assert "1 of 200 values of the outcome lie" in said(rows)
    assert "look for errors" in said(rows)


def test_no_normal_sample_has_outliers():
    values = np.random.default_rng(1).normal(size=100_000)
    rows = pd.DataFrame({"x": values, "z": values[::-1], "y": np.roll(values, 50)})
    assert "robust standard deviations" not in said(rows)
