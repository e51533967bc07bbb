"""Likelihoods left out, against dense densities and exact refits."""

from dataclasses import replace

import arviz_stats as az
import numpy as np
import pytest
import xarray as xr
from dense import covariance, random_design, random_terms
from scipy import stats
from scipy.special import logsumexp

from learning_with_others.bayes.collapsed.accumulate import collapse
from learning_with_others.bayes.collapsed.conditional import group_log_likelihood
from learning_with_others.bayes.collapsed.fit import fit_collapsed
from learning_with_others.bayes.collapsed.predictive_comparison import (
    leave_one_group_out,
    leave_one_row_out,
    row_log_likelihood,
)
from learning_with_others.bayes.collapsed.priors import (
    CollapsedPriors,
    StandardDeviationPrior,
    parameter_names,
)
from learning_with_others.bayes.collapsed.random_structure import pose
from learning_with_others.bayes.specification import Sampler
from learning_with_others.bayes.stored_draws import stored_draws
from learning_with_others.errors import CompendiumError

SAMPLER = Sampler(seed=3, chains=4, tune=500, draws=1000, target_accept=0.9)


def fitted(design, outcome, weights=None, **more):
    statistics = collapse(design, outcome, weights)
    standard_deviations = dict.fromkeys(
        parameter_names(statistics), StandardDeviationPrior("half_normal", 0.5)
    )
    priors = CollapsedPriors(1.0, standard_deviations, **more)
    return statistics, priors, stored(fit_collapsed(statistics, priors, SAMPLER))


def stored(fit, seed=3):
    return stored_draws(fit, SAMPLER.chains, SAMPLER.draws, seed)


@pytest.fixture(scope="module")
def nested():
    design = random_design(3, 120, 9, 4, ("x1",), ("x2",))
    rng = np.random.default_rng(3)
    outcome, weights = rng.normal(size=120), rng.uniform(0.5, 2, size=120)
    correlations = {"classroom": 2.0, "school": 2.0}
    return design, outcome, weights, *fitted(design, outcome, weights, correlations=correlations)


def one_draw(posterior, chain, draw):
    return posterior.isel(chain=[chain], draw=[draw])


def dense_pieces(design, draw):
    """Covariance of each level's random terms, and the upper level's effects, of one draw."""
    matrices = []
    for grouping in design.groupings:
        name = grouping.name
        sds = [draw[f"sd_{name}"].item(), draw[f"sd_{name}_slope_0"].item()]
        r = draw[f"correlation_{name}"].item()
        matrices.append(covariance(sds, np.array([[1, r], [r, 1]])))
    names = ["effect_school", "effect_school_slope_0"]
    effects = np.stack([draw[name].to_numpy().ravel() for name in names], axis=1)
    return matrices, effects


def test_likelihoods_of_clusters_are_dense_normal_densities(nested):
    design, outcome, weights, statistics, _, posterior = nested
    lower, upper = design.groupings
    for chain, number in [(0, 5), (3, 700)]:
        draw = one_draw(posterior, chain, number)
        matrices, effects = dense_pieces(design, draw)
        sigma = draw["sd_residual"].item()
        mean = design.columns @ draw["coefficient"].to_numpy().ravel()
        z, s = random_terms(design, 0), random_terms(design, 1)
        with_school = mean + (effects[upper.index] * s).sum(axis=1)
        noise = np.diag(sigma**2 / weights)
        same = lower.index[:, None] == lower.index
        within = noise + same * (z @ matrices[0] @ z.T)
        found = group_log_likelihood(statistics, draw, 0)[0]
        for j in range(9):
            rows = np.flatnonzero(lower.index == j)
            dense = stats.multivariate_normal(with_school[rows], within[np.ix_(rows, rows)])
            assert found[j] == pytest.approx(dense.logpdf(outcome[rows]), rel=1e-9, abs=1e-9)
        total = within + (upper.index[:, None] == upper.index) * (s @ matrices[1] @ s.T)
        found = group_log_likelihood(statistics, draw, 1)[0]
        for group in range(4):
            rows = np.flatnonzero(upper.index == group)
            dense = stats.multivariate_normal(mean[rows], total[np.ix_(rows, rows)])
            assert found[group] == pytest.approx(dense.logpdf(outcome[rows]), rel=1e-9, abs=1e-9)


def test_likelihoods_of_rows_and_their_leave_one_out(nested):
    design, outcome, weights, _, _, posterior = nested
    tree = row_log_likelihood(posterior, design, outcome, weights)
    draw = one_draw(posterior, 1, 10)
    _, effects = dense_pieces(design, draw)
    names = ["effect_classroom", "effect_classroom_slope_0"]
    own = np.stack([draw[name].to_numpy().ravel() for name in names], axis=1)
    lower, upper = design.groupings
    mean = design.columns @ draw["coefficient"].to_numpy().ravel()
    mean = mean + (own[lower.index] * random_terms(design, 0)).sum(axis=1)
    mean = mean + (effects[upper.index] * random_terms(design, 1)).sum(axis=1)
    sigma = draw["sd_residual"].item() / np.sqrt(weights)
    np.testing.assert_allclose(
        tree["log_likelihood"]["y"].to_numpy()[1, 10], stats.norm.logpdf(outcome, mean, sigma)
    )
    found = leave_one_row_out(posterior, design, outcome, weights)
    assert found.n_data_points == 120
    assert -2 < float(found.elpd) / 120 < -1.2  # a standard normal outcome gives about −1.5


