"""The long table's reader as an attacker: what do its counts and totals tell of those withheld?"""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from learning_with_others.data.disclosure import suppress_crosstab
from learning_with_others.data.disclosure.stacked import (
    suppress_stacked,
    withheld_cells,
    withheld_with_whole,
)
from learning_with_others.errors import CompendiumError

NAMES = {"tables": "item", "rows": "group", "columns": "answer", "count": "children"}


def long(items):
    """A long table from one matrix of counts (groups by answers) for each item."""
    rows = [
        (f"item {k}", f"group {i}", j, int(sum(line)), int(value))
        for k, counts in enumerate(items)
        for i, line in enumerate(counts)
        for j, value in enumerate(line)
    ]
    return pd.DataFrame(rows, columns=["item", "group", "answer", "answered", "children"])


def wide(part, value="children"):
    return part.pivot_table(
        index="group", columns="answer", values=value, sort=False, dropna=False, observed=False
    )


def ranges(shown, upper, column_totals):
    """Least and greatest value of each withheld cell of one item, shape (cells, 2).

    Parameters
    ----------
    upper : ndarray
        The most that the attacker thinks possible in each withheld cell.
    column_totals : dict
        Totals of answers that the attacker knows from elsewhere.
    """
    unknown = np.flatnonzero(shown["children"].isna())
    known = shown["children"].fillna(0).astype(int)
    lines, right = [], []
    for group, part in shown.groupby("group"):
        if part["answered"].notna().all():
            lines.append((shown["group"] == group).to_numpy()[unknown])
            right.append(part["answered"].iloc[0] - known[part.index].sum())
    for answer, total in column_totals.items():
        mine = shown["answer"] == answer
        lines.append(mine.to_numpy()[unknown])
        right.append(total - known[mine].sum())
    equations = {"A_eq": np.array(lines, dtype=float), "b_eq": np.array(right, dtype=float)}
    out = []
    for cell in range(len(unknown)):
        ends = []
        for direction in (1, -1):
            goal = direction * (np.arange(len(unknown)) == cell)
            bounds = [(0, None if np.isinf(most) else most) for most in upper]
            found = linprog(goal, bounds=bounds, **(equations if lines else {}))
            # Status 3: without a total the cell may be as large as you like.
            ends.append(np.inf if found.status == 3 else direction * found.fun)
        out.append(ends)
    return unknown, np.array(out).reshape(-1, 2)


cell = st.one_of(st.just(0), st.integers(0, 12), st.integers(0, 80))


@st.composite
def studies(draw):
    groups = draw(st.integers(1, 3))
    items = []
    for _ in range(draw(st.integers(1, 3))):
        answers = draw(st.integers(2, 5))
        row = st.lists(cell, min_size=answers, max_size=answers)
        items.append(draw(st.lists(row, min_size=groups, max_size=groups)))
    return items


@settings(deadline=None, max_examples=25)
@given(studies(), st.sampled_from([3, 5, 10]))
def test_no_withheld_count_is_solved_from_the_long_table(items, minimum):
    table = long(items)
    shown = suppress_stacked(table, **NAMES, minimum=minimum, row_total="answered")
    for name in ("children", "answered"):
        left = shown[name].dropna()
        assert (left == table.loc[left.index, name]).all()
        assert not left.between(1, minimum - 1).any()
    for item, part in shown.groupby("item", sort=False):
        truth = table[table["item"] == item].reset_index(drop=True)
        mine = part.reset_index(drop=True)
        small = truth["children"].between(1, minimum - 1).to_numpy()
        unknown = np.flatnonzero(mine["children"].isna())
        endless = np.full(len(unknown), np.inf)
        _, found = ranges(mine, endless, {})
        # A whole number of children and the solver's rounding: 1e-6.
        standard_deviation = found[:, 1] - found[:, 0]
        assert (standard_deviation[small[unknown]] >= minimum - 1 - 1e-6).all()
        assert (standard_deviation >= 1 - 1e-6).all()
        _, told = ranges(mine, np.where(small[unknown], minimum - 1, np.inf), {})
        assert (told[:, 1] - told[:, 0] >= 1 - 1e-6).all()


