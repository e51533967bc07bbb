import numpy as np
import pytest
from four_scales import four_scales

from learning_with_others.measurement.response_invariance import (
    LADDER_COLUMNS,
    differential_item_table,
    ladder_table,
    ladders,
)

PLANTED = {"personalization": "pers_4", "belonging": "bel_2"}


@pytest.fixture(scope="module")
def climbed():
    return ladders(*four_scales())


def test_planted_items_are_released_and_move_the_gap_up(climbed):
    for scale, item in PLANTED.items():
        ladder = climbed[scale]
        last = ladder.thresholds.purification
        assert list(last.releases["item"]) == [item]
        assert len(last.anchors) == len(ladder.equal.problem.items) - 1
        assert ladder.thresholds.gap_change > 0.05


def test_the_ladder_table_has_a_row_for_each_step(climbed):
    table = ladder_table(climbed)
    part = table[table["scale"] == "belonging"].set_index("step")
    assert list(part.index) == [
        "configural",
        "equal slopes",
        "equal slopes and thresholds",
        "items released",
    ]
    last, ladder = part.loc["items released"], climbed["belonging"]
    assert last["released"] == "bel_2"
    assert last["anchors"] == "bel_1, bel_3, bel_4"
    assert last["gap"] == ladder.thresholds.gap_released
    assert last["gap_change"] == ladder.thresholds.gap_change
    assert np.isnan(part.loc["equal slopes", "gap"])
    assert (part["children_focal"] == ladder.children_focal).all()


def test_the_table_of_differential_items_names_scale_and_flag(climbed):
    table = differential_item_table(climbed)
    assert list(table.columns[[0, -1]]) == ["scale", "flag"]
    found = table[table["released"].fillna("") != ""]
    assert set(found["item"]) == set(PLANTED.values())
    assert (found["threshold_shift_lower"] > 0).all()
    assert (found["gap_change"] > 0).all()


def test_a_scale_of_two_items_gives_a_reason_in_every_table(climbed):
    assert "2 items" in climbed["collaboration_frequency"]
    for table in (ladder_table(climbed), differential_item_table(climbed)):
        row = table[table["scale"] == "collaboration_frequency"]
        assert len(row) == 1
        assert "2 items" in row["flag"].item()


def test_an_item_that_one_group_answered_alike_gives_a_reason_not_an_error():
    students, study, columns = four_scales()
    broken = students.copy()
    focal = (broken[study.roles.group.column] == study.roles.group.focal).to_numpy()
    broken.loc[focal, "bel_1"] = 3
    found = ladders(broken, study, columns)
    assert "item 'bel_1', group 'Black'" in found["belonging"]
    assert found["personalization"].children_focal > 250


def test_a_study_without_items_gives_empty_tables(study, students):
    """project-star has scores only."""
    climbed = ladders(students, study, {})
    assert climbed == {}
    assert list(ladder_table(climbed).columns) == LADDER_COLUMNS
    assert "gap_change" in differential_item_table(climbed)
