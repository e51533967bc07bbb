"""What others report of the exposure, by hand."""

import numpy as np
import pandas as pd
import pytest
from conftest import ROOT

from learning_with_others.data.flow import model_rows, rows_of_grade
from learning_with_others.data.measures.sources import OBSERVERS, source_table
from learning_with_others.data.reading import read_study
from learning_with_others.models.model_rows import OBSERVED, PLAUSIBLE, rows_with_values, score_of
from learning_with_others.models.other_reports import (
    between_classrooms,
    classmates_mean,
    other_reports,
)
from learning_with_others.study import load_study


@pytest.fixture(scope="module")
def synthetic():
    study = load_study(ROOT / "data/learning-with-others")
    return study, read_study(study)


@pytest.fixture(scope="module")
def rows(synthetic):
    study, data = synthetic
    return model_rows(data.students, study, "all", "gpa")


def test_classmates_leave_the_student_out():
    values = pd.Series([1.0, 2.0, 6.0, 5.0])
    cluster = pd.Series(["a", "a", "a", "b"])
    found = classmates_mean(values, cluster)
    np.testing.assert_allclose(found, [4.0, 3.5, 1.5, np.nan])


def test_observers_stand_in_every_row_of_their_classroom(synthetic, rows):
    study, data = synthetic
    tables = dict(data.tables) if hasattr(data, "tables") else {}
    students = rows_of_grade(data.students, study, "all")
    found = other_reports(rows, students, tables, study)
    assert "classmates" in found
    if OBSERVERS in found:
        reports = source_table(students, tables, study)
        room = rows["classroom"].iloc[0]
        mine = (reports["source"] == OBSERVERS) & (reports["classroom"] == room)
        assert found[OBSERVERS][0] == pytest.approx(reports.loc[mine, "mean"].mean())


def test_a_source_is_centred_within_schools(synthetic, rows):
    study, _ = synthetic
    values = pd.Series(pd.factorize(rows["classroom"])[0]).to_numpy(float)
    found = between_classrooms(rows, study, values, "observers")
    assert found.cluster == "school"
    sums = pd.Series(found.main.deviation).groupby(rows["school"].to_numpy()).sum()
    np.testing.assert_allclose(sums, 0, atol=1e-9)
    alike = pd.factorize(rows["school"])[0].astype(float)
    assert between_classrooms(rows, study, alike, "observers") is None


def test_plausible_values_stand_in_the_place_of_scores(synthetic, rows):
    study, _ = synthetic
    students = rows["student"].to_numpy()[::-1]
    values = pd.concat(
        [
            pd.DataFrame(
                {
                    "student": students,
                    "plausible_value": number,
                    "collaboration": np.arange(len(students)) + 1000.0 * number,
                }
            )
            for number in range(3)
        ]
    )
    versions = list(rows_with_values(rows, study, values, most=2))
    assert len(versions) == 2
    for number, version in enumerate(versions):
        expected = np.arange(len(students))[::-1] + 1000.0 * number
        np.testing.assert_allclose(version["collaboration"], expected)
        assert version["belonging"].equals(rows["belonging"])
    assert score_of(study, "gpa", values) == PLAUSIBLE
    assert score_of(study, "gpa", None) == OBSERVED
    assert [version is rows for version in rows_with_values(rows, study, None)] == [True]
