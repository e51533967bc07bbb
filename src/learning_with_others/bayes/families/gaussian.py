"""Normal errors."""

from typing import TYPE_CHECKING

import numpy as np

from learning_with_others.bayes.families.family import Draws, Family
from learning_with_others.bayes.prior_sets import draw_standard_deviation

if TYPE_CHECKING:
    from pytensor.tensor import TensorVariable

    from learning_with_others.bayes.model_frame import ModelFrame


class Gaussian(Family):
    """y_i ~ Normal(μ_i, σ²), or σ²/w_i with precision weights w."""

    parameters = ("sd_residual",)
    weighted = True
    collapses = True
    equation = r"{y}_i &\sim \mathrm{{Normal}}(\mu_i,\ {variance})"

    def declare(
        self, mean: "TensorVariable", outcome: "TensorVariable", frame: "ModelFrame"
    ) -> None:
        """Declare `sd_residual` and the outcome."""
        import pymc as pm  # noqa: PLC0415 - it takes seconds

        pm.Normal("y", mean, declared_residual(frame), observed=outcome, dims="row")

    def draw_parameters(
        self, frame: "ModelFrame", draws: int, rng: np.random.Generator
    ) -> dict[str, np.ndarray]:
        """Draw `sd_residual`."""
        prior = frame.priors.own["sd_residual"]
        return {"sd_residual": draw_standard_deviation(prior, draws, rng)}

    def simulate(
        self,
        mean: np.ndarray,
        own: Draws,
        rng: np.random.Generator,
        weights: np.ndarray | None = None,
    ) -> np.ndarray:
        """Add normal errors."""
        return mean + residual_scale(own, weights) * rng.normal(size=mean.shape)


def declared_residual(frame: "ModelFrame") -> "TensorVariable":
    """Declare `sd_residual`, and give each row's residual sd under its weight."""
    import pymc as pm  # noqa: PLC0415

    from learning_with_others.bayes.explicit.random_effects import (  # noqa: PLC0415
        standard_deviation,
    )

    residual = standard_deviation("sd_residual", frame.priors.own["sd_residual"])
    if frame.weights is None:
        return residual
    return residual / pm.math.sqrt(pm.Data("weights", frame.weights, dims="row"))


def residual_scale(own: Draws, weights: np.ndarray | None) -> np.ndarray:
    """Give residual sds by draw, and by row under precision weights."""
    root = 1.0 if weights is None else np.sqrt(weights)
    return own["sd_residual"][:, None] / root
