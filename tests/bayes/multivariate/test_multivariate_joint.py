"""The sampler leaves the joint distribution of parameters and outcomes as it is (Geweke 2004).

Parameters and outcomes are drawn in turns, parameters by one sweep. If every step of it is right,
parameters are distributed as a priori, whatever the order of steps and the number of rows.
"""

import arviz_stats as az
import numpy as np
import pytest
from small_study import POOLED, frame_of, students

from learning_with_others.bayes.multivariate.chain import start, sweep
from learning_with_others.bayes.multivariate.fit import resolve
from learning_with_others.bayes.multivariate.priors import AcrossOutcomes, StandardDeviation
from learning_with_others.bayes.multivariate.residual import draw_residual, log_prior
from learning_with_others.bayes.multivariate.sums import gather
from learning_with_others.bayes.prior_sets import Prior

COUNT, SWEEPS, BURN = 2, 3000, 100
# Standard errors a mean may lie from its expectation: of some 40 means, one would by chance in
# 400 runs, and the seed is fixed.
NEAR = 4.0
OVERRIDE = {
    "sd_classroom": {"distribution": "half_student_t", "scale": 0.5, "degrees": 4},
    "sd_school": {"distribution": "exponential", "scale": 0.5},
}
PRIORS = AcrossOutcomes(Prior("half_normal", 0.4, ""), Prior("lkj", 1.5, ""))


@pytest.fixture(scope="module", name="frame")
def _frame():
    return frame_of(students(rows=14, classrooms=4, schools=2), None, "precision", OVERRIDE)


def outcomes_of(frame, state, rng):
    """Draw outcomes given coefficients and (co)variances, with effects of their own."""
    residual = rng.multivariate_normal(np.zeros(COUNT), state.covariance, size=len(frame.columns))
    mean = frame.columns @ state.coefficients.T + residual / np.sqrt(frame.weights)[:, None]
    at = 0
    for grouping in frame.groupings:
        terms = frame.random_columns(grouping).shape[1]
        sds = state.standard_deviations[:, at : at + terms]
        effects = rng.normal(size=(len(grouping.labels), *sds.shape)) * sds
        mean += np.einsum("iq,ikq->ik", frame.random_columns(grouping), effects[grouping.index])
        at += terms
    return {f"y{k}": mean[:, k] for k in range(COUNT)}


def functions(coefficients, mean, pooled_sd, standard_deviations, covariance):
    """Bounded functions of the parameters, and two products that pooling makes positive."""
    sds = np.sqrt(np.diagonal(covariance, axis1=-2, axis2=-1))
    correlation = covariance[..., 0, 1] / (sds[..., 0] * sds[..., 1])
    parts = [
        np.tanh(coefficients).reshape(len(mean), -1),
        np.tanh(coefficients**2).reshape(len(mean), -1),
        np.tanh(coefficients[..., -1].prod(axis=-1))[:, None],
        np.tanh(mean)[:, None],
        np.tanh(mean**2)[:, None],
        np.tanh(pooled_sd * 3)[:, None],
        np.tanh(standard_deviations * 2).reshape(len(mean), -1),
        np.tanh(sds),
        correlation[:, None],
        correlation[:, None] ** 2,
    ]
    return np.concatenate(parts, axis=1)


def prior_draws(frame, number, rng, pooled_scale=0.4):
    """Independent draws of what `functions` takes, from their priors."""
    terms = len(frame.terms)
    coefficients = rng.normal(size=(number, COUNT, terms)) * frame.priors.coefficient_sd
    mean = rng.normal(size=number) * frame.priors.coefficient_sd[-1]
    pooled_sd = np.abs(rng.normal(size=number)) * pooled_scale
    coefficients[..., -1] = mean[:, None] + pooled_sd[:, None] * rng.normal(size=(number, COUNT))
    standard_deviations = np.stack(
        [
            np.abs(rng.standard_t(4, size=(number, COUNT))) * 0.5,
            np.abs(rng.normal(size=(number, COUNT))) * 0.5,
            rng.exponential(0.5, size=(number, COUNT)),
        ],
        axis=-1,
    )
    sds = np.abs(rng.normal(size=(number, COUNT)))
    r = 2 * rng.beta(1.5, 1.5, size=number) - 1  # the LKJ of two outcomes
    covariance = sds[:, :, None] * sds[:, None, :]
    covariance[:, 0, 1] *= r
    covariance[:, 1, 0] *= r
    return coefficients, mean, pooled_sd, standard_deviations, covariance


