"""Attacks on published counts, worked by hand: each must be closed."""

import numpy as np
import pandas as pd
import pytest

from learning_with_others.exhibits.ledger import CountColumn, Ledger, Policy, ShareColumn

STUDENTS = "students"


def protected(stage="a"):
    return Ledger(Policy(protected=True), stage)


def counts(column, masks):
    return CountColumn(column, STUDENTS, [int(mask.sum()) for mask in masks], masks)


def admit(ledger, exhibit, names, masks, shares=()):
    return ledger.admit(exhibit, [counts("n", masks)], list(shares), pd.DataFrame({"of": names}))


def first(n, of):
    return np.arange(of) < n


def shown(result, column="n"):
    return result.table[column].tolist()


def assert_safe(ledger):
    test = ledger.certificate()["test"]
    assert test["below_required"] == 0
    assert test["undecided"] == 0
    assert test["unsafe"] == []


def test_six_with_and_fourteen_without_of_twenty():
    ledger = protected()
    with_it = first(6, 20)
    result = admit(ledger, "access", ["with", "without", "all"], [with_it, ~with_it, first(20, 20)])
    np.testing.assert_equal(shown(result), [np.nan, 10, 20])
    assert (result.small, result.rounded, result.protecting) == (1, 2, 0)
    assert_safe(ledger)


def test_parts_at_the_top_and_a_total_at_the_bottom_of_their_rounding():
    ledger = protected()
    group = np.repeat(np.arange(5), [14, 14, 14, 14, 9])
    masks = [group == i for i in range(5)]
    result = admit(ledger, "groups", [*"abcde", "all"], [*masks, group >= 0])
    assert result.protecting + result.coarse == 1
    assert np.isnan(shown(result)[4])
    assert_safe(ledger)


@pytest.mark.parametrize("first_one", ["parts", "total"])
def test_a_forced_cell_is_closed_across_exhibits(first_one):
    ledger = protected()
    group = np.repeat(np.arange(5), [14, 14, 14, 14, 9])
    masks = [group == i for i in range(5)]
    if first_one == "parts":
        before = admit(ledger, "groups", list("abcde"), masks)
        after = admit(ledger, "flow", ["all"], [group >= 0])
        assert before.protecting == 0
    else:
        admit(ledger, "flow", ["all"], [group >= 0])
        after = admit(ledger, "groups", list("abcde"), masks)
    assert after.protecting + after.coarse == 1
    assert_safe(ledger)


def test_the_unanswered_of_an_item_are_asked_less_answered():
    ledger = protected()
    asked, answered = first(892, 892), first(886, 892)
    columns = [counts("asked", [asked]), counts("answered", [answered])]
    ledger.admit("items", columns, [], pd.DataFrame({"item": ["a"]}))
    ledger.admit(
        "missing", [counts("missing", [asked & ~answered])], [], pd.DataFrame({"item": ["a"]})
    )
    assert_safe(ledger)


@pytest.mark.parametrize(
    ("parts", "whole"),
    [((890, 891), 892), ((259,), 260), ((313,), 314), ((2794,), 2798), ((254,), 255)],
)
def test_a_remainder_of_a_few_people(parts, whole):
    ledger = protected()
    admit(ledger, "all", ["all"], [first(whole, whole)])
    for part in parts:
        admit(ledger, f"model {part}", ["rows"], [first(part, whole)])
    assert_safe(ledger)


def test_four_leavers_beside_those_before_and_after():
    ledger = protected()
    everybody, stay = first(2798, 2798), first(2794, 2798)
    result = admit(ledger, "flow", ["before", "leave", "after"], [everybody, ~stay, stay])
    np.testing.assert_equal(shown(result), [2800, np.nan, 2790])
    assert_safe(ledger)


def test_a_group_sum_in_another_table():
    ledger = protected()
    group = np.repeat(np.arange(3), [204, 104, 6])
    admit(ledger, "groups", list("ab"), [group == 0, group == 1])
    admit(ledger, "total", ["all"], [group >= 0])
    assert_safe(ledger)


