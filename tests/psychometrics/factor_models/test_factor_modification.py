import numpy as np
import pandas as pd
import pytest
from factor_samples import ELEMENTS, ITEMS, correlated_covariance, exact_sample, one_factor_rows

from learning_with_others.psychometrics.factor_models.factor_model import (
    FactorModel,
    bifactor,
    correlated_factors,
    one_factor,
)
from learning_with_others.psychometrics.factor_models.fitting import fit_factor_model
from learning_with_others.psychometrics.factor_models.modification import (
    modification_indices,
    release_tests,
)

CORRELATION = np.array([[1, 0.5, 0.4], [0.5, 1, 0.3], [0.4, 0.3, 1]])
SECOND_ORDER = 0.1  # a score and a likelihood-ratio test part at the second order of a small misfit


def misfitting(strength, count=1000):
    covariance = correlated_covariance(CORRELATION)
    covariance[0, 3] += strength
    covariance[3, 0] += strength
    rows = exact_sample(np.zeros(9), covariance, count)
    return pd.DataFrame(rows, columns=ITEMS)


@pytest.mark.parametrize("missing", ["complete", "fiml"])
def test_the_index_foretells_what_freeing_the_parameter_gains(missing):
    data = misfitting(0.06)
    if missing == "fiml":
        data.iloc[::9, 5] = np.nan
    model = correlated_factors(ELEMENTS)
    fit = fit_factor_model(data, model, missing=missing)
    top = modification_indices(fit).iloc[0]
    assert (top["lhs"], top["op"], top["rhs"]) == ("a1", "~~", "b1")
    freed = FactorModel(model.items, model.factors, residual_covariances=(("a1", "b1"),))
    wider = fit_factor_model(data, freed, missing=missing)
    gain = fit.measures.chisq - wider.measures.chisq
    assert top["modification_index"] == pytest.approx(gain, rel=SECOND_ORDER)
    row = wider.parameters.query("lhs == 'a1' and rhs == 'b1'").iloc[0]
    assert top["expected_change"] == pytest.approx(row["estimate"], rel=SECOND_ORDER)


def test_a_perfect_model_has_nothing_to_modify():
    fit = fit_factor_model(misfitting(0.0), correlated_factors(ELEMENTS))
    assert modification_indices(fit)["modification_index"].max() < 1e-6


def test_covariances_of_orthogonal_factors_are_among_the_candidates():
    fit = fit_factor_model(misfitting(0.05), bifactor(ELEMENTS))
    found = modification_indices(fit)
    assert ((found["lhs"] == "a") & (found["rhs"] == "b")).any()
    assert (found["modification_index"] > -1e-6).all()


def test_releasing_an_item_is_foretold_by_its_score():
    rows = one_factor_rows(1200, seed=6)
    group = np.tile(["x", "y"], 600)
    rows.loc[group == "y", "i3"] += 0.15
    model = one_factor(list(rows), identification="unit_variance")
    fit = fit_factor_model(rows, model, group=group, invariance="scalar")
    tests = release_tests(fit, "intercept").set_index("item")
    assert tests.index[0] == "i3"
    assert (tests["df"] == 1).all()
    for item in tests.index:
        wider = fit_factor_model(
            rows, model, group=group, invariance="scalar", released={item: {"intercept"}}
        )
        gain = fit.measures.chisq - wider.measures.chisq
        assert tests.loc[item, "score"] == pytest.approx(gain, rel=SECOND_ORDER, abs=0.02)


def test_three_groups_give_two_degrees_of_freedom_an_item():
    rows = one_factor_rows(600, seed=7)
    model = one_factor(list(rows), identification="unit_variance")
    group = np.tile(["x", "y", "z"], 200)
    fit = fit_factor_model(rows, model, group=group, invariance="metric")
    tests = release_tests(fit, "loading")
    assert list(tests["df"]) == [2, 2, 2, 2]
    wider = fit_factor_model(
        rows, model, group=group, invariance="metric", released={tests["item"][0]: {"loading"}}
    )
    gain = fit.measures.chisq - wider.measures.chisq
    assert tests["score"][0] == pytest.approx(gain, rel=SECOND_ORDER)
