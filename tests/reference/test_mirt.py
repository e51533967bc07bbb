"""The graded response model against R's mirt, on the Science data."""

import json
from pathlib import Path

import pandas as pd
import pytest
from conftest import ROOT

from learning_with_others.psychometrics.answers import grade_answers
from learning_with_others.psychometrics.response_models.marginal import fit_response_model

EXPECTED = json.loads((Path(__file__).parent / "mirt.json").read_text())
SCIENCE = ROOT.parent / "shared/reference/science.csv"
LAST_PRINTED_DIGIT = 1e-3  # of the log likelihood
# mirt stops its EM cycles at a change of 1e-4, far from flat for the steepest item.
EM_STOP, EM_STOP_STEEPEST = 0.01, 0.02


@pytest.fixture(scope="module")
def fit():
    if not SCIENCE.is_file():
        pytest.skip("NOT TESTED against mirt: science.csv is in no Python package and not here")
    answers = grade_answers(pd.read_csv(SCIENCE).astype(float))
    assert len(answers.codes) == EXPECTED["people"]
    return fit_response_model(answers)


def test_the_log_likelihood_is_mirts(fit):
    expected = EXPECTED["graded"]["log_likelihood"]
    assert fit.log_likelihood == pytest.approx(expected, abs=LAST_PRINTED_DIGIT)


@pytest.mark.parametrize("item", EXPECTED["graded"]["slopes"])
def test_slopes_are_mirts(fit, item):
    found = dict(zip(fit.problem.items, fit.parameters["everyone"].slopes, strict=True))
    tolerance = EM_STOP_STEEPEST if item == "Future" else EM_STOP
    assert found[item] == pytest.approx(EXPECTED["graded"]["slopes"][item], abs=tolerance)
