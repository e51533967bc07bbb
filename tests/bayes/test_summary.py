import numpy as np
import pytest
from scipy import stats

from learning_with_others.bayes.summary import (
    equivalence_share,
    false_call_rate,
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
        (0.999, 0.05, "inconclusive"),
        (0.6, 0.95, "practically none"),
        (0.6, 0.94, "inconclusive"),
    ],
)
def test_the_decision_rule_at_its_edges(direction, share, expected):
    assert verdict(direction, share) == expected


@pytest.mark.parametrize(("sd", "bound"), [(0.063, 0.1), (0.02, 0.1), (0.5, 0.1)])
def test_the_false_call_rate_is_that_of_repeated_studies_without_an_effect(sd, bound):
    rng = np.random.default_rng(9)
    means = rng.normal(0, sd, 20_000)
    inside = stats.norm.cdf((bound - means) / sd) - stats.norm.cdf((-bound - means) / sd)
    direction = stats.norm.cdf(np.abs(means) / sd)
    called = [verdict(*pair) == "supported" for pair in zip(direction, inside, strict=True)]
    # Four binomial standard errors of 20,000 studies at a rate of .05 are .006.
    assert np.mean(called) == pytest.approx(false_call_rate(sd, bound), abs=0.006)
