import numpy as np
import pytest
from scipy import optimize, stats

from learning_with_others.errors import CompendiumError
from learning_with_others.psychometrics.reliability.two_level_covariance import two_level_covariance

BETWEEN = np.array([[0.5, 0.3], [0.3, 0.4]])
WITHIN = np.array([[1.0, 0.4], [0.4, 1.2]])
OPTIMUM = 2e-4  # matrix elements at a flat top, from two optimizers
TOP = 1e-6  # the log likelihood there


def draw(rng, size, between, within):
    cluster = np.repeat(np.arange(len(size)), size)
    effects = rng.multivariate_normal(np.zeros(len(between)), between, len(size))
    errors = rng.multivariate_normal(np.zeros(len(within)), within, len(cluster))
    return effects[cluster] + errors, cluster


def test_equal_clusters_give_the_closed_form():
    values, cluster = draw(np.random.default_rng(4), np.full(40, 10), BETWEEN, WITHIN)
    found = two_level_covariance(values, cluster)
    means = values.reshape(40, 10, 2).mean(axis=1)
    left = values - means[cluster]
    within = left.T @ left / (40 * 9)
    between = np.cov(means.T, ddof=0) - within / 10
    assert found.within == pytest.approx(within, abs=OPTIMUM)
    assert found.between == pytest.approx(between, abs=OPTIMUM)
    assert found.mean == pytest.approx(values.mean(axis=0), abs=1e-9)
    assert found.flags == ()


def test_unequal_clusters_reach_the_maximum_of_the_whole_density():
    rng = np.random.default_rng(1)
    size = rng.integers(2, 7, 15)
    values, cluster = draw(rng, size, BETWEEN, WITHIN)
    found = two_level_covariance(values, cluster)

    def matrices(parameters):
        lower = np.zeros((2, 2, 2))
        lower[:, [0, 1, 1], [0, 0, 1]] = parameters[:6].reshape(2, 3)
        return lower @ lower.transpose(0, 2, 1)

    def loss(parameters):
        between, within = matrices(parameters)
        total = 0.0
        for j, m in enumerate(size):
            whole = np.kron(np.ones((m, m)), between) + np.kron(np.eye(m), within)
            deviation = (values[cluster == j] - parameters[6:]).ravel()
            total -= stats.multivariate_normal.logpdf(deviation, cov=whole)
        return total

    brute = optimize.minimize(loss, [0.7, 0.3, 0.5, 1, 0.4, 1, 0, 0], method="BFGS")
    between, within = matrices(brute.x)
    assert found.log_likelihood == pytest.approx(-brute.fun, abs=TOP)
    assert found.between == pytest.approx(between, abs=OPTIMUM)
    assert found.within == pytest.approx(within, abs=OPTIMUM)


def test_no_variance_between_is_flagged_not_negative():
    values, cluster = draw(np.random.default_rng(8), np.full(20, 5), 0 * BETWEEN, WITHIN)
    found = two_level_covariance(values, cluster)
    assert np.linalg.eigvalsh(found.between)[0] >= 0
    assert "no variance between clusters" in found.flags


def test_a_between_covariance_at_its_bound_is_flagged():
    one_effect = np.ones((2, 2))  # both items have the same cluster effect
    values, cluster = draw(np.random.default_rng(8), np.full(15, 5), one_effect, WITHIN)
    found = two_level_covariance(values, cluster)
    assert abs(np.linalg.eigvalsh(found.between)[0]) < 1e-6
    assert found.flags == ("covariance between clusters is not positive definite",)


def test_few_clusters_are_flagged():
    values, cluster = draw(np.random.default_rng(9), np.full(6, 20), BETWEEN, WITHIN)
    assert "only 6 clusters" in two_level_covariance(values, cluster).flags


def test_one_cluster_is_refused():
    with pytest.raises(CompendiumError, match="20 rows in 1 clusters"):
        two_level_covariance(np.random.default_rng(1).normal(size=(20, 2)), np.ones(20))


def test_an_item_that_repeats_another_is_refused():
    values, cluster = draw(np.random.default_rng(9), np.full(12, 5), BETWEEN, WITHIN)
    with pytest.raises(CompendiumError, match="repeats the others"):
        two_level_covariance(np.column_stack([values, values[:, 0]]), cluster)
