"""An attacker, written apart from the suppression, on tables of all kinds."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import Bounds, LinearConstraint, milp

from learning_with_others.data.disclosure import suppress_crosstab
from learning_with_others.errors import CompendiumError


def places_where(condition):
    return [tuple(int(number) for number in place) for place in np.argwhere(np.asarray(condition))]


def attack(shown, small=(), minimum=None):
    """Least and greatest value that each withheld cell may hold, for all that the table tells.

    The unknowns are whole numbers of children, and every row and column adds up to its total.
    Of the places in `small` the attacker also knows that they hold less than `minimum`.
    """
    unknown = places_where(shown.isna())
    position = {place: n for n, place in enumerate(unknown)}
    last_row, last_column = shown.shape[0] - 1, shown.shape[1] - 1
    sums = [[(i, j) for j in range(last_column + 1)] for i in range(last_row + 1)] + [
        [(i, j) for i in range(last_row + 1)] for j in range(last_column + 1)
    ]
    matrix, right = np.zeros((len(sums), len(unknown))), np.zeros(len(sums))
    for equation, places in enumerate(sums):
        for place in places:
            sign = -1 if place == places[-1] else 1
            if place in position:
                matrix[equation, position[place]] = sign
            else:
                right[equation] -= sign * shown.iloc[place]
    upper = [minimum - 1 if place in small else np.inf for place in unknown]
    found = {}
    for place in unknown:
        ends = []
        for direction in (1, -1):
            goal = np.zeros(len(unknown))
            goal[position[place]] = direction
            solution = milp(
                goal,
                integrality=np.ones(len(unknown)),
                bounds=Bounds(0, upper),
                constraints=LinearConstraint(matrix, right, right),
            )
            # No solution: the cell may be as large as you like.
            ends.append(round(direction * solution.fun) if solution.success else np.inf)
        found[place] = tuple(ends)
    return found


def with_true_totals(counts):
    inner = np.asarray(counts)
    wide = np.column_stack([inner, inner.sum(axis=1)])
    return np.vstack([wide, wide.sum(axis=0)])


@st.composite
def tables(draw):
    """Tables of small, large and empty cells in every mixture."""
    rows, columns = draw(st.integers(1, 5)), draw(st.integers(1, 5))
    cell = st.one_of(st.just(0), st.integers(0, 12), st.integers(0, 60))
    values = draw(
        st.lists(st.lists(cell, min_size=columns, max_size=columns), min_size=rows, max_size=rows)
    )
    return pd.DataFrame(values)


@settings(deadline=None, max_examples=150)
@given(tables(), st.sampled_from([2, 3, 5, 10]))
def test_an_attacker_with_all_totals_recovers_no_withheld_cell(counts, minimum):
    shown = suppress_crosstab(counts, minimum)
    truth = with_true_totals(counts)
    small = set(places_where((truth > 0) & (truth < minimum)))
    for place, value in np.ndenumerate(truth):
        if pd.notna(shown.iloc[place]):
            assert shown.iloc[place] == value
            assert place not in small
    for place, (least, greatest) in attack(shown).items():
        assert least <= truth[place] <= greatest
        assert greatest > least
        if place in small:
            assert greatest - least >= minimum - 1
    for place, (least, greatest) in attack(shown, small, minimum).items():
        assert least <= truth[place] <= greatest
        assert greatest > least


def test_the_attacker_of_these_tests_solves_a_lone_cell():
    counts = pd.DataFrame([[20, 30], [40, 5]])
    shown = pd.DataFrame(with_true_totals(counts)).astype("Int64")
    shown.iloc[1, 1] = pd.NA
    assert attack(shown) == {(1, 1): (5, 5)}


def test_a_table_without_small_cells_loses_nothing():
    counts = pd.DataFrame({"small": [10, 0], "regular": [30, 12]}, index=["Black", "White"])
    shown = suppress_crosstab(counts, 10)
    assert shown.to_numpy().tolist() == with_true_totals(counts).tolist()
    assert shown.index.tolist() == ["Black", "White", "Total"]
    assert shown.columns.tolist() == ["small", "regular", "Total"]


def test_the_smallest_sufficient_cells_join_the_small_one_and_totals_stay():
    counts = pd.DataFrame([[5, 20, 300], [40, 30, 400], [500, 600, 700]])
    shown = suppress_crosstab(counts, 10)
    assert places_where(shown.isna()) == [(0, 0), (0, 1), (1, 0), (1, 1)]


def test_empty_cells_join_only_where_counts_do_not_suffice():
    counts = pd.DataFrame([[5, 0, 60], [50, 0, 70], [80, 0, 90]])
    shown = suppress_crosstab(counts, 10)
    assert shown.iloc[:3, 1].tolist() == [0, 0, 0]


def test_a_small_total_is_withheld_with_what_would_give_it_away():
    shown = suppress_crosstab(pd.DataFrame([[3, 2], [50, 60], [70, 80]]), 10)
    assert pd.isna(shown.iloc[0, 2])
    assert shown.iloc[:, 2].isna().sum() >= 2


def test_a_table_of_small_cells_only_shows_nothing_that_it_should_not():
    shown = suppress_crosstab(pd.DataFrame([[1, 1], [1, 1]]), 10)
    assert shown.isna().all(axis=None)


def test_categories_may_be_rows_and_columns():
    groups = pd.Categorical(["Black"] * 30 + ["White"] * 44)
    classes = pd.Categorical(["small", "regular"] * 37)
    shown = suppress_crosstab(pd.crosstab(groups, classes), 10)
    assert shown.loc["Total", "Total"] == 74


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        (pd.DataFrame({"Total": [1]}), "without totals"),
        (pd.DataFrame({"a": [0.5]}), "no count"),
        (pd.DataFrame({"a": [-1]}), "no count"),
        (pd.DataFrame({"a": [None]}), "no count"),
    ],
)
def test_what_is_no_table_of_counts_is_refused(counts, expected):
    with pytest.raises(CompendiumError, match=expected):
        suppress_crosstab(counts, 10)
