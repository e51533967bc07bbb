"""Whole chains against closed forms and numerical integration, everything observed."""

import numpy as np
import pytest
from scipy import stats

from learning_with_others.errors import CompendiumError
from learning_with_others.psychometrics.scores.plausible.chain_agreement import summarize_trace
from learning_with_others.psychometrics.scores.plausible.chains import Schedule, draw_joint_values
from learning_with_others.psychometrics.scores.plausible.joint_model import (
    GRID,
    JointModel,
    make_cells,
)

NO_LATENT = {"latent": np.zeros(0, dtype=int)}


def model_of(observed, group, cluster, *, has_exposure, variables, groups=("r", "f"), terms=1):
    rows = len(observed)
    return JointModel(
        variables=variables,
        has_exposure=has_exposure,
        observed=observed,
        log_likelihood=np.zeros((rows, 0, len(GRID)), dtype=np.float32),
        design=np.column_stack([np.ones(rows), group])[:, :terms],
        terms=("intercept", "focal")[:terms],
        cells=make_cells(group, cluster, np.zeros(rows)),
        groups=groups,
        **NO_LATENT,
    )


@pytest.fixture(scope="module")
def regression():
    rng = np.random.default_rng(10)
    group = np.repeat([0, 1], [150, 90])
    exposure = rng.standard_normal(240) - 0.3 * group
    standard_deviation = np.array([0.7, 1.1])[group]
    outcome = np.array([0.2, 0.6])[group] * exposure + standard_deviation * rng.standard_normal(240)
    observed = np.column_stack([exposure, outcome])
    model = model_of(
        observed,
        group,
        np.zeros(240, dtype=int),
        has_exposure=True,
        variables=("c", "y"),
        terms=2,
    )
    drawn = draw_joint_values(model, Schedule(count=4, seed=1, burn_in=100, thinning=500))
    return observed, group, drawn


@pytest.mark.parametrize("code", [0, 1])
def test_slopes_and_spreads_by_group_are_those_of_separate_regressions(regression, code):
    """Free slope and variance in each group: the posterior is that of two regressions."""
    observed, group, drawn = regression
    exposure, outcome = observed[group == code].T
    fit = stats.linregress(exposure, outcome)
    rows = len(exposure)
    name = ("r", "f")[code]
    slope = drawn.trace[f"slope of y, {name}"].ravel()
    # Flat priors would give a t with rows − 2 degrees of freedom around the least squares; the
    # intercepts' and spreads' weak priors move it by less than .05 standard errors, Monte Carlo
    # error at 2,000 draws by .03 and the sd by 2%.
    assert slope.mean() == pytest.approx(fit.slope, abs=0.1 * fit.stderr)
    wanted = fit.stderr * np.sqrt((rows - 2) / (rows - 4))
    assert slope.std() == pytest.approx(wanted, rel=0.08)
    residual = outcome - fit.intercept - fit.slope * exposure
    standard_deviation = drawn.trace[f"residual sd of y, {name}"].ravel()
    # The prior's 2 degrees of freedom beside rows: within 2%.
    assert standard_deviation.mean() == pytest.approx(
        np.sqrt((residual**2).sum() / (rows - 2)), rel=0.02
    )


def test_observed_values_come_back_as_they_were(regression):
    observed, _, drawn = regression
    assert (drawn.draws == observed).all()
    assert np.array_equal(drawn.chain, [0, 1, 2, 3])


def test_conjugate_chains_pass_the_diagnosis(regression):
    assert summarize_trace(regression[2].trace)["converged"].all()


def test_standard_deviations_between_and_within_clusters_match_integration():
    """One variable, 12 clusters of 5: the posterior on a grid of the two standard deviations."""
    rng = np.random.default_rng(11)
    cluster = np.repeat(np.arange(12), 5)
    values = 0.35 * rng.standard_normal(12)[cluster] + rng.standard_normal(60)
    model = model_of(
        values[:, None],
        np.zeros(60, dtype=int),
        cluster,
        has_exposure=False,
        variables=("y",),
        groups=("everyone",),
    )
    drawn = draw_joint_values(model, Schedule(count=4, seed=2, burn_in=150, thinning=800))
    means = values.reshape(12, 5).mean(axis=1)
    within = ((values - means[cluster]) ** 2).sum()
    between = ((means - means.mean()) ** 2).sum()
    tau, sigma = np.meshgrid(np.linspace(1e-3, 2.5, 1200), np.linspace(0.5, 2.0, 600))
    variance = tau**2 + sigma**2 / 5
    density = (
        -48 * np.log(sigma)
        - within / 2 / sigma**2
        - 11 / 2 * np.log(variance)  # the intercept integrated out, its prior as good as flat
        - between / 2 / variance
        + stats.t.logpdf(tau, 2, scale=0.5)
        + stats.t.logpdf(sigma, 2, scale=1.0)
    )
    weight = np.exp(density - density.max())
    weight /= weight.sum()
    for name, grid in (("sd of y between clusters", tau), ("residual sd of y, everyone", sigma)):
        draws = drawn.trace[name].ravel()
        mean = (weight * grid).sum()
        standard_deviation = np.sqrt((weight * (grid - mean) ** 2).sum())
        # 3,200 draws, of which some 600 are effective: errors of .04 sd for the mean, .03 for the
        # ratio of sds; four of them.
        assert draws.mean() == pytest.approx(mean, abs=0.16 * standard_deviation)
        assert draws.std() == pytest.approx(standard_deviation, rel=0.12)


