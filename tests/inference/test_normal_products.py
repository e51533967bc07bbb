"""Means of products of normal variables: closed forms, and draws."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from learning_with_others.inference.normal_products import expected_product

EXACT = 1e-12
numbers = st.floats(-3, 3)


def test_without_covariances_it_is_the_product():
    assert expected_product([], {}) == 1
    assert expected_product([2.0], {}) == 2
    assert expected_product([2.0, 3.0, 5.0], {}) == 30


@given(numbers, numbers, numbers)
def test_two_slopes_give_the_formula_of_bauer_preacher_and_gil(a, b, cov):
    assert expected_product([a, b], {(0, 1): cov}) == pytest.approx(a * b + cov, abs=EXACT)


@given(*[numbers] * 6)
def test_three_slopes_give_their_own(a, b, c, ab, ac, bc):
    found = expected_product([a, b, c], {(0, 1): ab, (0, 2): ac, (1, 2): bc})
    assert found == pytest.approx(a * b * c + a * bc + b * ac + c * ab, abs=1e-10)


@given(st.floats(-2, 2), st.floats(0.1, 2))
def test_powers_are_the_moments_of_a_normal_variable(mean, sd):
    """E[x⁴] = μ⁴ + 6μ²σ² + 3σ⁴."""
    every = dict.fromkeys(combinations(range(4), 2), sd**2)
    expected = mean**4 + 6 * mean**2 * sd**2 + 3 * sd**4
    assert expected_product([mean] * 4, every) == pytest.approx(expected, rel=1e-9)


def test_four_slopes_agree_with_draws():
    """Within four Monte Carlo errors of the mean of 400,000 products."""
    rng = np.random.default_rng(5)
    means, root = rng.normal(size=4), 0.5 * rng.normal(size=(4, 4))
    covariance = root @ root.T
    products = rng.multivariate_normal(means, covariance, size=400_000).prod(axis=1)
    pairs = {pair: covariance[pair] for pair in combinations(range(4), 2)}
    error = products.std() / np.sqrt(len(products))
    assert abs(expected_product(list(means), pairs) - products.mean()) < 4 * error


def test_draws_are_multiplied_draw_by_draw():
    rng = np.random.default_rng(6)
    a, b, cov = rng.normal(size=(3, 2, 5))
    found = expected_product([a, b], {(0, 1): cov})
    assert found.shape == (2, 5)
    assert np.array_equal(found, a * b + cov)
