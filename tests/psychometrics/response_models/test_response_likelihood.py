from itertools import pairwise

import numpy as np
import pytest
from graded_samples import as_answers
from scipy import stats

from learning_with_others.errors import CompendiumError
from learning_with_others.psychometrics.answers import MISSING, Answers
from learning_with_others.psychometrics.response_models.curves import (
    SMALLEST_PROBABILITY,
    category_probabilities,
    log_likelihood_on_grid,
)
from learning_with_others.psychometrics.response_models.item_parameters import ItemParameters

GRID = np.linspace(-6, 6, 25)
ROUNDING = 1e-13
INTERCEPTS = np.array([[1.5, 0.2, -1.0], [0.8, -0.4, np.nan]])
SLOPES = np.array([1.3, 0.9])


def parameters(family, link="logit"):
    slopes = SLOPES if family == "graded" else np.full(2, 0.9)
    return ItemParameters(("q1", "q2"), slopes, INTERCEPTS, family, link)


@pytest.mark.parametrize(
    ("link", "cdf"), [("logit", stats.logistic.cdf), ("probit", stats.norm.cdf)]
)
def test_graded_probabilities_are_differences_of_the_curves(link, cdf):
    found = category_probabilities(parameters("graded", link), GRID)
    at_least = [np.ones(25), *(cdf(1.3 * GRID + d) for d in INTERCEPTS[0]), np.zeros(25)]
    expected = np.array([a - b for a, b in pairwise(at_least)])
    np.testing.assert_allclose(found[0], expected, atol=ROUNDING)
    assert (found[1, 3] == 0).all()  # the second item lacks the fourth category


def test_a_probability_far_out_in_the_tail_keeps_its_digits():
    steep = ItemParameters(("q1", "q2"), np.array([10.0, 1.0]), INTERCEPTS)
    found = category_probabilities(steep, np.array([6.0]))[0, 1, 0]
    # 1/(1 + e^-u) − 1/(1 + e^-v) = (e^-v − e^-u) / ((1 + e^-u)(1 + e^-v)); 1 − 1 would be 0.
    u, v = 60 + 1.5, 60 + 0.2
    assert found == pytest.approx(np.exp(-v) - np.exp(-u), rel=1e-10)


def test_partial_credit_has_the_odds_of_neighbouring_answers():
    found = category_probabilities(parameters("partial_credit"), GRID)
    np.testing.assert_allclose(found.sum(axis=1), 1, atol=ROUNDING)
    for item, categories in enumerate((4, 3)):
        for c in range(1, categories):
            odds = np.log(found[item, c] / found[item, c - 1])
            np.testing.assert_allclose(odds, 0.9 * GRID + INTERCEPTS[item, c - 1], atol=1e-10)


def test_the_likelihood_of_a_row_is_the_product_over_its_answers():
    codes = np.array([[0, 2], [3, MISSING], [MISSING, MISSING]], dtype=np.int16)
    model = parameters("graded")
    found = log_likelihood_on_grid(as_answers(codes, np.array([4, 3])), model, GRID)
    table = category_probabilities(model, GRID)
    np.testing.assert_allclose(found[0], np.log(table[0, 0] * table[1, 2]), atol=1e-10)
    np.testing.assert_allclose(found[1], np.log(table[0, 3]), atol=1e-10)
    assert (found[2] == 0).all()


def test_an_impossible_answer_has_a_finite_likelihood():
    steep = ItemParameters(("q1", "q2"), np.array([300.0, 1.0]), INTERCEPTS)
    codes = as_answers(np.array([[3, 0]], dtype=np.int16), np.array([4, 3]))
    found = log_likelihood_on_grid(codes, steep, GRID)
    assert found[0, 0] < np.log(SMALLEST_PROBABILITY) + 1
    assert np.isfinite(found).all()


def test_answers_of_other_items_or_categories_are_refused():
    codes = np.zeros((1, 2), dtype=np.int16)
    with pytest.raises(CompendiumError, match="parameters are of q1, q2"):
        log_likelihood_on_grid(
            Answers(("x", "q2"), codes, np.array([4, 3])), parameters("graded"), GRID
        )
    with pytest.raises(CompendiumError, match=r"'q2'.*has 4 categories.*3 in the parameters"):
        log_likelihood_on_grid(as_answers(codes, np.array([4, 4])), parameters("graded"), GRID)
