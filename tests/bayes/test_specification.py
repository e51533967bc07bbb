import numpy as np
import pytest
from specified import specified

from learning_with_others.bayes.families.registry import FAMILIES
from learning_with_others.bayes.prior_sets import LOGISTIC_SD
from learning_with_others.bayes.specification import GroupingTerms, Specification
from learning_with_others.errors import CompendiumError


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"family": "gausian"}, "'gausian' is no family.*did you mean 'gaussian'"),
        ({"priors": "skeptical"}, "'skeptical' is no set of priors.*did you mean 'sceptical'"),
        ({"groupings": {"a school": None}}, "'a school' cannot name a grouping"),
        ({"groupings": {"row": None}}, "'row' has another meaning"),
        ({"groupings": {"c": {"within": "d"}, "s": None}}, "within names no other.*'d'"),
        ({"groupings": {"c": {"within": "c"}}}, "within names no other"),
        (
            {"groupings": {"c": {"within": "s"}, "s": {"within": "c"}}},
            "within runs in a circle",
        ),
        (
            {"groupings": {"school": {"slopes": ("c withn",)}}},
            "groupings: school.*the slope 'c withn' is no fixed term.*did you mean 'c within'",
        ),
        ({"family": "bernoulli"}, "precision weights have no meaning in the family 'bernoulli'"),
    ],
)
def test_mistakes_are_named_with_what_would_be_valid(given, expected):
    with pytest.raises(CompendiumError, match=f"(?s){expected}"):
        specified("belonging", "c within", **({"weights": "w"} | given))


def test_a_term_given_twice_is_refused():
    with pytest.raises(CompendiumError, match=r"fixed.*the term 'x' is given twice"):
        specified("y", "x", "z", "x")


def test_a_grouping_given_twice_is_refused():
    twice = (GroupingTerms("school", "a"), GroupingTerms("school", "b"))
    with pytest.raises(CompendiumError, match="given twice"):
        Specification("y", "gaussian", (), twice)


def test_one_outcome_sd_on_the_logit_scale_is_that_of_the_logistic():
    assert pytest.approx(np.sqrt(np.pi**2 / 3)) == LOGISTIC_SD
    assert {name for name, family in FAMILIES.items() if family.unit != 1} == {
        "ordered_logistic",
        "bernoulli",
    }
