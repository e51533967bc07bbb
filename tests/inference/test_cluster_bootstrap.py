import numpy as np
import pytest

from learning_with_others.inference.cluster_bootstrap import (
    bootstrap_error,
    correlations,
    percentile_interval,
    resample_clusters,
    resample_members,
    resampled_covariances,
    resampled_interval,
)


def test_covariances_equal_those_of_the_rows_written_out():
    rng = np.random.default_rng(1)
    cluster = np.repeat(np.arange(6), [1, 2, 5, 3, 4, 7])
    values = rng.normal(500, 40, size=(22, 3))
    counts = resample_clusters(6, 20, seed=2)
    found = resampled_covariances(values, cluster, counts)
    for row, covariance in zip(counts, found, strict=True):
        written_out = np.concatenate(
            [values[cluster == c] for c in range(6) for _ in range(row[c])]
        )
        # Same sums in another order: agreement to rounding.
        np.testing.assert_allclose(covariance, np.cov(written_out.T), rtol=1e-9)
        np.testing.assert_allclose(
            correlations(covariance[None])[0], np.corrcoef(written_out.T), rtol=1e-9
        )


def test_every_resample_holds_as_many_clusters_as_there_are():
    counts = resample_clusters(13, 50, seed=3)
    assert (counts.sum(axis=1) == 13).all()
    assert (counts[0] == 1).all()


def test_the_interval_leaves_half_the_rest_on_each_side():
    resampled = np.concatenate([[7.0], np.arange(101.0)])
    assert percentile_interval(resampled, 0.9) == (7.0, pytest.approx(5), pytest.approx(95))


def test_the_error_of_an_interval_shrinks_with_the_resamples():
    rng = np.random.default_rng(5)
    values = rng.normal(size=401)
    expected = values[1:].std(ddof=1) / np.sqrt(800)
    assert bootstrap_error(values) == pytest.approx(expected)
    undefined = np.append(values, [np.nan, np.inf])
    assert bootstrap_error(undefined) == pytest.approx(expected)
    assert np.isnan(bootstrap_error(values[:2]))


def test_an_interval_that_excludes_its_estimate_is_flagged():
    # Distinct clusters in a resample are fewer than in the sample: their number is biased down.
    counts = resample_clusters(30, 400, 1)
    distinct = (counts > 0).sum(axis=1).astype(float)
    estimate, lower, upper, flags = resampled_interval(distinct, 0.95)
    assert not lower <= estimate <= upper
    assert flags == ("the percentile interval excludes its estimate: resampled values are biased",)
    assert resampled_interval(counts @ np.arange(30.0), 0.95)[3] == ()


def test_members_of_a_cluster_are_drawn_together():
    sampled = np.array(["b", "a", "b", "c"])
    counts = resample_members(sampled, 200, 3)
    np.testing.assert_array_equal(counts[0], 1)
    np.testing.assert_array_equal(counts[:, 0], counts[:, 2])
    np.testing.assert_array_equal(counts[:, [0, 1, 3]], resample_clusters(3, 200, 3))
