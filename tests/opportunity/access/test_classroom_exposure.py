import numpy as np
import pandas as pd
import pytest

from learning_with_others.data.measures.opportunities import Measure
from learning_with_others.opportunity.access.classroom_exposure import (
    CLASSMATES,
    SHARE,
    classmates_mean,
    classroom_exposure,
    in_richest,
)

MATH = Measure("math", "Mathematics", "number")


@pytest.fixture(scope="module")
def rows(students):
    return students[students["grade"] == "3"].dropna(subset=["teacher", "school"])


def test_classmates_by_hand():
    values = np.array([1.0, 2, 6, np.nan, 5, np.nan])
    found = classmates_mean(values, np.array([0, 0, 0, 0, 1, 2]))
    assert found[:4] == pytest.approx([4, 3.5, 1.5, 3])
    assert np.isnan(found[4:]).all()  # alone with a value, or alone altogether


def test_a_third_of_the_classrooms_is_richest():
    classroom = np.repeat(np.arange(6), 4)
    found = in_richest(classroom * 1.0, classroom)
    assert found.reshape(6, 4).mean(axis=1).tolist() == [0, 0, 0, 0, 1, 1]


def test_means_of_classmates_agree_with_a_loop(rows, study):
    found = classroom_exposure(rows, study, [MATH]).set_index(["quantity", "group"])
    together = rows.groupby("teacher", observed=True)["math"]
    total, size = together.transform("sum"), together.transform("count")
    own = rows["math"].notna()
    others = (total - rows["math"].fillna(0)) / (size - own)
    for group in ("Black", "White"):
        expected = others[(rows["race"] == group) & (size - own > 0)].mean()
        assert found.loc[(CLASSMATES, group), "estimate"] == pytest.approx(expected)


def test_the_gap_is_the_difference_of_the_groups(rows, study):
    found = classroom_exposure(rows, study, [MATH]).set_index(["quantity", "group"])["estimate"]
    for quantity in (CLASSMATES, SHARE):
        one = found[quantity]
        assert one["Black minus White"] == pytest.approx(one["Black"] - one["White"])


def test_a_group_with_nobody_is_named(rows, study):
    found = classroom_exposure(rows[rows["race"] == "White"], study, [MATH])
    assert found["estimate"].isna().all()
    assert found["flag"].str.startswith("Black").all()


def test_three_students_take_the_gap_with_them(rows, study):
    few = rows[(rows["race"] == "Black") & rows["math"].notna()].head(3)
    found = classroom_exposure(pd.concat([few, rows[rows["race"] == "White"]]), study, [MATH])
    assert found["estimate"].isna().all()
    assert found.loc[found["group"] == "Black", "children"].between(1, 3).all()


def test_a_group_in_one_classroom_has_no_interval(rows, study):
    sizes = rows[rows["race"] == "Black"].groupby("teacher", observed=True).size()
    one = (rows["teacher"] == sizes.idxmax()) & (rows["race"] == "Black")
    found = classroom_exposure(rows[one | (rows["race"] == "White")], study, [MATH])
    means = found[found["quantity"] == CLASSMATES]
    assert means["estimate"].notna().all()
    assert means["lower"].isna().all()
    assert means["flag"].str.startswith("no interval").all()
