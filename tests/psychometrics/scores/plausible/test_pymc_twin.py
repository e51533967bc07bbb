"""The joint model of the plausible values once more, in PyMC, as one would write it down."""

import arviz_stats as az
import numpy as np
import nutpie
import pymc as pm
import pytest
import xarray as xr
from pytensor import tensor as pt

from learning_with_others.psychometrics.answers import Answers
from learning_with_others.psychometrics.response_models.curves import log_likelihood_on_grid
from learning_with_others.psychometrics.response_models.item_parameters import ItemParameters
from learning_with_others.psychometrics.scores.plausible.chains import Schedule, draw_joint_values
from learning_with_others.psychometrics.scores.plausible.joint_model import (
    GRID,
    JointModel,
    make_cells,
)
from learning_with_others.psychometrics.scores.plausible.structural import GROUP_SD, RESIDUAL_SD

STUDENTS, CLASSROOMS = 300, 30
SLOPES = np.array([1.3, 1.8, 1.1, 1.5])
THRESHOLDS = np.array([[-1.2, 0.0, 1.1], [-0.8, 0.3, 1.4], [-1.5, -0.2, 0.9], [-0.9, 0.1, 1.2]])
# Means and sds of two samplers differ by their Monte Carlo errors: more than four combined ones
# in one of the 28 comparisons happens once in 500 correct runs.
MONTE_CARLO_ERRORS = 4


