"""Errors with heavy tails: an outlying row pulls less."""

import pymc as pm
from pytensor.tensor import TensorVariable

from learning_with_others.bayes.explicit.random_effects import standard_deviation
from learning_with_others.bayes.model_frame import ModelFrame


def student_t(mean: TensorVariable, outcome: TensorVariable, frame: ModelFrame) -> None:
    """y_i ~ Student-t with ν > 2 degrees of freedom, mean μ_i and variance σ², or σ²/w_i.

    `sd_residual` is the standard deviation of the errors, as in the Gaussian family, not the
    scale of the t distribution, which is smaller by √((ν − 2)/ν).
    """
    residual = standard_deviation("sd_residual", frame.priors.residual)
    above_two = pm.Gamma("above_two", alpha=2, beta=1 / frame.priors.degrees_of_freedom.scale)
    degrees = pm.Deterministic("degrees_of_freedom", 2 + above_two)
    if frame.weights is not None:
        residual = residual / pm.math.sqrt(pm.Data("weights", frame.weights, dims="row"))
    scale = residual * pm.math.sqrt(above_two / degrees)
    pm.StudentT("y", nu=degrees, mu=mean, sigma=scale, observed=outcome, dims="row")
