"""Separation is found where likelihood has no maximum, and not elsewhere."""

import numpy as np
import pandas as pd
import pytest
from specified import specified

from learning_with_others.bayes.model_frame import model_frame
from learning_with_others.bayes.separation import separation

# The example of separation in Konis (2007) and in Albert and Anderson (1984): endpoints of a line.
LINE = np.arange(8.0)[:, None]


@pytest.mark.parametrize(
    ("codes", "expected"),
    [
        ([0, 0, 0, 0, 1, 1, 1, 1], "complete"),
        ([0, 0, 0, 1, 0, 1, 1, 1], None),
        ([0, 0, 1, 1, 2, 2, 2, 2], "complete"),
        ([0, 0, 1, 0, 1, 2, 2, 2], None),  # one slope for both thresholds, and one is not parted
        ([0, 1, 1, 0, 2, 1, 2, 0], None),
    ],
)
def test_categories_along_a_line(codes, expected):
    kind, direction = separation(LINE, np.array(codes))
    assert kind == expected
    assert (direction[0] > 0) == (expected is not None)


def test_rows_on_the_line_itself_make_it_quasi_complete():
    tied = np.array([0, 1, 2, 3, 3, 4, 5, 6.0])[:, None]
    assert separation(tied, np.repeat([0, 1], 4))[0] == "quasi-complete"


def test_a_category_of_a_predictor_without_one_answer_is_quasi_complete():
    """A cell of a two-way table is empty: its log odds are infinite."""
    rng = np.random.default_rng(3)
    member = np.repeat([0.0, 1.0], [40, 10])
    other = rng.normal(size=50)
    codes = np.where(member > 0, 1, rng.integers(0, 2, 50))
    kind, direction = separation(np.column_stack([other, member]), codes)
    assert kind == "quasi-complete"
    assert direction[1] == pytest.approx(1)
    assert direction[0] == pytest.approx(0, abs=1e-6)


@pytest.mark.parametrize("family", ["bernoulli", "ordered_logistic"])
def test_a_model_names_the_terms_and_the_prior_that_then_speaks(family):
    rng = np.random.default_rng(4)
    rows = pd.DataFrame({"x": rng.normal(size=60), "z": rng.normal(size=60), "y": [0, 1] * 30})
    rows["parted"] = (rows["x"] > 0).astype(int)
    frame = model_frame(specified("parted", "x", "z", family=family), rows)
    (weakness,) = (each for each in frame.weaknesses if "separation:" in each)
    assert weakness.startswith("complete separation: 'x'")
    assert "rests on the prior normal(1.81" in weakness
    assert not model_frame(specified("y", "x", "z", family=family), rows).weaknesses
