"""Hidden schools cannot be solved from sums: attacked by trying every possible world."""

from itertools import product

import numpy as np
import pytest

from learning_with_others.data.disclosure.shared_sums import hidden_units

MINIMUM = 3


def possible(with_it, without, hidden):
    """Values that each hidden unit could hold, by enumeration, sizes and their sum known."""
    sizes = (with_it + without)[hidden]
    total = with_it[hidden].sum()
    worlds = [w for w in product(*(range(size + 1) for size in sizes)) if sum(w) == total]
    return [set(values) for values in zip(*worlds, strict=True)]


@pytest.mark.parametrize("seed", range(60))
def test_small_cells_could_hold_enough_values(seed):
    rng = np.random.default_rng(seed)
    sizes = rng.integers(MINIMUM, 9, size=(5, 1))
    with_it = rng.binomial(sizes, 0.4)
    without = sizes - with_it
    hidden = hidden_units(with_it, without, MINIMUM)
    shown = ~hidden
    assert (with_it[shown] >= MINIMUM).all()
    assert (without[shown] >= MINIMUM).all()
    if hidden.all() or not hidden.any():
        return
    left = possible(with_it[:, 0], without[:, 0], hidden)
    cells = zip(with_it[hidden, 0], without[hidden, 0], left, strict=True)
    for own, rest, values in cells:
        if 0 < own < MINIMUM or 0 < rest < MINIMUM:
            assert len(values) >= MINIMUM


def test_one_small_school_takes_another_with_it():
    with_it = np.array([[2], [20], [30], [40]])
    without = np.array([[30], [20], [30], [40]])
    assert hidden_units(with_it, without, 10).tolist() == [True, True, False, False]


def test_nothing_is_hidden_without_need():
    with_it = np.array([[12, 15], [20, 11]])
    assert not hidden_units(with_it, with_it + 3, 10).any()


def test_a_school_is_hidden_for_all_groups():
    with_it = np.array([[15, 4], [20, 20], [25, 30]])
    without = np.array([[15, 30], [20, 20], [25, 30]])
    assert hidden_units(with_it, without, 10).tolist() == [True, True, False]