def test_random_slopes_match_integration():
    """Slopes of 30 clusters: sd of the slope against its posterior on a grid."""
    rng = np.random.default_rng(12)
    cluster = np.repeat(np.arange(30), 20)
    exposure = rng.standard_normal(600)
    slope = 0.3 + 0.2 * rng.standard_normal(30)
    outcome = slope[cluster] * exposure + rng.standard_normal(600)
    # Centred within clusters, so that effects of clusters on the means carry no information.
    exposure, outcome = (
        column - (np.bincount(cluster, column) / 20)[cluster] for column in (exposure, outcome)
    )
    model = model_of(
        np.column_stack([exposure, outcome]),
        np.zeros(600, dtype=int),
        cluster,
        has_exposure=True,
        variables=("c", "y"),
        groups=("everyone",),
    )
    drawn = draw_joint_values(
        model, Schedule(count=2, seed=3, chains=2, burn_in=150, thinning=1000)
    )
    squares = np.bincount(cluster, exposure**2)
    found = np.bincount(cluster, exposure * outcome) / squares
    residual = outcome - found[cluster] * exposure
    sigma2 = (residual**2).sum() / (600 - 60)  # known to 4%, which the tolerance below holds
    tau, average = np.meshgrid(np.linspace(1e-3, 0.8, 800), np.linspace(0, 0.6, 300))
    density = stats.t.logpdf(tau, 2, scale=0.5)
    for estimate, square in zip(found, squares, strict=True):
        density += stats.norm.logpdf(estimate, average, np.sqrt(tau**2 + sigma2 / square))
    weight = np.exp(density - density.max())
    weight /= weight.sum()
    mean = (weight * tau).sum()
    standard_deviation = np.sqrt((weight * (tau - mean) ** 2).sum())
    draws = drawn.trace["sd of the slope of y between clusters"].ravel()
    # Exposure and outcome are residuals around drawn means, whose noise (1 / 20 of a variance)
    # the grid leaves out: a quarter of a posterior sd.
    assert draws.mean() == pytest.approx(mean, abs=0.25 * standard_deviation)
    assert draws.std() == pytest.approx(standard_deviation, rel=0.15)


@pytest.mark.parametrize(("count", "chains"), [(20, 1), (1, 2)])
def test_a_schedule_that_cannot_be_judged_is_refused(regression, count, chains):
    observed, group, _ = regression
    model = model_of(
        observed, group, np.zeros(240, dtype=int), has_exposure=True, variables=("c", "y")
    )
    with pytest.raises(CompendiumError, match="two chains"):
        draw_joint_values(model, Schedule(count=count, seed=1, chains=chains))


@pytest.mark.parametrize(
    ("outcome", "message"),
    [(np.ones(240), "does not vary"), (np.arange(240.0) + 1e-3, "correlate beyond")],
)
def test_variables_without_information_of_their_own_are_refused(outcome, message):
    observed = np.column_stack([np.arange(240.0), outcome])
    model = model_of(
        observed,
        np.repeat([0, 1], 120),
        np.zeros(240, dtype=int),
        has_exposure=True,
        variables=("c", "y"),
    )
    with pytest.raises(CompendiumError, match=message):
        draw_joint_values(model, Schedule(count=2, seed=1, chains=2))


def test_an_exposure_alone_is_refused():
    model = model_of(
        np.arange(240.0)[:, None],
        np.repeat([0, 1], 120),
        np.zeros(240, dtype=int),
        has_exposure=True,
        variables=("c",),
    )
    with pytest.raises(CompendiumError, match="no construct or outcome"):
        draw_joint_values(model, Schedule(count=2, seed=1, chains=2))
