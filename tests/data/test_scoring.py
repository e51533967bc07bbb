import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from learning_with_others.data.codebook import Column
from learning_with_others.data.coding import add_scores, key_items, mean_score
from learning_with_others.study.constructs import Construct

CODES = {str(code): f"answer {code}" for code in range(1, 6)}
COLUMNS = {name: Column(name, name, "item", codes=CODES) for name in "abcd"}
CONSTRUCT = Construct(
    label="C", domain="d", source="survey", items=["a", "b", "c", "d"], reversed=["b", "d"]
)
ANSWERS = st.lists(st.sampled_from([1.0, 2.0, 3.0, 4.0, 5.0, np.nan]), min_size=4, max_size=4)


@given(st.lists(ANSWERS, min_size=1, max_size=20))
def test_keying_twice_gives_the_answers_back(rows):
    answers = pd.DataFrame(rows, columns=list("abcd"))
    once = key_items(answers, CONSTRUCT, COLUMNS)
    pd.testing.assert_frame_equal(key_items(once, CONSTRUCT, COLUMNS), answers)
    assert once.isna().equals(answers.isna())
    assert once.min().min() >= 1 or once.isna().all(axis=None)


@given(st.lists(ANSWERS, min_size=1, max_size=20))
def test_scores_are_means_of_what_was_answered(rows):
    keyed = pd.DataFrame(rows, columns=list("abcd"))
    for score, answers in zip(mean_score(keyed), rows, strict=True):
        given_ = [x for x in answers if not np.isnan(x)]
        if len(given_) < 2:
            assert np.isnan(score)
        else:
            assert score == pytest.approx(sum(given_) / len(given_))


def test_a_reversed_item_keeps_the_ends_of_its_scale():
    answers = pd.DataFrame({"a": [1.0], "b": [1.0], "c": [5.0], "d": [5.0]})
    assert key_items(answers, CONSTRUCT, COLUMNS).iloc[0].tolist() == [1, 5, 5, 1]


def test_elements_have_scores_of_their_own():
    elements = {
        "x": {"label": "X", "items": ["a", "b"], "reversed": ["b"]},
        "y": {"label": "Y", "items": ["c", "d"]},
    }
    construct = Construct(label="C", domain="d", source="survey", elements=elements)
    answers = pd.DataFrame({"a": [5.0], "b": [1.0], "c": [1.0], "d": [2.0]})
    scored = add_scores(answers, {"whole": construct}, COLUMNS)
    assert scored[["whole", "x", "y"]].iloc[0].tolist() == [3.25, 5.0, 1.5]
