import numpy as np
import pytest
from graded_samples import SLOPES, THRESHOLDS, as_answers, draw

from learning_with_others.psychometrics.answers import MISSING
from learning_with_others.psychometrics.response_models.marginal import fit_response_model
from learning_with_others.psychometrics.response_models.model_fit import local_dependence

SLOPES_8, THRESHOLDS_8 = np.tile(SLOPES, 2)[:8], np.tile(THRESHOLDS, (2, 1))[:8]


def codes(seed=1, people=1000):
    rng = np.random.default_rng(seed)
    return draw(rng.standard_normal(people), SLOPES_8, THRESHOLDS_8, rng)


def test_without_dependence_q3_lies_a_little_below_zero():
    answers = as_answers(codes())
    found = local_dependence(answers, fit_response_model(answers))
    upper = found.q3.to_numpy()[np.triu_indices(8, 1)]
    # −1 / (k − 1) = −.14 if the trait were the mean of the residual-free items; .04 for the error.
    assert upper.mean() == pytest.approx(-1 / 7, abs=0.04)
    assert found.flag == ""


def test_two_items_that_share_more_than_the_trait_are_named():
    table = codes()
    shared = np.random.default_rng(4).random(1000) < 0.4
    table[shared, 5] = table[shared, 0]
    table[::9, 1] = MISSING
    answers = as_answers(table)
    found = local_dependence(answers, fit_response_model(answers))
    assert found.pair == ("q1", "q6")
    assert found.largest == found.q3.loc["q1", "q6"]
    assert "local dependence: Q3 of q1 and q6" in found.flag
