"""Means with sampling weights."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from statsmodels.stats.weightstats import DescrStatsW

from learning_with_others.errors import CompendiumError
from learning_with_others.opportunity.cluster_design import cluster_design, jackknife
from learning_with_others.opportunity.nonresponse.weighted_means import (
    effective_size,
    weighted_mean,
    weighted_means,
)

EXACT = 1e-9  # closed forms in double precision


@pytest.fixture(scope="module")
def weighted(study):
    return study.model_copy(update={"roles": study.roles.model_copy(update={"weight": "w"})})


@pytest.fixture(scope="module")
def rows(students):
    third = students[students["grade"] == "3"]
    weights = np.random.default_rng(1).uniform(0.2, 3, len(third))
    return third.assign(w=np.where(third["class_type"] == "small", 2 * weights, weights))


def test_means_agree_with_statsmodels(rows, weighted):
    found = weighted_means(rows, weighted).set_index(["weights", "group"])
    small = (rows["class_type"] == "small").astype(float)
    for group in ("Black", "White"):
        mine = rows["race"] == group
        other = DescrStatsW(small[mine], weights=rows.loc[mine, "w"])
        one = found.loc[("sampling weights", group)]
        assert one["estimate"] == pytest.approx(other.mean, rel=EXACT)
        assert one["effective_size"] == pytest.approx(effective_size(rows.loc[mine, "w"]))
        plain = found.loc[("none", group)]
        assert plain["estimate"] == pytest.approx(small[mine].mean(), rel=EXACT)
        assert plain["effective_size"] == plain["children"] == mine.sum()
        assert one["lower"] < one["estimate"] < one["upper"]
        assert one["estimate"] > plain["estimate"]
    gap = found.loc[("sampling weights", "Black minus White"), "estimate"]
    groups = found.loc["sampling weights", "estimate"]
    assert gap == pytest.approx(groups["Black"] - groups["White"], rel=EXACT)


def test_the_unit_of_weights_is_nothing(rows, weighted):
    larger = weighted_means(rows.assign(w=1_000 * rows["w"]), weighted)
    pd.testing.assert_frame_equal(larger, weighted_means(rows, weighted), rtol=1e-8)


def test_studies_without_weights_get_no_rows(rows, study):
    assert weighted_means(rows, study).empty


@pytest.mark.parametrize(
    ("weights", "words"),
    [(0.0, "all sampling weights are zero"), (-1.0, "negative"), (np.nan, "missing")],
)
def test_impossible_weights_are_refused(rows, weighted, weights, words):
    with pytest.raises(CompendiumError, match=words):
        weighted_means(rows.assign(w=weights), weighted)


def test_the_jackknife_of_a_mean_is_the_error_of_the_cluster_means(study):
    """One stratum, clusters of one size: s² of the cluster means over their number."""
    rng = np.random.default_rng(2)
    clusters, size = 23, 7
    rows = pd.DataFrame(
        {"school": np.repeat(np.arange(clusters).astype(str), size), "teacher": "t"}
    )
    values = rng.normal(size=clusters * size) + np.repeat(rng.normal(size=clusters), size)
    design = cluster_design(rows, study)
    found = jackknife(design, lambda w: np.array([weighted_mean(values, w)]), 0.95)
    means = values.reshape(clusters, size).mean(axis=1)
    assert found.error[0] == pytest.approx(means.std(ddof=1) / np.sqrt(clusters), rel=EXACT)
    half = stats.t.ppf(0.975, clusters - 1) * found.error[0]
    assert found.upper[0] - found.estimate[0] == pytest.approx(half, rel=EXACT)
    doubled = replace(design, weights=2 * design.weights)
    again = jackknife(doubled, lambda w: np.array([weighted_mean(values, w)]), 0.95)
    assert again.error[0] == pytest.approx(found.error[0], rel=EXACT)


def test_effective_size():
    assert effective_size(np.full(50, 3.0)) == pytest.approx(50)
    assert effective_size(np.array([1.0, 0, 0])) == pytest.approx(1)
    assert np.isnan(effective_size(np.zeros(3)))


@pytest.mark.parametrize("left", [0, 3])
def test_a_group_of_few_is_withheld(rows, weighted, left):
    black = rows[rows["race"] == "Black"]
    table = weighted_means(pd.concat([rows[rows["race"] == "White"], black[:left]]), weighted)
    for group in ("Black", "Black minus White"):
        part = table[table["group"] == group]
        assert part[["children", "estimate", "lower", "upper"]].isna().all(axis=None)
        assert part["flag"].str.contains("fewer than 10").all()
    assert table.loc[table["group"] == "White", "estimate"].notna().all()


def test_a_group_without_weight_gets_words(rows, weighted):
    nothing = rows.assign(w=rows["w"].mask(rows["race"] == "Black", 0.0))
    table = weighted_means(nothing, weighted).set_index(["weights", "group"])
    found = table.loc[("sampling weights", "Black")]
    assert np.isnan(found["estimate"])
    assert "zero" in found["flag"]
    assert table.loc[("none", "Black"), "flag"] == ""


def test_one_school_gives_no_interval_between_schools(rows, weighted):
    """Its classrooms are the clusters then; with one classroom there are none."""
    busiest = rows["teacher"].value_counts().index[0]
    one = rows[rows["teacher"] == busiest]
    table = weighted_means(one, weighted)
    assert table["lower"].isna().all()
    assert table["flag"].ne("").all()
