"""Units, regions and reasons are said in the words of each outcome's family, and only there."""

import pandas as pd
import pytest
from conftest import ROOT

from learning_with_others.benefits.exhibits import units
from learning_with_others.data.outcome_families import linear_outcomes, numeric_outcomes
from learning_with_others.exhibits.phrases import categories_left_out
from learning_with_others.models.analysed_outcomes import analysed_outcome
from learning_with_others.study import load_study
from learning_with_others.study.roles import Outcome

NAMES = ("gpa", "passed", "letter")


@pytest.fixture(scope="module")
def plain():
    return load_study(ROOT / "data/learning-with-others")


@pytest.fixture(scope="module")
def study(plain):
    """With a course passed or not, and a letter grade."""
    outcomes = {
        **plain.roles.outcomes,
        "passed": Outcome(label="Course passed", column="passed", source="r", family="bernoulli"),
        "letter": Outcome(
            label="Letter grade", column="letter", source="r", family="ordered_logistic"
        ),
    }
    return plain.model_copy(update={"roles": plain.roles.model_copy(update={"outcomes": outcomes})})


def test_a_unit_has_a_column_only_where_outcomes_differ_in_it(study):
    table = pd.DataFrame({"outcome": ["gpa", "letter"]})
    assert units.with_units(table, study) == (table, "outcome sd", ())
    mixed, unit, plain = units.with_units(pd.DataFrame({"outcome": NAMES}), study)
    assert (unit, plain) == ("{unit}", ("unit",))
    assert list(mixed["unit"]) == ["outcome sd", "probability", "outcome sd"]
    latent, _, _ = units.with_units(table, study, latent=True)
    assert list(latent["unit"]) == ["outcome sd", "log odds"]


def test_sentences_say_what_rises_and_by_how_much(study):
    assert units.subject(study, "passed") == "the probability of Course passed"
    assert units.expected(study, "gpa") == "expected Grade point average"
    assert units.expected(study, "passed") == "the probability of Course passed"
    assert [units.after(study, name) for name in NAMES] == [" SD", "", " SD"]
    doubles = units.in_each(study, {"gpa": 0.2, "passed": 0.04, "letter": 0.2})
    assert doubles == "0.20 SD (Grade point average and Letter grade) and 0.04 (Course passed)"
    assert units.in_each(study, {"gpa": 0.2, "letter": 0.2}) == "0.20 SD"


def test_figures_have_one_scale_where_all_outcomes_have(study):
    assert units.axis_words(study, ["gpa", "letter"], "slope, {}") == "slope, outcome SD"
    assert units.axis_words(study, NAMES, "{}")["passed"] == "probability"
    assert units.regions(study, ["gpa", "letter"]) == 0.1
    assert units.regions(study, NAMES) == {"gpa": 0.1, "passed": 0.02, "letter": 0.1}
    # One unit that is no SD has its words, too.
    assert units.regions(study, ["passed"]) == {"passed": 0.02}


def test_captions_give_every_region_and_every_reason(study, plain):
    region = units.equivalence_region(study, NAMES)
    assert region.startswith("±0.10 outcome SD for one SD of the exposure")
    assert "for Course passed, ±0.02 in probability" in region
    assert "for Letter grade, ±0.10 SD of the expected category" in region
    said = units.not_shown(study, NAMES, "REML", needs="collapses")
    assert said == " REML needs normal errors, and is not shown for Course passed and Letter grade."
    assert not units.not_shown(plain, plain.roles.outcomes, "REML", needs="collapses")
    said = categories_left_out(study, "Means")
    assert said.endswith(
        "not shown for Course passed and Letter grade, whose values are categories."
    )
    assert not categories_left_out(plain, "Means")


def test_other_stages_know_which_outcomes_are_numbers(study, plain):
    for chosen in (linear_outcomes, numeric_outcomes):
        assert list(chosen(study)) == list(plain.roles.outcomes)


def test_an_empty_category_keeps_its_code(study):
    letters = pd.Categorical(["D", "B", "A", "B"], categories=list("DCBA"))
    outcome = analysed_outcome(pd.DataFrame({"letter": letters}), study, "letter")
    assert list(outcome.values) == [0, 2, 3, 2]
    assert outcome.categories == tuple("DCBA")
    assert "no row has the answer C" in outcome.weaknesses[0]
