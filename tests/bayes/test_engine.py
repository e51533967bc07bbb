"""Which engine runs, why, and what its fit says of the rows."""

import numpy as np
import pandas as pd
import pytest

from learning_with_others.bayes.collapsed.frame import obstacle, priors_of
from learning_with_others.bayes.engine import fit_outcomes
from learning_with_others.bayes.model_frame import model_frame
from learning_with_others.bayes.specification import GroupingTerms, Sampler, Specification
from learning_with_others.errors import CompendiumError

SAMPLER = Sampler(seed=3, chains=2, tune=200, draws=200)


@pytest.fixture(scope="module")
def data():
    rng = np.random.default_rng(8)
    classroom = np.repeat(np.arange(12), 10)
    x = rng.normal(size=120)
    return pd.DataFrame(
        {
            "x": x,
            "z": rng.normal(size=120),
            "classroom": classroom.astype(str),
            "school": (classroom % 3).astype(str),
            "club": rng.integers(0, 4, 120).astype(str),
            "y": 0.4 * x + rng.normal(size=12)[classroom] * 0.3 + rng.normal(size=120),
            "passed": pd.Categorical(
                np.where(rng.random(120) < 0.5, "yes", "no"), ["no", "yes"], ordered=True
            ),
        }
    )


def specify(**changes):
    both = (GroupingTerms("classroom", "classroom", ("x",)), GroupingTerms("school", "school"))
    return Specification(**({"outcome": "y", "family": "gaussian", "fixed": ("x", "z"),
                             "groupings": both} | changes))  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, None),
        ({"family": "student_t"}, "family is student_t"),
        ({"outcome": "passed", "family": "bernoulli"}, "family is bernoulli"),
        ({"groupings": ()}, "0 groupings"),
        (
            {"groupings": (GroupingTerms("club", "club"), GroupingTerms("school", "school"))},
            "club and school cross",
        ),
    ],
)
def test_what_stands_in_the_way_of_collapsing_is_named(data, changes, expected):
    frame = model_frame(specify(**changes), data)
    found = obstacle(frame)
    assert found is None if expected is None else expected in found
    if expected is not None:
        with pytest.raises(CompendiumError, match="cannot be collapsed"):
            fit_outcomes(frame, {"y": frame.outcome}, SAMPLER, engine="collapsed")


def test_priors_keep_their_names_and_scales(data):
    frame = model_frame(specify(priors="wide", overrides={"sd_school": 0.2}), data)
    priors = priors_of(frame)
    assert priors.coefficients == {"Intercept": 2.5, "x": 2.5, "z": 2.5}
    assert (
        priors.standard_deviations["sd_classroom"].family,
        priors.standard_deviations["sd_classroom"].degrees,
    ) == (
        "half_student_t",
        4,
    )
    assert priors.standard_deviations["sd_school"].scale == 0.2
    assert set(priors.standard_deviations) == {
        "sd_residual",
        "sd_classroom",
        "sd_classroom_slope_0",
        "sd_school",
    }


def test_a_fit_says_which_engine_ran_and_what_is_weak(data):
    frame = model_frame(specify(), data)
    fit = fit_outcomes(frame, {"y": frame.outcome}, SAMPLER)["y"]
    assert fit.attrs["engine"] == "collapsed"
    assert fit.attrs["rows"] == 120
    assert "school has 3 groups" in fit.attrs["weaknesses"]
    with pytest.raises(CompendiumError, match="did you mean 'explicit'"):
        fit_outcomes(frame, {"y": frame.outcome}, SAMPLER, engine="explicite")
