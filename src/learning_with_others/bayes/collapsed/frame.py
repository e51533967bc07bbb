"""Whether a specified model can be collapsed, and its arrays and priors if so."""

import numpy as np

from learning_with_others.bayes.collapsed.accumulate import MOST_LEVELS
from learning_with_others.bayes.collapsed.priors import CollapsedPriors, StandardDeviationPrior
from learning_with_others.bayes.design import Design
from learning_with_others.bayes.design import Grouping as Level
from learning_with_others.bayes.identification import Grouping
from learning_with_others.bayes.model_frame import ModelFrame
from learning_with_others.bayes.prior_choice import standard_deviation_names
from learning_with_others.bayes.prior_sets import Prior


def obstacle(frame: ModelFrame) -> str | None:
    """Say why a model cannot be collapsed; None if it can.

    Coefficients and group effects integrate out of a Gaussian model in closed form, nested level
    by nested level; what varies between groups must be an intercept and columns of the fixed part.
    """
    if frame.specification.family != "gaussian":
        return f"the family is {frame.specification.family}"
    if not 1 <= len(frame.groupings) <= MOST_LEVELS:
        return f"{len(frame.groupings)} groupings, where one or two can be integrated out"
    lower, upper = frame.groupings[0], frame.groupings[-1]
    if not lower.nested_in(upper):
        return f"{lower.name} and {upper.name} cross"
    for grouping in frame.groupings:
        if not grouping.intercepts[0]:
            return f"{grouping.name} has no random intercept"
        for name, column in zip(grouping.slopes, grouping.matrix.T[1:], strict=True):
            if not _is_term(frame, name, column):
                return f"the random term {name!r} of {grouping.name} is no fixed term"
    return None


def _is_term(frame: ModelFrame, name: str, column: np.ndarray) -> bool:
    return name in frame.terms and np.array_equal(frame.columns[:, frame.terms.index(name)], column)


def design_of(frame: ModelFrame) -> Design:
    """Give the arrays of a model that has no `obstacle`."""
    return Design(frame.terms, frame.columns, tuple(_level(each) for each in frame.groupings))


def priors_of(frame: ModelFrame) -> CollapsedPriors:
    """Give the priors of a model that has no `obstacle`."""
    chosen = frame.priors
    standard_deviations = {"sd_residual": _standard_deviation(chosen.residual)}
    for grouping in frame.groupings:
        names = standard_deviation_names(grouping.name, grouping.intercepts)
        priors = chosen.standard_deviation[grouping.name]
        standard_deviations |= {
            name: _standard_deviation(prior) for name, prior in zip(names, priors, strict=True)
        }
    return CollapsedPriors(
        coefficients=dict(zip(frame.terms, chosen.coefficient_sd, strict=True)),
        standard_deviations=standard_deviations,
        correlations={name: prior.scale for name, prior in chosen.correlation.items()},
    )


def _level(grouping: Grouping) -> Level:
    return Level(grouping.name, grouping.labels, grouping.index, grouping.slopes)


def _standard_deviation(prior: Prior) -> StandardDeviationPrior:
    if np.isfinite(prior.degrees):
        return StandardDeviationPrior(prior.distribution, prior.scale, prior.degrees)
    return StandardDeviationPrior(prior.distribution, prior.scale)
