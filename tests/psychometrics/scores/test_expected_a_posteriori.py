import numpy as np
import pytest
from scipy import integrate, special, stats

from learning_with_others.psychometrics.answers import MISSING, Answers
from learning_with_others.psychometrics.response_models.item_parameters import ItemParameters
from learning_with_others.psychometrics.scores.expected_a_posteriori import (
    Scores,
    expected_a_posteriori,
    marginal_reliability,
)

SLOPES = np.array([1.2, 0.8, 2.0])
INTERCEPTS = np.array([[2.0, 0.3, -1.0], [1.0, 0.0, -2.0], [1.5, -0.2, -1.8]])
PARAMETERS = ItemParameters(("a", "b", "c"), SLOPES, INTERCEPTS, "graded", "logit")


def answers_of(codes):
    return Answers(("a", "b", "c"), np.array(codes, dtype=np.int16), np.full(3, 4))


def likelihood(codes, trait):
    """Probability of a row of answers, written out from the definition of the model."""
    out = 1.0
    for item, code in enumerate(codes):
        if code == MISSING:
            continue
        at_least = [1.0, *special.expit(SLOPES[item] * trait + INTERCEPTS[item]), 0.0]
        out *= at_least[code] - at_least[code + 1]
    return out


@pytest.mark.parametrize("codes", [[1, 2, 0], [3, 3, 3], [0, MISSING, 2], [MISSING, MISSING, 0]])
@pytest.mark.parametrize(("mean", "sd"), [(0.0, 1.0), (-0.5, 0.7)])
def test_scores_are_the_moments_of_the_posterior(codes, mean, sd):
    def moment(power):
        return integrate.quad(
            lambda t: t**power * likelihood(codes, t) * stats.norm.pdf(t, mean, sd),
            mean - 9 * sd,
            mean + 9 * sd,
            epsabs=1e-12,
        )[0]

    total, first, second = moment(0), moment(1), moment(2)
    found = expected_a_posteriori(answers_of([codes]), PARAMETERS, mean, sd)
    # The grid stops at 6 sd; an adaptive rule to 9 sd differs by less than 1e-6.
    assert found.score[0] == pytest.approx(first / total, abs=1e-6)
    assert found.error[0] == pytest.approx(np.sqrt(second / total - (first / total) ** 2), abs=1e-6)


def test_fewer_answers_keep_a_score_with_a_larger_error_and_none_give_none():
    found = expected_a_posteriori(
        answers_of([[2, 2, 2], [2, MISSING, 2], [MISSING, MISSING, 2], [MISSING] * 3]), PARAMETERS
    )
    assert (np.diff(found.error[:3]) > 0).all()
    assert np.isfinite(found.score[:3]).all()
    assert np.isnan([found.score[3], found.error[3]]).all()
    assert found.answered.tolist() == [3, 2, 1, 0]


def test_marginal_reliability_is_the_squared_correlation_with_the_trait():
    rng = np.random.default_rng(1)
    trait = rng.standard_normal(20_000)
    at_least = special.expit(trait[:, None, None] * SLOPES[:, None] + INTERCEPTS)
    codes = (rng.random((len(trait), 3, 1)) < at_least).sum(axis=2)
    found = expected_a_posteriori(answers_of(codes), PARAMETERS)
    squared = np.corrcoef(found.score, trait)[0, 1] ** 2
    # Standard error of a squared correlation near .6 in 20,000 rows: about .004.
    assert marginal_reliability(found) == pytest.approx(squared, abs=0.015)


def test_one_score_has_no_reliability():
    one = Scores(np.array([0.3, np.nan]), np.array([0.5, np.nan]), np.array([3, 0]))
    assert np.isnan(marginal_reliability(one))
