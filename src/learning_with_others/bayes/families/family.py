"""What a family of outcomes must be able to do, for whoever adds one."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, ClassVar

import numpy as np
import pandas as pd

from learning_with_others.bayes.outcomes import Outcome, read_numbers

if TYPE_CHECKING:  # the model language takes seconds to import, and most fits do without it
    from pytensor.tensor import TensorVariable

    from learning_with_others.bayes.model_frame import ModelFrame

Draws = Mapping[str, np.ndarray]
Statistic = Callable[[np.ndarray], np.ndarray]
OUTCOME_SD = "outcome sd"
SHARE = "share of "  # begins the name of a statistic that is a share of people


class Family(ABC):
    """A distribution of outcomes y given the linear predictor μ.

    Methods that take draws have them on the first axis: μ of shape (draws, n), and `own`, draws of
    the family's parameters, by name.

    Attributes
    ----------
    parameters : tuple of str
        Parameters besides coefficients and groups; each has a prior in every set of priors, and a
        variable of its name in the posterior.
    unit : float
        One outcome standard deviation on the scale of the linear predictor.
    weighted : bool
        Whether precision weights have a meaning.
    collapses : bool
        Whether coefficients integrate out in closed form, so that the collapsed engine fits it.
    linear : bool
        Whether E[y | μ] = μ. Such an outcome is standardized, and slopes and gaps are coefficients;
        others are analysed as they are coded, and slopes and gaps are averages over students.
    has_thresholds : bool
        Whether thresholds stand where other families have an intercept.
    levels : (int, int), optional
        Fewest and most values of an outcome of categories; None for an outcome of numbers.
    scale_unit : str
        Of the expected outcome, as it is reported.
    latent_unit : str
        Of the linear predictor.
    subject : str
        What rises with the exposure, in a sentence; braces stand for the outcome's label.
    practical_equivalence : float, optional
        Half-width of the region of practical equivalence in that unit; None for the study's.
    equation : str
        Line of LaTeX for y given μ, with the fields `y`, `variance` and `second` (category).
    """

    equation: ClassVar[str]
    parameters: ClassVar[tuple[str, ...]] = ()
    unit: ClassVar[float] = 1.0
    weighted: ClassVar[bool] = False
    collapses: ClassVar[bool] = False
    linear: ClassVar[bool] = True
    has_thresholds: ClassVar[bool] = False
    levels: ClassVar[tuple[int, int] | None] = None
    scale_unit: ClassVar[str] = OUTCOME_SD
    latent_unit: ClassVar[str] = OUTCOME_SD
    subject: ClassVar[str] = "{}"
    practical_equivalence: ClassVar[float | None] = None

    @abstractmethod
    def declare(
        self, mean: "TensorVariable", outcome: "TensorVariable", frame: "ModelFrame"
    ) -> None:
        """Declare the parameters and the outcome `y` in the PyMC model around the call."""

    @abstractmethod
    def draw_parameters(
        self, frame: "ModelFrame", draws: int, rng: np.random.Generator
    ) -> dict[str, np.ndarray]:
        """Draw the family's parameters from their priors."""

    @abstractmethod
    def simulate(
        self,
        mean: np.ndarray,
        own: Draws,
        rng: np.random.Generator,
        weights: np.ndarray | None = None,
    ) -> np.ndarray:
        """Draw outcomes given μ, for prior and posterior prediction; shape (draws, n)."""

    def residual_sd(self, own: Draws, draws: int) -> np.ndarray:  # noqa: ARG002 - others need it
        """Give the sd of what is left beside μ on its scale, shape (draws,)."""
        return own["sd_residual"]

    def expected(self, mean: np.ndarray, own: Draws) -> np.ndarray:  # noqa: ARG002 - others need it
        """E[y | μ] for each draw: a probability, an expected code of category, or μ itself."""
        return mean

    def scale(self, outcome: np.ndarray) -> float:  # noqa: ARG002 - others need it
        """Give one reported unit (`scale_unit`) in units of `expected`."""
        return 1.0

    def read(self, column: pd.Series, where: str) -> Outcome:
        """Read a complete column that varies, as the model needs it."""
        return read_numbers(column, where)

    def weaknesses(self, frame: "ModelFrame") -> list[str]:  # noqa: ARG002 - others need it
        """Say what these rows leave to the priors in this family."""
        return []

    def statistics(self, categories: tuple[str, ...]) -> dict[str, Statistic]:  # noqa: ARG002
        """Give what predictive checks compare, by name, each over the last axis."""
        return {
            "mean": lambda values: values.mean(axis=-1),
            "sd": lambda values: values.std(axis=-1),
            "10th percentile": lambda values: np.quantile(values, 0.1, axis=-1),
            "90th percentile": lambda values: np.quantile(values, 0.9, axis=-1),
        }
