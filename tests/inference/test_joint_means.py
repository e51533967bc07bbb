"""Means of several variables with their covariance, against textbook formulas and survey logic."""

import numpy as np
import pytest
from scipy import stats

from learning_with_others.inference.cluster_robust import mean_of
from learning_with_others.inference.joint_means import joint_means

EXACT = 1e-12  # rounding


@pytest.fixture
def values():
    return np.random.default_rng(1).normal(size=(30, 3))


def test_one_school_is_the_mean_of_a_sample(values):
    found = joint_means(values, np.zeros(30), sampled=False)
    assert found.covariance == pytest.approx(np.cov(values.T) / 30, abs=EXACT)
    assert found.degrees == 29
    theirs = stats.ttest_1samp(values, 0).confidence_interval(0.95)
    lower, upper = found.interval(0.95)
    assert lower == pytest.approx(theirs.low, abs=EXACT)
    assert upper == pytest.approx(theirs.high, abs=EXACT)


def test_strata_are_weighted_by_their_squared_shares(values):
    """The variance of a stratified mean (Cochran 1977, theorem 5.3), with proportional weights."""
    school = np.repeat([0, 1, 2], [5, 10, 15])
    expected = sum(
        (size / 30) ** 2 * np.cov(values[school == name].T) / size
        for name, size in enumerate([5, 10, 15])
    )
    found = joint_means(values, school, sampled=False)
    assert found.covariance == pytest.approx(expected, abs=EXACT)
    assert found.degrees == 27


def test_clusters_agree_with_the_cluster_robust_mean(values):
    values[4, 1] = values[20, 1] = np.nan
    school = np.repeat(np.arange(10), 3)
    found = joint_means(values, school, sampled=True)
    for place in range(3):
        alone = mean_of(values[:, place], school)
        assert found.mean[place] == pytest.approx(alone.value, abs=EXACT)
        assert found.error[place] == pytest.approx(alone.error, abs=EXACT)
    assert found.degrees == 9


def test_the_error_of_a_difference_is_that_of_differences(values):
    """Complete answers: the covariance gives what each person's difference gives."""
    school = np.repeat(np.arange(10), 3)
    for sampled in (False, True):
        both = joint_means(values[:, :2], school, sampled=sampled).covariance
        alone = joint_means(values[:, [0]] - values[:, [1]], school, sampled=sampled).covariance
        assert both[0, 0] + both[1, 1] - 2 * both[0, 1] == pytest.approx(alone[0, 0], abs=EXACT)


def test_people_alone_in_a_school_count_with_their_deviation(values):
    found = joint_means(values, np.r_[np.zeros(29), 1], sampled=False)
    assert (found.error > 0).all()
    assert found.degrees == 28


def test_one_cluster_gives_no_interval(values):
    found = joint_means(values, np.zeros(30), sampled=True)
    assert np.isnan(found.interval(0.95)[0]).all()


def test_intervals_of_shares_stay_within_their_bounds():
    """The logit interval by hand; none where nobody or everybody agrees."""
    values = np.column_stack([np.r_[1, np.zeros(19)], np.ones(20)])
    found = joint_means(values, np.zeros(20), sampled=False)
    lower, upper = found.share_interval(0.95)
    share, error = 0.05, np.sqrt(0.05 * 0.95 / 19)
    half = stats.t.ppf(0.975, 19) * error / (share * (1 - share))
    logit = np.log(share / (1 - share))
    assert lower[0] == pytest.approx(1 / (1 + np.exp(half - logit)), abs=EXACT)
    assert upper[0] == pytest.approx(1 / (1 + np.exp(-half - logit)), abs=EXACT)
    assert np.isnan([lower[1], upper[1]]).all()
