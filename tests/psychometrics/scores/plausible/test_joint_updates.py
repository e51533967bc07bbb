"""Each conditional draw of the sampler against a dense or numerical solution."""

import numpy as np
import pytest
from scipy import stats

from learning_with_others.psychometrics.scores.plausible.coefficients import (
    COEFFICIENT_PRECISION,
    Moments,
    draw_coefficients,
    draw_factors,
)
from learning_with_others.psychometrics.scores.plausible.covariances import (
    draw_covariances,
    draw_variances,
)
from learning_with_others.psychometrics.scores.plausible.joint_model import GRID, make_cells
from learning_with_others.psychometrics.scores.plausible.latent_draws import (
    normal_likelihoods,
    sums_by_cell,
    update_values,
)


class NoNoise:
    """A generator whose normal draws are zero: what is drawn is then the conditional mean."""

    @staticmethod
    def standard_normal(shape):
        return np.zeros(shape)


@pytest.fixture(scope="module")
def nested():
    """60 rows, two groups, 8 clusters in 3 units above; two responses, three terms."""
    rng = np.random.default_rng(4)
    cluster = np.sort(rng.integers(0, 8, 60))
    cluster[:8] = np.arange(8)
    cluster = np.sort(cluster)
    group = rng.integers(0, 2, 60)
    parent = np.array([0, 0, 1, 1, 1, 2, 2, 2])
    cells = make_cells(group, cluster, np.zeros(60), parent)
    design = np.column_stack([np.ones(60), rng.standard_normal((60, 2))])
    values = rng.standard_normal((60, 2))
    precisions = np.array([[[2.0, 0.5], [0.5, 1.0]], [[1.0, -0.3], [-0.3, 3.0]]])
    effect_precisions = [np.array([[5.0, 1.0], [1.0, 4.0]]), np.array([[9.0, 0.0], [0.0, 2.0]])]
    return cells, design, values, precisions, effect_precisions


def moments_of(cells, design, values, precisions):
    count = len(cells.group)
    products = sums_by_cell(design, design, cells.of_row, count)
    responses = sums_by_cell(values, design, cells.of_row, count)
    return Moments(
        precisions[cells.group],
        products[:, 0, 0],
        products[:, 0],
        products,
        responses[:, :, 0],
        responses,
    )


def dense_posterior(cells, design, values, precisions, effect_precisions):
    """Mean and covariance of coefficients, units above and clusters, from the full system."""
    rows = len(design)
    cluster = cells.cluster[cells.of_row]
    blocks = [design, np.eye(3)[cells.parent[cluster]], np.eye(8)[cluster]]
    system = np.hstack(blocks)
    full = np.hstack([np.kron(np.eye(2)[:, [k]], np.ones((1, 1))) for k in range(2)])
    width = system.shape[1]
    precision = np.zeros((2 * width, 2 * width))
    right = np.zeros(2 * width)
    for row in range(rows):
        inverse = precisions[cells.group[cells.of_row[row]]]
        place = np.kron(full, system[row])  # (2, 2 width): response k on its own coefficients
        precision += place.T @ inverse @ place
        right += place.T @ inverse @ values[row]
    prior = np.zeros((2, 2, width))
    for k in range(2):
        prior[k, k, :3] = COEFFICIENT_PRECISION
    prior[:, :, 3:6] += effect_precisions[1][:, :, None]
    prior[:, :, 6:] += effect_precisions[0][:, :, None]
    for a in range(2):
        for b in range(2):
            precision[a * width : (a + 1) * width, b * width : (b + 1) * width] += np.diag(
                prior[a, b]
            )
    covariance = np.linalg.inv(precision)
    return (covariance @ right).reshape(2, width), covariance


def test_coefficients_and_effects_have_the_mean_of_the_dense_solution(nested):
    cells, design, values, precisions, effect_precisions = nested
    mean, _ = dense_posterior(cells, design, values, precisions, effect_precisions)
    coefficients, (lowest, above) = draw_coefficients(
        moments_of(cells, design, values, precisions), cells, effect_precisions, NoNoise()
    )
    np.testing.assert_allclose(coefficients, mean[:, :3], atol=1e-10)
    np.testing.assert_allclose(above.T, mean[:, 3:6], atol=1e-10)
    np.testing.assert_allclose(lowest.T, mean[:, 6:], atol=1e-10)


def test_coefficients_and_effects_have_the_covariance_of_the_dense_solution(nested):
    cells, design, values, precisions, effect_precisions = nested
    mean, covariance = dense_posterior(cells, design, values, precisions, effect_precisions)
    moments = moments_of(cells, design, values, precisions)
    rng = np.random.default_rng(5)
    draws = []
    for _ in range(4000):
        coefficients, (lowest, above) = draw_coefficients(moments, cells, effect_precisions, rng)
        draws.append(np.hstack([coefficients, above.T, lowest.T]).ravel())
    scaled = (np.array(draws) - mean.ravel()) / np.sqrt(np.diag(covariance))
    # Standardized: errors of means 1 / √4000 = .016, of variances √(2 / 4000) = .022, of
    # covariances at most .022; five of each for the largest of 28 and of 784.
    standard_deviation = np.sqrt(np.diag(covariance))
    assert np.abs(scaled.mean(axis=0)).max() < 5 * 0.016
    wanted = covariance / standard_deviation / standard_deviation[:, None]
    assert np.abs(np.cov(scaled.T) - wanted).max() < 5 * 0.022


