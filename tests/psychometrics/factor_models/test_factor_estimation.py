import numpy as np
import pandas as pd
import pytest
from factor_samples import (
    ELEMENTS,
    EXACT,
    ITEMS,
    LOADINGS,
    correlated_covariance,
    exact_sample,
    one_factor_rows,
)

from learning_with_others.errors import CompendiumError
from learning_with_others.psychometrics.factor_models.estimation import (
    evaluate,
    gradient,
    observed_information,
)
from learning_with_others.psychometrics.factor_models.factor_model import (
    FactorModel,
    bifactor,
    correlated_factors,
    one_factor,
    second_order,
)
from learning_with_others.psychometrics.factor_models.fitting import fit_factor_model

CORRELATION = np.array([[1, 0.5, 0.4], [0.5, 1, 0.3], [0.4, 0.3, 1]])


def frame(covariance, count=300, columns=ITEMS):
    return pd.DataFrame(exact_sample(np.zeros(len(covariance)), covariance, count), columns=columns)


def estimates(fit, kind):
    part = fit.parameters[fit.parameters["kind"] == kind]
    return part.set_index(part["lhs"] + part["op"] + part["rhs"])["estimate"]


def test_correlated_factors_come_back_from_the_covariance_they_imply():
    fit = fit_factor_model(
        frame(correlated_covariance(CORRELATION)), correlated_factors(ELEMENTS, "unit_variance")
    )
    assert fit.measures.chisq == pytest.approx(0, abs=EXACT)
    assert fit.measures.srmr == pytest.approx(0, abs=EXACT)
    np.testing.assert_allclose(estimates(fit, "loading"), LOADINGS, atol=EXACT)
    np.testing.assert_allclose(estimates(fit, "covariance"), [0.5, 0.4, 0.3], atol=EXACT)
    np.testing.assert_allclose(estimates(fit, "residual"), 1 - LOADINGS**2, atol=EXACT)


def test_a_second_order_model_comes_back_and_equals_three_correlated_factors():
    upper = np.array([0.9, 0.7, 0.6])
    correlation = np.outer(upper, upper)
    np.fill_diagonal(correlation, 1)
    data = frame(correlated_covariance(correlation))
    fit = fit_factor_model(data, second_order(ELEMENTS))
    standardized = fit.parameters[fit.parameters["lhs"] == "general"]["standardized"]
    np.testing.assert_allclose(standardized.iloc[:3], upper, atol=EXACT)
    noisy = frame(correlated_covariance(CORRELATION)).assign(a1=lambda d: d["a1"] + 0.3 * d["b1"])
    second = fit_factor_model(noisy, second_order(ELEMENTS)).measures
    first = fit_factor_model(noisy, correlated_factors(ELEMENTS)).measures
    assert first.chisq > 10
    assert second.chisq == pytest.approx(first.chisq, abs=EXACT)
    assert second.df == first.df


def test_a_bifactor_model_comes_back():
    general = np.array([0.7, 0.6, 0.5, 0.6, 0.7, 0.5, 0.6, 0.4, 0.7])
    specific = np.array([0.3, 0.5, 0.4, 0.4, 0.3, 0.5, 0.3, 0.5, 0.4])
    pattern = np.column_stack([general, np.kron(np.eye(3), np.ones((3, 1))) * specific[:, None]])
    covariance = pattern @ pattern.T
    np.fill_diagonal(covariance, 1)
    fit = fit_factor_model(frame(covariance), bifactor(ELEMENTS))
    assert fit.measures.chisq == pytest.approx(0, abs=EXACT)
    found = estimates(fit, "loading")
    # A direction in which few rows tell much is found to fewer digits.
    np.testing.assert_allclose(found, np.concatenate([general, specific]), atol=1e-4)


