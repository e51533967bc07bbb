import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from learning_with_others.data.disclosure import suppress_small_cells


def test_counts_from_one_to_the_minimum_are_withheld_with_what_rests_on_them():
    table = pd.DataFrame({"n": [0, 1, 9, 10, 500], "share": [0.0, 0.1, 0.2, 0.3, 0.4], "k": "x"})
    safe = suppress_small_cells(table, ["n"], 10, ["share"])
    assert safe["n"].isna().tolist() == [False, True, True, False, False]
    assert safe["share"].isna().tolist() == [False, True, True, False, False]
    assert safe["k"].tolist() == ["x"] * 5
    assert table["n"].tolist() == [0, 1, 9, 10, 500]


def test_counts_that_are_missing_stay_missing():
    table = pd.DataFrame({"n": pd.array([12, None, 3], dtype="Int64"), "share": [0.1, 0.2, 0.3]})
    safe = suppress_small_cells(table, ["n"], 10, ["share"])
    assert safe["n"].isna().tolist() == [False, True, True]
    assert safe["share"].isna().tolist() == [False, False, True]


@given(st.lists(st.integers(0, 40), min_size=1), st.integers(1, 20))
def test_exactly_the_small_counts_go(counts, minimum):
    table = pd.DataFrame({"n": counts, "derived": 1.0})
    safe = suppress_small_cells(table, ["n"], minimum, ["derived"])
    for before, after, derived in zip(counts, safe["n"], safe["derived"], strict=True):
        assert pd.isna(after) == pd.isna(derived) == (0 < before < minimum)
        assert pd.isna(after) or after == before


def test_what_rests_on_no_count_of_children_is_kept():
    table = pd.DataFrame({"element": ["a", "b"], "share": [0.2, 0.3]}, index=[4, 7])
    shown = suppress_small_cells(table, [], 10, ["share"])
    assert shown["share"].tolist() == [0.2, 0.3]
