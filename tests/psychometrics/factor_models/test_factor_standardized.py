import numpy as np
import pytest
from factor_samples import ELEMENTS, correlated_covariance, exact_sample

from learning_with_others.psychometrics.factor_models.factor_model import (
    correlated_factors,
    one_factor,
    second_order,
)
from learning_with_others.psychometrics.factor_models.fitting import fit_factor_model

ROUNDING = 1e-5


@pytest.fixture(scope="module")
def data():
    import pandas as pd  # noqa: PLC0415

    correlation = np.array([[1, 0.5, 0.4], [0.5, 1, 0.3], [0.4, 0.3, 1]])
    rows = exact_sample(np.arange(9.0), correlated_covariance(correlation), 250)
    items = [item for part in ELEMENTS.values() for item in part]
    return pd.DataFrame(rows, columns=items) * np.arange(1, 10)


@pytest.mark.parametrize("structure", [correlated_factors, second_order])
@pytest.mark.parametrize("column", ["standardized", "standardized_error"])
def test_the_standardized_solution_does_not_depend_on_the_unit_of_the_factors(
    data, structure, column
):
    marker = fit_factor_model(data, structure(ELEMENTS, identification="marker"))
    unit = fit_factor_model(data, structure(ELEMENTS, identification="unit_variance"))
    np.testing.assert_allclose(
        marker.parameters[column], unit.parameters[column], rtol=ROUNDING, atol=ROUNDING
    )


def test_standardized_residuals_are_what_loadings_leave(data):
    found = fit_factor_model(data, one_factor(ELEMENTS["a"])).parameters
    loading = found.loc[found["kind"] == "loading", "standardized"].to_numpy()
    residual = found.loc[found["kind"] == "residual", "standardized"].to_numpy()
    np.testing.assert_allclose(loading**2 + residual, 1, rtol=1e-12)
    errors = found.loc[found["kind"] == "loading", "standardized_error"].to_numpy()
    # The delta method: residual = 1 - loading².
    np.testing.assert_allclose(
        found.loc[found["kind"] == "residual", "standardized_error"],
        2 * loading * errors,
        rtol=1e-9,
    )
