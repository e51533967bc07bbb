"""Rounding: counts, shares and numbers that would give away a count."""

import numpy as np
import pandas as pd
import pytest

from learning_with_others.errors import CompendiumError
from learning_with_others.exhibits.ledger import Policy, bearable
from learning_with_others.exhibits.ledger.steps import (
    NO_STEP,
    rounded_shares,
    share_steps,
    significant,
    steps_in_one,
)


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
    assert 1 / steps_in_one(n, 8)[0] == pytest.approx(step)


def test_no_share_of_too_few():
    assert steps_in_one([0, 7, np.nan], 8).tolist() == [NO_STEP] * 3


@pytest.mark.parametrize("n", [20, 47, 120, 263, 890, 3000])
def test_a_share_allows_for_several_numerators_and_for_every_number_of_people(n):
    policy = Policy(protected=True)
    seen = policy.rounded(np.array([float(n)]))
    shown = {}
    for people in range(max(10, n - 15), n + 15):
        if policy.rounded(np.array([float(people)]))[0] != seen[0]:
            continue
        shares = np.arange(people + 1) / people
        steps = share_steps(shares, np.full(len(shares), seen[0]), 10, 5)
        for numerator, share in enumerate(rounded_shares(shares, steps)):
            shown.setdefault(share, set()).add((numerator, people))
    for share, alike in shown.items():
        assert len({numerator for numerator, _ in alike}) >= 5, share
        assert len({people for _, people in alike}) >= 5, share


def test_shares_away_from_none_and_all_keep_more_digits():
    shares = np.array([0.01, 0.5, 0.99])
    assert share_steps(shares, np.full(3, 290.0), 10, 5).tolist() == [20, 50, 20]


def test_a_mean_of_whole_answers_fits_every_number_of_people_that_rounds_alike():
    for n in (24, 263, 890):
        mean = bearable(pd.Series([3.4567]), pd.Series([float(round(n, -1))]), 5, 0.4).item()
        step = 2 / n
        fits = [k for k in range(n - 5, n + 5) if abs(round(mean * k) / k - mean) <= step / 2]
        assert len(fits) >= 5


def test_bearable_rounds_to_what_so_many_people_bear():
    values = pd.Series([3.14159, -1234.5, 0.0, np.nan, 2.345], index=list("abcde"))
    n = pd.Series([100, 1000, 400, 400, 400], index=list("abcde"))
    found = bearable(values, n, 5, values)
    assert found.drop("d").tolist() == [3.2, -1230, 0, 2.35]
    assert np.isnan(found["d"])
    assert bearable(values, n * np.nan, 5, 1).isna().all()


def test_statistics_keep_three_digits_and_whole_numbers_all():
    values = pd.Series([0.123456, -1.23456, 123.456, 1234.56, 98765.4, 0.0, np.nan, 412.0])
    found = significant(values)
    assert found[:5].tolist() == [0.123, -1.23, 123, 1235, 98765]
    assert found[5] == 0
    assert np.isnan(found[6])
    assert found[7] == 412


def test_no_number_of_people_follows_from_a_mean_of_means_with_three_digits():
    """The mean of scores of twelve items times their number is whole over twelve."""
    mean = significant(pd.Series([2.84331])).item()
    fits = [n for n in range(255, 265) if abs(round(mean * n * 12) / (n * 12) - mean) < 0.005]
    assert len(fits) == 10


def test_a_policy_that_cannot_protect_is_refused():
    with pytest.raises(CompendiumError, match="possible_values"):
        Policy(protected=True, base=4)
