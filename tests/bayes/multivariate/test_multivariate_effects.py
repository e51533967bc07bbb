"""Given every (co)variance, what is drawn is the normal posterior of dense matrices."""

import numpy as np
import pytest
from scipy import stats
from small_study import POOLED, frame_of, indicator, students

from learning_with_others.bayes.multivariate.effects import Coefficients, draw_effects
from learning_with_others.bayes.multivariate.groups import log_marginal
from learning_with_others.bayes.multivariate.sums import gather, residual_sums

CASES = {
    "two levels": {"classroom": {"slopes": ("exposure",)}, "school": {}},
    "slopes above": {"classroom": {}, "school": {"slopes": ("exposure",)}},
    "one level": {"classroom": {"slopes": ("exposure",)}},
}
COUNT, POOLED_SD = 3, 0.17
EXACT = 1e-8  # both sides are products and solutions of matrices of some 60 columns


class GivenNoise:
    """Gives numbers of a vector in place of standard normal ones."""

    def __init__(self, numbers):
        self.numbers, self.at = numbers, 0

    def standard_normal(self, shape):
        size = int(np.prod(shape))
        self.at += size
        return self.numbers[self.at - size : self.at].reshape(shape)


@pytest.fixture(params=CASES, name="case")
def _case(request):
    rng = np.random.default_rng(8)
    frame = frame_of(students(), CASES[request.param], "precision")
    outcomes = {f"y{k}": rng.normal(size=len(frame.columns)) for k in range(COUNT)}
    root = rng.normal(size=(COUNT, COUNT)) + 2 * np.eye(COUNT)
    standard_deviations = [
        rng.uniform(0.1, 1.5, size=(COUNT, 1 + len(each.slopes))) for each in frame.groupings
    ]
    return frame, outcomes, root @ root.T, standard_deviations


def lowest_order(frame):
    """The sampler's order of the lowest groups, by upper group."""
    lowest, *upper = frame.groupings
    if not upper:
        return np.arange(len(lowest.labels))
    parents = np.zeros(len(lowest.labels), dtype=int)
    parents[lowest.index] = upper[0].index
    return np.argsort(parents, kind="stable")


def dense(frame, outcomes, covariance, standard_deviations, prior):
    """Mean and covariance of (coefficients, pooled mean, effects by level), outcome by outcome."""
    rows, terms = frame.columns.shape
    y = np.concatenate(list(outcomes.values()))
    blocks = [np.kron(np.eye(COUNT), frame.columns), np.zeros((rows * COUNT, 1))]
    precision = np.zeros((COUNT * terms + 1,) * 2)
    for k in range(COUNT):
        place = np.arange(terms) + k * terms
        precision[place, place] = prior.precision
        own = k * terms + prior.pooled
        precision[own, own] = 1 / POOLED_SD**2
        precision[own, -1] = precision[-1, own] = -1 / POOLED_SD**2
    precision[-1, -1] = COUNT / POOLED_SD**2 + prior.precision[prior.pooled]
    variances = []
    for grouping, sds in zip(frame.groupings, standard_deviations, strict=True):
        blocks.append(np.kron(np.eye(COUNT), indicator(frame, grouping)))
        variances += [np.tile(sds[k] ** 2, len(grouping.labels)) for k in range(COUNT)]
    design = np.hstack(blocks)
    residual = np.kron(np.linalg.inv(covariance), np.diag(frame.weights))
    total = design.T @ residual @ design
    total[: len(precision), : len(precision)] += precision
    place = np.arange(len(precision), len(total))
    total[place, place] += 1 / np.concatenate(variances)
    return np.linalg.solve(total, design.T @ residual @ y), np.linalg.inv(total)


def flat(drawn, frame):
    """A draw in the order of `dense`."""
    order = np.argsort(lowest_order(frame))
    effects = [drawn.effects[0][order], drawn.effects[1]]
    parts = [own.transpose(1, 0, 2).ravel() for own in effects]
    return np.concatenate([drawn.coefficients.ravel(), [drawn.pooled_mean], *parts])


def test_joint_draw_has_the_dense_posterior_mean_and_covariance(case):
    """A draw is linear in its noise: its value at no noise, and its response to each number."""
    frame, outcomes, covariance, standard_deviations = case
    sums = gather(frame, outcomes)
    prior = Coefficients(np.array([1.0, 4.0, 0.25, 2.0]), frame.terms.index(POOLED))
    given = [*standard_deviations, np.empty((COUNT, 0))][:2]

    def draw(noise):
        random = GivenNoise(noise)
        drawn = draw_effects(sums, prior, np.linalg.inv(covariance), given, POOLED_SD, random)
        assert random.at == len(noise)
        return flat(drawn, frame)

    mean, variance = dense(frame, outcomes, covariance, standard_deviations, prior)
    centre = draw(np.zeros(len(mean)))
    np.testing.assert_allclose(centre, mean, atol=EXACT)
    response = np.array([draw(row) - centre for row in np.eye(len(mean))])
    np.testing.assert_allclose(response.T @ response, variance, atol=EXACT)


def test_residual_sums_are_those_of_the_rows(case):
    frame, outcomes, _, standard_deviations = case
    rng = np.random.default_rng(2)
    sums = gather(frame, outcomes)
    coefficients = rng.normal(size=(COUNT, len(frame.terms)))
    effects = [
        rng.normal(size=(len(g.labels), *s.shape))
        for g, s in zip(frame.groupings, standard_deviations, strict=True)
    ]
    residuals = np.column_stack(list(outcomes.values())) - frame.columns @ coefficients.T
    for grouping, own in zip(frame.groupings, effects, strict=True):
        residuals -= np.einsum("iq,ikq->ik", frame.random_columns(grouping), own[grouping.index])
    effects[0] = effects[0][lowest_order(frame)]
    across, products = residual_sums(sums, coefficients, (*effects, np.empty((1, COUNT, 0)))[:2])
    weighted = residuals * frame.weights[:, None]
    np.testing.assert_allclose(across, frame.columns.T @ weighted, atol=EXACT)
    np.testing.assert_allclose(products, residuals.T @ weighted, atol=EXACT)


def test_marginal_likelihood_of_sds_is_the_dense_one(case):
    """Up to a constant: differences between two values of the sds."""
    frame, outcomes, _, standard_deviations = case
    sums, weight = gather(frame, outcomes), 1.7
    lower, upper = sums.levels
    target = outcomes["y0"]
    q, k = sums.between.shape[1:]
    given = (
        lower.products, sums.between, upper.products,
        lower.outcomes[:, :, 0], upper.outcomes[:, :, 0], sums.parents,
    )  # fmt: skip
    groups, across = len(lower.products), len(upper.products)
    work = tuple(
        np.empty(shape)
        for shape in [(groups, q, q), (groups, q), (groups, k, q), (across, k, k), (across, k)]
    )
    found, expected = [], []
    for outcome in (0, 1):
        sds = np.concatenate([own[outcome] for own in standard_deviations])
        found.append(log_marginal(sds, weight, given, work))
        total = np.diag(1 / (weight * frame.weights))
        for grouping, own in zip(frame.groupings, standard_deviations, strict=True):
            z = indicator(frame, grouping)
            total += z * np.tile(own[outcome] ** 2, len(grouping.labels)) @ z.T
        expected.append(stats.multivariate_normal(np.zeros(len(total)), total).logpdf(target))
    assert found[1] - found[0] == pytest.approx(expected[1] - expected[0], abs=EXACT)
