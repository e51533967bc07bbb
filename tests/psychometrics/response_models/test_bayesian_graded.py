from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from conftest import ROOT
from scipy import optimize

from learning_with_others.bayes.diagnosis import diagnose
from learning_with_others.errors import CompendiumError
from learning_with_others.psychometrics.answers import Answers, grade_answers
from learning_with_others.psychometrics.response_models import bayesian_graded
from learning_with_others.psychometrics.response_models.bayesian_density import (
    fixed_priors,
    log_likelihood_with_gradient,
    log_posterior,
)
from learning_with_others.psychometrics.response_models.bayesian_design import (
    GRID,
    GradedPriors,
    graded_design,
)
from learning_with_others.psychometrics.response_models.bayesian_graded import (
    bayesian_item_table,
    fit_graded,
)
from learning_with_others.psychometrics.response_models.bayesian_model import graded_model
from learning_with_others.psychometrics.response_models.curves import log_likelihood_on_grid
from learning_with_others.psychometrics.response_models.item_parameters import ItemParameters
from learning_with_others.psychometrics.response_models.marginal import fit_response_model

PRIORS = GradedPriors()
SCIENCE = ROOT.parent / "shared/reference/science.csv"
# True values of the simulated study: few patterns, so that it is sampled in seconds.
SLOPES = np.array([1.0, 1.4, 2.0, 1.2])
THRESHOLDS = np.array([[-1.0, 0.6], [-0.7, 0.9], [-0.4, 0.4], [-1.3, 0.2]])
FOCAL_MEAN, FOCAL_SD = -0.4, 1.2
PEOPLE = 3000


def graded_answers(slopes, thresholds, trait, rng):
    latent = slopes * (trait[:, None]) + rng.logistic(size=(len(trait), len(slopes)))
    codes = (latent[..., None] > slopes[:, None] * thresholds).sum(axis=-1).astype(np.int16)
    items = tuple(f"item_{number}" for number in range(len(slopes)))
    return Answers(items, codes, np.full(len(slopes), thresholds.shape[1] + 1))


@pytest.fixture(scope="session")
def simulated():
    rng = np.random.default_rng(17)
    focal = rng.random(PEOPLE) < 0.4
    trait = np.where(focal, FOCAL_MEAN, 0.0) + rng.normal(size=PEOPLE) * np.where(
        focal, FOCAL_SD, 1.0
    )
    return graded_answers(SLOPES, THRESHOLDS, trait, rng), focal


@pytest.fixture(scope="session")
def bayesian_fit(simulated):
    return fit_graded(graded_design(*simulated), PRIORS, seed=5)


def uneven_answers(rng):
    """Items of two to five categories, some answers missing, some rows empty."""
    categories = np.array([4, 2, 3, 5])
    codes = np.column_stack([rng.integers(0, c, 80) for c in categories]).astype(np.int16)
    codes[rng.random(codes.shape) < 0.15] = -1
    codes[:3] = -1
    return Answers(("a", "b", "c", "d"), codes, categories)


def test_the_likelihood_is_that_of_the_response_models():
    rng = np.random.default_rng(2)
    answers, focal = uneven_answers(rng), rng.random(80) < 0.5
    design = graded_design(answers, focal)
    slopes = rng.uniform(0.5, 2.5, 4)
    thresholds = np.concatenate([np.sort(rng.normal(size=c - 1)) for c in answers.categories])
    latent = np.array([-0.4, np.log(1.3)])
    found = log_likelihood_with_gradient(
        slopes, thresholds, latent, design.patterns, design.start, GRID
    )[0]
    intercepts = np.full((4, 4), np.nan)
    for item, first in enumerate(design.start[:-1]):
        own = thresholds[first : design.start[item + 1]]
        intercepts[item, : len(own)] = -slopes[item] * own
    each = log_likelihood_on_grid(answers, ItemParameters(answers.items, slopes, intercepts), GRID)
    density = np.exp(-0.5 * np.array([GRID, (GRID + 0.4) / 1.3]) ** 2)
    density /= density.sum(axis=1, keepdims=True)
    rows = (np.exp(each) * density[focal.astype(int)]).sum(axis=1)
    assert found == pytest.approx(np.log(rows).sum(), rel=1e-12)


@pytest.mark.parametrize("grouped", [True, False])
def test_the_gradient_is_the_slope_of_the_density(grouped):
    rng = np.random.default_rng(4)
    design = graded_design(uneven_answers(rng), rng.random(80) < 0.5 if grouped else None)
    fixed = fixed_priors(design, PRIORS)
    point = 0.5 * rng.normal(size=len(fixed[0]) + len(design.part))
    gradient = log_posterior(point, design, fixed)[1]
    # Central differences with four points: truncation of the order of the step to the fourth.
    step = 1e-3
    moves = {2: -1 / 12, 1: 2 / 3, -1: -2 / 3, -2: 1 / 12}
    numerical = [
        sum(w * log_posterior(point + m * step * e, design, fixed)[0] for m, w in moves.items())
        / step
        for e in np.eye(len(point))
    ]
    np.testing.assert_allclose(gradient, numerical, rtol=1e-6, atol=1e-6)


