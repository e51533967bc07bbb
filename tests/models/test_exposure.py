"""A student-level exposure, on the synthetic study: classrooms within schools."""

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
import xarray as xr
from conftest import ROOT

from learning_with_others.bayes.collapsed.frame import obstacle
from learning_with_others.data.disclosure import OTHER_GROUPS
from learning_with_others.data.flow import model_rows
from learning_with_others.data.reading import read_study
from learning_with_others.errors import CompendiumError
from learning_with_others.models import estimands
from learning_with_others.models.analysed_outcomes import standardized_outcome
from learning_with_others.models.benefit_design import benefit_design
from learning_with_others.models.benefit_fit import benefit_rows
from learning_with_others.models.model_rows import model_groups
from learning_with_others.study import load_study


@pytest.fixture(scope="module")
def synthetic():
    study = load_study(ROOT / "data/learning-with-others")
    return study, read_study(study).students


@pytest.fixture(scope="module")
def benefit(synthetic):
    study, students = synthetic
    return benefit_design(model_rows(students, study, "all", "gpa"), study)


@pytest.fixture(scope="module")
def frame(benefit, synthetic):
    study, students = synthetic
    rows = model_rows(students, study, "all", "gpa")
    return benefit.frame(standardized_outcome(rows, study, "gpa"))


def column(benefit, term):
    return benefit.data[term].to_numpy()


def test_deviations_are_within_classrooms_and_means_between(benefit, frame):
    (classroom,) = frame.groupings
    school = pd.factorize(benefit.data["school label"])[0]
    deviation = column(benefit, benefit.slope)
    np.testing.assert_allclose(np.bincount(classroom.index, deviation), 0, atol=1e-9)
    between = column(benefit, "high-quality collaboration, classroom from school mean")
    np.testing.assert_allclose(np.bincount(school, between), 0, atol=1e-9)
    whole = deviation + between + column(benefit, "high-quality collaboration, mean of school")
    assert (whole.mean(), whole.std()) == (pytest.approx(0, abs=1e-9), pytest.approx(1))


def test_the_slope_varies_between_classrooms_and_the_model_can_be_collapsed(benefit, frame):
    slopes = {grouping.name: grouping.slopes for grouping in frame.groupings}
    assert slopes == {"classroom": (benefit.slope,)}
    assert benefit.cluster == "classroom"
    assert obstacle(frame) is None


def test_low_and_high_are_the_pooled_tenth_and_ninetieth_percentile(benefit):
    deviation = column(benefit, benefit.slope)
    low, high = estimands.low_exposure(benefit), estimands.high_exposure(benefit)
    assert (deviation < low[benefit.slope]).mean() == pytest.approx(0.1, abs=0.01)
    assert (deviation < high[benefit.slope]).mean() == pytest.approx(0.9, abs=0.01)


def test_every_group_has_its_own_slope(benefit, frame, synthetic):
    """With every term free by group, one regression gives the slopes fitted group by group."""
    study, students = synthetic
    rows = model_rows(students, study, "all", "gpa")
    groups = model_groups(rows, study)
    deviation = column(benefit, benefit.slope)

    def slope(group):
        mine = (groups == group).to_numpy()
        columns = sm.add_constant(deviation[mine])
        return sm.OLS(frame.outcome[mine], columns).fit().params[1]

    names = [*benefit.modelled, *(benefit.interaction(group) for group in benefit.modelled)]
    together = np.column_stack(
        [np.ones(len(rows)), deviation, *(column(benefit, name) for name in names)]
    )
    found = dict(zip(names, sm.OLS(frame.outcome, together).fit().params[2:], strict=True))
    for group in benefit.modelled:
        expected = slope(group) - slope("White")
        assert found[benefit.interaction(group)] == pytest.approx(expected)


def test_small_groups_enter_together_and_are_not_reported(synthetic):
    study, students = synthetic
    rows = model_rows(students, study, "all", "gpa")
    sizes = rows["race"].value_counts()
    small = sizes[sizes < study.analysis.minimum_cell].index
    assert len(small)
    groups = model_groups(rows, study)
    assert list(groups.cat.categories[:2]) == ["White", "Black"]
    pooled = groups == OTHER_GROUPS
    assert pooled.sum() == (rows["race"].isin(small) | rows["race"].isna()).sum()
    assert OTHER_GROUPS not in benefit_design(rows, study).sizes


def test_rows_are_those_of_every_outcome(synthetic):
    study, students = synthetic
    rows = benefit_rows(students, study, "all", "all")
    assert list(rows) == list(study.roles.outcomes)
    assert rows["gpa"]["gpa"].notna().all()
    assert len(rows["gpa"]) < len(rows["belonging"])
    with pytest.raises(CompendiumError, match="is no outcome"):
        benefit_rows(students, study, "all", "maths")


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
    doubled = study.model_copy(update={"roles": roles})
    with pytest.raises(CompendiumError, match="'twice' follows from 'prior_gpa'"):
        benefit_design(same, doubled).frame(standardized_outcome(same, study, "gpa"))


def test_an_exposure_that_varies_nowhere_is_refused(synthetic):
    study, students = synthetic
    rows = model_rows(students, study, "all", "gpa").assign(collaboration=3.0)
    with pytest.raises(CompendiumError, match="does not vary within any classroom"):
        benefit_design(rows, study)


def test_the_contextual_effect_is_the_mean_beyond_the_average_slope(benefit, frame):
    values = dict.fromkeys(frame.terms, 0.0)
    values[benefit.slope] = 0.3
    values[benefit.interaction("Black")] = 0.2
    values["high-quality collaboration, classroom from school mean"] = 0.7
    posterior = xr.Dataset(
        {"coefficient": (("chain", "draw", "term"), np.array([[list(values.values())]]))},
        coords={"term": list(values)},
    )
    within = 0.3 + 0.2 * benefit.group_shares["Black"]
    found = estimands.contextual_effect(posterior, benefit)
    assert found.item() == pytest.approx(0.7 - within)
