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


def test_two_values_taken_for_a_number_are_named(rows):
    assert "modelled as a normal number" in said(rows, "passed")
    assert "modelled as a normal number" not in said(rows, "passed", "bernoulli")


def test_one_gross_outlier_is_named(rows):
    rows.loc[7, "y"] = 400.0
    assert "1 of 200 values of the outcome lie" in said(rows)
    assert "look for errors" in said(rows)


def test_no_normal_sample_has_outliers():
    values = np.random.default_rng(1).normal(size=100_000)
    rows = pd.DataFrame({"x": values, "z": values[::-1], "y": np.roll(values, 50)})
    assert "robust standard deviations" not in said(rows)
