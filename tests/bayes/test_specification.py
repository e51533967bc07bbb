import numpy as np
import pytest

from learning_with_others.bayes.prior_sets import LOGISTIC_SD
from learning_with_others.bayes.specification import (
    FAMILIES,
    GroupingTerms,
    Specification,
    quoted,
    specification_from,
)
from learning_with_others.errors import CompendiumError

PLAIN = {
    "outcome": "belonging",
    "fixed": "race * `c within`",
    "groupings": {
        "classroom": {"column": "class", "terms": "1 + `c within`", "within": "school"},
        "school": None,
    },
    "priors": {"set": "sceptical", "override": {"coefficient[race]": 0.5}},
    "weights": "w",
}


def test_plain_data_becomes_a_specification():
    assert specification_from(PLAIN) == Specification(
        outcome="belonging",
        family="gaussian",
        fixed="race * `c within`",
        groupings=(
            GroupingTerms("classroom", "class", "1 + `c within`", within="school"),
            GroupingTerms("school", "school"),
        ),
        priors="sceptical",
        overrides={"coefficient[race]": 0.5},
        weights="w",
    )


def test_a_number_may_stand_for_a_formula():
    given = {"outcome": "y", "fixed": 1, "groupings": {"school": {"terms": 1}}}
    found = specification_from(given)
    assert (found.fixed, found.groupings[0].terms) == ("1", "1")


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"familly": "gaussian"}, "unknown key 'familly'.*did you mean 'family'"),
        ({"family": "gausian"}, "'gausian' is no family.*did you mean 'gaussian'"),
        ({"family": 3}, "family is 3.*type str"),
        ({"outcome": None}, "outcome is None"),
        ({"fixed": True}, "fixed is True"),
        ({"priors": "skeptical"}, "'skeptical' is no set of priors.*did you mean 'sceptical'"),
        ({"priors": {"sets": "wide"}}, "unknown key 'sets'.*valid: set, override"),
        ({"priors": 3}, "priors is 3"),
        ({"priors": {"override": [1]}}, "override is"),
        ({"groupings": ["school"]}, "groupings is"),
        ({"groupings": {"school": "column"}}, "'column' is no mapping"),
        ({"groupings": {"school": {"colum": "x"}}}, "unknown key 'colum'.*'column'"),
        ({"groupings": {"school": {"correlated": "yes"}}}, "correlated is 'yes'.*type bool"),
        ({"groupings": {"a school": None}}, "'a school' cannot name a grouping"),
        ({"groupings": {"row": None}}, "'row' has another meaning"),
        ({"groupings": {"c": {"within": "d"}, "s": None}}, "within names no other.*'d'"),
        ({"groupings": {"c": {"within": "c"}}}, "within names no other"),
        (
            {"groupings": {"c": {"within": "s"}, "s": {"within": "c"}}},
            "within runs in a circle",
        ),
        ({"family": "bernoulli"}, "precision weights have no meaning in the family 'bernoulli'"),
    ],
)
def test_mistakes_are_named_with_what_would_be_valid(change, expected):
    with pytest.raises(CompendiumError, match=f"(?s){expected}"):
        specification_from(PLAIN | change)


@pytest.mark.parametrize("key", ["outcome", "fixed"])
def test_a_missing_key_is_named(key):
    given = {name: value for name, value in PLAIN.items() if name != key}
    with pytest.raises(CompendiumError, match=f"the key '{key}' is missing"):
        specification_from(given)


def test_a_grouping_given_twice_is_refused():
    twice = (GroupingTerms("school", "a"), GroupingTerms("school", "b"))
    with pytest.raises(CompendiumError, match="given twice"):
        Specification("y", "gaussian", "1", twice)


def test_names_are_quoted_for_formulas():
    assert quoted(["a b", "Black × c, within"]) == "`a b` + `Black × c, within`"
    with pytest.raises(CompendiumError, match="backtick"):
        quoted(["a`b"])


def test_one_outcome_sd_on_the_logit_scale_is_that_of_the_logistic():
    assert pytest.approx(np.sqrt(np.pi**2 / 3)) == LOGISTIC_SD
    assert {name for name, family in FAMILIES.items() if family.unit != 1} == {
        "ordered_logistic",
        "bernoulli",
    }
