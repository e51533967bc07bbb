"""Attacks that worked out numbers of people from statistics with all their digits, as tests.

Each is run twice: it must succeed on the digits that a computer gives, or it tests nothing, and
leave every number of people that rounds alike possible on the digits that are published.
"""

import numpy as np
import pandas as pd
import pytest

from learning_with_others.exhibits.ledger.steps import bearable, significant

N = 259
NEAR = range(255, 265)  # all are shown as 260


@pytest.fixture
def answers():
    """Whole answers of 259 people to four items."""
    rng = np.random.default_rng(3)
    trait = rng.normal(size=(N, 1))
    return np.clip(np.round(3 + trait + rng.normal(size=(N, 4))), 1, 5)


def published(value):
    return significant(pd.Series([value])).item()


def half_a_step(value, digits):
    """How far the true number may lie from the one that is seen."""
    return 0.5 * 10.0 ** (np.floor(np.log10(abs(value))) - digits + 1)


def fitting(value, digits, whole):
    """Numbers of people for which `whole` of something within reach of the value is an integer."""
    reach, found = half_a_step(value, digits), []
    for n in NEAR:
        low, high = sorted((whole(value - reach, n), whole(value + reach, n)))
        if np.floor(high + 1e-6) >= np.ceil(low - 1e-6):
            found.append(n)
    return found


def by_mean(mean, n):
    """The sum of all answers."""
    return mean * n * 4


def by_sd(sd, n):
    """n times the sum of squares less the squared sum, of scores of four answers."""
    return sd**2 * n * (n - 1) * 16


@pytest.mark.parametrize(
    ("statistic", "whole"),
    [
        (lambda answers: answers.mean(), by_mean),
        (lambda answers: answers.mean(axis=1).std(ddof=1), by_sd),
    ],
    ids=["mean score", "standard deviation of scores"],
)
def test_a_quotient_of_whole_numbers_no_longer_tells_its_denominator(answers, statistic, whole):
    exact = statistic(answers)
    assert fitting(exact, 12, whole) == [N]
    assert len(fitting(published(exact), 3, whole)) >= 5


def test_alpha_and_the_standard_error_of_measurement_no_longer_tell_who_answered_all(answers):
    k = answers.shape[1]
    scores = answers.mean(axis=1)
    alpha = k / (k - 1) * (1 - answers.var(axis=0, ddof=1).sum() / (k**2 * scores.var(ddof=1)))
    error = scores.std(ddof=1) * np.sqrt(1 - alpha)

    def variance(sem, n):
        return sem**2 / (1 - alpha) * k**2 * n * (n - 1)

    assert fitting(error, 12, variance) == [N]
    alpha = published(alpha)
    assert len(fitting(published(error), 3, variance)) >= 5


def test_gaps_under_shifted_imputations_no_longer_tell_who_is_missing():
    """A shift of imputed values moves the gap by the share that is missing."""
    missing, shifts = 41, np.array([-0.5, -0.25, 0.25, 0.5])
    gaps = -0.4 - shifts * missing / N
    assert (gaps[0] - gaps[-1]) == pytest.approx(missing / N)
    seen = bearable(pd.Series(gaps), pd.Series(260.0, index=range(4)), 5, 0.4)
    step = 0.01
    # So many would be possible, whatever the gap without a shift, which nobody gives either.
    possible = [m for m in range(20, 60) if np.ptp(seen + shifts * m / N) <= step]
    assert len(possible) >= 5
