"""The Bayesian graded response model in plain PyMC: the one to read and to extend."""

import numpy as np
import pymc as pm
import pytensor.tensor as pt

from learning_with_others.psychometrics.response_models.bayesian_design import (
    COUNT,
    FIRST_ITEM,
    FOCAL,
    GRID,
    GradedDesign,
    GradedPriors,
)


def graded_model(design: GradedDesign, priors: GradedPriors) -> pm.Model:
    r"""Write the model: hierarchical items, traits summed out.

    .. math::
        P(X_{pi} \ge c \mid \theta_p) = \mathrm{logit}^{-1} a_i (\theta_p - b_{ic}), \quad
        \theta_p \sim N(\mu_g, \sigma_g^2)

    with :math:`\mu = 0, \sigma = 1` in the reference group. The traits are summed out on a grid,
    so that only the parameters of items and groups are sampled.

    Parameters
    ----------
    design : GradedDesign
    priors : GradedPriors

    Returns
    -------
    pymc.Model
        Variables `centre`, `log_spread`, `parameter`, and `latent` (mean and log sd of the focal
        group) if there is one; `slope` and `threshold` follow from them.

    References
    ----------
    Samejima, F. (1969). Estimation of latent ability using a response pattern of graded scores.
    Psychometrika Monograph 17.
    """
    parts, k = len(design.parts), len(design.items)
    others = {"item_parameter": np.arange(len(design.part)), "moment": ["mean", "log sd"]}
    with pm.Model(coords=design.coordinates | others) as model:
        centre = pm.Normal(
            "centre", priors.centre_mean[:parts], priors.centre_sd[:parts], dims="part"
        )
        log_spread = pm.Normal(
            "log_spread",
            np.log(priors.spread_median[:parts]),
            priors.spread_log_sd[:parts],
            dims="part",
        )
        own = pm.Normal(
            "parameter",
            centre[design.part],
            pt.exp(log_spread)[design.part],
            dims="item_parameter",
        )
        slope = pm.Deterministic("slope", pt.exp(own[:k]), dims="item")
        threshold = pm.Deterministic(
            "threshold",
            own[k : 2 * k][design.owner] + design.from_gaps @ pt.exp(own[2 * k :]),
            dims="item_threshold",
        )
        mean, log_sd = pt.zeros(2), pt.zeros(2)
        if design.grouped:
            latent = pm.Normal("latent", 0, priors.latent_sd, dims="moment")
            mean, log_sd = pt.stack([0.0, latent[0]]), pt.stack([0.0, latent[1]])
        density = -0.5 * ((GRID - mean[:, None]) / pt.exp(log_sd)[:, None]) ** 2
        density -= pt.logsumexp(density, axis=1, keepdims=True)

        passed = pt.sigmoid(slope[design.owner][:, None] * (GRID - threshold[:, None]))
        likelihood = density[design.patterns[:, FOCAL]]
        one, zero = pt.ones((1, len(GRID))), pt.zeros((1, len(GRID)))
        for item, code in enumerate(design.patterns[:, FIRST_ITEM:].T):
            of_item = passed[design.start[item] : design.start[item + 1]]
            chance = -pt.diff(pt.concatenate([one, of_item, zero]), axis=0)
            # The last row, which code −1 (not answered) chooses, is log 1.
            likelihood += pt.concatenate([pt.log(chance), zero])[code]
        pm.Potential("answers", design.patterns[:, COUNT] @ pt.logsumexp(likelihood, axis=1))
    return model
