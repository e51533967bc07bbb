"""What each child was first assigned to."""

import pandas as pd
import pytest

from learning_with_others.data.entry import add_entry


def test_each_row_holds_what_the_first_row_of_its_child_held(students):
    first = students.sort_values("grade").drop_duplicates("student").set_index("student")
    for column in ("class_type", "school", "teacher", "grade"):
        expected = first.loc[students["student"], column].astype(str).to_numpy()
        assert (students[f"{column} at entry"].astype(str).to_numpy() == expected).all()
    in_third = students[students["grade"] == "3"]
    moved = in_third["class_type"].ne(in_third["class_type at entry"]).mean()
    assert 0.2 < moved < 0.35  # 22.5% change between small and other classes


def test_a_row_without_a_class_is_no_entry_and_nobody_is_lost(study):
    rows = pd.DataFrame(
        {
            "student": ["a", "a", "b", "a", "c"],
            "grade": pd.Categorical(["1", "K", "2", "2", "K"], ["K", "1", "2", "3"]),
            "school": ["s", "s", "t", "s", "t"],
            "teacher": ["1", "0", "2", "3", None],
            "class_type": pd.Categorical(
                ["regular", None, "small", "small", "small"], ["small", "regular"]
            ),
        },
        index=[7, 3, 5, 1, 9],
    )
    found = add_entry(rows, study)
    assert found.index.tolist() == [7, 3, 5, 1, 9]
    assert found["grade at entry"].astype(object).tolist()[:4] == ["1", "1", "2", "1"]
    assert found["class_type at entry"].astype(object).tolist()[:4] == [
        *("regular", "regular", "small", "regular")
    ]
    assert found.loc[9, [name for name in found if name.endswith("entry")]].isna().all()
    assert found["class_type at entry"].dtype == rows["class_type"].dtype


def test_a_study_that_assigns_nothing_gets_no_columns(students, study):
    before = students[["student", "grade", "class_type", "school", "teacher"]]
    pd.testing.assert_frame_equal(add_entry(before, study.as_observed), before)


@pytest.mark.parametrize("label", ["class_type", "school", "teacher"])
def test_at_entry_and_as_observed_are_two_views_of_one_study(study, label):
    assigned, observed = study.as_assigned.roles, study.as_observed.roles
    place = {"class_type": "exposure", "school": "school", "teacher": "classroom"}[label]
    columns = [getattr(each, place) for each in (assigned, observed)]
    columns = [getattr(each, "name", each) for each in columns]
    assert columns == [f"{label} at entry", label]
