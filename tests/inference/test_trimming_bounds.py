"""Trimming bounds against closed forms, a definition written out, and known truths."""

import numpy as np
import pytest
from deep import dozen_or
from scipy import stats

from learning_with_others.inference.trimming_bounds import interval_of_bounds, lee_bounds


def simple(outcome, assigned):
    return lee_bounds(outcome, assigned, np.ones(len(outcome)))


def test_nothing_is_trimmed_where_both_arms_are_seen_alike():
    outcome = np.array([1.0, 2.0, np.nan, 0.0, 1.0, np.nan])
    found = simple(outcome, np.arange(6) < 3)
    assert (found.lower, found.upper, found.effect) == (1.0, 1.0, 1.0)
    assert found.seen == pytest.approx((2 / 3, 2 / 3))


@pytest.mark.parametrize("more", [True, False])
def test_the_arm_seen_more_often_loses_its_top_or_its_bottom(more):
    """Four of five seen against two of five: half of the first arm's outcomes are trimmed."""
    first, second = np.array([1.0, 2, 3, 4, np.nan]), np.array([5.0, 7, *[np.nan] * 3])
    outcome = np.concatenate([first, second] if more else [second, first])
    found = simple(outcome, np.arange(10) < 5)
    expected = (1.5 - 6, 3.5 - 6) if more else (6 - 3.5, 6 - 1.5)
    assert (found.lower, found.upper) == pytest.approx(expected)


def test_weights_count_children_several_times():
    rng = np.random.default_rng(3)
    often = rng.integers(1, 5, size=200)
    outcome = np.where(rng.random(200) < 0.7, rng.normal(size=200), np.nan)
    assigned = rng.random(200) < 0.5
    whole = simple(np.repeat(outcome, often), np.repeat(assigned, often))
    found = lee_bounds(outcome, assigned, often.astype(float))
    assert (found.lower, found.upper) == pytest.approx((whole.lower, whole.upper))


def test_of_normal_outcomes_the_bounds_are_those_of_a_truncated_normal():
    """Of 90% seen against 72%, a fifth is trimmed: means of N(.3, 1) below and above a quantile."""
    rng = np.random.default_rng(11)
    size = 400_000
    assigned = np.arange(2 * size) < size
    outcome = rng.normal(size=2 * size) + 0.3 * assigned
    outcome[rng.random(2 * size) > np.where(assigned, 0.9, 0.72)] = np.nan
    found = simple(outcome, assigned)
    shift = stats.norm.pdf(stats.norm.ppf(0.8)) / 0.8
    # Monte Carlo error of each mean is about .002.
    assert found.lower == pytest.approx(0.3 - shift, abs=0.008)
    assert found.upper == pytest.approx(0.3 + shift, abs=0.008)


def test_the_interval_lies_between_that_of_a_point_and_one_sided_ones():
    point = interval_of_bounds(0.2, 0.2, (0.1, 0.1), 0.95)
    assert point == pytest.approx((0.2 - 0.1959964, 0.2 + 0.1959964), abs=1e-6)
    wide = interval_of_bounds(0.0, 5.0, (0.1, 0.2), 0.95)
    assert wide == pytest.approx((-0.1644854, 5 + 2 * 0.1644854), abs=1e-6)


COUNT = dozen_or(200)


@pytest.mark.parametrize("count", COUNT)
def test_the_interval_holds_the_effect_on_those_seen_in_either_arm(count):
    """Children with low outcomes leave, unless a small class keeps them: selection on outcomes."""
    covered = 0
    for seed in range(count):
        rng = np.random.default_rng(seed)
        size = 1500
        assigned = rng.random(size) < 0.4
        ability = rng.normal(size=size)
        either = ability > -0.9
        kept = either | ((ability > -1.3) & assigned)
        outcome = np.where(kept, ability + 0.25 * assigned + rng.normal(0, 0.5, size), np.nan)
        found = simple(outcome, assigned)
        draws = [
            simple(outcome[pick], assigned[pick]) for pick in rng.integers(size, size=(60, size))
        ]
        errors = tuple(np.std([[d.lower, d.upper] for d in draws], axis=0, ddof=1))
        lower, upper = interval_of_bounds(found.lower, found.upper, errors, 0.95)
        covered += lower <= 0.25 <= upper
    # Those kept by the class are the lowest, so that the truth is the upper bound itself, the worst
    # case: 95% or more, up to what one binomial count in 10,000 falls short.
    assert covered >= stats.binom.ppf(1e-4, count, 0.95)