@pytest.mark.parametrize("missing", ["complete", "fiml"])
@pytest.mark.parametrize("model", [second_order(ELEMENTS), bifactor(ELEMENTS)])
def test_observed_information_is_the_negative_derivative_of_the_gradient(model, missing):
    data = frame(correlated_covariance(CORRELATION)).copy()
    if missing == "fiml":
        data.iloc[::5, 0] = np.nan
        data.iloc[::7, 4] = np.nan
    fit = fit_factor_model(data, model, missing=missing)
    # Away from the maximum, where the curvature of the model counts.
    at = fit.point.parameters + 0.05 * np.random.default_rng(3).normal(size=fit.structure.count)
    moments, step = fit.data.moments, 1e-5

    def slope(parameters):
        return gradient(fit.structure, evaluate(fit.structure, moments, parameters))

    expected = -np.array(
        [(slope(at + step * u) - slope(at - step * u)) / (2 * step) for u in np.eye(len(at))]
    )
    found = observed_information(fit.structure, moments, evaluate(fit.structure, moments, at))
    scale = np.abs(expected).max()
    np.testing.assert_allclose(found, expected, atol=1e-8 * scale)  # of central differences


@pytest.mark.parametrize(
    ("model", "said"),
    [
        (one_factor(["a1", "a2"]), "6 parameters for 5 means"),
        (second_order({"a": ELEMENTS["a"], "b": ELEMENTS["b"]}), "cannot tell .*general"),
        (
            FactorModel(tuple(ITEMS), {"f": tuple(ITEMS), "g": tuple(ITEMS)}),
            "cannot tell .*apart",
        ),
    ],
)
def test_a_model_that_is_not_identified_is_refused(model, said):
    data = frame(correlated_covariance(CORRELATION))
    with pytest.raises(CompendiumError, match=f"not identified.*{said}"):
        fit_factor_model(data, model)


def test_two_items_per_element_are_enough_where_elements_correlate():
    pairs = {name: items[:2] for name, items in ELEMENTS.items()}
    data = frame(correlated_covariance(CORRELATION))
    assert fit_factor_model(data, correlated_factors(pairs)).measures.chisq < EXACT


def test_a_heywood_case_is_fitted_and_flagged():
    # r12 r13 / r23 = 1.28: the first item would need more common than total variance.
    covariance = np.array([[1, 0.8, 0.8], [0.8, 1, 0.5], [0.8, 0.5, 1]])
    fit = fit_factor_model(frame(covariance, columns=["u", "v", "w"]), one_factor(["u", "v", "w"]))
    assert estimates(fit, "residual")["u~~u"] == pytest.approx(-0.28, abs=EXACT)
    assert any("negative residual variance of u" in flag for flag in fit.flags)
    assert any("no degrees of freedom" in flag for flag in fit.flags)
    assert fit.measures.cfi == pytest.approx(1)
    assert fit.measures.rmsea == 0


def test_factors_correlated_beyond_one_are_flagged():
    data = frame(correlated_covariance(np.array([[1, 1.1, 0.4], [1.1, 1, 0.4], [0.4, 0.4, 1]])))
    fit = fit_factor_model(data, correlated_factors(ELEMENTS))
    assert any("covariance matrix of the factors is not positive" in flag for flag in fit.flags)


def test_estimates_do_not_depend_on_the_unit_or_the_mean_of_an_item():
    rows = one_factor_rows(200, seed=9)
    plain = fit_factor_model(rows, one_factor(list(rows)))
    moved = fit_factor_model(rows * [1, 1000, 0.01, 1] + 50, one_factor(list(rows)))
    assert moved.measures.chisq == pytest.approx(plain.measures.chisq, abs=EXACT)
    np.testing.assert_allclose(
        moved.parameters["standardized"], plain.parameters["standardized"], atol=EXACT
    )


def test_rows_missing_completely_at_random_change_fiml_by_sampling_error_only():
    rows = one_factor_rows(4000, seed=10)
    holed = rows.mask(np.random.default_rng(11).random(rows.shape) < 0.15)
    full = fit_factor_model(rows, one_factor(list(rows)))
    found = fit_factor_model(holed, one_factor(list(rows)), missing="fiml")
    mine = found.parameters[found.parameters["op"] == "=~"]
    reference = full.parameters[full.parameters["op"] == "=~"]
    gap = (mine["standardized"] - reference["standardized"]).abs()
    assert (gap < 3 * mine["standardized_error"]).all()
    assert (mine["standard_error"].iloc[1:] > reference["standard_error"].iloc[1:]).all()
