import numpy as np
import pandas as pd
import pytest
from factor_samples import one_factor_rows

from learning_with_others.psychometrics.factor_models.factor_model import one_factor
from learning_with_others.psychometrics.factor_models.fitting import fit_factor_model
from learning_with_others.psychometrics.factor_models.invariance import invariance_ladder
from learning_with_others.psychometrics.factor_models.structure_comparison import difference_test

STOPPED = 1e-5  # relative; both fits stop within the optimizer's rule
ITEMS = ["i1", "i2", "i3", "i4"]
MODEL = one_factor(ITEMS, identification="unit_variance")


@pytest.mark.parametrize("missing", ["complete", "fiml"])
def test_rows_written_twice_teach_nothing_when_they_are_one_cluster(missing):
    """Score sums double, so do information and chi-square; the sandwich stays."""
    rows = one_factor_rows(150, seed=3)
    rows["i1"] = np.exp(rows["i1"])  # not normal: robust and plain errors differ
    if missing == "fiml":
        rows.iloc[::6, 1] = np.nan
    twice = pd.concat([rows, rows], ignore_index=True)
    once = fit_factor_model(rows, MODEL, missing=missing, cluster=np.arange(150))
    found = fit_factor_model(twice, MODEL, missing=missing, cluster=np.tile(np.arange(150), 2))
    correction = 150 / 149  # C / (C - 1) where clusters hold several rows
    np.testing.assert_allclose(
        found.parameters["standard_error"],
        once.parameters["standard_error"] * np.sqrt(correction),
        rtol=STOPPED,
    )
    assert found.measures.chisq == pytest.approx(2 * once.measures.chisq, rel=STOPPED)
    assert found.measures.chisq_scaled == pytest.approx(
        once.measures.chisq_scaled / correction, rel=STOPPED
    )


def test_normal_independent_rows_need_no_scaling():
    rows = one_factor_rows(4000, seed=4)
    plain = fit_factor_model(rows, MODEL)
    found = fit_factor_model(rows, MODEL, cluster=np.arange(4000))
    # At 4,000 rows both estimate the same; 8% is the spread of their ratio.
    assert found.measures.scaling_factor == pytest.approx(1, abs=0.08)
    free = found.parameters["free"] >= 0
    np.testing.assert_allclose(
        found.parameters.loc[free, "standard_error"],
        plain.parameters.loc[free, "standard_error"],
        rtol=0.08,
    )


def clustered_rows(seed):
    """Forty clusters of ten; a third of every item's residual is common to its cluster."""
    rng = np.random.default_rng(seed)
    rows = one_factor_rows(400, seed)
    cluster = np.repeat(np.arange(40), 10)
    shared = rng.normal(size=(40, len(ITEMS)))[cluster]
    return rows + 0.7 * shared, cluster


def test_cluster_robust_errors_are_the_spread_over_samples():
    means, robust, plain = [], [], []
    for seed in range(40):
        rows, cluster = clustered_rows(seed)
        group = np.full(len(rows), "all")  # so that intercepts are among the parameters
        fit = fit_factor_model(rows, MODEL, group=group, cluster=cluster)
        intercept = fit.parameters["kind"] == "intercept"
        means.append(fit.parameters.loc[intercept, "estimate"])
        robust.append(fit.parameters.loc[intercept, "standard_error"])
        plain.append(rows.std() / np.sqrt(len(rows)))
    standard_deviation = np.std(means, axis=0, ddof=1).mean()
    # The mean over 4 items of the standard deviation over 40 samples is known to about 7%.
    assert np.mean(robust) == pytest.approx(standard_deviation, rel=0.2)
    assert np.mean(plain) < 0.65 * standard_deviation


def test_few_clusters_are_flagged():
    rows, _ = clustered_rows(1)
    fit = fit_factor_model(rows, MODEL, cluster=np.repeat(np.arange(8), 50))
    assert any("8 clusters for 12 parameters" in flag for flag in fit.flags)


@pytest.fixture(scope="module")
def ladder():
    rows, cluster = clustered_rows(5)
    group = np.tile(["x", "y"], 200)  # both groups in every cluster
    return invariance_ladder(rows, MODEL, group, cluster=cluster)


def test_the_scaled_difference_is_satorra_and_bentlers(ladder):
    low, high = ladder.fits["configural"].measures, ladder.fits["metric"].measures
    weighted = high.df * high.scaling_factor - low.df * low.scaling_factor
    expected = (high.chisq - low.chisq) / (weighted / (high.df - low.df))
    row = ladder.steps.set_index("step").loc["metric"]
    assert row["difference_chisq"] == pytest.approx(expected, rel=1e-12)
    assert row["difference_df"] == 3


def test_a_negative_factor_gives_way_to_one_at_the_restricted_moments(ladder):
    from dataclasses import replace  # noqa: PLC0415

    wide, narrow = ladder.fits["configural"], ladder.fits["metric"]
    # A wider model whose factor is so large that the difference of 2001 turns negative.
    inflated = replace(wide, measures=replace(wide.measures, scaling_factor=50.0))
    found = difference_test(narrow, inflated)
    usual = difference_test(narrow, wide)
    assert found.scaling_factor > 0
    # Both estimate the same factor where the restriction holds, at 400 rows to about a third.
    assert found.chisq == pytest.approx(usual.chisq, rel=0.33)
