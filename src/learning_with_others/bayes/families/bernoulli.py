"""Two categories: the logit of the second one's probability is linear."""

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy.special import expit

from learning_with_others.bayes.families.family import SHARE, Draws, Family, Statistic
from learning_with_others.bayes.outcomes import Outcome, read_codes
from learning_with_others.bayes.prior_sets import LOGISTIC_SD
from learning_with_others.bayes.separation import separation_weaknesses
from learning_with_others.errors import CompendiumError

if TYPE_CHECKING:
    from pytensor.tensor import TensorVariable

    from learning_with_others.bayes.model_frame import ModelFrame


class Bernoulli(Family):
    """y_i ~ Bernoulli(p_i) with logit p_i = μ_i."""

    unit = LOGISTIC_SD
    linear = False
    levels = (2, 2)
    scale_unit = "probability"
    latent_unit = "log odds"
    subject = "the probability of {}"
    practical_equivalence = 0.02
    equation = r"\mathrm{{logit}}\,P({y}_i = {second}) &= \mu_i"

    def declare(
        self,
        mean: "TensorVariable",
        outcome: "TensorVariable",
        frame: "ModelFrame",  # noqa: ARG002 - families share a signature
    ) -> None:
        """Declare the outcome."""
        import pymc as pm  # noqa: PLC0415

        pm.Bernoulli("y", logit_p=mean, observed=outcome, dims="row")

    def draw_parameters(
        self,
        frame: "ModelFrame",  # noqa: ARG002
        draws: int,  # noqa: ARG002
        rng: np.random.Generator,  # noqa: ARG002
    ) -> dict[str, np.ndarray]:
        """Draw nothing: there is no parameter."""
        return {}

    def simulate(
        self,
        mean: np.ndarray,
        own: Draws,  # noqa: ARG002
        rng: np.random.Generator,
        weights: np.ndarray | None = None,  # noqa: ARG002
    ) -> np.ndarray:
        """Draw codes: 1 where a logistic variable around μ is above zero."""
        return (rng.logistic(size=mean.shape) + mean > 0).astype(np.int64)

    def residual_sd(self, own: Draws, draws: int) -> np.ndarray:  # noqa: ARG002
        """Give that of the latent logistic variable, π/√3."""
        return np.full(draws, LOGISTIC_SD)

    def expected(self, mean: np.ndarray, own: Draws) -> np.ndarray:  # noqa: ARG002
        """Probability of the second category."""
        return expit(mean)

    def read(self, column: pd.Series, where: str) -> Outcome:
        """Code two categories, or two numbers, as 0 and 1."""
        coded = read_codes(column, where)
        if len(coded.categories) != 2:  # noqa: PLR2004 - binary
            raise CompendiumError(
                f"the outcome {column.name!r} has {len(coded.categories)} values, not two",
                where=where,
                remedy="choose the family ordered_logistic, or group the values",
            )
        return coded

    def weaknesses(self, frame: "ModelFrame") -> list[str]:
        """Name separation."""
        return separation_weaknesses(frame)

    def statistics(self, categories: tuple[str, ...]) -> dict[str, Statistic]:
        """Compare the share of the second category: with two there is nothing else."""
        return {f"{SHARE}{categories[-1]}": lambda values: values.mean(axis=-1)}
