import numpy as np
import pytest
from scipy.optimize import check_grad
from statsmodels.multivariate.factor import Factor
from statsmodels.multivariate.factor_rotation import rotate_factors

from learning_with_others.errors import CompendiumError
from learning_with_others.psychometrics.dimensionality.exploratory import (
    explore_factors,
    hierarchical_loadings,
)
from learning_with_others.psychometrics.dimensionality.factor_extraction import (
    _likelihood,
    _quartimin,
    _residual,
    degrees_of_freedom,
    extract_factors,
    rotate_oblimin,
)

PATTERN = np.kron(np.eye(3), np.array([0.8, 0.7, 0.6, 0.5])[:, None])
BETWEEN = np.array([[1, 0.48, 0.42], [0.48, 1, 0.56], [0.42, 0.56, 1]])
METHODS = ["minimum_residual", "maximum_likelihood"]


def implied(pattern, between):
    correlation = pattern @ between @ pattern.T
    np.fill_diagonal(correlation, 1)
    return correlation


def sampled(rows=500):
    rng = np.random.default_rng(8)
    z = rng.multivariate_normal(np.zeros(12), implied(PATTERN, BETWEEN), size=rows)
    return np.corrcoef(z.T)


@pytest.mark.parametrize("objective", [_residual, _likelihood])
def test_gradients_are_those_of_the_functions(objective):
    at, correlation = np.linspace(0.3, 0.7, 12), sampled()
    error = check_grad(
        lambda x: objective(x, correlation, 2)[0], lambda x: objective(x, correlation, 2)[1], at
    )
    assert error < 1e-6  # forward differences


@pytest.mark.parametrize("method", METHODS)
def test_a_known_simple_structure_is_recovered_exactly(method):
    found = explore_factors(implied(PATTERN, BETWEEN), 3, method=method)
    order = np.argmax(found.loadings, axis=0) // 4  # factors come in any order
    assert sorted(order) == [0, 1, 2]
    # Perfect simple structure is the zero of the criterion; tolerances of two optimizers.
    np.testing.assert_allclose(found.loadings, PATTERN[:, order], atol=1e-5)
    np.testing.assert_allclose(found.factor_correlation, BETWEEN[np.ix_(order, order)], atol=1e-5)
    np.testing.assert_allclose(found.communalities, (PATTERN**2).sum(axis=1), atol=1e-5)
    assert found.root_mean_square_residual < 1e-5
    assert found.degrees_of_freedom == 33
    assert found.flags == ()


def test_maximum_likelihood_agrees_with_statsmodels():
    correlation = sampled()
    found = extract_factors(correlation, 3, "maximum_likelihood")
    peer = Factor(corr=correlation, n_factor=3, method="ml", nobs=500).fit(opt={"gtol": 1e-8})
    # Both minimize the same function; loadings are unique up to signs.
    np.testing.assert_allclose(found.uniquenesses, peer.uniqueness, atol=1e-4)
    columns = np.argsort(-(peer.loadings**2).sum(axis=0))
    theirs = np.abs(peer.loadings[:, columns])
    np.testing.assert_allclose(np.abs(found.loadings), theirs, atol=1e-4)


def test_the_rotation_agrees_with_statsmodels():
    loadings = extract_factors(sampled(), 3, "minimum_residual").loadings
    found = rotate_oblimin(loadings)
    peer, _ = rotate_factors(loadings, "oblimin", 0, "oblique", algorithm="gpa", max_tries=2000)
    assert found.criterion == pytest.approx(_quartimin(peer)[0], abs=1e-8)
    matched = [np.argmax(np.abs(peer.T @ column)) for column in found.loadings.T]
    np.testing.assert_allclose(np.abs(found.loadings), np.abs(peer[:, matched]), atol=1e-4)
    reproduced = found.loadings @ found.factor_correlation @ found.loadings.T
    np.testing.assert_allclose(reproduced, loadings @ loadings.T, atol=1e-10)
    assert found.converged


def test_the_rotation_is_the_same_from_every_seed_and_repeats_itself():
    loadings = extract_factors(sampled(), 3, "minimum_residual").loadings
    first, second = (rotate_oblimin(loadings, seed=seed).loadings for seed in (1, 2))
    np.testing.assert_allclose(first, second, atol=1e-5)
    np.testing.assert_array_equal(first, rotate_oblimin(loadings, seed=1).loadings)


def test_schmid_and_leiman_split_a_hierarchy_as_it_was_made():
    second_order = np.array([0.6, 0.8, 0.7])
    between = np.outer(second_order, second_order)
    np.fill_diagonal(between, 1)
    correlation = implied(PATTERN, between)
    found = hierarchical_loadings(correlation, 3)
    np.testing.assert_allclose(found.general, PATTERN @ second_order, atol=1e-4)
    whole = np.outer(found.general, found.general) + found.group @ found.group.T
    np.testing.assert_allclose(whole + np.diag(found.uniquenesses), correlation, atol=1e-4)
    assert found.flags == ()


def test_two_factors_and_one_are_told_apart_from_an_identified_hierarchy():
    two = hierarchical_loadings(implied(PATTERN[:8, :2], BETWEEN[:2, :2]), 2)
    assert any("two factors do not identify" in flag for flag in two.flags)
    # With r = .48 between the factors each loads √.48 on what they share.
    np.testing.assert_allclose(two.general, PATTERN[:8, :2].sum(axis=1) * 0.48**0.5, atol=1e-4)
    one = hierarchical_loadings(implied(PATTERN[:4, :1], np.eye(1)), 1)
    assert one.group.shape == (4, 0)
    assert any("one factor" in flag for flag in one.flags)


@pytest.mark.parametrize("method", METHODS)
def test_a_heywood_case_is_flagged_by_the_items_name(method):
    # One factor needs a loading of √(.8 × .8 / .5) > 1 for the first item.
    correlation = np.array([[1, 0.8, 0.8], [0.8, 1, 0.5], [0.8, 0.5, 1]])
    found = explore_factors(correlation, 1, items=["bel_1", "bel_2", "bel_3"], method=method)
    assert any("Heywood" in flag and "bel_1" in flag for flag in found.flags)
    assert found.communalities[0] > 0.99


def test_more_factors_than_degrees_of_freedom_are_flagged():
    assert degrees_of_freedom(5, 3) == -2
    found = explore_factors(sampled()[:5, :5], 3)
    assert any("-2 degrees of freedom" in flag for flag in found.flags)


@pytest.mark.parametrize("factors", [0, 12])
def test_an_impossible_number_of_factors_is_refused(factors):
    with pytest.raises(CompendiumError, match=f"{factors} factors cannot be taken from 12 items"):
        extract_factors(sampled(), factors, "minimum_residual")


def test_a_singular_matrix_has_no_likelihood_but_minimum_residual_copes():
    correlation = np.array([[1, 1, 0.5], [1, 1, 0.5], [0.5, 0.5, 1]])
    with pytest.raises(CompendiumError, match="singular"):
        extract_factors(correlation, 1, "maximum_likelihood")
    found = extract_factors(correlation, 1, "minimum_residual")
    assert found.heywood.any()
