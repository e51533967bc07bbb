import numpy as np
import pytest

from learning_with_others.bayes.design import Grouping
from learning_with_others.bayes.families.registry import FAMILIES
from learning_with_others.bayes.prior_choice import resolve_priors
from learning_with_others.bayes.prior_sets import KINDS, LOGISTIC_SD, PRIOR_SETS, Prior
from learning_with_others.errors import CompendiumError

TERMS = ("Intercept", "Black", "Asian", "Black × c")
NO_ROWS = np.zeros(0, dtype=int)
GROUPINGS = (
    Grouping("classroom", (), NO_ROWS, ("Black × c",), correlated=True),
    Grouping("school", (), NO_ROWS),
)


def resolve(name, overrides, family="gaussian"):
    return resolve_priors(name, overrides, TERMS, GROUPINGS, FAMILIES[family])


def test_every_set_has_every_kind_and_a_reason_for_each():
    for named in PRIOR_SETS.values():
        assert set(named) == set(KINDS)
        for kind, prior in named.items():
            assert prior.distribution in KINDS[kind]
            assert prior.scale > 0
            assert prior.reason
            assert len(prior.reason) < 90


def test_sets_are_ordered_by_how_much_they_allow():
    for kind in ("coefficient", "sd_group", "sd_slope"):
        scales = [
            PRIOR_SETS[name][kind].scale for name in ("sceptical", "weakly_informative", "wide")
        ]
        assert scales == sorted(set(scales))


def test_the_default_set_has_the_scales_that_studies_declare():
    """The same numbers as `analysis.priors` of the studies that ship."""
    default = PRIOR_SETS["weakly_informative"]
    assert default["coefficient"].scale == default["intercept"].scale == 1.0
    assert default["sd_group"].scale == default["sd_slope"].scale == 0.5
    assert default["sd_residual"].scale == 1.0


def test_the_most_particular_override_wins():
    overrides = {
        "coefficient": 0.7,
        "coefficient[Asian]": 0.5,
        "sd_slope": 0.1,
        "sd_school": {"distribution": "exponential", "scale": 0.2, "reason": "four schools"},
        "sd_group": 0.4,
        "correlation_classroom": 5,
    }
    found = resolve("weakly_informative", overrides)
    assert found.coefficient_sd == (1.0, 0.7, 0.5, 0.7)
    assert [prior.scale for prior in found.standard_deviation["classroom"]] == [0.4, 0.1]
    assert found.standard_deviation["school"] == (Prior("exponential", 0.2, "four schools"),)
    assert found.correlation["classroom"].scale == 5


def test_scales_are_in_outcome_sds_and_shapes_are_not():
    found = resolve("weakly_informative", {"sd_school": 0.2}, "ordered_logistic")
    assert found.coefficient_sd[1] == pytest.approx(1.0 * LOGISTIC_SD)
    assert found.standard_deviation["school"][0].scale == pytest.approx(0.2 * LOGISTIC_SD)
    assert found.correlation["classroom"].scale == 2.0
    assert found.own["threshold"].scale == 1.0


@pytest.mark.parametrize(
    ("name", "overrides", "expected"),
    [
        ("weak", {}, "'weak' is no set of priors.*valid: weakly_informative, sceptical, wide"),
        ("wide", {"sd_scool": 1}, "no parameter 'sd_scool'.*did you mean 'sd_school'"),
        ("wide", {"coefficient[Black × d]": 1}, r"did you mean 'coefficient\[Black × c\]'"),
        ("wide", {"threshold": 1}, "no parameter 'threshold'"),
        ("wide", {"correlation_school": 1}, "no parameter 'correlation_school'"),
        ("wide", {"sd_school": 0}, "scale is 0"),
        ("wide", {"sd_school": -1}, "scale is -1"),
        ("wide", {"sd_school": "1"}, "scale is '1'"),
        ("wide", {"sd_school": True}, "scale is True"),
        ("wide", {"sd_school": float("nan")}, "scale is nan"),
        ("wide", {"sd_school": float("inf")}, "scale is inf"),
        ("wide", {"sd_school": {"distribution": "halfnormal"}}, "did you mean 'half_normal'"),
        ("wide", {"coefficient": {"distribution": "exponential"}}, "valid: normal"),
        ("wide", {"sd_school": {"sigma": 1}}, "unknown key 'sigma'"),
        ("wide", {"sd_school": {"degrees": 0}}, "degrees is 0"),
        (
            "weakly_informative",
            {"sd_school": {"distribution": "half_student_t"}},
            "a half_student_t needs degrees",
        ),
    ],
)
def test_mistakes_in_priors_are_named(name, overrides, expected):
    with pytest.raises(CompendiumError, match=f"(?s){expected}"):
        resolve(name, overrides)
