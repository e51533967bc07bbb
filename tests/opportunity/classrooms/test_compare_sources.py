import numpy as np
import pytest
from conftest import ROOT

from learning_with_others.bayes.specification import Sampler
from learning_with_others.data.measures.opportunities import Measure
from learning_with_others.data.measures.sources import OBSERVERS, STUDENTS, source_table
from learning_with_others.data.reading import read_study
from learning_with_others.measurement.source_convergence import convergence_table
from learning_with_others.opportunity.classrooms.classroom_means import classroom_map
from learning_with_others.opportunity.classrooms.compare_sources import (
    THIRDS,
    compare_sources,
    map_by_thirds,
)
from learning_with_others.study import load_study

SAMPLER = Sampler(seed=20181001, tune=500, draws=1000)
WHOLE = Measure("collaboration", "High-quality collaboration", "construct")
ELEMENT = Measure("norms_clarity", "Group norms and task clarity", "element")
RESAMPLES = 200


@pytest.fixture(scope="module")
def lwo():
    study = load_study(ROOT / "data/learning-with-others")
    data = read_study(study)
    return study, data.students, data.tables


@pytest.fixture(scope="module")
def found(lwo):
    study, students, _ = lwo
    return classroom_map(students, study, WHOLE, SAMPLER)


@pytest.fixture(scope="module")
def reports(lwo):
    study, students, tables = lwo
    return source_table(students, tables, study)


def test_raw_correlations_are_those_of_the_convergence_table(lwo, reports):
    study, students, tables = lwo
    element = classroom_map(students, study, ELEMENT, SAMPLER)
    against = compare_sources(element, ELEMENT, reports, study, RESAMPLES).set_index("source")
    known = convergence_table(students, tables, study, RESAMPLES)
    known = known[(known["element"] == ELEMENT.name) & (known["first"] == STUDENTS)]
    for row in known.itertuples():
        assert against.loc[row.second, "correlation_raw"] == pytest.approx(row.correlation)
        assert against.loc[row.second, "classrooms"] == row.classrooms
    rubric = tables["observations"].groupby("classroom")[f"rubric_{ELEMENT.name}"].mean()
    pooled = np.corrcoef(element.draws.mean(axis=0), rubric[element.names])[0, 1]
    assert against.loc[OBSERVERS, "correlation_pooled"] == pytest.approx(pooled)
    assert against.loc[OBSERVERS, "pooled_lower"] < pooled < against.loc[OBSERVERS, "pooled_upper"]


def test_a_construct_is_compared_with_the_mean_over_its_elements(lwo, found, reports):
    study, _, tables = lwo
    rated = tables["observations"].groupby("classroom").mean(numeric_only=True).mean(axis=1)
    against = compare_sources(found, WHOLE, reports, study, RESAMPLES).set_index("source")
    expected = np.corrcoef(found.raw_mean, rated[found.names])[0, 1]
    assert against.loc[OBSERVERS, "correlation_raw"] == pytest.approx(expected)


def test_thirds_are_means_over_classrooms(lwo, found, reports):
    study, students, _ = lwo
    thirds = map_by_thirds(found, WHOLE, reports, study)
    assert thirds["third"].tolist() == list(THIRDS)
    assert thirds["classrooms"].sum() == 30
    assert thirds["children"].sum() == students[WHOLE.name].notna().sum()
    assert thirds["estimate"].is_monotonic_increasing
    # Published to two decimals here, where the interval's half width is .06.
    assert (thirds["estimate"] == thirds["estimate"].round(2)).all()
    overall = np.average(thirds["estimate"], weights=thirds["classrooms"])
    assert overall == pytest.approx(found.draws.mean(), abs=0.005)


def test_few_rated_classrooms_give_no_thirds_and_a_flag(lwo, found, reports):
    study = lwo[0]
    rated = reports["source"] == OBSERVERS
    few = reports[rated & reports["classroom"].isin(found.names[:8])]
    thirds = map_by_thirds(found, WHOLE, few, study)
    few_rooms = thirds["classrooms"] < 3
    assert few_rooms.any()
    assert thirds.loc[few_rooms, "estimate"].isna().all()
    assert (thirds.loc[few_rooms, "flag"] == "fewer than 3 classrooms").all()
    assert thirds.loc[~few_rooms, "estimate"].notna().all()
    row = compare_sources(found, WHOLE, few, study, RESAMPLES).iloc[0]
    assert "only 8 classrooms" in row["flag"]
    assert np.isfinite(row["correlation_raw"])
    fewer = reports[rated & reports["classroom"].isin(found.names[:3])]
    row = compare_sources(found, WHOLE, fewer, study, RESAMPLES).iloc[0]
    assert np.isnan(row["correlation_raw"])
    assert row["flag"] == "only 3 classrooms have both sources"


def test_measures_without_other_sources_have_no_comparison(lwo, found, reports):
    study = lwo[0]
    frequency = Measure("collaboration_frequency", "Frequency of group work", "construct")
    assert compare_sources(found, frequency, reports, study, RESAMPLES).empty
    assert map_by_thirds(found, frequency, reports, study).empty
    assert compare_sources(found, WHOLE, reports.iloc[:0], study, RESAMPLES).empty


def test_nothing_tells_which_classroom_was_rated_how(lwo, found, reports):
    study, _, tables = lwo
    names = set(found.names) | set(tables["teachers"]["teacher"]) | set(tables["schools"]["school"])
    for table in (
        compare_sources(found, WHOLE, reports, study, RESAMPLES),
        map_by_thirds(found, WHOLE, reports, study),
    ):
        assert not names & set(table.astype(str).to_numpy().ravel())
        assert not {"classroom", "school", "teacher"} & set(table.columns)
