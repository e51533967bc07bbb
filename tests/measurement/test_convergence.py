import numpy as np
import pandas as pd
import pytest
from conftest import ROOT

from learning_with_others.data.measures.sources import (
    OBSERVERS,
    STUDENTS,
    TEACHERS,
    reports_by_classroom,
    source_table,
)
from learning_with_others.data.reading import read_study
from learning_with_others.errors import CompendiumError
from learning_with_others.inference.cluster_bootstrap import resample_clusters
from learning_with_others.measurement.figures.comparisons import draw_convergence
from learning_with_others.measurement.source_convergence import convergence_table, mean_reliability
from learning_with_others.study import load_study

RESAMPLES = 200
ELEMENT = "norms_clarity"
MANY = 3_000
# 4 standard errors of a correlation from so many classrooms; divided by the roots of the
# reliabilities, .61 together, they grow as much.
NEAR, NEAR_DISATTENUATED = 0.065, 0.11


@pytest.fixture(scope="module")
def lwo():
    study = load_study(ROOT / "data/learning-with-others")
    data = read_study(study)
    return study, data.students, data.tables


@pytest.fixture(scope="module")
def table(lwo):
    study, students, tables = lwo
    return convergence_table(students, tables, study, RESAMPLES)


def planted(rng, rooms=MANY, correlation=0.6, pupils=20, raters=2):
    """Students and observers of one element whose true classroom values correlate."""
    root = np.linalg.cholesky([[1, correlation], [correlation, 1]])
    true = rng.standard_normal((rooms, 2)) @ root.T
    names = [f"C{number}" for number in range(rooms)]
    pupil, visit = np.repeat(np.arange(rooms), pupils), np.repeat(np.arange(rooms), raters)
    students = pd.DataFrame({"classroom": np.array(names)[pupil]})
    students[ELEMENT] = true[pupil, 0] + 4 * rng.standard_normal(len(pupil))
    observations = pd.DataFrame({"classroom": np.array(names)[visit]})
    observations[f"rubric_{ELEMENT}"] = true[visit, 1] + rng.standard_normal(len(visit))
    classrooms = pd.DataFrame({"classroom": names, "teacher": names})
    return students, {"classrooms": classrooms, "observations": observations}


def only(study, element=ELEMENT):
    construct = study.constructs["collaboration"]
    part = construct.model_copy(update={"elements": {element: construct.elements[element]}})
    return study.model_copy(update={"constructs": {"collaboration": part}})


def test_every_element_has_three_pairs_of_sources(table):
    assert len(table) == 7 * 3
    pairs = set(zip(table["first"], table["second"], strict=True))
    assert pairs == {(STUDENTS, OBSERVERS), (STUDENTS, TEACHERS), (OBSERVERS, TEACHERS)}
    assert table["classrooms"].between(25, 30).all()
    assert (table.loc[table["first"] == OBSERVERS, "children"] == 0).all()


def test_a_correlation_is_pearsons_of_classroom_means(table, lwo):
    _, students, tables = lwo
    mine = students.groupby("classroom")[ELEMENT].mean()
    theirs = tables["observations"].groupby("classroom")[f"rubric_{ELEMENT}"].mean()
    row = table[(table["element"] == ELEMENT) & (table["second"] == OBSERVERS)].iloc[0]
    assert row["correlation"] == pytest.approx(np.corrcoef(mine, theirs[mine.index])[0, 1])
    root = np.sqrt(row["reliability_first"] * row["reliability_second"])
    assert row["disattenuated"] == pytest.approx(row["correlation"] / root)
    assert row["lower"] < row["correlation"] < row["upper"]


def test_one_report_of_a_teacher_has_no_reliability(table):
    row = table[(table["first"] == STUDENTS) & (table["second"] == TEACHERS)].iloc[0]
    assert np.isnan(row["reliability_second"])
    root = np.sqrt(row["reliability_first"])
    assert row["disattenuated"] == pytest.approx(row["correlation"] / root)


def test_values_beyond_one_are_flagged(table):
    beyond = table["disattenuated"].abs() > 1
    assert beyond.any()
    assert (table["flag"].str.contains("beyond 1") == beyond).all()