@settings(deadline=None, max_examples=15)
@given(studies())
def test_nor_by_somebody_who_knows_the_totals_of_the_answers(items):
    table = long(items)
    shown = suppress_stacked(table, **NAMES, minimum=10, row_total="answered")
    for item, part in shown.groupby("item", sort=False):
        truth = table[table["item"] == item].reset_index(drop=True)
        protected = suppress_crosstab(wide(truth), 10)
        totals = protected.iloc[-1, :-1].dropna().astype(int).to_dict()
        mine = part.reset_index(drop=True)
        unknown, found = ranges(mine, np.full(mine["children"].isna().sum(), np.inf), totals)
        small = truth["children"].between(1, 9).to_numpy()[unknown]
        standard_deviation = found[:, 1] - found[:, 0]
        assert (standard_deviation[small] >= 9 - 1e-6).all()
        assert (standard_deviation >= 1 - 1e-6).all()


def test_the_attacker_of_these_tests_solves_a_lone_cell():
    table = long([[[20, 30, 5], [40, 50, 60]]]).astype({"children": "Int64", "answered": "Int64"})
    table.loc[2, "children"] = pd.NA
    unknown, found = ranges(table, np.array([np.inf]), {})
    assert unknown.tolist() == [2]
    np.testing.assert_allclose(found, [[5, 5]])


def test_every_item_loses_what_its_own_crosstab_loses():
    items = [[[5, 20, 300], [40, 30, 400]], [[50, 60], [70, 80]], [[0, 9, 41, 12], [90, 30, 20, 8]]]
    table = long(items)
    shuffled = table.sample(frac=1, random_state=1)
    shown = suppress_stacked(shuffled, **NAMES, minimum=10, row_total="answered")
    pd.testing.assert_frame_equal(
        shown[["item", "group", "answer"]], shuffled[["item", "group", "answer"]]
    )
    for k, counts in enumerate(items):
        expected = suppress_crosstab(pd.DataFrame(counts), 10)
        mine = shown[shown["item"] == f"item {k}"].sort_index()
        whole = expected.iloc[:-1].to_numpy(float, na_value=-1)
        size = np.shape(counts)
        found = mine["children"].to_numpy(float, na_value=-1).reshape(size)
        np.testing.assert_array_equal(found, whole[:, :-1])
        totals = mine["answered"].to_numpy(float, na_value=-1).reshape(size)
        np.testing.assert_array_equal(totals, np.broadcast_to(whole[:, -1:], size))


def test_a_small_total_is_blanked_with_its_counts():
    shown = suppress_stacked(
        long([[[2, 1, 0], [30, 40, 50], [35, 45, 55]]]), **NAMES, minimum=10, row_total="answered"
    )
    few = shown[shown["group"] == "group 0"]
    assert few["answered"].isna().all()
    assert few["children"].head(2).isna().all()


def test_nothing_small_leaves_everything_as_it_was():
    table = long([[[10, 20], [30, 0]]])
    shown = suppress_stacked(table, **NAMES, minimum=10)
    assert shown["children"].tolist() == [10, 20, 30, 0]
    assert shown["answered"].dtype == table["answered"].dtype


def test_an_empty_table_stays_empty():
    assert suppress_stacked(long([]), **NAMES, minimum=10, row_total="answered").empty


@pytest.mark.parametrize(
    ("broken", "words"),
    [
        (lambda t: t.iloc[1:], "1 cells lack a row"),
        (lambda t: pd.concat([t, t.tail(1)]), "1 have several"),
        (lambda t: t.assign(answered=99), "not the sum"),
        (lambda t: t.assign(children=[1.5, 48.5, 30, 20]), "no count"),
    ],
)
def test_what_is_no_stack_of_tables_is_refused(broken, words):
    table = long([[[30, 20], [30, 20]]])
    with pytest.raises(CompendiumError, match=words):
        suppress_stacked(broken(table), **NAMES, minimum=10, row_total="answered")


def width(goal, parts, hidden, hidden_whole):
    """How far a sum of withheld parts may vary, the whole's shown counts being known, too.

    Parameters
    ----------
    goal : ndarray of bool, shape (rows, columns)
        The parts that are summed.
    hidden, hidden_whole : ndarray of bool, shape (rows, columns + 1) and (columns + 1,)
        What is withheld, the last column being totals.
    """
    unknown = hidden[:, :-1]
    place = np.argwhere(unknown)
    lines = [place[:, 0] == row for row in np.flatnonzero(~hidden[:, -1])]
    lines += [place[:, 1] == column for column in np.flatnonzero(~hidden_whole[:-1])]
    lines += [np.full(len(place), True)] * (not hidden_whole[-1])
    truth = parts[unknown].astype(float)
    matrix = np.array(lines, dtype=float).reshape(len(lines), len(place))
    ends = []
    for direction in (1, -1):
        found = linprog(
            direction * goal[unknown], bounds=(0, None), A_eq=matrix, b_eq=matrix @ truth
        )
        ends.append(np.inf if found.status == 3 else direction * found.fun)
    return ends[1] - ends[0]