def test_the_prior_of_a_covariance_has_uniform_correlations_and_half_t_deviations():
    rng = np.random.default_rng(6)
    scales = np.ones((4000, 2))
    for _ in range(60):  # the prior's own Gibbs sampler, 4,000 chains at once
        covariances, _, scales = draw_covariances(
            np.zeros((4000, 2, 2)), np.zeros(4000), scales, 0.5, rng
        )
    deviations = np.sqrt(covariances[:, [0, 1], [0, 1]])
    correlation = covariances[:, 0, 1] / deviations.prod(axis=1)
    # Kolmogorov-Smirnov at 4,000 draws: .0308 is the critical value at .001.
    assert stats.kstest(correlation, stats.uniform(-1, 2).cdf).statistic < 0.0308
    half_t = stats.t(2, scale=0.5)
    found = stats.kstest(deviations[:, 0], lambda x: 2 * half_t.cdf(x) - 1).statistic
    assert found < 0.0308


def test_a_variance_has_the_posterior_that_integration_gives():
    rng = np.random.default_rng(7)
    squares, count, prior_sd = 0.4, 7, 0.5
    scales = np.ones(4000)
    for _ in range(60):
        variances, scales = draw_variances(np.full(4000, squares), count, scales, prior_sd, rng)
    grid = np.linspace(1e-3, 6, 60_000)
    density = stats.t.pdf(grid, 2, scale=prior_sd) * grid**-count * np.exp(-squares / 2 / grid**2)
    reached = np.cumsum(density) / density.sum()
    found = stats.kstest(np.sqrt(variances), lambda x: np.interp(x, grid, reached)).statistic
    assert found < 0.0308  # as above


def test_factors_have_the_density_that_integration_gives():
    """One factor, started at 1: the chain of factors × likelihood in the factor's own scale."""
    rng = np.random.default_rng(8)
    chains, best, information, inverse_scale, prior_sd = 3000, 1.4, 9.0, 0.3, 0.5
    factor = np.ones(chains)
    for _ in range(40):
        for start in range(0, chains, 500):
            some = slice(start, start + 500)
            now = factor[some]
            # In units of the present factor, derivatives at 1.
            drawn = draw_factors(
                information * (best - now) * now,
                np.diag(information * now**2),
                inverse_scale * now**2,
                prior_sd,
                rng,
            )
            factor[some] = now * drawn
    grid = np.linspace(1e-4, 5, 50_000)
    # g exp(−g² / (a A²)) × likelihood, against dg / g.
    density = np.exp(-inverse_scale * grid**2 / prior_sd**2 - information * (grid - best) ** 2 / 2)
    reached = np.cumsum(density) / density.sum()
    found = stats.kstest(factor, lambda x: np.interp(x, grid, reached)).statistic
    assert found < 1.95 / np.sqrt(chains)  # critical value at .001


@pytest.mark.parametrize(
    "kinds", [(False,), (True,), (False, True)], ids=["stand-in", "walk", "both"]
)
@pytest.mark.parametrize("answers", ["middle", "ceiling", "none"])
def test_a_latent_value_has_the_posterior_that_integration_gives(kinds, answers):
    """4,000 copies of one student; variables 1 latent, 0 observed, 2 missing."""
    copies = 4000
    logistic = -np.logaddexp(0, -3 * (GRID - 0.8))
    log_likelihood = {
        "middle": logistic - np.logaddexp(0, 3 * (GRID - 1.4)),
        "ceiling": 4 * logistic,
        "none": np.zeros_like(GRID),
    }[answers]
    table = np.tile(log_likelihood.astype(np.float32), (copies, 1, 1))
    precision = np.array([[[1.5, -0.6, 0.2], [-0.6, 2.0, -0.5], [0.2, -0.5, 1.2]]])
    mean = np.tile([0.1, -0.2, 0.3], (copies, 1))
    values = np.tile([1.0, 0.0, 0.0], (copies, 1))
    missing = np.tile([False, False, True], (copies, 1))
    centre, stand_in = normal_likelihoods(table)
    rng = np.random.default_rng(9)
    for _ in range(60 // len(kinds)):
        update_values(
            values,
            mean,
            precision,
            np.zeros(copies, dtype=int),
            np.array([-1, 0, -1]),
            missing,
            table,
            centre,
            stand_in,
            np.array(kinds),
            rng,
        )
    # Given the observed first variable: mean and covariance of the other two.
    covariance = np.linalg.inv(precision[0][1:, 1:])
    centres = mean[0, 1:] - covariance @ precision[0][1:, 0] * 0.9
    standard_deviation = np.sqrt(covariance[0, 0])
    grid = np.linspace(-5, 5, 20_001)
    density = np.exp(
        np.interp(grid, GRID, log_likelihood) - ((grid - centres[0]) / standard_deviation) ** 2 / 2
    )
    reached = np.cumsum(density) / density.sum()
    found = stats.kstest(values[:, 1], lambda x: np.interp(x, grid, reached)).statistic
    assert found < 0.0308  # critical value at .001 for 4,000
    assert (values[:, 0] == 1.0).all()
    average = (density * grid).sum() / density.sum()
    follows = centres[1] + covariance[1, 0] / covariance[0, 0] * (average - centres[0])
    assert values[:, 2].mean() == pytest.approx(follows, abs=5 * values[:, 2].std() / np.sqrt(4000))
