import numpy as np
import pytest
from scipy import stats

from learning_with_others.errors import CompendiumError
from learning_with_others.inference.plausible_pooling import pool_estimates

ESTIMATES = np.array([1.0, 1.2, 0.9, 1.1, 1.3])
ERRORS = np.array([0.20, 0.22, 0.19, 0.21, 0.20])


def test_rubins_rules_by_hand():
    found = pool_estimates(ESTIMATES, ERRORS, complete_degrees=40, probability=0.95)
    # Mean 1.1; B = .025; W = (.04 + .0484 + .0361 + .0441 + .04) / 5 = .04172; T = W + 1.2 B.
    assert found.estimate == pytest.approx(1.1)
    assert found.sd == pytest.approx(np.sqrt(0.04172 + 0.03))
    share = 0.03 / 0.07172
    assert found.missing_information == pytest.approx(share)
    assert found.monte_carlo_error == pytest.approx(np.sqrt(0.025 / 5))
    old, observed = 4 / share**2, 41 / 43 * 40 * (1 - share)
    degrees = old * observed / (old + observed)
    assert found.degrees == pytest.approx(degrees)
    assert found.upper == pytest.approx(1.1 + stats.t.ppf(0.975, degrees) * np.sqrt(0.07172))


def test_without_variance_between_values_nothing_is_missing():
    found = pool_estimates(np.ones(5), ERRORS, complete_degrees=40, probability=0.95)
    assert found.missing_information == found.monte_carlo_error == 0
    assert found.degrees == pytest.approx(41 / 43 * 40)


def test_the_interval_covers_when_half_the_values_are_missing():
    """A mean of 40 normal values, 20 of them missing at random and drawn M times."""
    rng = np.random.default_rng(2)
    covered = 0
    for _ in range(1000):
        seen = rng.normal(0.0, 1.0, 20)
        estimates, errors = [], []
        for _ in range(20):
            variance = 19 * seen.var(ddof=1) / rng.chisquare(19)
            mean = rng.normal(seen.mean(), np.sqrt(variance / 20))
            full = np.concatenate([seen, rng.normal(mean, np.sqrt(variance), 20)])
            estimates.append(full.mean())
            errors.append(full.std(ddof=1) / np.sqrt(40))
        found = pool_estimates(np.array(estimates), np.array(errors), 39, 0.95)
        covered += found.lower < 0 < found.upper
    # Four binomial standard errors: 4 √(.95 × .05 / 1000) = .028.
    assert covered / 1000 == pytest.approx(0.95, abs=0.028)


def test_what_cannot_be_pooled_is_refused():
    with pytest.raises(CompendiumError, match="1 plausible value"):
        pool_estimates(np.zeros(1), np.ones(1), 10, 0.95)
    with pytest.raises(CompendiumError, match="not a number"):
        pool_estimates(np.array([1.0, np.nan]), np.ones(2), 10, 0.95)
