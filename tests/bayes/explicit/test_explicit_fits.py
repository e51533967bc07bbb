"""Every family is sampled once: known parameters come back, and REML agrees where it exists."""

import warnings

import numpy as np
import pandas as pd
import pytest
import statsmodels.formula.api as smf
import xarray as xr
from scipy import special
from specified import specified

from learning_with_others.bayes.explicit import fit
from learning_with_others.bayes.explicit.fit import fit_explicit, sample
from learning_with_others.bayes.model_frame import model_frame
from learning_with_others.bayes.specification import Sampler
from learning_with_others.errors import CompendiumError

ROWS, GROUPS = 480, 40
SAMPLER = Sampler(seed=5, chains=2, tune=500, draws=500, target_accept=0.9)
# Truths lie within this many posterior sds: of some 20 parameters one in 300 would not by chance,
# and the seed is fixed.
NEAR = 3.5


@pytest.fixture(scope="module")
def rows():
    """Groups with intercepts (sd .5) and slopes (.3, correlation -.5); coefficients .2 and .4."""
    rng = np.random.default_rng(12)
    group = np.arange(ROWS) % GROUPS
    x = rng.normal(size=ROWS)
    effects = rng.multivariate_normal([0, 0], [[0.25, -0.075], [-0.075, 0.09]], size=GROUPS)[group]
    mean = 0.2 + 0.4 * x + effects[:, 0]
    logit = mean + rng.logistic(size=ROWS)
    return pd.DataFrame(
        {
            "x": x,
            "classroom": group,
            "score": mean + effects[:, 1] * x + 0.7 * rng.normal(size=ROWS),
            "outlying": mean + 0.7 * rng.standard_t(4, size=ROWS) * np.sqrt(0.5),
            "answer": np.digitize(logit, [-1.0, 0.5, 2.0]),
            "passed": (logit > 0).astype(int),
        }
    )


def frame_of(rows, outcome, family, *slopes):
    groupings = {"classroom": {"slopes": slopes, "correlated": True}}
    return model_frame(specified(outcome, "x", family=family, groupings=groupings), rows)


@pytest.fixture(scope="module")
def gaussian(rows):
    return frame_of(rows, "score", "gaussian", "x")


@pytest.fixture(scope="module")
def gaussian_fits(gaussian):
    """Two outcomes, one compilation."""
    outcomes = {"score": gaussian.outcome, "reversed": -gaussian.outcome}
    return fit_explicit(gaussian, outcomes, SAMPLER)


def check(fit, truths):
    posterior = fit["posterior"]
    for name, truth in truths.items():
        draws = posterior[name].to_numpy().reshape(SAMPLER.chains * SAMPLER.draws, -1)
        distance = np.abs(draws.mean(axis=0) - truth) / draws.std(axis=0)
        assert (distance < NEAR).all(), (name, distance)
    assert int(fit["sample_stats"]["diverging"].sum()) == 0


def test_gaussian_parameters_come_back(gaussian_fits):
    truths = {
        "coefficient": [0.2, 0.4],
        "sd_classroom": 0.5,
        "sd_classroom_slope_0": 0.3,
        "correlation_classroom": -0.5,
        "sd_residual": 0.7,
    }
    check(gaussian_fits["score"], truths)
    fit = gaussian_fits["score"]
    assert fit.attrs["engine"] == "explicit"
    assert fit.attrs["seconds"] > 0
    assert list(fit["posterior"]["term"].to_numpy()) == ["Intercept", "x"]
    assert list(fit["posterior"]["pair_classroom"].to_numpy()) == ["Intercept & x"]


def test_gaussian_agrees_with_reml(gaussian_fits, rows):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model = smf.mixedlm("score ~ x", rows, groups="classroom", re_formula="x")
        reml = model.fit(reml=True, method=["powell", "lbfgs"])
    posterior = gaussian_fits["score"]["posterior"]
    coefficient = posterior["coefficient"]
    difference = coefficient.mean(["chain", "draw"]).to_numpy() - reml.fe_params.to_numpy()
    # Monte Carlo error of 1000 correlated draws (.06 sd or so) and the priors' pull.
    assert (np.abs(difference / coefficient.std(["chain", "draw"])) < 0.2).all()
    # A variance's posterior mean is not its REML estimate, but effects of groups are alike.
    ours = posterior["effect_classroom_slope_0"].mean(["chain", "draw"]).to_numpy()
    labels = posterior["classroom"].to_numpy()
    theirs = [reml.random_effects[int(label)]["x"] for label in labels]
    assert np.corrcoef(ours, theirs)[0, 1] > 0.98


