import numpy as np
import pandas as pd
import pytest
import statsmodels.formula.api as smf
from scipy import stats

from learning_with_others.errors import CompendiumError
from learning_with_others.psychometrics.reliability.cluster_reliability import (
    cluster_reliability,
    summarize_clusters,
)

STUDIES = 600
# Half width of a 99.9% binomial interval about .95 in so many studies.
COVERAGE_ERROR = 3.3 * np.sqrt(0.95 * 0.05 / STUDIES)
OPTIMUM = 1e-5  # two optimizers of one flat-topped likelihood


def one_way(rng, size, share=0.2):
    cluster = np.repeat(np.arange(len(size)), size)
    effects = np.sqrt(share) * rng.standard_normal(len(size))
    return effects[cluster] + np.sqrt(1 - share) * rng.standard_normal(len(cluster)), cluster


def test_equal_clusters_give_the_closed_forms():
    score, cluster = one_way(np.random.default_rng(1), np.full(12, 8))
    found = cluster_reliability(score, cluster, 0.95)
    by_cluster = score.reshape(12, 8)
    between = 8 * by_cluster.mean(axis=1).var(ddof=1)
    within = by_cluster.var(axis=1, ddof=1).mean()
    assert found.icc2_anova == pytest.approx(1 - within / between, abs=1e-12)
    assert found.icc1_anova == pytest.approx((between - within) / (between + 7 * within), abs=1e-12)
    # Searle (1971): the exact interval of a balanced layout.
    ratio = between / within / stats.f.isf([0.025, 0.975], 11, 84)
    lower, upper = (ratio - 1) / (ratio + 7)
    assert (found.icc1_lower, found.icc1_upper) == pytest.approx((lower, upper), abs=1e-9)
    # REML is the ANOVA estimate where clusters are equal and it is positive.
    assert found.icc1 == pytest.approx(found.icc1_anova, abs=OPTIMUM)
    assert found.icc2 == pytest.approx(found.icc2_anova, abs=OPTIMUM)


def test_unequal_clusters_agree_with_statsmodels():
    rng = np.random.default_rng(2)
    score, cluster = one_way(rng, rng.integers(2, 30, 25))
    found = cluster_reliability(score, cluster, 0.95)
    data = pd.DataFrame({"y": score, "cluster": cluster})
    fit = smf.mixedlm("y ~ 1", data, groups="cluster").fit(reml=True, method=["powell", "lbfgs"])
    between = float(fit.cov_re.iloc[0, 0])
    assert found.icc1 == pytest.approx(between / (between + fit.scale), abs=OPTIMUM)
    size = np.bincount(cluster)
    means = (size * between / (size * between + fit.scale)).mean()
    assert found.icc2 == pytest.approx(means, abs=OPTIMUM)


def test_the_interval_covers_with_very_unequal_clusters():
    rng = np.random.default_rng(5)
    size = np.array([2, 2, 3, 3, 4, 5, 8, 20, 40])
    hits = 0
    for _ in range(STUDIES):
        found = cluster_reliability(*one_way(rng, size), 0.95)
        hits += found.icc1_lower <= 0.2 <= found.icc1_upper
    assert hits / STUDIES == pytest.approx(0.95, abs=COVERAGE_ERROR)


def test_means_that_vary_less_than_chance_have_no_reliability():
    cluster = np.repeat(np.arange(6), 4)
    score = np.tile([1.0, 2.0, 3.0, 4.0], 6)
    found = cluster_reliability(score, cluster, 0.95)
    assert (found.icc1, found.icc1_lower, found.icc2) == (0, 0, 0)
    assert found.icc1_anova < 0
    assert "vary less than chance" in found.flags[0]


def test_equal_means_have_no_reliability_from_mean_squares_rather_than_minus_9e31():
    cluster = np.repeat(np.arange(6), 4)
    score = np.tile([0.1, 0.2, 0.3, 0.4], 6) + 1e-17 * cluster
    for blur in (0.0, 1e-9):  # means equal, or equal up to rounding
        found = cluster_reliability(score + blur * 1e-3 * cluster, cluster, 0.95)
        assert np.isnan(found.icc2_anova)
        assert "negative or missing" in found.flags[0]


def test_nearly_perfect_clusters_reach_one():
    cluster = np.repeat(np.arange(10), 3)
    score = cluster * 1e6 + np.tile([0.0, 1.0, 2.0], 10)
    found = cluster_reliability(score, cluster, 0.95)
    assert found.icc1_upper == pytest.approx(1, abs=1e-9)


@pytest.mark.parametrize(
    ("score", "cluster", "words"),
    [
        ([1.0, 2.0, 3.0], [1, 1, 1], "3 scores in 1 clusters"),
        ([1.0, 2.0, 3.0], [1, 2, 3], "nothing to compare"),
        ([1.0, 1.0, 3.0, 3.0], [1, 1, 2, 2], "do not vary within any"),
    ],
)
def test_what_cannot_be_compared_is_refused(score, cluster, words):
    with pytest.raises(CompendiumError, match=words):
        summarize_clusters(np.array(score), np.array(cluster), "climate")