def test_pairs_of_items_do_not_give_away_who_lacks_both():
    ledger = protected()
    answered = {"i": first(95, 104), "j": ~first(9, 104)}
    both = answered["i"] & answered["j"]
    admit(ledger, "items", ["i", "j", "all"], [*answered.values(), first(104, 104)])
    admit(ledger, "pairs", ["both"], [both])
    admit(ledger, "patterns", ["not i", "not j"], [~mask for mask in answered.values()])
    assert_safe(ledger)


def test_bars_of_answers_that_sum_to_a_printed_total():
    ledger = protected()
    answer = np.repeat(np.arange(5), [1, 14, 34, 44, 12])
    masks = [answer == i for i in range(5)]
    admit(ledger, "answered", ["item"], [answer >= 0])
    result = admit(ledger, "bars", list("12345"), masks)
    assert result.small == 1
    assert_safe(ledger)


def test_shares_beside_counts():
    ledger = protected()
    everybody, lowest = first(260, 260), first(3, 260)
    share = ShareColumn(
        "share", "n", [3 / 260], [lowest], ends=(("low", [0.0032]), ("high", [0.0334]))
    )
    result = admit(ledger, "floor", ["item"], [everybody], [share])
    assert result.table.loc[0].tolist() == [260, 0, 0, 0.05]
    admit(ledger, "others", ["answers above the lowest"], [~lowest])
    assert_safe(ledger)


def test_more_small_parts_than_a_small_total_can_hide():
    """Six groups that are known not to be empty leave a total under ten only four values."""
    ledger = protected()
    group = np.arange(6)
    admit(ledger, "total", ["all"], [group >= 0])
    result = admit(ledger, "parts", list("abcdef"), [group == i for i in range(6)])
    assert result.blanked == 6
    assert_safe(ledger)


def test_a_mask_of_another_size_is_noted():
    ledger = protected()
    column = CountColumn("n", STUDENTS, [21], [first(20, 30)])
    result = ledger.admit("wrong", [column], [], pd.DataFrame({"of": ["all"]}))
    assert shown(result) == [20]
    assert [(note.exhibit, note.row, note.column) for note in ledger.unverified] == [
        ("wrong", 0, "n")
    ]


def test_the_same_exhibit_again_is_shown_alike_and_counted_once():
    ledger = protected()
    masks = [first(9, 60), first(52, 60), first(60, 60)]
    once = admit(ledger, "one", list("abc"), masks)
    before = ledger.certificate()
    again = admit(ledger, "one", list("abc"), masks)
    pd.testing.assert_frame_equal(once.table, again.table)
    assert ledger.certificate() == before


def test_saved_ledgers_continue_and_a_stage_that_starts_again_drops_its_own(tmp_path):
    group = np.repeat(np.arange(5), [14, 14, 14, 14, 9])
    masks = [group == i for i in range(5)]
    one = protected("one")
    admit(one, "groups", list("abcde"), masks)
    one.save(tmp_path / "one.npz")
    two = Ledger.load([tmp_path / "one.npz"], stage="two")
    assert admit(two, "flow", ["all"], [group >= 0]).coarse == 1
    two.save(tmp_path / "two.npz")
    both = Ledger.load([tmp_path / "one.npz", tmp_path / "two.npz"])
    assert both.certificate() == two.certificate()
    again = Ledger.load([tmp_path / "one.npz", tmp_path / "two.npz"], stage="two")
    assert {entry.stage for entry in again.entries} == {"one"}


def test_of_an_exhibit_that_is_blanked_nobody_learns_whom_it_counts():
    ledger = protected()
    group = np.repeat(np.arange(7), [1, 1, 1, 1, 1, 2, 40])
    admit(ledger, "all", ["few"], [group < 6])
    before = len(ledger.people)
    result = admit(ledger, "groups", [*"abcdef"], [group == i for i in range(6)])
    assert result.blanked == 6
    assert len(ledger.people) == before
    assert_safe(ledger)
    assert admit(ledger, "later", ["rest"], [group == 6]).rounded == 1
