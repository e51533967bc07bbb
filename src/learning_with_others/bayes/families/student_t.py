"""Errors with heavy tails: an outlying row pulls less."""

from typing import TYPE_CHECKING

import numpy as np

from learning_with_others.bayes.families.family import Draws, Family
from learning_with_others.bayes.families.gaussian import declared_residual, residual_scale
from learning_with_others.bayes.prior_sets import draw_standard_deviation

if TYPE_CHECKING:
    from pytensor.tensor import TensorVariable

    from learning_with_others.bayes.model_frame import ModelFrame


class StudentT(Family):
    """y_i ~ Student-t with ν > 2 degrees of freedom, mean μ_i and variance σ², or σ²/w_i.

    `sd_residual` is the standard deviation of the errors, as in the Gaussian family, not the
    scale of the t distribution, which is smaller by √((ν − 2)/ν).
    """

    parameters = ("sd_residual", "degrees_of_freedom")
    weighted = True
    equation = (
        r"{y}_i &\sim \mathrm{{StudentT}}_\nu(\mu_i),\quad \mathrm{{Var}}({y}_i \mid \mu_i) = "
        r"{variance}"
    )

    def declare(
        self, mean: "TensorVariable", outcome: "TensorVariable", frame: "ModelFrame"
    ) -> None:
        """Declare `sd_residual`, `degrees_of_freedom` and the outcome."""
        import pymc as pm  # noqa: PLC0415

        prior = frame.priors.own["degrees_of_freedom"]
        residual = declared_residual(frame)
        above_two = pm.Gamma("above_two", alpha=2, beta=1 / prior.scale)
        degrees = pm.Deterministic("degrees_of_freedom", 2 + above_two)
        scale = residual * pm.math.sqrt(above_two / degrees)
        pm.StudentT("y", nu=degrees, mu=mean, sigma=scale, observed=outcome, dims="row")

    def draw_parameters(
        self, frame: "ModelFrame", draws: int, rng: np.random.Generator
    ) -> dict[str, np.ndarray]:
        """Draw `sd_residual` and `degrees_of_freedom`."""
        priors = frame.priors.own
        return {
            "sd_residual": draw_standard_deviation(priors["sd_residual"], draws, rng),
            "degrees_of_freedom": 2 + rng.gamma(2, priors["degrees_of_freedom"].scale, size=draws),
        }

    def simulate(
        self,
        mean: np.ndarray,
        own: Draws,
        rng: np.random.Generator,
        weights: np.ndarray | None = None,
    ) -> np.ndarray:
        """Add errors of a t of unit variance: normal over the root of a chi-square, rescaled."""
        degrees = own["degrees_of_freedom"][:, None]
        errors = rng.normal(size=mean.shape)
        errors *= np.sqrt((degrees - 2) / rng.chisquare(degrees, size=mean.shape))
        return mean + residual_scale(own, weights) * errors
