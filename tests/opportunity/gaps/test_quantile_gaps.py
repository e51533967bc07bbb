import numpy as np
import pandas as pd
import pytest
from conftest import ROOT
from scipy import stats

from learning_with_others.data.reading import read_study
from learning_with_others.opportunity.cluster_design import ClusterDesign, cluster_design
from learning_with_others.opportunity.gaps.quantiles import (
    QUANTILES,
    quantile_gaps,
    resampled_counts,
    weighted_quantiles,
)
from learning_with_others.opportunity.measures import opportunity_measures
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


def test_resamples_draw_as_many_clusters_of_each_stratum_as_it_has():
    stratum = np.array([0, 0, 1, 1, 1, 0])
    design = ClusterDesign(np.arange(6), stratum, np.ones(6), "classrooms within schools")
    counts = resampled_counts(design, 100, seed=2)
    assert (counts[0] == 1).all()
    assert (counts[:, stratum == 0].sum(axis=1) == 3).all()
    assert (counts[:, stratum == 1].sum(axis=1) == 3).all()
    assert len(np.unique(counts[1:, stratum == 0], axis=0)) == 10  # every multiset of three


def test_estimates_and_intervals_are_those_of_rows_written_out(rows, synthetic, measures):
    resamples = 30
    found = quantile_gaps(rows, synthetic, measures, resamples)
    score, black = rows["collaboration"], rows["race"] == "Black"
    groups = [score[black], score[~black]]
    ss = sum(((g - g.mean()) ** 2).sum() for g in groups)
    score = (score / (ss / (len(score) - 2)) ** 0.5).to_numpy()
    design = cluster_design(rows, synthetic)
    gaps = []
    for counts in resampled_counts(design, resamples, synthetic.analysis.seed):
        often = counts[design.cluster]
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


def test_quantiles_of_few_students_are_withheld(rows, synthetic, measures):
    few = pd.concat([rows[rows["race"] == "White"], rows[rows["race"] == "Black"][:45]])
    found = quantile_gaps(few, synthetic, measures, 50).set_index("quantile")
    # Of 45 students 4.5 lie beyond the outer and 11.25 beyond the inner quantiles.
    assert found.loc[[0.10, 0.90], "flag"].str.startswith("withheld").all()
    assert found.loc[[0.10, 0.90], ["estimate", "lower", "upper"]].isna().all(axis=None)
    assert found.loc[[0.25, 0.50, 0.75], "estimate"].notna().all()


def test_what_cannot_be_estimated_is_missing_and_said(rows, synthetic, measures):
    def flags(changed):
        found = quantile_gaps(changed, synthetic, measures, 200)
        assert found.loc[found["flag"] != "", ["lower", "upper"]].isna().all(axis=None)
        return set(found["flag"])

    assert flags(rows[rows["race"] == "White"]) == {"fewer than 10 Black students"}
    assert flags(rows.assign(collaboration=2.0)) == {"does not vary within the groups"}
    alone = rows.assign(school="A", classroom="A1")
    assert flags(alone) == {"no interval: 1 classrooms within schools cannot vary"}
    gathered = rows.assign(
        classroom=np.where(rows["race"] == "Black", "A1", rows["classroom"].astype(object)),
        school=np.where(rows["race"] == "Black", "A", rows["school"].astype(object)),
    )
    assert flags(gathered) == {
        "no interval: some resamples of classrooms within schools lack a group"
    }


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