def test_the_planted_correlation_comes_back_when_disattenuated(lwo):
    study = only(lwo[0])
    students, tables = planted(np.random.default_rng(3))
    row = convergence_table(students, tables, study, RESAMPLES).iloc[0]
    reliability = 1 / (1 + 16 / 20), 1 / (1 + 1 / 2)
    raw = 0.6 * np.sqrt(np.prod(reliability))
    assert row["reliability_first"] == pytest.approx(reliability[0], abs=NEAR)
    assert row["reliability_second"] == pytest.approx(reliability[1], abs=NEAR)
    assert row["correlation"] == pytest.approx(raw, abs=NEAR)
    assert row["disattenuated"] == pytest.approx(0.6, abs=NEAR_DISATTENUATED)
    assert row["disattenuated_lower"] < 0.6 < row["disattenuated_upper"]
    assert row["flag"] == ""


def test_reliability_of_means_is_the_one_way_closed_form():
    rng = np.random.default_rng(4)
    values = rng.standard_normal((15, 1)) + rng.standard_normal((15, 6))
    room = pd.Series(np.repeat(np.arange(15), 6))
    reports = reports_by_classroom(pd.Series(values.ravel()), room, pd.Index(range(15)))
    found = mean_reliability(reports, resample_clusters(15, 1, 1))[0]
    between = 6 * values.mean(axis=1).var(ddof=1)
    assert found == pytest.approx(1 - values.var(axis=1, ddof=1).mean() / between)


def test_few_classrooms_are_flagged_and_fewer_still_give_nothing(lwo):
    study = only(lwo[0])
    students, tables = planted(np.random.default_rng(5), rooms=8)
    row = convergence_table(students, tables, study, RESAMPLES).iloc[0]
    assert "only 8 classrooms" in row["flag"]
    assert np.isfinite(row["correlation"])
    students, tables = planted(np.random.default_rng(5), rooms=3)
    row = convergence_table(students, tables, study, RESAMPLES).iloc[0]
    assert np.isnan(row["correlation"])
    assert row["flag"] == "only 3 classrooms have both sources"


def test_means_that_vary_no_more_than_their_errors_are_flagged(lwo):
    study = only(lwo[0])
    students, tables = planted(np.random.default_rng(5), rooms=12)
    students[ELEMENT] = np.tile([1.0, 5.0], len(students) // 2)
    students.loc[:19, ELEMENT] += 1e-3  # all means but one alike
    row = convergence_table(students, tables, study, RESAMPLES).iloc[0]
    assert "student survey: means vary no more than their errors" in row["flag"]
    assert np.isnan(row["disattenuated"])
    assert np.isfinite(row["correlation"])


def test_a_source_that_does_not_vary_has_no_correlation(lwo):
    study = only(lwo[0])
    students, tables = planted(np.random.default_rng(5), rooms=12)
    tables["observations"][f"rubric_{ELEMENT}"] = 3.1
    row = convergence_table(students, tables, study, RESAMPLES).iloc[0]
    assert np.isnan(row["correlation"])
    assert "correlation undefined in 100% of the resamples" in row["flag"]


def test_studies_without_the_sources_give_empty_tables(lwo, study, students):
    assert convergence_table(students, {}, study, RESAMPLES).empty
    assert source_table(students, {}, study).empty
    lwo_study, lwo_students, tables = lwo
    alone = {"classrooms": tables["classrooms"]}
    assert convergence_table(lwo_students, alone, lwo_study, RESAMPLES).empty


def test_classrooms_must_name_their_teacher(lwo):
    study, students, tables = lwo
    cut = tables | {"classrooms": tables["classrooms"].drop(columns="teacher")}
    with pytest.raises(CompendiumError, match="has no column 'teacher'"):
        convergence_table(students, cut, study, RESAMPLES)


def test_sources_stand_side_by_side(lwo):
    study, students, tables = lwo
    found = source_table(students, tables, study)
    counts = found.groupby("source")["reports"].sum()
    assert counts[STUDENTS] == students[list(found["element"].unique())].notna().sum().sum()
    assert counts[OBSERVERS] == 7 * len(tables["observations"])


def test_the_figure_has_a_panel_for_each_pair_of_sources(table):
    figure = draw_convergence(table)
    assert len(figure.axes) == 3
    labels = [text.get_text().replace("\n", " ") for text in figure.axes[0].get_yticklabels()]
    assert labels == list(dict.fromkeys(table["label"]))
    assert draw_convergence(table.iloc[:0]) is None
