"""Checks of a fitted benefit model against brute force, on a small simulated study."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from simulated_benefit import SAMPLER, SLOPE, simulated_fits, small_study

from learning_with_others.bayes.collapsed.accumulate import collapse
from learning_with_others.bayes.collapsed.frame import design_of, priors_of
from learning_with_others.bayes.collapsed.prediction import linear_predictor
from learning_with_others.bayes.collapsed.predictive_comparison import leave_one_group_out
from learning_with_others.benefits.cluster_effects import (
    cluster_effect_quantiles,
    cluster_effect_table,
    standardized_effects,
)
from learning_with_others.benefits.interaction_check import (
    compare_interaction,
    difference_by_row,
    without_interaction,
)
from learning_with_others.benefits.leave_one_out import by_student, leave_one_out
from learning_with_others.benefits.nuts_check import check_by_nuts
from learning_with_others.errors import CompendiumError
from learning_with_others.models.benefit_terms import interaction
from learning_with_others.models.predictive import predictive_table


@pytest.fixture(scope="module")
def study():
    return small_study()


@pytest.fixture(scope="module")
def fits():
    return simulated_fits()


@pytest.fixture(scope="module")
def frame(fits):
    return fits["y"].frame


@pytest.fixture(scope="module")
def design(fits):
    return fits["y"].design


@pytest.fixture(scope="module")
def left_out(fits, study):
    return leave_one_out(fits, study)


def test_chains_of_different_outcomes_have_random_streams_of_their_own(fits, study):
    # The same model and data under two names: only the stream can differ.
    gaps = check_by_nuts({"math": fits["y"], "reading": fits["y"]}, study).gaps
    assert not np.isin(gaps["math"], gaps["reading"]).any()


def test_predictive_mean_and_sd_are_those_computed_by_hand(fits, frame, design, study):
    table = predictive_table(fits, study).set_index(["group", "statistic"])
    posterior = fits["y"].posterior
    mean = linear_predictor(posterior, design_of(frame)).reshape(-1, len(frame.outcome))
    variance = posterior["sd_residual"].to_numpy().ravel() ** 2
    black = design.data["Black"].to_numpy() > 0
    for group, member in (("Black", black), ("White", ~black)):
        n = member.sum()
        found = table.loc[(group, "mean")]
        assert found["observed"] == pytest.approx(frame.outcome[member].mean())
        assert found["children"] == n
        # Law of total variance; 1,000 replications give the mean to sd/√1000 (4 of them are
        # allowed) and the width of the interval to about 5% (three times that is).
        sd = np.sqrt(mean[:, member].mean(axis=1).var() + variance.mean() / n)
        expected = mean[:, member].mean()
        assert found["predicted"] == pytest.approx(expected, abs=4 * sd / np.sqrt(1000))
        assert found["upper"] - found["lower"] == pytest.approx(2 * 1.96 * sd, rel=0.15)
        # E[variance within] of a replication, and Jensen's inequality is under 1% here.
        standard_deviation = np.sqrt((mean[:, member].var(axis=1) + variance * (1 - 1 / n)).mean())
        assert table.loc[(group, "sd"), "predicted"] == pytest.approx(standard_deviation, rel=0.02)


def test_members_are_the_students_of_the_group(design):
    black = design.data["Black"] > 0
    np.testing.assert_array_equal(design.members("Black"), black)
    np.testing.assert_array_equal(design.members("White"), ~black)


def test_predictive_checks_leave_out_what_is_under_the_minimum_cell(fits, frame, study):
    table = predictive_table(fits, study)
    classrooms = table[table["of"] == "classroom means"]
    assert set(classrooms["clusters"]) == {9}
    means = pd.Series(frame.outcome).groupby(frame.groupings[0].index).mean()
    large = means[np.bincount(frame.groupings[0].index) >= 10]
    sd = classrooms.set_index("statistic").loc["sd", "observed"]
    assert sd == pytest.approx(large.std(ddof=0))
    strict = SimpleNamespace(
        analysis=SimpleNamespace(**vars(study.analysis) | {"minimum_cell": 31})
    )
    assert set(predictive_table(fits, strict)["group"]) == {"Black", "White"}


def test_a_wrong_residual_sd_is_seen(fits, study):
    posterior = fits["y"].posterior
    wrong = posterior.assign(sd_residual=0.4 * posterior["sd_residual"])
    table = predictive_table({"y": replace(fits["y"], posterior=wrong)}, study)
    sd = table[(table["statistic"] == "sd") & table["group"].isin(["Black", "White"])]
    assert (sd["observed"] > sd["upper"]).all()


def test_models_without_a_closed_form_are_refused_by_name(fits, study):
    heavy = replace(
        fits["y"].frame, specification=replace(fits["y"].frame.specification, family="student_t")
    )
    explicit = {"y": replace(fits["y"], frame=heavy)}
    with pytest.raises(CompendiumError, match="cannot be collapsed: the family is student_t"):
        leave_one_out(explicit, study)


def test_leave_one_out_sums_units_and_counts_every_pareto_k(left_out, frame):
    table = left_out.table.set_index("left_out")
    assert list(table["units"]) == [len(frame.outcome), 10, 3]
    counted = left_out.pareto.groupby("left_out")["units"].sum()
    assert dict(counted) == {"student": len(frame.outcome), "classroom": 10, "school": 3}
    assert (table["refitted"] <= table["units"]).all()
    pointwise = left_out.students["y"].elpd_i.to_numpy()
    assert table.loc["student", "elpd"] == pytest.approx(pointwise.sum())
    # 7 coefficients, 10 classrooms with two effects each, 3 schools, a residual sd: no more.
    assert 5 < table.loc["student", "p_loo"] < 31
    # Unknown classrooms are harder to predict than students of known ones.
    assert table.loc["classroom", "elpd"] < table.loc["student", "elpd"]


def test_leaving_classrooms_out_agrees_with_refits_without_each(left_out, fits, frame):
    statistics = collapse(design_of(frame), frame.outcome)
    exact = leave_one_group_out(
        fits["y"].posterior, statistics, priors_of(frame), SAMPLER, level=0, refit_all=True
    )
    found = left_out.table.set_index("left_out").loc["classroom"]
    # Each of ten log means over 2,000 draws has an error near .05.
    assert found["elpd"] == pytest.approx(exact["elpd"].sum(), abs=1.0)
    assert found["se"] == pytest.approx(np.sqrt(10) * exact["elpd"].std(), rel=0.05)


def test_a_model_does_not_differ_from_itself(left_out, frame):
    own = left_out.students["y"]
    assert difference_by_row(own, frame, own, frame) == (0.0, 0.0)


@pytest.mark.parametrize(
    "change",
    [
        lambda frame: replace(frame, outcome=frame.outcome[::-1]),
        lambda frame: replace(frame, outcome=frame.outcome[1:]),
        lambda frame: replace(frame, groupings=frame.groupings[:1]),
    ],
)
def test_other_rows_outcomes_or_clusters_are_not_compared(left_out, frame, change):
    own = left_out.students["y"]
    with pytest.raises(CompendiumError, match="do not share their rows, clusters and outcome"):
        difference_by_row(own, frame, own, change(frame))


def test_the_interaction_is_found_where_it_is(left_out, fits, study, design, frame):
    without = without_interaction(design, frame.outcome)
    assert set(frame.terms) - set(without.terms) == {interaction("Black", SLOPE)}
    found = compare_interaction(fits, left_out.students, study).iloc[0]
    # A gap of .8 sd per sd, ten times its standard error.
    assert found["difference"] > 3 * found["se"] > 0
    again = by_student(fits["y"].posterior, frame)
    assert again.elpd == pytest.approx(left_out.students["y"].elpd)


def test_standardized_effects_have_their_closed_form():
    rng = np.random.default_rng(2)
    tau, error, means = 0.5, np.array([0.1, 0.3, 0.6, 3.0]), np.array([0.4, -0.3, 2.5, 1.0])
    shrunken = tau**2 / (tau**2 + error**2)
    noise = tau * np.sqrt(1 - shrunken) * rng.normal(size=(4, 50_000, 4))
    posterior = xr.Dataset(
        {
            "effect_room": (("chain", "draw", "room"), shrunken * means + noise),
            "sd_room": (("chain", "draw"), np.full((4, 50_000), tau)),
        }
    )
    found = standardized_effects(posterior, "room")
    # The posterior mean over its sd is ȳ over its sd, √(τ² + s²); the draws give 1%.
    np.testing.assert_allclose(found[:3], (means / np.sqrt(tau**2 + error**2))[:3], rtol=0.02)
    assert np.isnan(found[3])  # 3% of its variance is known


def test_an_outlying_classroom_is_flagged(fits, study):
    posterior = fits["y"].posterior
    shift = xr.zeros_like(posterior["effect_classroom"][0, 0])
    shift[0] = 5.0
    moved = posterior.assign(effect_classroom=posterior["effect_classroom"] + shift)
    table = cluster_effect_table({"y": replace(fits["y"], posterior=moved)}, study)
    row = table.set_index(["level", "term"]).loc[("classroom", "intercept")]
    assert row["outliers"] == 1
    assert row["flag"] == "not normal; 1 beyond 3 sd"
    assert row["correlation"] < row["expected_lower"]


def test_effects_of_small_classrooms_are_absent_and_none_is_named(fits, study):
    effects = cluster_effect_quantiles(fits, study)
    table = cluster_effect_table(fits, study).set_index(["level", "term"])
    assert list(effects.columns) == ["outcome", "level", "term", "normal", "effect"]
    own = table.loc[("classroom", "intercept")]
    assert own["clusters"] + own["uninformed"] == 9
    assert table.loc[("school", "intercept"), "clusters"] <= 3
