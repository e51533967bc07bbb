"""Prior distributions of standard deviations, as PyMC variables."""

import pymc as pm
from pytensor.tensor import TensorVariable

from learning_with_others.bayes.priors import Prior


def spread(name: str, prior: Prior) -> TensorVariable:
    """Declare a standard deviation with its prior."""
    match prior.distribution:
        case "half_normal":
            return pm.HalfNormal(name, prior.scale)
        case "half_student_t":
            return pm.HalfStudentT(name, nu=prior.degrees, sigma=prior.scale)
        case _:
            return pm.Exponential(name, scale=prior.scale)
