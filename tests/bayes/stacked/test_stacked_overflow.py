"""Points far out, where products overflow, are impossible and nothing else is said of them."""

import numpy as np
import pandas as pd
import pytest

from learning_with_others.bayes.collapsed.priors import StandardDeviationPrior
from learning_with_others.bayes.specification import INTERCEPT
from learning_with_others.bayes.stacked.density import StackedPosterior
from learning_with_others.bayes.stacked.statistics import collapse_system
from learning_with_others.bayes.stacked.system import Equation, System, SystemPriors

SYSTEM = System((Equation("y", (INTERCEPT, "x"), (INTERCEPT, "x")),), (("y",),))
PRIORS = SystemPriors(
    coefficients=dict.fromkeys(SYSTEM.coefficients, 1.0),
    standard_deviations=dict.fromkeys(
        SYSTEM.standard_deviations, StandardDeviationPrior("half_normal", 1.0)
    ),
)


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("point", [(-19, -3, -3), (-800, 0, 0), (0, 1e200, 1e200)])
def test_a_point_far_out_has_no_density_and_no_warning(point):
    rng = np.random.default_rng(1)
    data = pd.DataFrame(rng.normal(size=(40, 2)), columns=["x", "y"])
    statistics = collapse_system(SYSTEM, data, pd.Series(np.arange(40) % 5))
    posterior = StackedPosterior(statistics, PRIORS)
    value, gradient = posterior.log_density(np.array(point, dtype=float))
    assert value == -np.inf or np.isfinite(value)
    assert np.isfinite(gradient).all()


def test_a_spread_of_scaled_coefficients_that_underflows_stops_nothing():
    scaled = System(SYSTEM.equations, SYSTEM.blocks, scaled={"all": tuple(SYSTEM.coefficients)})
    sds = dict.fromkeys(scaled.standard_deviations, StandardDeviationPrior("half_normal", 1.0))
    rng = np.random.default_rng(1)
    data = pd.DataFrame(rng.normal(size=(40, 2)), columns=["x", "y"])
    statistics = collapse_system(scaled, data, pd.Series(np.arange(40) % 5))
    posterior = StackedPosterior(statistics, SystemPriors(PRIORS.coefficients, sds))
    for far in (-30.0, -60.0):
        value, gradient = posterior.log_density(np.array([0.0, 0.0, 0.0, far]))
        assert value == -np.inf or np.isfinite(value)
        assert np.isfinite(gradient).all()
