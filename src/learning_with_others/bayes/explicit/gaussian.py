"""Normal errors."""

import pymc as pm
from pytensor.tensor import TensorVariable

from learning_with_others.bayes.explicit.random_effects import standard_deviation
from learning_with_others.bayes.model_frame import ModelFrame


def gaussian(mean: TensorVariable, outcome: TensorVariable, frame: ModelFrame) -> None:
    """y_i ~ Normal(μ_i, σ²), or σ²/w_i with precision weights w."""
    residual = standard_deviation("sd_residual", frame.priors.residual)
    if frame.weights is not None:
        residual = residual / pm.math.sqrt(pm.Data("weights", frame.weights, dims="row"))
    pm.Normal("y", mean, residual, observed=outcome, dims="row")
