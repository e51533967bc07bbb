import pandas as pd

from learning_with_others.data.disclosure import (
    OTHER_GROUPS,
    reporting_groups,
    suppress_small_cells,
)


def test_groups_not_shown_are_pooled_and_none_is_lost():
    race = pd.Series(["Black", None, "Asian", "White"])
    pooled = reporting_groups(race, ("Black", "White"))
    assert pooled.tolist() == ["Black", OTHER_GROUPS, OTHER_GROUPS, "White"]


def test_counts_from_one_to_the_minimum_are_withheld_with_what_rests_on_them():
    table = pd.DataFrame({"n": [0, 1, 9, 10, 500], "share": [0.0, 0.1, 0.2, 0.3, 0.4], "k": "x"})
    safe = suppress_small_cells(table, ["n"], 10, ["share"])
    assert safe["n"].isna().tolist() == [False, True, True, False, False]
    assert safe["share"].isna().tolist() == [False, True, True, False, False]
    assert safe["k"].tolist() == ["x"] * 5
    assert table["n"].tolist() == [0, 1, 9, 10, 500]
