"""Whether a specified model can be collapsed, and its arrays and priors if so."""

import numpy as np

from learning_with_others.bayes.collapsed.accumulate import MOST_LEVELS
from learning_with_others.bayes.collapsed.priors import CollapsedPriors, StandardDeviationPrior
from learning_with_others.bayes.design import Design
from learning_with_others.bayes.model_frame import ModelFrame
from learning_with_others.bayes.prior_choice import standard_deviation_names
from learning_with_others.bayes.prior_sets import Prior


def obstacle(frame: ModelFrame) -> str | None:
    """Say why a model cannot be collapsed; None if it can.

    Coefficients and group effects integrate out of a Gaussian model in closed form, nested level
    by nested level.
    """
    if not frame.family.collapses:
        return f"the family is {frame.specification.family}"
    if not 1 <= len(frame.groupings) <= MOST_LEVELS:
        return f"{len(frame.groupings)} groupings, where one or two can be integrated out"
    lower, upper = frame.groupings[0], frame.groupings[-1]
    if not lower.nested_in(upper):
        return f"{lower.name} and {upper.name} cross"
    return None


def design_of(frame: ModelFrame) -> Design:
    """Give the arrays of a model that has no `obstacle`."""
    return Design(frame.terms, frame.columns, frame.groupings)


def priors_of(frame: ModelFrame) -> CollapsedPriors:
    """Give the priors of a model that has no `obstacle`."""
    chosen = frame.priors
    standard_deviations = {"sd_residual": standard_deviation_prior(chosen.own["sd_residual"])}
    for grouping in frame.groupings:
        names = standard_deviation_names(grouping)
        priors = chosen.standard_deviation[grouping.name]
        standard_deviations |= {
            name: standard_deviation_prior(prior) for name, prior in zip(names, priors, strict=True)
        }
    return CollapsedPriors(
        coefficients=dict(zip(frame.terms, chosen.coefficient_sd, strict=True)),
        standard_deviations=standard_deviations,
        correlations={name: prior.scale for name, prior in chosen.correlation.items()},
    )


def standard_deviation_prior(prior: Prior) -> StandardDeviationPrior:
    """Give the prior of a standard deviation as the collapsed engine takes it."""
    if np.isfinite(prior.degrees):
        return StandardDeviationPrior(prior.distribution, prior.scale, prior.degrees)
    return StandardDeviationPrior(prior.distribution, prior.scale)
