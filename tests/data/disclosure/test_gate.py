import pandas as pd
import pytest

from learning_with_others.data.disclosure.certificate import RULES, Check
from learning_with_others.data.disclosure.gate import Gate
from learning_with_others.errors import CompendiumError


@pytest.fixture
def gate():
    return Gate(10, "student")


def test_a_table_leaves_with_what_was_withheld_told_and_logged(gate):
    table = pd.DataFrame({"group": ["a", "b"], "n": [100, 7], "share": [0.2, 0.3]})
    safe, words = gate.table(table, "t", counts=["n"], derived=["share"])
    assert safe["n"].isna().tolist() == [False, True]
    assert words == " Withheld (–): counts under 10 and what rests on them."
    assert gate.checks[0] == Check("tables/t", "minimum_cell", 2, 2)


def test_a_harmless_table_leaves_as_it_came(gate):
    table = pd.DataFrame({"group": ["a", "b"], "n": [100, 70]})
    safe, words = gate.table(table, "t", counts=["n"])
    assert words == ""
    assert safe["n"].tolist() == [100, 70]


def test_shares_whose_counts_are_not_shown_are_rounded(gate):
    table = pd.DataFrame({"share": [0.0041, 0.2543], "lower": [0.001, 0.21], "n": [2000, 2000]})
    safe, words = gate.table(table, "t", counts=["n"], shares={"share": "n", "lower": "n"})
    assert safe["share"].tolist() == [0.0, 0.25]
    assert safe["lower"].tolist() == [0.0, 0.21]
    assert "rounded" in words
    assert Check("tables/t", "rounded_shares", 4, 0) in gate.checks


def test_a_table_with_identifiers_is_refused(gate):
    with pytest.raises(CompendiumError, match="'student', which identifies students"):
        gate.table(pd.DataFrame({"student": ["1"], "math": [480.0]}), "rows", counts=[])


def test_numbers_rest_on_the_minimum_or_on_nobody(gate):
    assert [gate.admits(n) for n in (0, 1, 9, 10, None)] == [True, False, False, True, True]
    assert gate.checks == [Check("results", "minimum_behind", 4, 0)]


def test_every_rule_applied_is_explained(gate):
    assert {check.rule for check in gate.checks} <= set(RULES)


def test_stacked_tables_lose_what_gives_small_counts_away_and_shares_with_them(gate):
    counts = [5, 40, 55, 30, 40, 30]
    table = pd.DataFrame(
        {
            "item": "x",
            "group": ["a"] * 3 + ["b"] * 3,
            "answer": [1, 2, 3] * 2,
            "n": counts,
            "share": [n / 100 for n in counts],
        }
    )
    cells = {"tables": "item", "rows": "group", "columns": "answer", "count": "n"}
    safe, words = gate.table(table, "t", counts=["n"], derived=["share"], stacked=cells)
    withheld = safe["n"].isna()
    assert withheld[:3].sum() >= 2  # a lone one would follow from its group's sum
    assert withheld[3:].sum() >= 2  # and from its answer's
    assert (safe["share"].isna() == withheld).all()
    assert words.startswith(" Withheld (–)")
    assert gate.checks[0] == Check("tables/t", "complementary_cells", 6, int(withheld.sum()))


def test_shares_go_with_the_total_that_they_would_give_away(gate):
    table = pd.DataFrame(
        {
            "item": "x",
            "group": ["a"] * 2 + ["b"] * 2,
            "answer": [1, 2] * 2,
            "n": [3, 4, 50, 60],
            "answered": [7, 7, 110, 110],
            "share": [3 / 7, 4 / 7, 5 / 11, 6 / 11],
        }
    )
    cells = {
        "tables": "item",
        "rows": "group",
        "columns": "answer",
        "count": "n",
        "row_total": "answered",
    }
    safe, _ = gate.table(table, "t", counts=["n", "answered"], derived=["share"], stacked=cells)
    assert safe.loc[safe["answered"].isna(), "share"].isna().all()
    assert safe["answered"].isna().any()