def test_far_from_the_posterior_the_density_is_not_finite_and_nothing_is_raised():
    # The sampler takes such a point for a divergence; an exception would end the chain.
    design = graded_design(uneven_answers(np.random.default_rng(4)))
    fixed = fixed_priors(design, PRIORS)
    point = np.zeros(len(fixed[0]) + len(design.part))
    for place, value in ((len(fixed[0]), -800.0), (len(point) - 1, -800.0), (4, -800.0)):
        far = point.copy()
        far[place] = value
        density, gradient = log_posterior(far, design, fixed)
        assert not (np.isfinite(density) and np.isfinite(gradient).all())


@pytest.mark.parametrize("kind", ["uneven", "two categories"])
def test_what_is_sampled_is_the_model_that_is_read(kind, monkeypatch):
    rng = np.random.default_rng(6)
    answers = uneven_answers(rng)
    if kind == "two categories":
        codes = np.minimum(answers.codes, 1)
        answers = replace(answers, codes=codes, categories=np.full(4, 2))
    design = graded_design(answers, rng.random(80) < 0.5)
    assert design.parts == ("log slope", "location", "log gap")[: 3 if kind == "uneven" else 2]
    size = 2 * len(design.parts) + 2 + len(design.part)
    bayesian_graded.check_same_density(design, PRIORS, 0.3 * rng.normal(size=size))
    other = replace(PRIORS, latent_sd=(1.0, 0.4))
    monkeypatch.setattr(bayesian_graded, "graded_model", lambda d, _: graded_model(d, other))
    with pytest.raises(CompendiumError, match="the compiled density gives"):
        fit_graded(design, PRIORS, seed=1)


def test_the_likelihood_at_its_maximum_is_that_of_mirt_on_the_science_data():
    if not SCIENCE.is_file():
        pytest.skip(f"NOT TESTED against R mirt: {SCIENCE} is not here")
    answers = grade_answers(pd.read_csv(SCIENCE).astype(float))
    design = graded_design(answers)

    def negative(point):
        gaps = np.exp(point[8:])
        thresholds = point[4:8][design.owner] + design.from_gaps @ gaps
        slopes = np.exp(point[:4])
        value, by_slope, by_threshold, _ = log_likelihood_with_gradient(
            slopes, thresholds, np.zeros(2), design.patterns, design.start, GRID
        )
        by_location = np.bincount(design.owner, by_threshold)
        by_gap = (by_threshold @ design.from_gaps) * gaps
        return -value, -np.concatenate([by_slope * slopes, by_location, by_gap])

    found = optimize.minimize(negative, np.zeros(16), jac=True, method="L-BFGS-B", tol=1e-12)
    # R mirt: log likelihood to its printed digits, slopes to .01 (the steep one to .02).
    assert -found.fun == pytest.approx(-1608.870, abs=1e-3)
    away = np.abs(np.exp(found.x[:4]) - [1.042, 1.226, 2.293, 1.095])
    assert (away < [0.01, 0.01, 0.02, 0.01]).all()


def test_the_fit_passes_its_gate(bayesian_fit):
    found = diagnose(bayesian_fit)
    assert found.flag is None, found.flag
    assert set(bayesian_fit["posterior"].to_dataset()) == {
        "centre", "spread", "slope", "threshold", "focal_mean", "focal_sd",
    }  # fmt: skip


def test_the_posterior_holds_the_truth_and_the_maximum_of_the_likelihood(simulated, bayesian_fit):
    answers, focal = simulated
    label = np.where(focal, "focal", "reference")
    fit = fit_response_model(answers, group=label, labels=("reference", "focal"))
    estimates = fit.parameters["reference"]
    posterior = bayesian_fit["posterior"].to_dataset()
    for name, maximum, truth in (
        ("slope", estimates.slopes, SLOPES),
        ("threshold", estimates.thresholds.ravel(), THRESHOLDS.ravel()),
        ("focal_mean", fit.means["focal"], FOCAL_MEAN),
        ("focal_sd", fit.standard_deviations["focal"], FOCAL_SD),
    ):
        mean = posterior[name].mean(("chain", "draw")).to_numpy()
        sd = posterior[name].std(("chain", "draw")).to_numpy()
        # With 3,000 people the priors weigh little; a skewed posterior's mean is not its mode,
        # and slopes are drawn to each other: less than half an sd.
        assert (np.abs(mean - maximum) < 0.5 * sd).all(), name
        # 14 quantities: the largest of so many is beyond 3.3 sd once in a hundred studies.
        assert (np.abs(mean - truth) < 3.3 * sd).all(), name


