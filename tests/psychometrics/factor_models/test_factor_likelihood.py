import numpy as np
import pytest
from scipy import stats

from learning_with_others.psychometrics.factor_models.likelihood import (
    likelihood,
    moment_information,
    moment_scores,
)
from learning_with_others.psychometrics.factor_models.moments import summarize
from learning_with_others.psychometrics.factor_models.saturated import saturated

ROUNDING = 1e-9  # closed form against closed form, relative
DIFFERENCES = 1e-6  # central differences with a step of 1e-5, relative
K = 4
ROWS, COLUMNS = np.tril_indices(K)


@pytest.fixture(scope="module")
def moments():
    rng = np.random.default_rng(5)
    values = rng.normal(size=(60, K)) @ rng.normal(size=(K, K)) + 2
    values[rng.random(values.shape) < 0.2] = np.nan
    values = values[~np.isnan(values).all(axis=1)]
    return summarize("all", values, np.arange(len(values)))


@pytest.fixture(scope="module")
def place():
    rng = np.random.default_rng(6)
    root = rng.normal(size=(K, K))
    return rng.normal(size=K), root @ root.T + np.eye(K)


def unpack(vector):
    covariance = np.zeros((K, K))
    covariance[ROWS, COLUMNS] = covariance[COLUMNS, ROWS] = vector[K:]
    return vector[:K], covariance


def packed_gradient(moments, vector):
    at = likelihood(moments, *unpack(vector))
    twice = np.where(ROWS == COLUMNS, 1, 2)
    return np.concatenate([at.mean_gradient, twice * at.covariance_gradient[ROWS, COLUMNS]])


def differences(function, vector, step=1e-5):
    return np.array(
        [
            (function(vector + step * unit) - function(vector - step * unit)) / (2 * step)
            for unit in np.eye(len(vector))
        ]
    )


def test_the_value_is_the_sum_over_rows_of_their_observed_items(moments, place):
    mean, covariance = place
    expected = 0.0
    for row in moments.values:
        seen = ~np.isnan(row)
        expected += stats.multivariate_normal.logpdf(
            row[seen], mean[seen], covariance[np.ix_(seen, seen)]
        )
    found = likelihood(moments, mean, covariance).value
    assert found == pytest.approx(expected, rel=ROUNDING)


def test_gradient_information_and_scores_are_its_derivatives(moments, place):
    mean, covariance = place
    vector = np.concatenate([mean, covariance[ROWS, COLUMNS]])
    at = likelihood(moments, mean, covariance)
    slope = packed_gradient(moments, vector)
    by_value = differences(lambda v: likelihood(moments, *unpack(v)).value, vector)
    np.testing.assert_allclose(slope, by_value, rtol=DIFFERENCES, atol=DIFFERENCES)
    curved = -differences(lambda v: packed_gradient(moments, v), vector)
    observed = moment_information(moments, at, observed=True)
    np.testing.assert_allclose(observed, curved, rtol=DIFFERENCES, atol=1e-5)
    scores = moment_scores(moments, mean, at)
    np.testing.assert_allclose(scores.sum(axis=0), slope, rtol=ROUNDING, atol=1e-8)


def test_expected_information_of_complete_rows_is_the_textbook_one():
    rng = np.random.default_rng(7)
    values = rng.normal(size=(50, 2)) @ np.array([[1.0, 0.5], [0, 1]])
    found = saturated(summarize("all", values, np.arange(50)), ("u", "v"))
    information = moment_information(summarize("all", values, np.arange(50)), found.at)
    s = found.covariance
    # Var(s_ij) = (s_ii s_jj + s_ij²) / n, for s11, s21, s22 (Anderson 2003, th. 3.4.4).
    expected = (
        np.array(
            [
                [2 * s[0, 0] ** 2, 2 * s[0, 0] * s[0, 1], 2 * s[0, 1] ** 2],
                [0, s[0, 0] * s[1, 1] + s[0, 1] ** 2, 2 * s[0, 1] * s[1, 1]],
                [0, 0, 2 * s[1, 1] ** 2],
            ]
        )
        / 50
    )
    expected = np.triu(expected) + np.triu(expected, 1).T
    np.testing.assert_allclose(np.linalg.inv(information)[2:, 2:], expected, rtol=ROUNDING)


def test_a_covariance_that_is_not_positive_definite_has_no_likelihood(moments):
    assert likelihood(moments, np.zeros(K), -np.eye(K)) is None


def test_monotone_missing_answers_have_andersons_closed_form():
    rng = np.random.default_rng(8)
    x = rng.normal(3, 2, size=200)
    y = 1 + 0.5 * x + rng.normal(size=200)
    y[x > 4] = np.nan
    values = np.column_stack([x, y])
    found = saturated(summarize("all", values, np.arange(200)), ("x", "y"))
    seen = ~np.isnan(y)
    # Anderson (1957): the regression of y on x from complete rows, x from all rows.
    slope = np.cov(x[seen], y[seen], ddof=0)[0, 1] / x[seen].var()
    residual = y[seen].var() - slope**2 * x[seen].var()
    mean_y = y[seen].mean() + slope * (x.mean() - x[seen].mean())
    expected = np.array(
        [[x.var(), slope * x.var()], [slope * x.var(), residual + slope**2 * x.var()]]
    )
    np.testing.assert_allclose(found.mean, [x.mean(), mean_y], rtol=1e-7)
    np.testing.assert_allclose(found.covariance, expected, rtol=1e-6)
