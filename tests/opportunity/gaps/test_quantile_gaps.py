import numpy as np
import pandas as pd
import pytest
from conftest import ROOT
from scipy import stats

from learning_with_others.data.cluster_design import ClusterDesign, cluster_design
from learning_with_others.data.measures.opportunities import opportunity_measures
from learning_with_others.data.reading import read_study
from learning_with_others.opportunity.gaps.quantiles import (
    QUANTILES,
    quantile_gaps,
    resampled_weights,
    weighted_quantiles,
)
from learning_with_others.study import load_study

SAME = 1e-9  # the same quantity computed another way: rounding only
P = np.array(QUANTILES)


@pytest.fixture(scope="module")
def synthetic():
    return load_study(ROOT / "data/learning-with-others")


@pytest.fixture(scope="module")
def rows(synthetic):
    found = read_study(synthetic).students
    return found[found["race"].isin(["Black", "White"])].reset_index(drop=True)


@pytest.fixture(scope="module")
def measures(synthetic):
    return opportunity_measures(synthetic)[:1]


def mid_quantiles(written_out):
    """Ma, Genton and Parzen (2011) from midranks: F(x) − p(x) / 2 = (midrank − ½) / n."""
    middle = (stats.rankdata(written_out) - 0.5) / len(written_out)
    values, first = np.unique(written_out, return_index=True)
    return np.interp(P, middle[first], values)


@pytest.mark.parametrize("n", [1, 2, 7, 40, 101])
def test_different_values_give_numpys_hazen(n):
    values = np.sort(np.random.default_rng(n).normal(size=n))
    found = weighted_quantiles(values, np.ones((1, n)), P)[0]
    np.testing.assert_allclose(found, np.quantile(values, P, method="hazen"), rtol=SAME)


def test_whole_weights_are_repeated_rows_and_zeros_are_none():
    rng = np.random.default_rng(1)
    values = np.linspace(1, 5, 17)
    weights = rng.integers(0, 4, size=(50, 17)) * rng.integers(0, 2, size=(50, 17))
    weights[0], weights[1] = 0, [0] * 16 + [3]
    found = weighted_quantiles(values, weights, P)
    assert np.isnan(found[0]).all()
    for weight, quantiles in zip(weights[1:], found[1:], strict=True):
        expected = mid_quantiles(np.repeat(values, weight))
        np.testing.assert_allclose(quantiles, expected, rtol=SAME)


def test_resamples_draw_one_cluster_fewer_of_each_stratum_and_make_up_for_it():
    stratum = np.array([0, 0, 1, 1, 1, 0, 2, 3, 3])
    design = ClusterDesign(np.arange(9), stratum, np.ones(9), "classrooms")
    weights = resampled_weights(design, 100, seed=2)
    assert (weights[0] == 1).all()
    for one, n in ((0, 3), (1, 3), (2, 1), (3, 2)):
        np.testing.assert_allclose(weights[:, stratum == one].sum(axis=1), n, rtol=SAME)
    assert len(np.unique(weights[1:, stratum == 0], axis=0)) == 6  # every pair out of three
    assert (weights[:, stratum == 2] == 1).all()
    assert set(weights[1:, stratum == 3].ravel()) == {0, 2}


def test_totals_vary_as_the_unbiased_estimate_says():
    stratum = np.repeat([0, 1, 2], [2, 3, 6])
    totals = np.random.default_rng(8).normal(size=11)
    design = ClusterDesign(np.arange(11), stratum, np.ones(11), "classrooms")
    resampled = resampled_weights(design, 40_000, seed=1)[1:] @ totals
    # n s² in each stratum, s² with divisor n - 1; drawing n of n would give (n - 1) s².
    parts = [totals[stratum == one] for one in range(3)]
    expected = sum(len(part) * part.var(ddof=1) for part in parts)
    # A variance from 40,000 draws has an error of about 1%.
    assert resampled.var() == pytest.approx(expected, rel=0.03)
    assert resampled.mean() == pytest.approx(totals.sum(), abs=4 * (expected / 40_000) ** 0.5)