def test_posterior_spreads_are_the_standard_errors_of_large_samples(simulated, bayesian_fit):
    # The curvature of the log density at its top, by differences of the exact gradient.
    design = graded_design(*simulated)
    fixed = fixed_priors(design, PRIORS)
    hyper = len(fixed[0])
    posterior = bayesian_fit["posterior"].to_dataset()
    slope = posterior["slope"].to_numpy().reshape(-1, 4)
    top = np.concatenate([fixed[0], np.zeros(len(design.part))])
    top[hyper : hyper + 4] = np.log(SLOPES)
    top[hyper + 4 : hyper + 8] = THRESHOLDS.mean(axis=1)
    top[hyper + 8 :] = np.log(np.diff(THRESHOLDS, axis=1)).ravel()
    found = optimize.minimize(
        lambda x: tuple(-part for part in log_posterior(x, design, fixed)),
        top,
        jac=True,
        method="BFGS",
    ).x
    step = 1e-4
    hessian = np.array(
        [
            (
                log_posterior(found + e, design, fixed)[1]
                - log_posterior(found - e, design, fixed)[1]
            )
            / (2 * step)
            for e in step * np.eye(len(found))
        ]
    )
    spread = np.sqrt(np.diag(np.linalg.inv(-hessian)))[hyper : hyper + 4]
    # A normal approximation of log slopes, whose posterior is near normal: within a tenth, twice
    # the Monte Carlo error of a sd from 1,000 effective draws and as much for the approximation.
    np.testing.assert_allclose(np.log(slope).std(axis=0), spread, rtol=0.1)


def test_the_table_states_interval_and_diagnostics_and_passes_the_flag_on(bayesian_fit):
    table = bayesian_item_table(bayesian_fit, PEOPLE, 0.9, "fit failed its diagnosis: x")
    assert len(table) == 4 + 8 + 2
    draws = bayesian_fit["posterior"]["threshold"].sel(item_threshold="item_2 1").to_numpy()
    row = table[(table["item"] == "item_2") & (table["threshold"] == 1)].iloc[0]
    np.testing.assert_allclose([row["lower"], row["upper"]], np.quantile(draws, [0.05, 0.95]))
    assert row["mean"] == pytest.approx(draws.mean())
    assert row["sd"] == pytest.approx(draws.std(ddof=1))
    assert (row["interval"], row["probability"]) == ("equal-tailed credible", 0.9)
    assert (table["rhat"] < 1.01).all()
    assert (table[["ess_bulk", "ess_tail"]] >= 400).all(axis=None)
    assert set(table["flag"]) == {"fit failed its diagnosis: x"}
    assert set(table["children"]) == {PEOPLE}
    moments = table[table["parameter"].isin(["focal_mean", "focal_sd"])]
    assert moments["item"].tolist() == ["", ""]


@pytest.mark.parametrize("cut", ["padded", "short"])
def test_a_fit_cut_short_is_refused(cut, monkeypatch):
    energy = np.zeros((2, 5))
    energy = np.where(np.arange(5) < 3, energy, np.nan) if cut == "padded" else energy[:, :4]
    stats = xr.Dataset({"energy": (("chain", "draw"), energy)})
    tree = xr.DataTree.from_dict({"/sample_stats": stats, "/posterior": xr.Dataset()})
    monkeypatch.setattr(bayesian_graded.nutpie, "sample", lambda *_, **__: tree)
    design = graded_design(uneven_answers(np.random.default_rng(9)))
    with pytest.raises(KeyboardInterrupt, match="before its last draw"):
        fit_graded(design, PRIORS, seed=1, chains=2, draws=5)


@pytest.mark.parametrize(
    ("spoil", "expected"),
    [
        (lambda codes: codes[:, :2], "2 items: their slopes would rest on the priors alone"),
        (lambda codes: np.where(np.arange(4) == 1, 0, codes), "1 of its 2 answers were given"),
        (lambda codes: np.full_like(codes, -1), "0 of its 4 answers were given"),
    ],
)
def test_answers_that_cannot_be_fitted_are_named(spoil, expected):
    answers = uneven_answers(np.random.default_rng(3))
    codes = spoil(answers.codes)
    k = codes.shape[1]
    with pytest.raises(CompendiumError, match=expected):
        graded_design(Answers(answers.items[:k], codes, answers.categories[:k]))


def test_one_group_alone_is_no_comparison():
    answers = uneven_answers(np.random.default_rng(3))
    with pytest.raises(CompendiumError, match="belong to one of the two groups"):
        graded_design(answers, np.arange(80) < 3)  # the focal group gave no answer
