"""Rounding: counts, shares and numbers that would give away a count."""

import numpy as np
import pandas as pd
import pytest

from learning_with_others.errors import CompendiumError
from learning_with_others.exhibits.ledger import Policy, bearable
from learning_with_others.exhibits.ledger.steps import NO_STEP, steps_in_one


def test_bounds_hold_exactly_the_counts_that_round_alike():
    policy = Policy(protected=True)
    values = np.arange(10, 300)
    low, high = policy.bounds(policy.rounded(values))
    for value, least, most in zip(values, low, high, strict=True):
        alike = values[policy.rounded(values) == policy.rounded(value)]
        if most < 300:
            assert (least, most) == (alike.min(), alike.max())


@pytest.mark.parametrize(("n", "step"), [(10, 1), (20, 0.5), (40, 0.2), (80, 0.1), (800, 0.01)])
def test_the_step_of_a_share_is_the_smallest_that_hides_a_numerator(n, step):
    assert 1 / steps_in_one(n, 5)[0] == pytest.approx(step)


def test_no_share_of_too_few():
    assert steps_in_one([0, 7, np.nan], 5).tolist() == [NO_STEP] * 3


def test_bearable_rounds_to_what_so_many_people_bear():
    assert bearable(3.14159, 100, 5) == 3.2
    assert bearable(-1234.5, 1000, 5) == -1230
    result = bearable(pd.Series([0, np.nan, 2.345], index=list("abc")), 400, 5)
    assert result.tolist()[0] == 0
    assert np.isnan(result["b"])
    assert result["c"] == 2.35


def test_a_policy_that_cannot_protect_is_refused():
    with pytest.raises(CompendiumError, match="possible_values"):
        Policy(protected=True, base=4)