def students():
    """Four answers to a latent exposure, an observed outcome, two groups, ten to a classroom."""
    rng = np.random.default_rng(12)
    classroom = np.repeat(np.arange(CLASSROOMS), STUDENTS // CLASSROOMS)
    focal = (rng.random(STUDENTS) < 0.4).astype(int)
    effect = rng.multivariate_normal([0, 0], [[0.16, 0.06], [0.06, 0.09]], CLASSROOMS)[classroom]
    within = np.array([0.9, 1.0])[focal] * rng.standard_normal(STUDENTS)
    exposure = -0.3 * focal + effect[:, 0] + within
    slope = np.array([0.3, 0.5])[focal] + 0.2 * rng.standard_normal(CLASSROOMS)[classroom]
    noise = np.array([0.8, 0.7])[focal] * rng.standard_normal(STUDENTS)
    outcome = 0.2 * focal + effect[:, 1] + slope * within + noise
    latent = SLOPES * exposure[:, None] + rng.logistic(size=(STUDENTS, len(SLOPES)))
    codes = (latent[..., None] > SLOPES[:, None] * THRESHOLDS).sum(axis=-1).astype(np.int16)
    return focal, classroom, outcome, codes


def drawn_by_the_sampler(focal, classroom, outcome, codes):
    items = tuple("abcd")
    parameters = ItemParameters(items, SLOPES, -SLOPES[:, None] * THRESHOLDS)
    likelihood = log_likelihood_on_grid(Answers(items, codes, np.full(4, 4)), parameters, GRID)
    model = JointModel(
        variables=("c", "y"),
        has_exposure=True,
        observed=np.column_stack([np.full(STUDENTS, np.nan), outcome]),
        latent=np.array([0]),
        log_likelihood=likelihood[:, None].astype(np.float32),
        design=np.column_stack([np.ones(STUDENTS), focal]),
        terms=("intercept", "focal"),
        cells=make_cells(focal, classroom, np.zeros(STUDENTS)),
        groups=("r", "f"),
    )
    drawn = draw_joint_values(model, Schedule(count=4000, seed=3, burn_in=500, thinning=5))
    values = drawn.draws[:, :, 0].reshape(4, 1000, STUDENTS)
    return {**drawn.trace, **of_groups(values, focal)}


def pymc_model(focal, classroom, outcome, codes):
    person, item = np.indices(codes.shape).reshape(2, -1)
    cut = SLOPES[:, None] * THRESHOLDS
    with pm.Model() as model:
        c_mean, y_mean = (pm.Normal(f"{name} coefficients", 0, 10, shape=2) for name in "cy")
        slope = pm.Normal("slope", 0, 10, shape=2)
        c_sd, y_sd = (pm.HalfStudentT(f"sd of {name}", 2, RESIDUAL_SD, shape=2) for name in "cy")
        slope_sd = pm.HalfStudentT("slope sd", 2, GROUP_SD)
        # Huang and Wand (2013, eq. 3) with 2 degrees of freedom, times the Jacobian from variances
        # and covariance to standard deviations and correlation.
        sd = pm.HalfFlat("between sd", shape=2)
        r = pm.Uniform("between correlation", -1, 1)
        inverse = 1 / (sd**2 * (1 - r**2))
        determinant = pt.prod(sd**2) * (1 - r**2)
        density = -3 * pt.log(determinant) - 2 * pt.log(2 * inverse + GROUP_SD**-2).sum()
        pm.Potential("between", density + 2 * pt.log(sd).sum())

        standard = pm.Normal("standard effects", 0, 1, shape=(2, CLASSROOMS))
        c_effect = sd[0] * standard[0]
        y_effect = sd[1] * (r * standard[0] + pt.sqrt(1 - r**2) * standard[1])
        slope_effect = slope_sd * pm.Normal("standard slopes", 0, 1, shape=CLASSROOMS)
        within = c_sd[focal] * pm.Normal("standard exposure", 0, 1, shape=STUDENTS)
        exposure = c_mean[0] + c_mean[1] * focal + c_effect[classroom] + within
        expected = y_mean[0] + y_mean[1] * focal + y_effect[classroom]
        expected += (slope[focal] + slope_effect[classroom]) * within
        pm.Normal("y", expected, y_sd[focal], observed=outcome)
        # Answers are graded: P(X ≥ k) = logit⁻¹ a (θ − b_k), with known a and b.
        level = SLOPES[item] * exposure[person]
        pm.OrderedLogistic(
            "answers", level, cut[item], observed=codes[person, item], compute_p=False
        )
        pm.Deterministic("exposure", exposure)
    return model


def drawn_by_pymc(*data):
    compiled = nutpie.compile_pymc_model(pymc_model(*data))
    fit = nutpie.sample(
        compiled, seed=4, chains=4, tune=1000, draws=2000, target_accept=0.9, progress_bar=False
    )
    assert int(fit["sample_stats"]["diverging"].sum()) == 0
    found = {name: value.to_numpy() for name, value in fit["posterior"].to_dataset().items()}
    out = {"sd of the slope of y between clusters": found["slope sd"]}
    for place, name in enumerate("cy"):
        out[f"{name} on focal"] = found[f"{name} coefficients"][..., 1]
        out[f"sd of {name} between clusters"] = found["between sd"][..., place]
    for place, group in enumerate("rf"):
        out[f"slope of y, {group}"] = found["slope"][..., place]
        out[f"residual sd of y, {group}"] = found["sd of y"][..., place]
        out[f"sd of c, {group}"] = found["sd of c"][..., place]
    return out | of_groups(found["exposure"], data[0])


def of_groups(values, focal):
    """Mean of the latent exposure in each group, and its standard deviation."""
    return {
        f"{name} of latent values, {group}": summary(values[..., focal == place], axis=-1)
        for place, group in enumerate("rf")
        for name, summary in (("mean", np.mean), ("sd", np.std))
    }


@pytest.mark.deep
def test_the_sampler_agrees_with_pymc():
    data = students()
    ours, theirs = drawn_by_the_sampler(*data), drawn_by_pymc(*data)
    assert set(theirs) <= set(ours)
    for name in theirs:
        pair = [xr.Dataset({"x": (("chain", "draw"), each[name])}) for each in (ours, theirs)]
        for method, summary in (("mean", np.mean), ("sd", np.std)):
            first, second = (summary(each["x"].to_numpy()) for each in pair)
            error = np.hypot(*(float(az.mcse(each, method=method)["x"]) for each in pair))
            assert abs(first - second) < MONTE_CARLO_ERRORS * error, (name, method, first, second)
