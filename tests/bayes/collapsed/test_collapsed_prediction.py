from dataclasses import replace

import numpy as np
import pytest
from dense import random_design
from scipy import stats

from benchmarks.calibration.prior_draws import draw_prior
from learning_with_others.bayes.collapsed.accumulate import collapse
from learning_with_others.bayes.collapsed.fit import fit_collapsed
from learning_with_others.bayes.collapsed.prediction import (
    linear_predictor,
    new_group_effects,
    predict,
)
from learning_with_others.bayes.collapsed.priors import CollapsedPriors, StandardDeviationPrior
from learning_with_others.bayes.specification import Sampler
from learning_with_others.bayes.stored_draws import stored_draws
from learning_with_others.errors import CompendiumError

DRAWS = 20_000
PRIORS = CollapsedPriors(
    {"intercept": 2.0, "x1": 0.5, "x2": 1.0, "x3": 1.0},
    {
        "sd_residual": StandardDeviationPrior("exponential", 0.7),
        "sd_classroom": StandardDeviationPrior("half_normal", 0.6),
        "sd_classroom_slope_0": StandardDeviationPrior("half_student_t", 0.5, 5),
        "sd_classroom_slope_1": StandardDeviationPrior("half_normal", 0.2),
        "sd_school": StandardDeviationPrior("half_normal", 0.3),
    },
    {"classroom": 1.5},
)


@pytest.fixture(scope="module")
def study():
    design = random_design(3, 150, 12, 4, ("x1", "x2"))
    outcome = np.random.default_rng(3).normal(size=150)
    return design, outcome, collapse(design, outcome)


@pytest.fixture(scope="module")
def prior(study):
    return draw_prior(study[2], PRIORS, DRAWS, seed=1)


@pytest.mark.parametrize(
    ("name", "distribution"),
    [
        ("sd_residual", stats.expon(scale=0.7)),
        ("sd_classroom", stats.halfnorm(scale=0.6)),
        ("sd_school", stats.halfnorm(scale=0.3)),
    ],
)
def test_prior_draws_follow_their_distributions(prior, name, distribution):
    # One in a thousand right programs would fail; the seed is fixed.
    assert stats.kstest(prior[name].to_numpy().ravel(), distribution.cdf).pvalue > 0.001


def test_prior_correlations_and_effects_follow_theirs(prior):
    # Every correlation of an LKJ(1.5) matrix of three is 2 Beta(2, 2) − 1.
    for pair in range(3):
        values = prior["correlation_classroom"].to_numpy()[0, :, pair]
        assert stats.kstest((values + 1) / 2, stats.beta(2, 2).cdf).pvalue > 0.001
    scaled = prior["effect_classroom"].to_numpy() / prior["sd_classroom"].to_numpy()[..., None]
    assert stats.kstest(scaled[0, :, 3], stats.norm.cdf).pvalue > 0.001
    slope = prior["effect_classroom_slope_0"].to_numpy()[0, :, 3]
    product = scaled[0, :, 3] * slope / prior["sd_classroom_slope_0"].to_numpy()[0]
    expected = prior["correlation_classroom"].to_numpy()[0, :, 0]
    # Given its correlation r, a product of two such normals has mean r: a regression on r.
    fit = stats.linregress(expected, product)
    assert fit.slope == pytest.approx(1, abs=4 * fit.stderr)
    assert fit.intercept == pytest.approx(0, abs=4 * fit.intercept_stderr)


def test_predictions_add_up(study, prior):
    design, *_ = study
    few = prior.isel(draw=slice(0, 50))
    mean = linear_predictor(few, design)
    row = 17
    lower, upper = (grouping.index[row] for grouping in design.groupings)
    x = design.columns[row]
    expected = few["coefficient"].to_numpy()[0] @ x
    names = ["effect_classroom", "effect_classroom_slope_0", "effect_classroom_slope_1"]
    for name, value in zip(names, x[:3], strict=True):
        expected = expected + few[name].to_numpy()[0, :, lower] * value
    expected = expected + few["effect_school"].to_numpy()[0, :, upper]
    np.testing.assert_allclose(mean[0, :, row], expected)

    weights = np.full(150, 4.0)
    noise = predict(prior, design, seed=2, weights=weights) - linear_predictor(prior, design)
    scaled = noise.to_numpy()[0, :, row] * 2 / prior["sd_residual"].to_numpy()[0]
    assert stats.kstest(scaled, stats.norm.cdf).pvalue > 0.001
    assert predict(few, design, 5).equals(predict(few, design, 5))


def test_posterior_predictions_look_like_the_outcome(study):
    design, outcome, statistics = study
    sampler = Sampler(seed=1, chains=2, tune=400, draws=400, target_accept=0.9)
    posterior = stored_draws(fit_collapsed(statistics, PRIORS, sampler), 2, 400, seed=1)
    drawn = predict(posterior, design, seed=4).to_numpy()
    assert drawn.shape == (2, 400, 150)
    assert drawn.mean() == pytest.approx(outcome.mean(), abs=0.05)
    assert drawn.std() == pytest.approx(outcome.std(), rel=0.1)


def test_new_groups_are_drawn_and_unknown_ones_are_named(study, prior):
    design, _, statistics = study
    lower, upper = design.groupings
    renamed = replace(lower, labels=("new", *lower.labels[1:]))
    elsewhere = replace(design, groupings=(renamed, upper))
    with pytest.raises(CompendiumError, match="classroom 'new' is not in this fit"):
        linear_predictor(prior, elsewhere)
    with_new = new_group_effects(prior, statistics, 0, renamed.labels, seed=1)
    assert np.isfinite(linear_predictor(with_new.isel(draw=slice(0, 9)), elsewhere)).all()
    scaled = with_new["effect_classroom_slope_1"] / prior["sd_classroom_slope_1"]
    assert stats.kstest(scaled.isel(classroom=0).to_numpy().ravel(), stats.norm.cdf).pvalue > 0.001


def test_flat_priors_cannot_be_drawn_from(study):
    flat = replace(PRIORS, coefficients=dict(PRIORS.coefficients) | {"x2": np.inf})
    with pytest.raises(CompendiumError, match="flat prior of 'x2'"):
        draw_prior(study[2], flat, 10, seed=1)
