import numpy as np
import pytest
from factor_samples import one_factor_rows

from learning_with_others.psychometrics.factor_models.factor_model import (
    one_factor,
)
from learning_with_others.psychometrics.factor_models.fitting import fit_factor_model
from learning_with_others.psychometrics.factor_models.modification import (
    release_tests,
)

SECOND_ORDER = 0.1  # a score and a likelihood-ratio test part at the second order of a small misfit


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
