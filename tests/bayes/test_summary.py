import numpy as np
import pytest
from scipy import stats

from learning_with_others.bayes.summary import (
    equivalence_share,
    error_through,
    false_call_rate,
    probability_error,
    reachable_equivalence_share,
    summarize,
    verdict,
)


def test_a_summary_of_quantiles_of_the_normal():
    draws = stats.norm.ppf((np.arange(10_000) + 0.5) / 10_000, loc=1, scale=2).reshape(4, 2500)
    found = summarize(draws, 0.9)
    assert found.mean == pytest.approx(1, abs=1e-9)
    assert found.sd == pytest.approx(2, rel=1e-3)
    assert (found.lower, found.upper) == pytest.approx(stats.norm.interval(0.9, 1, 2), abs=1e-2)
    assert found.direction == pytest.approx(stats.norm.cdf(0.5), abs=1e-3)


def test_direction_is_that_of_the_more_probable_sign():
    assert summarize(np.array([[-1.0, -2, -3, 4]] * 4), 0.5).direction == 0.75


def test_equivalence_shares():
    assert equivalence_share(np.array([[-0.2, -0.1, 0.05, 0.3]]), 0.1) == 0.5
    # statistics: with a posterior sd of .063, ±.10 can hold 89% at most.
    assert reachable_equivalence_share(0.063, 0.10) == pytest.approx(0.887, abs=0.001)


@pytest.mark.parametrize(
    ("direction", "share", "expected"),
    [
        (0.975, 0.049, "supported"),
        (0.974, 0.01, "inconclusive"),
        (0.975, 0.05, "direction shown, size open"),
        (0.999, 0.94, "direction shown, size open"),
        (0.999, 0.95, "practically none"),
        (0.6, 0.95, "practically none"),
        (0.6, 0.94, "inconclusive"),
    ],
)
def test_the_decision_rule_at_its_edges(direction, share, expected):
    assert verdict(direction, share) == expected


@pytest.mark.parametrize(
    ("sd", "bound", "error"),
    [(0.063, 0.1, None), (0.02, 0.1, None), (0.5, 0.1, None), (0.063, 0.1, 0.1)],
)
def test_the_false_call_rate_is_that_of_repeated_studies_without_an_effect(sd, bound, error):
    rng = np.random.default_rng(9)
    means = rng.normal(0, error or sd, 20_000)
    inside = stats.norm.cdf((bound - means) / sd) - stats.norm.cdf((-bound - means) / sd)
    direction = stats.norm.cdf(np.abs(means) / sd)
    called = [verdict(*pair) == "supported" for pair in zip(direction, inside, strict=True)]
    # Four binomial standard errors of 20,000 studies at a rate of .15 are .01.
    assert np.mean(called) == pytest.approx(false_call_rate(sd, bound, error), abs=0.01)


def test_errors_of_shares_and_of_what_rests_on_an_sd_are_those_of_repeated_draws():
    rng = np.random.default_rng(4)
    draws = rng.normal(0, 0.1, (4000, 500))
    shares = [equivalence_share(each, 0.1) for each in draws]
    # 4,000 repetitions give an error to about 1%; four of these are allowed.
    assert np.std(shares) == pytest.approx(probability_error(np.mean(shares), 500), rel=0.05)
    reached = [reachable_equivalence_share(each.std(), 0.1) for each in draws]
    error = error_through(lambda sd: reachable_equivalence_share(sd, 0.1), 0.1, 500)
    assert np.std(reached) == pytest.approx(error, rel=0.05)


def test_a_share_of_nought_is_not_known_exactly():
    assert probability_error(0.0, 400) == pytest.approx(1 / 400)


def test_the_effective_size_is_that_of_independent_draws():
    draws = np.random.default_rng(5).normal(size=(4, 2500))
    # Estimated from 10,000 independent draws, within a few percent of their number.
    assert summarize(draws, 0.9).effective_size == pytest.approx(10_000, rel=0.1)
