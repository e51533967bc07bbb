"""Phrases that the exhibits of several stages share."""

import numpy as np
import pandas as pd
import pytest
from conftest import ROOT

from learning_with_others.exhibits.people import People
from learning_with_others.exhibits.phrases import (
    after,
    by_finding,
    cautions,
    found,
    in_model,
    listed,
    sentence_of,
    short,
    two_groups,
    with_interval,
)
from learning_with_others.exhibits.records import Interval, Records, Result
from learning_with_others.exhibits.words import resolve
from learning_with_others.study import load_study


@pytest.fixture(scope="module")
def grade_8():
    return load_study(ROOT / "data/project-star-grade8")


def gap(outcome, flag=None):
    return Result(
        id=f"any.gap/{outcome}",
        stage="05",
        exhibit="any",
        quantity="any.gap",
        outcome=outcome,
        estimate=0.1,
        unit="SD",
        flag=flag,
        notebook="05",
        function="any",
        line=1,
    )


@pytest.mark.parametrize(
    ("words", "said"),
    [(["a"], "a"), (["a", "b"], "a and b"), (iter("abc"), "a, b and c")],
)
def test_words_are_listed_as_a_sentence_does(words, said):
    assert listed(words) == said


def test_clauses_become_one_sentence():
    assert sentence_of(["one is higher", "Two is lower"]) == "One is higher; Two is lower."


def test_outcomes_and_groups_are_called_what_the_study_calls_them(grade_8):
    assert short(grade_8, "reading") == "Reading"
    assert short(grade_8, "unknown") == "unknown"
    role = grade_8.roles.group
    assert two_groups(grade_8) == f"{role.focal} and {role.reference} {grade_8.people}"


def test_a_finding_is_said_once_for_all_that_share_it(grade_8):
    same = dict.fromkeys(("reading", "math"), "the same in both groups")
    assert by_finding(same, grade_8) == "the same in both groups"
    mixed = {"reading": "higher", "valuing": "lower", "math": "higher"}
    said = "Higher: Reading and Mathematics; lower: Valuing of school"
    assert by_finding(mixed, grade_8) == said


def test_a_record_is_found_or_none():
    records = Records([gap("math")])
    assert found(records, "any.gap/math").estimate == 0.1
    assert found(records, "any.gap/reading") is None


def test_the_form_of_a_figure_follows_its_finding():
    assert after(lambda records: f"{len(records)} gaps", "Points.")(Records()) == "0 gaps. Points."


def test_cautions_name_each_flag_once_with_its_outcomes(grade_8):
    records = Records([gap("reading", "fit failed"), gap("math", "fit failed"), gap("valuing")])
    ids = {name: f"any.gap/{name}" for name in ("reading", "math", "valuing", "belonging")}
    assert cautions(records, ids, grade_8) == " Caution: fit failed (Reading and Mathematics)."
    assert cautions(Records([gap("valuing")]), ids, grade_8) == ""


def test_a_row_counts_those_in_the_model_of_its_outcome(grade_8):
    students = pd.DataFrame({"student": list("abcd")})
    whom = in_model({"reading": students.iloc[:3], "math": students.iloc[[1, 3]]})
    people = People(grade_8, {"students": students})
    for outcome, expected in (("reading", [1, 1, 1, 0]), ("math", [0, 1, 0, 1])):
        assert np.array_equal(whom.mask({"outcome": outcome}, people), np.array(expected, bool))


def test_an_interval_is_said_with_its_probability_and_only_where_there_is_one():
    one = gap("belonging")
    assert with_interval(one) == ""
    ends = {"lower": -0.1, "upper": 0.3, "interval": Interval(kind="t", probability=0.9)}
    one = one.model_copy(update=ends)
    assert resolve(with_interval(one), Records([one])) == " (90% interval −0.10 to 0.30)"
    assert resolve(with_interval(one, "percents"), Records([one])).endswith("10% to 30%)")
