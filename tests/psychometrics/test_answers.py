import numpy as np
import pandas as pd
import pytest

from learning_with_others.errors import CompendiumError
from learning_with_others.psychometrics.answers import MISSING, grade_answers

GROUP = np.array(["a"] * 4 + ["b"] * 4, dtype=object)


def test_answers_are_numbered_in_their_order_and_missing_ones_marked():
    keyed = pd.DataFrame({"x": [5.0, 1, np.nan, 3], "y": [2.0, 2, 1, np.nan]})
    answers = grade_answers(keyed)
    assert answers.codes.tolist() == [[2, 1], [0, 1], [MISSING, 0], [1, MISSING]]
    assert answers.categories.tolist() == [3, 2]
    assert answers.merged == {}


def test_an_answer_that_one_group_never_gave_joins_its_lower_neighbour():
    keyed = pd.DataFrame({"x": [1.0, 2, 3, 4, 1, 2, 4, 4]})
    answers = grade_answers(keyed, GROUP)
    assert answers.codes[:, 0].tolist() == [0, 1, 1, 2, 0, 1, 2, 2]
    assert answers.merged == {"x": (3.0,)}


def test_the_lowest_answer_joins_the_next_higher_one():
    keyed = pd.DataFrame({"x": [1.0, 2, 3, 3, 2, 2, 3, 3]})
    answers = grade_answers(keyed, GROUP)
    assert answers.codes[:, 0].tolist() == [0, 0, 1, 1, 0, 0, 1, 1]
    assert answers.merged == {"x": (1.0,)}


def test_rows_without_answers_stay_in_place():
    keyed = pd.DataFrame({"x": [1.0, np.nan, 2], "y": [np.nan, np.nan, 1.0], "z": [1.0, np.nan, 2]})
    answers = grade_answers(keyed.drop(columns="y"))
    assert answers.answered.tolist() == [True, False, True]
    assert len(answers.rows(answers.answered).codes) == 2


def test_an_item_that_one_group_answered_alike_is_named():
    keyed = pd.DataFrame({"fine": [1.0, 2, 1, 2, 1, 2, 1, 2], "x": [1.0, 2, 3, 1, 2, 2, 2, 2]})
    with pytest.raises(CompendiumError, match=r"'x', group 'b'.*1 distinct"):
        grade_answers(keyed, GROUP)


def test_an_item_that_nobody_answered_is_named():
    with pytest.raises(CompendiumError, match=r"item 'x'.*0 distinct"):
        grade_answers(pd.DataFrame({"x": [np.nan, np.nan]}))


def test_groups_not_compared_are_graded_as_the_compared_ones():
    keyed = pd.DataFrame({"x": [1.0, 2, 4, 1, 1, 2, 4, 3]})
    group = np.array(["a", "a", "a", "b", "b", "b", "b", "other"], dtype=object)
    answers = grade_answers(keyed, group, compared=("a", "b"))
    assert answers.codes[:, 0].tolist() == [0, 1, 2, 0, 0, 1, 2, 1]
    assert answers.categories.tolist() == [3]
