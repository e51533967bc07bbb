"""What a design can conclude: the figures of the decision, and studies simulated many times."""

import numpy as np
import pytest
from scipy import stats

from learning_with_others.bayes.summary import verdict
from learning_with_others.bayes.verdicts_within_reach import (
    end_error,
    none_probability,
    support_probability,
    supported_gap,
)

ROPE = 0.10
PRINTED = 0.005  # two decimals


@pytest.mark.parametrize(
    ("sd", "at_double", "needed"), [(0.108, 0.24, 0.37), (0.074, 0.38, 0.28), (0.040, 0.80, 0.20)]
)
def test_the_decided_figures_are_met(sd, at_double, needed):
    assert support_probability(0.20, sd, ROPE) == pytest.approx(at_double, abs=PRINTED)
    assert supported_gap(sd, ROPE) == pytest.approx(needed, abs=PRINTED)


def test_none_is_within_reach_of_narrow_posteriors_only():
    assert none_probability(0.034, ROPE) == pytest.approx(0.80, abs=0.01)
    assert none_probability(0.108, ROPE) == 0


@pytest.mark.parametrize(("gap", "sd"), [(0.0, 0.074), (0.2, 0.074), (0.3, 0.108), (0.0, 0.03)])
def test_shares_are_those_of_repeated_studies(gap, sd):
    means = np.random.default_rng(3).normal(gap, sd, 20_000)
    inside = stats.norm.cdf((ROPE - means) / sd) - stats.norm.cdf((-ROPE - means) / sd)
    direction = stats.norm.cdf(np.abs(means) / sd)
    called = np.array([verdict(*pair) for pair in zip(direction, inside, strict=True)])
    # Four binomial standard errors of 20,000 studies at .5 are .014.
    share = np.mean(called == "supported")
    assert share == pytest.approx(support_probability(gap, sd, ROPE), abs=0.014)
    if gap == 0:
        none = np.mean(called == "practically none")
        assert none == pytest.approx(none_probability(sd, ROPE), abs=0.014)


def test_the_error_of_an_end_is_that_of_repeated_draws():
    draws = np.random.default_rng(4).normal(0, 0.1, (4000, 2000))
    # 4,000 repetitions give an error to about 1%; the large-sample formula adds as much again.
    ends = np.quantile(draws, 0.975, axis=1)
    assert ends.std() == pytest.approx(end_error(0.1, 2000, 0.95), rel=0.06)
