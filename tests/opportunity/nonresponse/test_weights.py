"""Means with sampling weights."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from statsmodels.stats.weightstats import DescrStatsW

from learning_with_others.data.cluster_design import cluster_design, jackknife
from learning_with_others.data.measures.opportunities import NUMBER
from learning_with_others.errors import CompendiumError
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
def test_a_group_of_few_has_no_mean(rows, weighted, left):
    black = rows[rows["race"] == "Black"]
    table = weighted_means(pd.concat([rows[rows["race"] == "White"], black[:left]]), weighted)
    for group in ("Black", "Black minus White"):
        part = table[table["group"] == group]
        assert part[["estimate", "lower", "upper"]].isna().all(axis=None)
        assert part["flag"].str.contains("fewer than 10").all()
    assert table.loc[table["group"] == "White", "estimate"].notna().all()


def test_a_group_without_weight_gets_words(rows, weighted):
    nothing = rows.assign(w=rows["w"].mask(rows["race"] == "Black", 0.0))
    table = weighted_means(nothing, weighted).set_index(["weights", "group"])
    found = table.loc[("sampling weights", "Black")]
    assert np.isnan(found["estimate"])
    assert "zero" in found["flag"]
    assert table.loc[("none", "Black"), "flag"] == ""


def test_contrasted_rows_without_weight_are_said(rows, weighted):
    """Somebody else's weights are not zero, so the column is not wrong."""
    contrasted = rows["race"].isin(["Black", "White"])
    assert (~contrasted).any()
    nothing = rows.assign(w=rows["w"].mask(contrasted, 0.0))
    table = weighted_means(nothing, weighted).set_index("weights")
    part = table.loc["sampling weights"]
    assert part[["estimate", "lower", "upper", "effective_size"]].isna().all(axis=None)
    assert part["flag"].str.contains("zero").all()
    plain = weighted_means(rows, weighted).set_index("weights").loc["none"]
    pd.testing.assert_frame_equal(table.loc["none"], plain)
    assert np.isfinite(plain["lower"]).all()


@pytest.fixture(scope="module")
def response(rows):
    """Of all but 200 students, larger in small classes; mean 1."""
    weights = np.random.default_rng(4).uniform(0.5, 2, len(rows))
    weights = np.where(rows["class_type"] == "small", 3 * weights, weights)
    found = pd.Series(weights, index=rows["student"]).sample(len(rows) - 200, random_state=1)
    return found / found.mean()


@pytest.mark.parametrize("sampled", [False, True])
def test_means_weighted_for_non_response(rows, study, weighted, response, sampled):
    mine = weighted if sampled else study
    table = weighted_means(rows, mine, response=response)
    labels = [*(["sampling weights"] if sampled else []), "none", "non-response"]
    assert table["weights"].unique().tolist() == labels
    found = table.set_index(["weights", "group"])
    there = rows[rows["student"].isin(response.index)]
    weights = response[there["student"]].to_numpy() * (there["w"].to_numpy() if sampled else 1)
    small = (there["class_type"] == "small").to_numpy(float)
    for group in ("Black", "White"):
        inside = (there["race"] == group).to_numpy()
        by_hand = (weights * small)[inside].sum() / weights[inside].sum()
        one = found.loc[("non-response", group)]
        assert one["estimate"] == pytest.approx(by_hand, rel=EXACT)
        assert one["children"] == inside.sum()
        assert one["effective_size"] == pytest.approx(effective_size(weights[inside]))
        assert one["lower"] < by_hand < one["upper"]
        assert one["estimate"] > found.loc[("none", group), "estimate"]
    # Weights taken as known: the same as if they had come with the sample.
    known = weighted_means(there.assign(w=weights), weighted).set_index(["weights", "group"])
    same = found.loc["non-response"], known.loc["sampling weights"]
    pd.testing.assert_frame_equal(*same, rtol=EXACT)
    # The other rows are as without response weights.
    if sampled:
        others = table[table["weights"] != "non-response"].reset_index(drop=True)
        pd.testing.assert_frame_equal(others, weighted_means(rows, weighted))


def test_weights_for_non_response_apply_to_every_measure_and_score(study, rows, response):
    number = study.roles.exposure.model_copy(update={"column": "math", "varies_by": "student"})
    roles = study.roles.model_copy(update={"exposure": number})
    draws = [
        pd.DataFrame({"student": rows["student"], "number": k, number.name: rows[number.name] + k})
        for k in (-1, 1)
    ]
    plausible = pd.concat(draws).rename(columns={"number": NUMBER})
    other = study.model_copy(update={"roles": roles})
    table = weighted_means(rows, other, plausible, response)
    assert table.groupby(["score", "weights"]).size().to_dict() == {
        (score, label): 3 for score in ("raw", "latent") for label in ("none", "non-response")
    }
    found = table.set_index(["score", "weights", "group"])["estimate"]
    np.testing.assert_allclose(found["latent"][found["raw"].index], found["raw"], rtol=EXACT)


def test_those_without_a_response_weight_are_left_out(rows, study):
    black = rows.loc[rows["race"] == "Black", "student"]
    response = pd.Series(1.0, index=rows["student"]).drop(black[:3])
    table = weighted_means(rows, study, response=response).set_index(["weights", "group"])
    children = table["children"]
    assert children["none", "Black"] - children["non-response", "Black"] == 3
    assert table["flag"].eq("").all()


def test_impossible_response_weights_are_refused(rows, study):
    with pytest.raises(CompendiumError, match="non-response"):
        weighted_means(rows, study, response=pd.Series(-1.0, index=rows["student"]))


def test_one_school_gives_no_interval_between_schools(rows, weighted):
    """Its classrooms are the clusters then; with one classroom there are none."""
    busiest = rows["teacher"].value_counts().index[0]
    one = rows[rows["teacher"] == busiest]
    table = weighted_means(one, weighted)
    assert table["lower"].isna().all()
    assert table["flag"].ne("").all()
