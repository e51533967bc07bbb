"""Rows that can hardly answer: a named error, or a fit that states its weakness."""

import numpy as np
import pytest
from conftest import ROOT

from learning_with_others.data.flow import model_rows
from learning_with_others.data.reading import read_study
from learning_with_others.errors import CompendiumError
from learning_with_others.models import estimands
from learning_with_others.models.benefit_design import benefit_design
from learning_with_others.models.benefit_fit import benefit_rows, fit_benefit
from learning_with_others.models.variants import random_schools
from learning_with_others.study import load_study


@pytest.fixture(scope="module")
def synthetic():
    return load_study(ROOT / "data/learning-with-others")


@pytest.fixture(scope="module")
def rows(synthetic):
    return model_rows(read_study(synthetic).students, synthetic, "all", "gpa")


def fit(rows, study):
    return fit_benefit("gpa", rows, study, None)


def test_one_school_is_fitted_and_says_that_schools_cannot_be_compared(rows, synthetic):
    found = fit(rows[rows["school"] == "A"], synthetic)
    assert "high-quality collaboration, mean of school" not in found.frame.terms
    assert [grouping.name for grouping in found.frame.groupings] == ["classroom"]
    assert random_schools(found.design) is None
    assert "schools are fixed effects" in found.about["weaknesses"]
    assert len(found.frame.outcome) == (rows["school"] == "A").sum()
    assert np.isfinite(found.draws["benefit.gap"]).all()


def test_a_classroom_of_one_student_is_named_as_a_weakness(rows, synthetic):
    room = rows["classroom"] == rows["classroom"].iloc[0]
    kept = rows[~room | (rows.index == rows.index[0])]
    found = fit(kept, synthetic)
    assert "1 of 30 groups of classroom have one row" in found.about["weaknesses"]
    assert len(found.frame.outcome) == len(kept)


def test_one_classroom_in_each_school_leaves_nothing_between_classrooms(rows, synthetic):
    first = rows.groupby("school")["classroom"].transform("first")
    design = benefit_design(rows[rows["classroom"] == first], synthetic)
    assert "high-quality collaboration, classroom from school mean" not in design.data
    assert design.contrasts.main.contextual is None
    assert estimands.contextual_effect(None, design) is None
    outcome = np.random.default_rng(4).normal(size=len(design.data))
    assert "one classroom in every school" in "; ".join(design.frame(outcome).weaknesses)


def test_three_students_are_refused_with_the_reason(rows, synthetic):
    room = rows[rows["classroom"] == rows["classroom"].iloc[0]]
    three = [
        *room.index[room["race"] == "Black"][:2],
        *room.index[room["race"] == "White"][:1],
    ]
    with pytest.raises(CompendiumError, match=r"told apart by 3 rows|zero in every"):
        fit(rows.loc[three], synthetic)


@pytest.mark.parametrize("value", [np.inf, -np.inf])
def test_infinite_values_are_named(rows, synthetic, value):
    broken = rows.copy()
    broken.loc[broken.index[0], "prior_gpa"] = value
    with pytest.raises(CompendiumError, match="prior_gpa"), np.errstate(invalid="ignore"):
        fit(broken, synthetic)


def test_no_term_is_left_out_where_rows_tell_all_apart(rows, synthetic):
    assert benefit_design(rows, synthetic).left_out == ()


def test_classrooms_of_one_group_each_are_compared_and_said_to_be(rows, synthetic):
    two = rows[rows["race"].isin(["Black", "White"])]
    parted = two.assign(classroom=two["classroom"].astype(str) + " " + two["race"].astype(str))
    found = fit(parted, synthetic)
    assert found.design.composing == ()
    assert "share Black in classroom" in found.design.left_out
    assert "no classroom holds both groups" in found.about["weaknesses"]
    gap, total = found.draws["benefit.gap"], found.draws["benefit.gap.total"]
    np.testing.assert_allclose(gap, total, atol=1e-12)  # sums in another order


