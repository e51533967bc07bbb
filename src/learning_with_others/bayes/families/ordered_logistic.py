"""Ordered categories: a latent logistic variable cut at thresholds."""

from functools import partial
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


class OrderedLogistic(Family):
    """P(y_i ≤ k) = logistic(τ_k − μ_i), with increasing thresholds τ.

    Thresholds have independent logistic priors of scale s, restricted to their order. They are
    written as s times the logits of cumulated shares with a uniform Dirichlet prior; with s = 1
    the shares are the probabilities of the categories at μ = 0.
    """

    parameters = ("threshold",)
    unit = LOGISTIC_SD
    linear = False
    levels = (3, 12)
    has_thresholds = True
    latent_unit = "log odds"
    practical_equivalence = 0.1
    equation = r"\mathrm{{logit}}\,P({y}_i \le k) &= \tau_k - \mu_i"

    def declare(
        self, mean: "TensorVariable", outcome: "TensorVariable", frame: "ModelFrame"
    ) -> None:
        """Declare `threshold` and the outcome."""
        import pymc as pm  # noqa: PLC0415

        share = pm.Dirichlet("share", np.ones(len(frame.categories)))
        scale = frame.priors.own["threshold"].scale
        threshold = pm.Deterministic("threshold", scale * pm.math.logit(share.cumsum()[:-1]))
        pm.CustomDist(
            "y",
            mean,
            threshold,
            logp=log_probability,
            random=random_categories,
            signature="(),(k)->()",
            dtype="int64",
            observed=outcome,
            dims="row",
        )

    def draw_parameters(
        self, frame: "ModelFrame", draws: int, rng: np.random.Generator
    ) -> dict[str, np.ndarray]:
        """Draw `threshold`: independent draws in order are draws restricted to their order."""
        size = (draws, len(frame.categories) - 1)
        drawn = rng.logistic(0, frame.priors.own["threshold"].scale, size=size)
        return {"threshold": np.sort(drawn, axis=1)}

    def simulate(
        self,
        mean: np.ndarray,
        own: Draws,
        rng: np.random.Generator,
        weights: np.ndarray | None = None,  # noqa: ARG002
    ) -> np.ndarray:
        """Draw codes: how many thresholds a logistic variable around μ is above."""
        latent = mean + rng.logistic(size=mean.shape)
        return sum((latent > each[:, None]).astype(np.int64) for each in own["threshold"].T)

    def residual_sd(self, own: Draws, draws: int) -> np.ndarray:  # noqa: ARG002
        """Give that of the latent logistic variable, π/√3."""
        return np.full(draws, LOGISTIC_SD)

    def expected(self, mean: np.ndarray, own: Draws) -> np.ndarray:
        """Expected code of the category, Σ_k P(y > k)."""
        return sum(expit(mean - each[:, None]) for each in own["threshold"].T)

    def scale(self, outcome: np.ndarray) -> float:
        """Give the standard deviation of the codes."""
        return float(outcome.std())

    def read(self, column: pd.Series, where: str) -> Outcome:
        """Code categories by their declared order, or numbers by their size."""
        if isinstance(column.dtype, pd.CategoricalDtype) and not column.cat.ordered:
            raise CompendiumError(
                f"the categories of {column.name!r} have no order",
                where=where,
                remedy="declare it: column.cat.as_ordered()",
            )
        return read_codes(column, where)

    def weaknesses(self, frame: "ModelFrame") -> list[str]:
        """Name separation."""
        return separation_weaknesses(frame)

    def statistics(self, categories: tuple[str, ...]) -> dict[str, Statistic]:
        """Compare the share of each category."""
        return {f"{SHARE}{name}": partial(_share, code) for code, name in enumerate(categories)}


def _share(code: int, values: np.ndarray) -> np.ndarray:
    return (values == code).mean(axis=-1)


def log_probability(
    value: "TensorVariable", mean: "TensorVariable", threshold: "TensorVariable"
) -> "TensorVariable":
    """Log probability of each row's category, between the thresholds below and above it.

    log(F(b) − F(a)) = log F(b) + log(1 − F(a)) + log(1 − exp(a − b)) for the logistic F, which
    loses no digits in the tails. Much faster to compile than `pymc.OrderedLogistic`, which forms
    the probabilities of all categories for every row.
    """
    from pytensor import tensor as pt  # noqa: PLC0415

    # PyMC hands the thresholds over with an axis for the rows, of length one.
    ends = pt.concatenate([[-np.inf], threshold.flatten(), [np.inf]])
    below, above = ends[value] - mean, ends[value + 1] - mean
    return -pt.softplus(-above) - pt.softplus(below) + pt.log1mexp(ends[value] - ends[value + 1])


def random_categories(
    mean: np.ndarray, threshold: np.ndarray, rng: np.random.Generator, size: tuple[int, ...]
) -> np.ndarray:
    """Draw categories, for prediction by PyMC."""
    latent = rng.logistic(mean, size=size)
    return (latent[..., None] > threshold).sum(axis=-1)