def test_estimates_and_intervals_are_those_of_rows_written_out(rows, synthetic, measures):
    resamples = 30
    found = quantile_gaps(rows, synthetic, measures, resamples)
    score, black = rows["collaboration"], rows["race"] == "Black"
    groups = [score[black], score[~black]]
    ss = sum(((g - g.mean()) ** 2).sum() for g in groups)
    score = (score / (ss / (len(score) - 2)) ** 0.5).to_numpy()
    design = cluster_design(rows, synthetic)
    gaps = []
    sizes = np.bincount(design.stratum)
    whole = np.lcm.reduce(sizes - 1)  # makes weights n / (n - 1) whole numbers of rows
    for weights in resampled_weights(design, resamples, synthetic.analysis.seed):
        often = np.rint(whole * weights).astype(int)[design.cluster]
        halves = [mid_quantiles(np.repeat(score[m], often[m])) for m in (black, ~black)]
        gaps.append(halves[0] - halves[1])
    np.testing.assert_allclose(found["estimate"], gaps[0], rtol=1e-7)
    lower, upper = np.quantile(gaps[1:], [0.025, 0.975], axis=0)
    np.testing.assert_allclose(found["lower"], lower, rtol=1e-7)
    np.testing.assert_allclose(found["upper"], upper, rtol=1e-7)
    assert (found["flag"] == "").all()


def test_a_shift_is_the_same_gap_at_every_quantile(rows, synthetic, measures):
    black, white = (rows[rows["race"] == group] for group in ("Black", "White"))
    n = min(len(black), len(white))
    score = np.random.default_rng(4).normal(size=n)
    both = pd.concat(
        [black[:n].assign(collaboration=score - 0.5), white[:n].assign(collaboration=score)]
    )
    found = quantile_gaps(both, synthetic, measures, 10)
    np.testing.assert_allclose(found["estimate"], -0.5 / score.std(ddof=1), rtol=SAME)


def test_quantiles_of_few_students_are_not_estimated(rows, synthetic, measures):
    few = pd.concat([rows[rows["race"] == "White"], rows[rows["race"] == "Black"][:45]])
    found = quantile_gaps(few, synthetic, measures, 50).set_index("quantile")
    # Of 45 students 4.5 lie beyond the outer and 11.25 beyond the inner quantiles.
    assert found.loc[[0.10, 0.90], "flag"].str.endswith("lie beyond it").all()
    assert found.loc[[0.10, 0.90], ["estimate", "lower", "upper"]].isna().all(axis=None)
    assert found.loc[[0.25, 0.50, 0.75], "estimate"].notna().all()


def test_what_cannot_be_estimated_is_missing_and_said(rows, synthetic, measures):
    def flags(changed):
        found = quantile_gaps(changed, synthetic, measures, 200)
        assert found.loc[found["flag"] != "", ["lower", "upper"]].isna().all(axis=None)
        return set(found["flag"])

    assert flags(rows[rows["race"] == "White"]) == {"fewer than 10 Black people"}
    assert flags(rows.assign(collaboration=2.0)) == {"does not vary within the groups"}
    alone = rows.assign(school="A", classroom="A1")
    assert flags(alone) == {f"no interval: 1 {cluster_design(alone, synthetic).level} cannot vary"}
    gathered = rows.assign(
        classroom=np.where(rows["race"] == "Black", "A1", rows["classroom"].astype(object)),
        school=np.where(rows["race"] == "Black", "A", rows["school"].astype(object)),
    )
    level = cluster_design(gathered, synthetic).level
    assert flags(gathered) == {f"no interval: some resamples of {level} lack a group"}


def test_few_clusters_are_said(rows, synthetic, measures):
    few = rows.assign(
        classroom=rows["school"].astype(str) + rows["student"].str[-1].gt("4").map(str)
    )
    found = quantile_gaps(few, synthetic, measures, 50)
    assert found["flag"].str.endswith("the interval is too narrow").all()
    assert found["lower"].notna().all()


def test_a_category_has_no_quantiles(students, study):
    grade = students[students["grade"] == "3"]
    assert quantile_gaps(grade, study, opportunity_measures(study), 10).empty