@pytest.mark.parametrize("rooms", [1, 2, 3, 4])
def test_few_classrooms_leave_out_the_contextual_effect_first(rows, synthetic, rooms):
    few = rows[rows["classroom"].isin(rows["classroom"].unique()[:rooms])]
    two = few[few["race"].isin(["Black", "White"])]
    design = benefit_design(two.assign(school="A"), synthetic)
    # Beside the intercept each classroom tells one term between classrooms: the share comes first.
    assert ("Black" in design.composing) == (rooms > 1)
    assert (design.contrasts.main.contextual is not None) == (rooms > 2)
    design.frame(np.arange(len(two)) / len(two))  # all terms are told apart


@pytest.mark.parametrize("others", [0, 1, 2])
def test_a_group_of_one_student_has_no_slope(rows, synthetic, others):
    other = ~rows["race"].isin(["Black", "White"])
    kept = rows[~other | (other.cumsum().between(1, others) & other)]
    found = fit(kept, synthetic)
    assert len(found.design.sloping) == (2 if others > 1 else 1)
    assert np.isfinite(found.draws["benefit.contextual"]).all()


def test_a_group_under_the_minimum_is_refused_with_its_name(synthetic):
    students = read_study(synthetic).students
    black = students.index[students["race"] == "Black"]
    with pytest.raises(CompendiumError) as told:
        benefit_rows(students.drop(black[5:]), synthetic, "all", "gpa")
    assert "fewer than 10 Black students have all that the model of 'gpa' needs" in str(told.value)
    assert "PARAMS='outcome=" in str(told.value)


# 1e-13: sums in another order; 1e-8: digits of a float32.
@pytest.mark.parametrize("size", [1e-13, 1e-8])
@pytest.mark.parametrize("where", ["everywhere", "in most rooms"])
def test_an_exposure_constant_within_rooms_up_to_rounding_has_no_slope(
    rows, synthetic, size, where
):
    name = synthetic.roles.exposure.name
    room = rows.groupby("classroom", observed=True)[name].transform("mean")
    flat = rows.copy()
    rounding = size * np.random.default_rng(3).normal(size=len(rows))
    flat[name] = room * (1 + rounding)
    if where == "everywhere":
        with pytest.raises(CompendiumError, match="does not vary within any classroom"):
            fit(flat, synthetic)
        return
    few = rows["classroom"].isin(rows["classroom"].unique()[:9])
    flat.loc[few, name] = rows.loc[few, name]
    design = benefit_design(flat, synthetic)
    outcome = np.random.default_rng(4).normal(size=len(design.data))
    assert "varies within 9 of 30 groups of classroom" in "; ".join(
        design.frame(outcome).weaknesses
    )


def test_one_gross_outlier_stands_beside_the_fit(rows, synthetic):
    wrong = rows.copy()
    wrong.loc[wrong.index[5], "gpa"] = 400.0  # 4.00 without its point
    assert "values of the outcome lie up to" in fit(wrong, synthetic).about["weaknesses"]


def test_one_gross_outlier_of_a_covariate_or_the_exposure_is_named(rows, synthetic):
    for name in ("prior_gpa", synthetic.roles.exposure.name):
        wrong = rows.copy()
        wrong.loc[wrong.index[5], name] = 400.0
        design = benefit_design(wrong, synthetic)
        outcome = np.random.default_rng(4).normal(size=len(design.data))
        said = "; ".join(design.frame(outcome).weaknesses)
        assert "robust standard deviations from the median" in said


def test_the_study_itself_has_no_far_values(rows, synthetic):
    said = "; ".join(benefit_design(rows, synthetic).frame(rows["gpa"].to_numpy()).weaknesses)
    assert "robust standard deviations" not in said


def test_a_yes_or_no_taken_for_a_number_stands_beside_the_fit(rows, synthetic):
    passed = rows.assign(gpa=(rows["gpa"] > rows["gpa"].median()).astype(float))
    assert "modelled as a normal number" in fit(passed, synthetic).about["weaknesses"]


def test_an_exposure_that_hardly_varies_within_rooms_says_that_the_prior_speaks(rows, synthetic):
    name = synthetic.roles.exposure.name
    room = rows.groupby("classroom", observed=True)[name].transform("mean")
    nearly = rows.assign(**{name: room + 0.01 * (rows[name] - room)})
    design = benefit_design(nearly, synthetic)
    outcome = np.random.default_rng(4).normal(size=len(design.data))
    assert "rests on the prior to a good part" in "; ".join(design.frame(outcome).weaknesses)
