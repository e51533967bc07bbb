"""What the figures of the benefit model show, against brute force and closed forms."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from scipy import stats
from simulated_benefit import SIZES, SLOPE, simulated_fits, small_study

from learning_with_others.bayes.collapsed.frame import design_of
from learning_with_others.bayes.collapsed.prediction import linear_predictor
from learning_with_others.bayes.prior_sets import Prior
from learning_with_others.bayes.summary import summarize
from learning_with_others.benefits.cluster_slopes import cluster_slope_table
from learning_with_others.benefits.cluster_standard_deviations import (
    prior_density,
    prior_quantile,
    reflected_density,
    standard_deviation_table,
)
from learning_with_others.models.benefit_terms import interaction, share
from learning_with_others.models.expected_outcomes import STEPS, expected_outcome_table


@pytest.fixture(scope="module")
def study():
    return small_study()


@pytest.fixture(scope="module")
def fits():
    return simulated_fits()


@pytest.fixture(scope="module")
def frame(fits):
    return fits["y"].frame


def test_expected_outcomes_end_at_the_outcome_gaps(fits, study):
    table = expected_outcome_table(fits, study).set_index("group")
    assert len(table) == 2 * STEPS
    for place, end in ((0, "low"), (-1, "high")):
        ours, theirs = table.loc["Black"].iloc[place], table.loc["White"].iloc[place]
        draws, weights = fits["y"].draws[f"benefit.outcome_gap.{end}"], fits["y"].weights
        gap = summarize(draws[0], 0.95, weights[0])
        # Lines come from resampled draws: equal but for twice their Monte Carlo error.
        assert ours["estimate"] - theirs["estimate"] == pytest.approx(gap.mean, abs=4 * gap.mcse)
        assert ours["deviation"] == getattr(fits["y"].design.contrasts.main, end)
    assert (table["lower"] < table["estimate"]).all()
    assert (table["estimate"] < table["upper"]).all()


def test_a_class_level_exposure_has_its_two_values(fits, study):
    exposure = SimpleNamespace(varies_by="classroom", reference="regular", focal="small")
    by_class = SimpleNamespace(analysis=study.analysis, roles=SimpleNamespace(exposure=exposure))
    table = expected_outcome_table(fits, by_class)
    assert list(table.loc[table["group"] == "Black", "level"]) == ["regular", "small"]


def test_cluster_slopes_are_least_squares_and_mean_slopes_of_predictions(fits, frame, study):
    table = cluster_slope_table(fits, study)
    assert list(table["cluster"]) == list(range(1, 10))  # the classroom of six is not there
    assert table["estimate"].is_monotonic_increasing
    posterior = fits["y"].posterior
    design, index = design_of(frame), frame.groupings[0].index
    # One more unit of the deviation, wherever it enters.
    black = (fits["y"].design.data["Black"] > 0).to_numpy(float)
    composition = fits["y"].design.data[share("Black", "classroom")].to_numpy()
    more = frame.columns.copy()
    more[:, frame.terms.index(SLOPE)] += 1
    more[:, frame.terms.index(interaction("Black", SLOPE))] += black
    more[:, frame.terms.index(interaction(share("Black", "classroom"), SLOPE))] += composition
    change = linear_predictor(posterior, replace(design, columns=more)) - linear_predictor(
        posterior, design
    )
    rows = change.reshape(-1, len(index))
    pooled = np.array([rows[:, index == j].mean(axis=1) for j in range(len(SIZES))])
    large = np.bincount(index) >= 10
    np.testing.assert_allclose(np.sort(pooled[large].mean(axis=1)), table["estimate"])
    order = np.flatnonzero(large)[np.argsort(pooled[large].mean(axis=1))]
    mean = posterior["coefficient"].mean(("chain", "draw")).to_numpy()
    others = [k for k, term in enumerate(frame.terms) if SLOPE not in term]
    adjusted = frame.outcome - frame.columns[:, others] @ mean[others]
    deviation = frame.columns[:, frame.terms.index(SLOPE)]
    raw = [np.polyfit(deviation[index == j], adjusted[index == j], 1)[0] for j in order]
    np.testing.assert_allclose(table["raw"], raw)


@pytest.mark.parametrize(
    ("prior", "known"),
    [
        (Prior("half_normal", 0.5, ""), stats.halfnorm(scale=0.5)),
        (Prior("exponential", 0.25, ""), stats.expon(scale=0.25)),
        (Prior("half_student_t", 1.0, "", 1), stats.halfcauchy(scale=1.0)),  # t of 1 df
    ],
)
def test_priors_of_spreads_are_those_of_scipy(prior, known):
    grid = np.linspace(0, 3, 50)
    np.testing.assert_allclose(prior_density(prior, grid), known.pdf(grid))
    assert prior_quantile(prior, 0.9) == pytest.approx(known.ppf(0.9))


def test_densities_of_spreads_hold_their_mass_at_zero(fits):
    draws = np.abs(np.random.default_rng(4).normal(size=20_000))
    grid = np.linspace(0, 5, 500)
    density = reflected_density(draws, grid)
    assert np.trapezoid(density, grid) == pytest.approx(1, abs=0.005)
    assert density[0] == pytest.approx(stats.halfnorm.pdf(0), rel=0.05)
    table = standard_deviation_table(fits)
    assert dict(table.groupby("level")["groups"].first()) == {"classroom": 10, "school": 3}
