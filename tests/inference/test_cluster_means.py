import numpy as np
import pytest
import statsmodels.api as sm

from learning_with_others.inference.cluster_robust import difference_of, mean_of


@pytest.fixture(scope="module")
def data():
    rng = np.random.default_rng(13)
    cluster = rng.integers(0, 15, 200)
    focal = rng.random(200) < 0.4
    values = rng.standard_normal(200) + rng.standard_normal(15)[cluster] + 0.3 * focal
    values[:5] = np.nan
    return values, focal, cluster


def test_errors_are_the_cluster_sandwich_of_a_regression(data):
    values, focal, cluster = data
    known = ~np.isnan(values)
    design = sm.add_constant(focal[known].astype(float))
    fit = sm.OLS(values[known], design).fit(
        cov_type="cluster", cov_kwds={"groups": cluster[known], "use_correction": False}
    )
    found = difference_of(values, focal, ~focal, cluster)
    assert found.value == pytest.approx(fit.params[1])
    assert found.error == pytest.approx(fit.bse[1] * np.sqrt(15 / 14))
    assert found.degrees == 14


def test_a_mean_is_a_difference_from_nothing(data):
    values, _, cluster = data
    found = mean_of(values, cluster)
    assert found.value == pytest.approx(np.nanmean(values))
    lower, upper = found.interval(0.9)
    assert lower < found.value < upper


def test_one_cluster_or_an_empty_group_has_no_interval(data):
    values, focal, _ = data
    alone = difference_of(values, focal, ~focal, np.zeros(200))
    assert np.isfinite(alone.value)
    assert np.isnan(alone.interval(0.95)).all()
    assert np.isnan(difference_of(values, focal & ~focal, focal, np.arange(200)).value)
