"""Attacks on published counts, worked by hand: each must be closed."""

import numpy as np
import pandas as pd
import pytest

from learning_with_others.exhibits.ledger import CountColumn, Ledger, Policy

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
    assert result.protecting == 1
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
    assert after.protecting == 1
    assert_safe(ledger)
