import numpy as np
import pandas as pd
import pytest

from learning_with_others.errors import CompendiumError
from learning_with_others.psychometrics.dimensionality.factor_extraction import extract_factors
from learning_with_others.psychometrics.dimensionality.parallel_analysis import (
    one_factor_loadings,
    parallel_analysis,
    shuffle_answers,
)

CUTS = [-1.0, 0.0, 1.0]


def answered(pattern, between, rows=800, seed=3):
    correlation = pattern @ between @ pattern.T
    np.fill_diagonal(correlation, 1)
    rng = np.random.default_rng(seed)
    z = rng.multivariate_normal(np.zeros(len(correlation)), correlation, size=rows)
    values = np.digitize(z, CUTS).astype(float)
    values[rng.random(values.shape) < 0.05] = np.nan
    return pd.DataFrame(values, columns=[f"item_{j + 1}" for j in range(len(pattern))])


@pytest.fixture(scope="module")
def three_factors():
    pattern = np.kron(np.eye(3), np.full((4, 1), 0.7))
    return answered(pattern, np.full((3, 3), 0.3) + 0.7 * np.eye(3))


def test_the_number_of_planted_factors_is_suggested(three_factors):
    found = parallel_analysis(three_factors, resamples=40, seed=1)
    assert found.suggested["factors"] == 3
    assert found.suggested["components"] == 3


def test_unrelated_items_suggest_nothing():
    keyed = answered(np.zeros((6, 1)), np.eye(1))
    found = parallel_analysis(keyed, resamples=60, seed=1)
    # The 95th percentile is exceeded by chance once in twenty; this seed is not one of them.
    assert found.suggested == {"components": 0, "factors": 0}
    assert (found.mean["components"] < found.upper["components"]).all()


def test_the_same_seed_gives_the_same_comparison(three_factors):
    first, again, other = (
        parallel_analysis(three_factors, resamples=5, seed=seed).upper["factors"]
        for seed in (1, 1, 2)
    )
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)


def test_shuffling_keeps_margins_and_missing_places_and_breaks_rows():
    keyed = answered(np.full((3, 1), 0.9), np.eye(1)).to_numpy()
    given = ~np.isnan(keyed)
    shuffled = shuffle_answers(keyed, given, np.random.default_rng(1))
    np.testing.assert_array_equal(~np.isnan(shuffled), given)
    np.testing.assert_array_equal(np.sort(shuffled, axis=0), np.sort(keyed, axis=0))
    # Unrelated by design: |r| stays under five standard errors.
    assert abs(pd.DataFrame(shuffled).corr().iloc[0, 1]) < 5 / np.sqrt(len(keyed))


def test_the_quick_single_factor_is_the_minimum_residual_one(three_factors):
    correlation = three_factors.corr().to_numpy()
    full = extract_factors(correlation, 1).loadings[:, 0]
    quick = one_factor_loadings(correlation)
    np.testing.assert_allclose(np.abs(quick), np.abs(full), atol=1e-5)  # two stopping rules


def test_two_items_and_an_item_without_variance_are_refused():
    keyed = answered(np.full((3, 1), 0.7), np.eye(1))
    with pytest.raises(CompendiumError, match="parallel analysis of 2 items"):
        parallel_analysis(keyed.iloc[:, :2], resamples=5, seed=1)
    keyed["item_2"] = 1.0
    with pytest.raises(CompendiumError, match="item 'item_2'"):
        parallel_analysis(keyed, resamples=5, seed=1)
