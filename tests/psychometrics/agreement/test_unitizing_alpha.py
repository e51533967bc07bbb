"""Unitizing alpha: properties; published examples stand in tests/reference."""

import numpy as np
import pytest

from learning_with_others.errors import CompendiumError
from learning_with_others.psychometrics.agreement.unitizing_alpha import unitizing_alpha

FIRST = {"a": [(2, 10), (14, 20)], "b": [(30, 35)]}
SECOND = {"a": [(4, 8), (15, 17)], "b": [(31, 35)]}


def test_the_same_stretches_agree_perfectly():
    found = unitizing_alpha([FIRST, FIRST, FIRST], 0, 40)
    assert found.by_category == {"a": 1, "b": 1}
    assert found.overall == 1


def test_order_of_coders_and_place_on_the_continuum_do_not_matter():
    one = unitizing_alpha([FIRST, SECOND], 0, 40)
    moved = [
        {name: [(begin + 100, end + 100) for begin, end in own] for name, own in coder.items()}
        for coder in (SECOND, FIRST)
    ]
    other = unitizing_alpha(moved, 100, 140)
    assert other.by_category == pytest.approx(one.by_category, abs=1e-12)
    assert other.overall == pytest.approx(one.overall, abs=1e-12)


def test_observed_disagreement_of_a_missed_stretch_is_its_squared_length():
    found = unitizing_alpha([{"a": [(5, 8)]}, {}], 0, 10)
    # Both ordered pairs of coders: 2 · 3² over 2 · 1 · 10².
    assert found.disagreement["a"][0] == pytest.approx(9 / 100)


def test_expected_disagreement_is_that_of_stretches_placed_at_random():
    """A long continuum with one short stretch each: both lie in gaps almost always."""
    length, size = 100_000, 10
    found = unitizing_alpha([{"a": [(0, size)]}, {"a": [(500, 500 + size)]}], 0, length)
    assert found.disagreement["a"][1] == pytest.approx(2 * size**2 / length**2, rel=1e-3)
    assert found.by_category["a"] == pytest.approx(0, abs=1e-3)


def test_nothing_marked_has_no_alpha():
    found = unitizing_alpha([{}, {"a": []}], 0, 10)
    assert found.by_category == {}
    assert np.isnan(found.overall)


@pytest.mark.parametrize("wrong", [(8, 8), (-1, 3), (7, 11), (1, 4)])
def test_stretches_that_are_empty_outside_or_overlap_are_refused(wrong):
    with pytest.raises(CompendiumError, match="empty, overlap or leave 0 to 10"):
        unitizing_alpha([{"a": [(3, 5), wrong]}, {}], 0, 10)


def test_one_coder_is_refused():
    with pytest.raises(CompendiumError, match="one coder"):
        unitizing_alpha([FIRST], 0, 40)
