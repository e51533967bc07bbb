"""How schools differ in what their teachers say, and supports against hindrances."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from teacher_surveys import answers, study_asking

from learning_with_others.context.teacher_schools import (
    BETWEEN,
    DIFFERENCE,
    EVERYWHERE,
    MEAN,
    scale_difference,
    school_means,
    supports_against_hindrances,
)
from learning_with_others.context.teacher_survey import context_items
from learning_with_others.data.clusters import school_places

ASKED = {"supports": ["a", "b"], "hindrances": ["c", "d"]}
ITEMS = ("a", "b", "c", "d")


def surveyed(teachers, **asked):
    study, columns = study_asking(**(asked or ASKED))
    return context_items({"teachers": teachers}, study.design, columns), study.design


@pytest.fixture(scope="module")
def survey():
    return surveyed(answers(ITEMS, schools=6, per_school=15))


@pytest.fixture(scope="module")
def schools(survey):
    return school_means(*survey)


def test_pooled_means_lie_between_their_own_and_the_others(survey, schools):
    items, _ = survey
    raw = items.keyed["a"].groupby(items.school).mean()
    found = schools[(schools["item"] == "a") & (schools["kind"] == MEAN)].set_index("school")
    pull = (found["estimate"] - raw) / (raw.mean() - raw)
    # Schools near the mean of all are left out: their ratio is of two small numbers.
    far = (raw - raw.mean()).abs() > 0.1
    assert far.sum() >= 3
    assert pull[far].between(0, 1).all()
    assert (schools["flag"] == "").all()


def test_pooled_means_are_those_of_the_known_variances(survey, schools):
    """Shrinkage towards the mean by τ²/(τ² + σ²/n), at the posterior means of both."""
    items, _ = survey
    raw = items.keyed["a"].groupby(items.school).mean()
    within = items.keyed["a"].groupby(items.school).var().mean()
    own = schools[schools["item"] == "a"]
    between = own.loc[own["kind"] == BETWEEN, "estimate"].item() ** 2
    expected = raw.mean() + between / (between + within / 15) * (raw - raw.mean())
    found = own[own["kind"] == MEAN].set_index("school")["estimate"]
    # The variance is averaged over and not plugged in: a twentieth of a point.
    assert found.to_numpy() == pytest.approx(expected.to_numpy(), abs=0.05)


def test_a_difference_is_the_mean_of_each_teachers_own(survey, schools):
    items, design = survey
    keyed = items.keyed
    by_hand = keyed[["a", "b"]].mean(axis=1) - keyed[["c", "d"]].mean(axis=1)
    found = supports_against_hindrances(items, schools, design).set_index("school")
    assert found.loc[EVERYWHERE, "estimate"] == pytest.approx(by_hand.mean())
    residual = by_hand - by_hand.groupby(items.school).transform("mean")
    error = np.sqrt(residual.pow(2).sum() / (len(by_hand) - 6) / len(by_hand))
    # Schools of one size: the stratified error is the pooled one, with the variances averaged.
    half = stats.t.ppf(0.975, len(by_hand) - 6) * error
    assert found.loc[EVERYWHERE, "upper"] == pytest.approx(by_hand.mean() + half)
    assert len(found) == 7


def test_a_scale_needs_half_of_its_items():
    teachers = answers(ITEMS)
    teachers.loc[0, ["a", "b"]] = np.nan
    teachers.loc[1, "c"] = np.nan
    items, _ = surveyed(teachers)
    difference = scale_difference(items)
    assert np.isnan(difference[0])
    assert difference[1] == teachers.loc[1, ["a", "b"]].mean() - teachers.loc[1, "d"]


@pytest.mark.parametrize("asked", [{"supports": list(ITEMS)}, {"obstacles": list(ITEMS)}])
def test_without_both_scales_there_is_no_difference(asked):
    items, design = surveyed(answers(ITEMS), **asked)
    assert scale_difference(items) is None
    assert supports_against_hindrances(items, pd.DataFrame(), design) is None


def test_one_school_and_answers_alike_give_no_estimate():
    items, design = surveyed(answers(ITEMS, schools=1))
    assert school_means(items, design)["estimate"].isna().all()
    alike = answers(ITEMS).assign(a=3.0)
    items, design = surveyed(alike)
    found = school_means(items, design).set_index("item")
    assert found.loc["a", "estimate"].isna().all()
    assert found.loc["a", "flag"].str.startswith("no estimate").all()
    assert found.loc[DIFFERENCE, "estimate"].notna().all()


def test_schools_keep_their_numbers_and_others_follow(survey):
    items, design = survey
    students = pd.DataFrame({"school": ["s01", "s03", "z9"]})
    assert school_places(items.school, students, design) == {
        "s01": "school 1", "s03": "school 2", "z9": "school 3",
        "s00": "school 4", "s02": "school 5", "s04": "school 6", "s05": "school 7",
    }  # fmt: skip


def test_nothing_comes_of_nothing(study):
    assert school_means(None, study.design) is None
    assert supports_against_hindrances(None, None, study.design) is None
