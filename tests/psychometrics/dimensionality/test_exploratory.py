import numpy as np
import pytest
from scipy.optimize import check_grad

from learning_with_others.errors import CompendiumError
from learning_with_others.psychometrics.dimensionality.exploratory import (
    explore_factors,
    quartimin,
    rotate_quartimin,
    schmid_leiman,
)
from learning_with_others.psychometrics.dimensionality.factor_extraction import (
    _residual,
    degrees_of_freedom,
    extract_factors,
)

PATTERN = np.kron(np.eye(3), np.array([0.8, 0.7, 0.6, 0.5])[:, None])
BETWEEN = np.array([[1, 0.48, 0.42], [0.48, 1, 0.56], [0.42, 0.56, 1]])


def implied(pattern, between):
    correlation = pattern @ between @ pattern.T
    np.fill_diagonal(correlation, 1)
    return correlation


def sampled(rows=500):
    rng = np.random.default_rng(8)
    z = rng.multivariate_normal(np.zeros(12), implied(PATTERN, BETWEEN), size=rows)
    return np.corrcoef(z.T)


def test_the_gradient_is_that_of_the_function():
    at, correlation = np.linspace(0.3, 0.7, 12), sampled()
    error = check_grad(
        lambda x: _residual(x, correlation, 2)[0], lambda x: _residual(x, correlation, 2)[1], at
    )
    assert error < 1e-6  # forward differences


def test_a_known_simple_structure_is_recovered_exactly():
    found = explore_factors(implied(PATTERN, BETWEEN), 3)
    order = np.argmax(found.loadings, axis=0) // 4  # factors come in any order
    assert sorted(order) == [0, 1, 2]
    # Perfect simple structure is the zero of the criterion; tolerances of two optimizers.
    np.testing.assert_allclose(found.loadings, PATTERN[:, order], atol=1e-5)
    np.testing.assert_allclose(found.factor_correlation, BETWEEN[np.ix_(order, order)], atol=1e-5)
    np.testing.assert_allclose(found.communalities, (PATTERN**2).sum(axis=1), atol=1e-5)
    assert found.root_mean_square_residual < 1e-5
    assert found.degrees_of_freedom == 33
    assert found.flags == ()


def test_the_rotation_is_the_lowest_of_its_starts_and_reproduces_the_correlations():
    loadings = extract_factors(sampled(), 3).loadings
    found, between, minima = rotate_quartimin(loadings, 1)
    np.testing.assert_allclose(found @ between @ found.T, loadings @ loadings.T, atol=1e-10)
    assert minima == 1
    # No small oblique turn of the factors lowers the criterion.
    rng = np.random.default_rng(1)
    for _ in range(20):
        turn = np.linalg.cholesky(between).T + 1e-3 * rng.normal(size=(3, 3))
        turn /= np.sqrt((turn**2).sum(axis=0))
        moved = found @ np.linalg.cholesky(between) @ np.linalg.inv(turn).T
        assert quartimin(moved) > quartimin(found)


def test_the_rotation_is_the_same_from_every_seed_and_repeats_itself():
    loadings = extract_factors(sampled(), 3).loadings
    first, second = (rotate_quartimin(loadings, seed)[0] for seed in (1, 2))
    np.testing.assert_allclose(first, second, atol=1e-5)
    np.testing.assert_array_equal(first, rotate_quartimin(loadings, 1)[0])


def test_schmid_and_leiman_split_a_hierarchy_as_it_was_made():
    second_order = np.array([0.6, 0.8, 0.7])
    between = np.outer(second_order, second_order)
    np.fill_diagonal(between, 1)
    correlation = implied(PATTERN, between)
    found = schmid_leiman(explore_factors(correlation, 3))
    np.testing.assert_allclose(found.general, PATTERN @ second_order, atol=1e-4)
    whole = np.outer(found.general, found.general) + found.group @ found.group.T
    np.testing.assert_allclose(whole + np.diag(found.uniquenesses), correlation, atol=1e-4)
    assert found.flags == ()


def test_two_factors_and_one_are_told_apart_from_an_identified_hierarchy():
    two = schmid_leiman(explore_factors(implied(PATTERN[:8, :2], BETWEEN[:2, :2]), 2))
    assert any("two factors do not identify" in flag for flag in two.flags)
    # With r = .48 between the factors each loads √.48 on what they share.
    np.testing.assert_allclose(two.general, PATTERN[:8, :2].sum(axis=1) * 0.48**0.5, atol=1e-4)
    one = schmid_leiman(explore_factors(implied(PATTERN[:4, :1], np.eye(1)), 1))
    assert one.group.shape == (4, 0)
    assert any("one factor" in flag for flag in one.flags)


def test_a_heywood_case_is_flagged_by_the_items_name():
    # One factor needs a loading of √(.8 × .8 / .5) > 1 for the first item.
    correlation = np.array([[1, 0.8, 0.8], [0.8, 1, 0.5], [0.8, 0.5, 1]])
    found = explore_factors(correlation, 1, items=["bel_1", "bel_2", "bel_3"])
    assert any("Heywood" in flag and "bel_1" in flag for flag in found.flags)
    assert found.communalities[0] > 0.99


def test_more_factors_than_degrees_of_freedom_are_flagged():
    assert degrees_of_freedom(5, 3) == -2
    found = explore_factors(sampled()[:5, :5], 3)
    assert any("-2 degrees of freedom" in flag for flag in found.flags)


@pytest.mark.parametrize("factors", [0, 12])
def test_an_impossible_number_of_factors_is_refused(factors):
    with pytest.raises(CompendiumError, match=f"{factors} factors cannot be taken from 12 items"):
        extract_factors(sampled(), factors)


def test_minimum_residual_copes_with_a_singular_matrix():
    correlation = np.array([[1, 1, 0.5], [1, 1, 0.5], [0.5, 0.5, 1]])
    assert extract_factors(correlation, 1).heywood.any()
