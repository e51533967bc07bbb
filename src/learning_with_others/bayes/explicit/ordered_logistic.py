"""Ordered categories: a latent logistic variable cut at thresholds."""

import numpy as np
import pymc as pm
from pytensor import tensor as pt
from pytensor.tensor import TensorVariable

from learning_with_others.bayes.model_frame import ModelFrame


def ordered_logistic(mean: TensorVariable, outcome: TensorVariable, frame: ModelFrame) -> None:
    """P(y_i ≤ k) = logistic(τ_k − μ_i), with increasing thresholds τ.

    Thresholds have independent logistic priors of scale s, restricted to their order. They are
    written as s times the logits of cumulated shares with a uniform Dirichlet prior; with s = 1
    the shares are the probabilities of the categories at μ = 0.
    """
    share = pm.Dirichlet("share", np.ones(len(frame.categories)))
    threshold = pm.Deterministic(
        "threshold", frame.priors.threshold.scale * pm.math.logit(share.cumsum()[:-1])
    )
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


def log_probability(
    value: TensorVariable, mean: TensorVariable, threshold: TensorVariable
) -> TensorVariable:
    """Log probability of each row's category, between the thresholds below and above it.

    log(F(b) − F(a)) = log F(b) + log(1 − F(a)) + log(1 − exp(a − b)) for the logistic F, which
    loses no digits in the tails. Much faster to compile than `pymc.OrderedLogistic`, which forms
    the probabilities of all categories for every row.
    """
    # PyMC hands the thresholds over with an axis for the rows, of length one.
    ends = pt.concatenate([[-np.inf], threshold.flatten(), [np.inf]])
    below, above = ends[value] - mean, ends[value + 1] - mean
    return -pt.softplus(-above) - pt.softplus(below) + pt.log1mexp(ends[value] - ends[value + 1])


def random_categories(
    mean: np.ndarray, threshold: np.ndarray, rng: np.random.Generator, size: tuple[int, ...]
) -> np.ndarray:
    """Draw categories, for prediction."""
    latent = rng.logistic(mean, size=size)
    return (latent[..., None] > threshold).sum(axis=-1)