@settings(deadline=None, max_examples=25)
@given(
    st.lists(st.lists(cell, min_size=3, max_size=3), min_size=2, max_size=6),
    st.lists(st.lists(cell, min_size=3, max_size=3), min_size=0, max_size=2),
)
def test_a_count_withheld_of_a_grade_does_not_follow_from_its_schools(schools, others):
    parts = np.array(schools)
    whole = parts.sum(axis=0)
    names = [("school", f"school {k}") for k in range(len(parts))]
    names += [("grade", f"{k}") for k in range(len(others) + 1)]
    counts = pd.DataFrame([*schools, whole, *others], index=pd.MultiIndex.from_tuples(names))
    hidden = withheld_with_whole(counts, minimum=10, parts="school", whole=("grade", "0"))
    assert hidden.index.tolist() == names
    small = (counts > 0) & (counts < 10)
    assert not (small & ~hidden[list(counts)]).any(axis=None)
    grade = hidden.loc[("grade", "0")].to_numpy(bool)
    mine = hidden.loc["school"].to_numpy(bool)
    for place in np.argwhere(small.loc["school"].to_numpy()):
        goal = np.zeros(parts.shape, dtype=bool)
        goal[tuple(place)] = True
        assert width(goal, parts, mine, grade) >= 9 - 1e-6
    for column in np.flatnonzero(grade[:-1] & (whole > 0)):
        goal = np.broadcast_to(np.arange(3) == column, parts.shape)
        assert width(goal, parts, mine, grade) >= (9 if whole[column] < 10 else 1) - 1e-6


def test_many_rows_lose_no_fewer_cells_than_must_go():
    generator = np.random.default_rng(5)
    counts = pd.DataFrame(generator.integers(20, 90, size=(40, 3)))
    counts.iloc[7, 1] = 4
    hidden = withheld_cells(counts, 10)
    assert hidden.shape == (41, 4)
    assert hidden.iloc[7, 1]
    assert hidden.to_numpy().sum() == 4  # a rectangle: two in each line
    assert not hidden.loc["Total"].any()


def scale_of(items):
    """Answers 1 to 3 of two groups to the items of one scale."""
    return pd.DataFrame(
        [
            {"scale": "s", "item": item, "group": group, "answer": answer, "n": n}
            for item, groups in items.items()
            for group, counts in groups.items()
            for answer, n in enumerate(counts, 1)
        ]
    )


CELLS = {"tables": "item", "rows": "group", "columns": "answer", "count": "n", "minimum": 10}


def test_a_lone_item_does_not_follow_from_the_mean_of_its_scale():
    """Else the scale's mean, less the others', is the item's mean, and so its withheld answers."""
    table = scale_of(
        {
            "x": {"a": [5, 40, 20], "b": [30, 30, 30]},
            "y": {"a": [20, 25, 20], "b": [30, 30, 30]},
            "z": {"a": [30, 25, 30], "b": [40, 30, 40]},
        }
    )
    alone = suppress_stacked(table, **CELLS)
    assert set(alone.loc[alone["n"].isna(), "item"]) == {"x"}
    shown = suppress_stacked(table, **CELLS, summed_in="scale")
    hidden = shown[shown["n"].isna()]
    assert set(hidden["item"]) == {"x", "z"}  # the one with most to hide behind
    places = [
        set(map(tuple, part[["group", "answer"]].to_numpy())) for _, part in hidden.groupby("item")
    ]
    assert places[0] == places[1]


def test_two_items_with_withheld_answers_hide_each_other():
    table = scale_of(
        {
            "x": {"a": [5, 40, 20], "b": [30, 30, 30]},
            "y": {"a": [4, 25, 20], "b": [30, 30, 30]},
            "z": {"a": [30, 25, 30], "b": [40, 30, 40]},
        }
    )
    shown = suppress_stacked(table, **CELLS, summed_in="scale")
    assert set(shown.loc[shown["n"].isna(), "item"]) == {"x", "y"}
