"""Independent draws: proposals from the prior, weights, and what is done where they fail."""

from dataclasses import replace
from functools import partial

import numpy as np
import pytest
import xarray as xr
from dense import random_design
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from learning_with_others.bayes.collapsed import importance
from learning_with_others.bayes.collapsed.accumulate import collapse
from learning_with_others.bayes.collapsed.fit import fit_collapsed
from learning_with_others.bayes.collapsed.priors import CollapsedPriors, StandardDeviationPrior
from learning_with_others.bayes.collapsed.proposal import first_proposal
from learning_with_others.bayes.collapsed.random_structure import pose
from learning_with_others.bayes.diagnosis import diagnose
from learning_with_others.bayes.specification import Sampler
from learning_with_others.bayes.stored_draws import stored_draws

SAMPLER = Sampler(seed=2, chains=4, tune=300, draws=500)


@pytest.fixture(scope="module")
def model():
    design = random_design(4, rows=200, classrooms=12, schools=4, slopes=("x1", "x2"), terms=4)
    outcome = np.random.default_rng(5).normal(size=200)
    priors = CollapsedPriors(
        1.0,
        {
            "sd_residual": StandardDeviationPrior("half_normal", 1.0),
            "sd_classroom": StandardDeviationPrior("half_student_t", 0.5, 4),
            "sd_classroom_slope_0": StandardDeviationPrior("exponential", 0.5),
            "sd_classroom_slope_1": StandardDeviationPrior("half_normal", 0.2),
            "sd_school": StandardDeviationPrior("half_normal", 0.5),
        },
        {"classroom": 2.0},
    )
    return collapse(design, outcome), priors


def test_points_of_the_prior_have_its_density(model):
    """Of each coordinate, the others held: drawn points against the compiled log density."""
    problem = pose(*model)
    random = np.random.default_rng(1)
    points = problem.prior_points(4000, random)
    for k in range(problem.dimensions):
        grid = np.linspace(points[:, k].min() - 1, points[:, k].max() + 1, 4001)
        along = np.tile(points[0], (len(grid), 1))
        along[:, k] = grid
        _, log_prior = problem.log_densities(along)
        mass = np.exp(log_prior - log_prior.max()).cumsum()
        place = np.interp(points[:, k], grid, mass / mass[-1])
        # Eight coordinates, 4,000 points each: p of one in ten thousand.
        assert stats.kstest(place, "uniform").pvalue > 1e-4


def test_the_mean_raw_weight_does_not_depend_on_the_proposal(model):
    """It is the evidence: what any correct pair of draws and densities estimates."""
    problem = pose(*model)
    random = np.random.default_rng(3)
    found = []
    first = first_proposal(problem)
    wider = replace(first, scales=2.5 * first.scales, means=first.means + 0.3)
    for proposal in (first, wider):
        _, logs = importance._weigh(problem, proposal, 20_000, random)  # noqa: SLF001
        weights = np.exp(logs - 500 * np.round(logs.max() / 500))
        found.append((weights.mean(), weights.std() / np.sqrt(len(weights))))
    (one, error), (other, more) = found
    assert error / one < 0.05
    # Four combined Monte Carlo standard errors.
    assert one == pytest.approx(other, abs=4 * np.hypot(error, more))


def test_where_weights_fail_nuts_takes_over(model, monkeypatch):
    statistics, priors = model
    never = partial(importance.weighted_points, most_dimensions=5)
    monkeypatch.setattr("learning_with_others.bayes.collapsed.fit.weighted_points", never)
    fit = fit_collapsed(statistics, priors, replace(SAMPLER, tune=1000, draws=1000), effects=False)
    assert fit.attrs["method"] == "NUTS"
    assert not [name for name in fit["posterior"] if str(name).startswith("effect_")]
    monkeypatch.undo()
    ours = fit_collapsed(statistics, priors, SAMPLER)
    assert ours.attrs["method"] == "independent draws"
    assert diagnose(ours).flag is None


@given(st.lists(st.floats(0, 1), min_size=8, max_size=40).filter(sum), st.integers(0, 2**31))
def test_systematic_resampling_takes_each_draw_as_often_as_its_weight_says(weights, seed):
    weights = np.resize(weights, (4, len(weights) // 4))
    if not weights.sum():
        return
    weights = weights / weights.sum()
    values = np.arange(weights.size, dtype=float).reshape(weights.shape)
    dims = ("chain", "draw")
    fit = xr.DataTree.from_dict(
        {"/weighted": xr.Dataset({"x": (dims, values), "weight": (dims, weights)})}
    )
    drawn = stored_draws(fit, 2, 30, seed)
    assert drawn["x"].shape == (2, 30)
    counts = np.bincount(drawn["x"].to_numpy().astype(int).ravel(), minlength=weights.size)
    # Systematic: within one of 60 times the weight.
    assert (np.abs(counts - 60 * weights.ravel()) < 1 + 1e-6).all()