def distances(chain, independent):
    """Distances of the two means in standard errors."""
    errors = np.array([az.mcse(np.ascontiguousarray(c)[None], method="mean") for c in chain.T])
    errors = np.hypot(errors, independent.std(axis=0) / np.sqrt(len(independent)))
    return (chain.mean(axis=0) - independent.mean(axis=0)) / errors


@pytest.fixture(scope="module", name="chain")
def _chain(frame):
    rng = np.random.default_rng(31)
    assert frame.terms[-1] == POOLED
    priors = resolve(frame, frame.terms[-1], PRIORS)
    state = start(gather(frame, {f"y{k}": frame.outcome for k in range(COUNT)}), priors, rng)
    # Begin with parameters of the prior, not with a start meant for data.
    drawn = prior_draws(frame, 1, rng)
    state = type(state)(*(each[0] for each in drawn), energy=0.0)
    kept = []
    for _ in range(SWEEPS):
        state = sweep(gather(frame, outcomes_of(frame, state, rng)), priors, state, rng)
        kept.append(
            (state.coefficients, state.pooled_mean, state.pooled_sd, state.standard_deviations,
             state.covariance)
        )  # fmt: skip
    return functions(*(np.array(part[BURN:]) for part in zip(*kept, strict=True)))


def test_parameters_are_distributed_as_a_priori(frame, chain):
    rng = np.random.default_rng(32)
    found = distances(chain, functions(*prior_draws(frame, 200_000, rng)))
    assert np.abs(found).max() < NEAR, np.round(found, 1)


def test_a_wrong_prior_is_found(frame, chain):
    """The same comparison, had the sampler a scale 1.4 times that declared."""
    rng = np.random.default_rng(33)
    found = distances(chain, functions(*prior_draws(frame, 200_000, rng, 0.4 / 1.4)))
    assert np.abs(found).max() > NEAR


def test_residual_covariance_against_a_grid():
    """Six rows, where the prior matters: means of sds and correlation by summing over a grid."""
    rng = np.random.default_rng(5)
    rows, shape, standard_deviation = 6, 2.0, StandardDeviation(0, 0.8, np.inf)
    e = rng.normal(size=(rows, 2)) @ np.array([[1, 0.6], [0, 0.8]])
    products = e.T @ e
    grid = np.linspace(0.02, 5, 90)
    first, second, r = np.meshgrid(grid, grid, np.linspace(-0.995, 0.995, 121), indexing="ij")
    left = 1 - r**2
    quadratic = products[0, 0] / first**2 + products[1, 1] / second**2
    quadratic = (quadratic - 2 * r * products[0, 1] / (first * second)) / left
    log = -rows * np.log(first * second) - rows / 2 * np.log(left) - quadratic / 2
    log += (shape - 1) * np.log(left) - (first**2 + second**2) / (2 * 0.8**2)
    weight = np.exp(log - log.max())
    weight /= weight.sum()
    expected = [(weight * each).sum() for each in (first, second, r, r**2)]

    kept, last = [], np.eye(2)
    for _ in range(12_000):
        last = draw_residual(last, products, rows, standard_deviation, shape, rng)
        kept.append(last)
    sds = np.sqrt(np.diagonal(np.array(kept), axis1=1, axis2=2))
    correlation = np.array(kept)[:, 0, 1] / sds.prod(axis=1)
    chain = np.column_stack([sds, correlation, correlation**2])
    errors = [az.mcse(np.ascontiguousarray(c)[None], method="mean") for c in chain.T]
    np.testing.assert_array_less(np.abs(chain.mean(axis=0) - expected), NEAR * np.array(errors))
    moved = len(np.unique(chain[:, 0])) / len(chain)
    assert moved > 0.2  # a proposal that is seldom kept would not mix
    assert log_prior(np.eye(2), standard_deviation, shape) == pytest.approx(-1 / 0.8**2)