def log_evidence(statistics, priors):
    """log p(y), the three standard deviations integrated out on a grid of the sampler's scale.

    Beside it what every other point of the grid gives: how much of it is the grid's doing.
    """
    problem = pose(statistics, priors)
    residual, classroom = np.linspace(1.5, 4.5, 24), np.linspace(-5, 6, 28)
    school = classroom
    values = np.array(
        [
            [[problem.log_density(np.array([r, c, s]))[0] for s in school] for c in classroom]
            for r in residual
        ]
    )
    cell = np.diff(residual)[0] * np.diff(classroom)[0] * np.diff(school)[0]
    whole = logsumexp(values) + np.log(cell)
    coarse = logsumexp(values[::2, ::2, ::2]) + np.log(8 * cell)
    inner = logsumexp(values[1:-1, 1:-1, 1:-1]) + np.log(cell)
    return whole, abs(whole - coarse) + abs(whole - inner)


def error_of_mean(log_values):
    """Monte Carlo standard error of log(mean(exp(values))), values of shape (chains, draws)."""
    values = np.exp(log_values - log_values.max())
    return float(az.mcse(values, method="mean")) / values.mean()


def error_of_smoothed(log_values):
    """Monte Carlo standard error of an importance-sampled elpd, as R's loo has it."""
    tree = xr.DataTree.from_dict(
        {
            "/posterior": xr.Dataset({"y": (("chain", "draw"), log_values)}),
            "/log_likelihood": xr.Dataset({"y": (("chain", "draw", "g"), log_values[..., None])}),
        }
    )
    weights = np.exp(az.loo(tree, pointwise=True).log_weights.to_numpy().reshape(log_values.shape))
    weights /= weights.sum()
    values = np.exp(log_values - log_values.max())
    relative = values / (weights * values).sum() - 1
    efficiency = float(az.ess(values, method="mean")) / values.size
    return np.sqrt((weights**2 * relative**2).sum() / efficiency)


def test_leaving_groups_out_gives_ratios_of_evidences():
    """p(y_j | y_−j) = p(y) / p(y_−j): each evidence is a sum over a grid."""
    design = random_design(4, 90, 9, 3, ())
    rng = np.random.default_rng(5)
    effects = 0.5 * rng.normal(size=9)[design.groupings[0].index]
    statistics, priors, fit = fitted(design, rng.normal(size=90) + effects)
    whole, error = log_evidence(statistics, priors)
    for level, groups in ((0, [0, 4]), (1, [1])):
        smoothed = leave_one_group_out(fit, statistics, priors, SAMPLER, level=level)
        exact = leave_one_group_out(fit, statistics, priors, SAMPLER, level=level, refit_all=True)
        assert set(exact["method"]) == {"refit"}
        assert smoothed["rows"].sum() == exact["rows"].sum() == 90
        members = np.arange(9) if level == 0 else statistics.parents
        shape = (SAMPLER.chains, SAMPLER.draws)
        own = group_log_likelihood(statistics, fit, level).reshape(*shape, -1)
        for group in groups:
            without = statistics.without(np.flatnonzero(members == group))
            evidence, more = log_evidence(without, priors)
            expected, grid = whole - evidence, error + more
            assert grid < 0.02
            # The draws of the refit again, for their Monte Carlo error.
            seed = SAMPLER.seed + 1 + group
            again = fit_collapsed(without, priors, replace(SAMPLER, seed=seed))
            posterior = stored(again, seed)
            left = group_log_likelihood(statistics, posterior, level)[:, group].reshape(shape)
            assert exact["elpd"].iloc[group] == pytest.approx(logsumexp(left) - np.log(left.size))
            # Four Monte Carlo standard errors, as "agrees" is defined, and what the grid adds.
            far = 4 * error_of_mean(left) + grid
            assert exact["elpd"].iloc[group] == pytest.approx(expected, abs=far)
            if smoothed["method"].iloc[group] == "psis":
                far = 4 * error_of_smoothed(own[..., group]) + grid
            assert smoothed["elpd"].iloc[group] == pytest.approx(expected, abs=far)


def test_a_cluster_unlike_the_others_is_refitted():
    design = random_design(8, 120, 6, 0, ())
    rng = np.random.default_rng(8)
    outcome = 0.3 * rng.normal(size=120) + 2.0 * (design.groupings[0].index == 2)
    outcome[design.groupings[0].index == 2] *= 3
    statistics, priors, fit = fitted(design, outcome)
    found = leave_one_group_out(fit, statistics, priors, SAMPLER, level=0)
    assert found["method"].iloc[2] == "refit"
    assert found["elpd"].idxmin() == 2
    assert (found["method"] == np.where(found["pareto_k"] < 0.7, "psis", "refit")).all()


def test_what_cannot_be_left_out_is_named():
    design = random_design(8, 30, 3, 1, ())
    outcome = np.random.default_rng(1).normal(size=30)
    statistics, priors, fit = fitted(design, outcome)
    with pytest.raises(CompendiumError, match="one school cannot be left out"):
        leave_one_group_out(fit, statistics, priors, SAMPLER, level=1)
    huge = replace(design, columns=np.broadcast_to(1.0, (10**6, 4)))
    with pytest.raises(CompendiumError, match="thin the draws"):
        row_log_likelihood(fit, huge, np.zeros(10**6))
