import itertools

import numpy as np
import pandas as pd
import pytest

from learning_with_others.data.clusters import (
    cluster_sizes,
    missing_shares,
    sampled_rooms,
    sampled_unit,
)
from learning_with_others.data.disclosure import OTHER_GROUPS
from learning_with_others.data.flow import (
    analysis_steps,
    count_by_school,
    count_rows,
    rows_of_grade,
)


@pytest.mark.parametrize(("grade", "rows"), [("K", 5_758), ("3", 5_927)])
def test_every_row_is_counted_at_every_step(students, study, grade, rows):
    steps = analysis_steps(students, study, grade)
    flow = count_rows(students, steps, study)
    totals = flow.groupby("step", sort=False)["rows"].sum()
    assert flow["after"].iloc[-1] == f"grade {grade}"
    assert totals["raw file"] == len(students)
    modelled = flow[flow["step"] == "benefit model"].set_index("group")["rows"]
    assert modelled["Black"] + modelled["White"] == rows
    assert modelled[OTHER_GROUPS] > 0  # children of every race enter
    before = totals.shift().fillna(len(students))
    assert (before - totals == flow.groupby("step", sort=False)["left"].sum()).all()
    for earlier, later in itertools.pairwise(steps):
        assert (earlier.remaining | ~later.remaining).all()


def test_race_not_recorded_is_counted_and_not_dropped(students, study):
    flow = count_rows(students, analysis_steps(students, study, "3"), study)
    pooled = flow[flow["group"] == OTHER_GROUPS].set_index("step")["rows"]
    assert pooled["raw file"] == students["race"].isin(["Black", "White"]).eq(False).sum()


def test_cluster_sizes_of_a_hand_counted_case(study):
    rows = pd.DataFrame(
        {
            "teacher": ["a", "a", "b", "b", "b", "c"],
            "school": ["s", "s", "s", "s", "s", "t"],
            "race": ["Black", "White", "White", "White", "Asian", "Black"],
        }
    )
    found = cluster_sizes(rows, study).set_index("level")
    assert found.loc["classroom", ["clusters", "median_size", "both_groups"]].tolist() == [3, 2, 1]
    assert found.loc["school", ["clusters", "median_size", "both_groups"]].tolist() == [2, 3, 1]


def test_missing_shares_agree_with_a_direct_count(students, study):
    rows = students[students["grade"] == "3"]
    found = missing_shares(rows, study).set_index(["column", "group"])
    black = rows[rows["race"] == "Black"]
    assert found.loc[("math", "Black"), "missing"] == black["math"].isna().sum()
    assert found.loc[("math", "Black"), "share"] == pytest.approx(black["math"].isna().mean())
    assert "student" not in found.index.get_level_values("column")


def test_missing_shares_leave_out_a_group_under_the_minimum_cell(students, study):
    rows = students[students["grade"] == "3"]
    others = rows[~rows["race"].isin(["Black", "White"])]
    few = study.analysis.minimum_cell - 1
    kept = rows.drop(others.index[few:])
    assert set(missing_shares(rows, study)["group"]) == {"Black", "White", OTHER_GROUPS}
    assert set(missing_shares(kept, study)["group"]) == {"Black", "White"}


def test_rows_by_school_add_up_to_all_rows(students, study):
    steps = analysis_steps(students, study, "3")
    by_school = count_by_school(students, steps, study).groupby("step", sort=False)["rows"].sum()
    by_race = count_rows(students, steps, study).groupby("step", sort=False)["rows"].sum()
    assert by_school.to_dict() == by_race.to_dict()


def test_a_student_without_a_school_is_in_no_schools_count(students, study):
    some = students.head(500).copy()
    some.loc[some.index[:7], "school"] = None
    steps = analysis_steps(some, study, "3")
    assert [step.name for step in steps][1] == "grade 3"
    assert "classroom or school recorded" in [step.name for step in steps]
    by_school = count_by_school(some, steps, study).groupby("step", sort=False)["rows"].sum()
    assert by_school["raw file"] == 493
    by_race = count_rows(some, steps, study).groupby("step", sort=False)["rows"].sum()
    assert by_school["benefit model"] == by_race["benefit model"] > 0
    assert len(rows_of_grade(some, study, "3")) == steps[2].remaining.sum()


def test_students_of_a_single_cluster_are_what_varies(students, study):
    rows = students[students["grade"] == "3"]
    room, school = study.roles.classroom, study.roles.school
    pd.testing.assert_series_equal(sampled_unit(rows, study), rows[school])
    few = rows[rows[school].isin(rows[school].unique()[:3])]
    pd.testing.assert_series_equal(sampled_unit(few, study), few[room])
    one = rows[rows[room] == rows[room].dropna().iloc[0]]
    pd.testing.assert_series_equal(sampled_unit(one, study), one["student"])


def test_classrooms_stand_for_their_schools_where_ten_were_sampled(students, study):
    rows = students[students["grade"] == "3"]
    room, school = study.roles.classroom, study.roles.school
    rooms = rows[room].dropna().unique()
    own = rows.drop_duplicates(room).set_index(room)[school]
    np.testing.assert_array_equal(sampled_rooms(rooms, rows, study), own[rooms])
    few = own.index[own.isin(own.unique()[:9])].to_numpy()
    np.testing.assert_array_equal(sampled_rooms(few, rows, study), few)
    np.testing.assert_array_equal(sampled_rooms(few, None, study), few)
