"""Two categories: the logit of the second one's probability is linear."""

import pymc as pm
from pytensor.tensor import TensorVariable

from learning_with_others.bayes.model_frame import ModelFrame


def bernoulli(mean: TensorVariable, outcome: TensorVariable, frame: ModelFrame) -> None:  # noqa: ARG001 - families share a signature
    """y_i ~ Bernoulli(p_i) with logit p_i = μ_i."""
    pm.Bernoulli("y", logit_p=mean, observed=outcome, dims="row")
