import numpy as np
import pytest
from test_access import with_thresholds

from learning_with_others.opportunity.access.thresholds import (
    readable_shifts,
    threshold_sensitivity,
)


@pytest.fixture(scope="module")
def table(grade_three, study):
    return threshold_sensitivity(grade_three, with_thresholds(study, math=620.0))


def test_shares_fall_as_thresholds_rise(table):
    for _, part in table[table["quantity"] == "share"].groupby("group"):
        ordered = part.sort_values("shift")
        assert ordered["shift"].is_monotonic_increasing
        assert (ordered["estimate"].diff().dropna() <= 0).all()


def test_the_declared_threshold_is_among_them(table, grade_three):
    shares = table[(table["shift"] == 0) & (table["quantity"] == "share")]
    for row in shares.itertuples():
        scores = grade_three.loc[grade_three["race"] == row.group, "math"]
        assert row.estimate == pytest.approx((scores >= 620).mean())
        assert row.children == len(scores)


def test_a_few_students_reach_or_miss_no_threshold_but_the_declared_one(table, study):
    shares = table[(table["quantity"] == "share") & (table["shift"] != 0)]
    with_it = (shares["estimate"] * shares["children"]).round()
    for counts in (with_it, shares["children"] - with_it):
        assert not counts.between(1, study.analysis.minimum_cell - 1).any()


def test_the_declared_threshold_is_always_kept():
    assert readable_shifts([np.array([1.0] * 3 + [-1.0] * 40)], 10) == [0.0]
    assert readable_shifts([np.array([1.0] * 12 + [-1.0] * 40)], 10) == [0.0, 1.0]
    assert readable_shifts([np.array([])], 10) == []


def test_a_category_has_no_threshold(grade_three, study):
    assert threshold_sensitivity(grade_three, study).empty


def test_on_a_grid_no_shift_is_a_score_that_somebody_has():
    scores = [np.array([107 / 27, 3.2, 2.9, 1.05] * 12), np.array([1 / 3, 4.4] * 20)]
    shifts = readable_shifts(scores, 5, on_grid=True)
    assert len(shifts) > 3
    assert all(abs(round(10 * shift) - 10 * shift) < 1e-9 for shift in shifts)