def test_another_outcome_is_fitted_without_another_compilation(gaussian_fits):
    first, second = (gaussian_fits[name]["posterior"] for name in ("score", "reversed"))
    difference = first["coefficient"].mean(["chain", "draw"]) + second["coefficient"].mean(
        ["chain", "draw"]
    )
    # The mirrored outcome has the mirrored posterior, up to Monte Carlo error.
    assert (np.abs(difference) < 0.25 * first["coefficient"].std(["chain", "draw"])).all()


def test_other_values_of_the_columns_are_fitted_without_another_compilation(rows, monkeypatch):
    compiled = []

    def compile_model(model):
        compiled.append(model)
        return compile_once(model)

    compile_once = fit.nutpie.compile_pymc_model
    monkeypatch.setattr(fit.nutpie, "compile_pymc_model", compile_model)
    monkeypatch.setattr(fit, "_LATEST", {})
    slopes = []
    for sign in (1, -1):
        frame = frame_of(rows.assign(x=sign * rows["x"]), "passed", "bernoulli")
        found = fit_explicit(frame, {"passed": frame.outcome}, SAMPLER)["passed"]
        slopes.append(found["posterior"]["coefficient"].sel(term="x"))
    assert len(compiled) == 1
    # The mirrored column has the mirrored slope, up to Monte Carlo error.
    assert abs(float(slopes[0].mean() + slopes[1].mean())) < 0.25 * float(slopes[0].std())


def test_student_t_parameters_come_back(rows):
    frame = frame_of(rows, "outlying", "student_t")
    fit = fit_explicit(frame, {"outlying": frame.outcome}, SAMPLER)["outlying"]
    truths = {"coefficient": [0.2, 0.4], "sd_classroom": 0.5, "sd_residual": 0.7}
    check(fit, truths)
    degrees = fit["posterior"]["degrees_of_freedom"].to_numpy()
    assert np.quantile(degrees, 0.025) < 4 < np.quantile(degrees, 0.975)


def test_ordered_logistic_parameters_come_back(rows):
    frame = frame_of(rows, "answer", "ordered_logistic")
    fit = fit_explicit(frame, {"answer": frame.outcome}, SAMPLER)["answer"]
    # The intercept of .2 is taken from the thresholds.
    truths = {"coefficient": [0.4], "threshold": [-1.2, 0.3, 1.8], "sd_classroom": 0.5}
    check(fit, truths)
    assert (np.diff(fit["posterior"]["threshold"], axis=-1) > 0).all()


def test_bernoulli_parameters_come_back(rows):
    frame = frame_of(rows, "passed", "bernoulli")
    fit = fit_explicit(frame, {"passed": frame.outcome}, SAMPLER)["passed"]
    check(fit, {"coefficient": [0.2, 0.4], "sd_classroom": 0.5})
    posterior = fit["posterior"].to_dataset()
    effect = posterior["effect_classroom"].to_numpy()
    index = frame.groupings[0].index
    mean = posterior["coefficient"].to_numpy() @ frame.columns.T + effect[..., index]
    # On the rows fitted the mean prediction is the share that passed.
    assert special.expit(mean).mean() == pytest.approx(rows["passed"].mean(), abs=0.03)


@pytest.mark.parametrize(
    ("outcome", "expected"),
    [
        (np.zeros(3), "it has shape"),
        (np.full(ROWS, np.nan), "480 values are missing or infinite"),
        (np.full(ROWS, 7), "no codes of the frame's categories"),
    ],
)
def test_an_outcome_that_does_not_fit_the_frame_is_refused(rows, outcome, expected):
    frame = frame_of(rows, "answer", "ordered_logistic")
    with pytest.raises(CompendiumError, match=expected):
        fit_explicit(frame, {"other": outcome}, SAMPLER)


def test_draws_cut_short_are_refused(monkeypatch):
    energy = np.zeros((2, 500))
    energy[1, 300:] = np.nan
    cut = xr.DataTree.from_dict({"/sample_stats": xr.Dataset({"energy": (("c", "d"), energy)})})
    monkeypatch.setattr("nutpie.sample", lambda *_, **__: cut)
    with pytest.raises(KeyboardInterrupt):
        sample(None, SAMPLER)
