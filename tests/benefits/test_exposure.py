"""A student-level exposure, on the synthetic study: classrooms within schools."""

import numpy as np
import pytest
import statsmodels.api as sm
from conftest import ROOT

from learning_with_others.benefits import estimands
from learning_with_others.benefits.design import benefit_design
from learning_with_others.benefits.fitting import benefit_designs
from learning_with_others.data.flow import model_rows
from learning_with_others.data.reading import read_study
from learning_with_others.errors import CompendiumError
from learning_with_others.study import load_study


@pytest.fixture(scope="module")
def synthetic():
    study = load_study(ROOT / "data/learning-with-others")
    return study, read_study(study).students


@pytest.fixture(scope="module")
def benefit(synthetic):
    study, students = synthetic
    return benefit_design(model_rows(students, study, "all", "gpa"), study, ["gpa"])


def column(benefit, term):
    return benefit.design.columns[:, benefit.design.terms.index(term)]


def test_deviations_are_within_classrooms_and_means_between(benefit):
    classroom, school = benefit.design.groupings
    deviation = column(benefit, benefit.slope)
    np.testing.assert_allclose(np.bincount(classroom.index, deviation), 0, atol=1e-9)
    between = column(benefit, "high-quality collaboration, classroom from school mean")
    np.testing.assert_allclose(np.bincount(school.index, between), 0, atol=1e-9)
    whole = deviation + between + column(benefit, "high-quality collaboration, mean of school")
    assert (whole.mean(), whole.std()) == (pytest.approx(0, abs=1e-9), pytest.approx(1))


def test_the_slope_varies_between_classrooms(benefit):
    slopes = {grouping.name: grouping.slopes for grouping in benefit.design.groupings}
    assert slopes == {"classroom": (benefit.slope,), "school": ()}
    assert benefit.cluster == "classroom"


def test_low_and_high_are_the_pooled_tenth_and_ninetieth_percentile(benefit):
    deviation = column(benefit, benefit.slope)
    assert (deviation < benefit.low[benefit.slope]).mean() == pytest.approx(0.1, abs=0.01)
    assert (deviation < benefit.high[benefit.slope]).mean() == pytest.approx(0.9, abs=0.01)


def test_the_gap_term_is_the_difference_of_slopes_fitted_apart(benefit, synthetic):
    """With every term free by group, one regression gives the difference of two."""
    study, students = synthetic
    rows = model_rows(students, study, "all", "gpa")
    focal = (rows["race"] == "Black").to_numpy()
    deviation = column(benefit, benefit.slope)
    outcome = benefit.outcomes["gpa"]

    def slope(mine):
        columns = sm.add_constant(deviation[mine])
        return sm.OLS(outcome[mine], columns).fit().params[1]

    together = np.column_stack([np.ones(len(rows)), focal, deviation, column(benefit, benefit.gap)])
    gap = sm.OLS(outcome, together).fit().params[3]
    assert gap == pytest.approx(slope(focal) - slope(~focal))


def test_outcomes_with_the_same_rows_share_one_design(synthetic):
    study, students = synthetic
    designs = benefit_designs(students, study, "all", "all")
    assert list(designs) == list(study.roles.outcomes)
    assert designs["belonging"] is designs["engagement"]
    assert designs["gpa"] is not designs["belonging"]
    with pytest.raises(CompendiumError, match="is no outcome"):
        benefit_designs(students, study, "all", "maths")


def test_other_named_codings_move_students_between_groups(synthetic):
    study, students = synthetic
    apart = read_study(study, "multiracial_apart").students
    assert (apart["race"] == "Black").sum() < (students["race"] == "Black").sum()
    assert len(apart) == len(students) == 892


def test_collinear_terms_are_named(synthetic):
    study, students = synthetic
    rows = model_rows(students, study, "all", "gpa")
    same = rows.assign(twice=rows["prior_gpa"] * 2)
    roles = study.roles.model_copy(update={"covariates": ["prior_gpa", "twice"]})
    with pytest.raises(CompendiumError, match="'twice' follows from the terms before it"):
        benefit_design(same, study.model_copy(update={"roles": roles}), ["gpa"])


def test_an_exposure_that_varies_nowhere_is_refused(synthetic):
    study, students = synthetic
    rows = model_rows(students, study, "all", "gpa").assign(collaboration=3.0)
    with pytest.raises(CompendiumError, match="does not vary within any classroom"):
        benefit_design(rows, study, ["gpa"])


def test_estimands_of_a_constant_posterior(benefit):
    import xarray as xr  # noqa: PLC0415

    terms = list(benefit.design.terms)
    values = np.zeros((1, 1, len(terms)))
    values[..., terms.index(benefit.slope)] = 0.3
    values[..., terms.index(benefit.gap)] = 0.2
    values[..., terms.index("Black")] = -0.4
    posterior = xr.Dataset(
        {"coefficient": (("chain", "draw", "term"), values)}, coords={"term": terms}
    )
    assert estimands.slope(posterior, benefit, focal=True).item() == pytest.approx(0.5)
    low = estimands.outcome_gap(posterior, benefit, "Black", benefit.low).item()
    assert low == pytest.approx(-0.4 + 0.2 * benefit.low[benefit.slope])
