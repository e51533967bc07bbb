"""Information on one person that a model promises, whoever may have answered."""

from dataclasses import replace

import numpy as np

from learning_with_others.psychometrics.answers import MISSING
from learning_with_others.psychometrics.response_models.expectation import (
    GroupCurves,
    expectation,
    group_curves,
)
from learning_with_others.psychometrics.response_models.marginal import ResponseFit
from learning_with_others.psychometrics.response_models.marginal_problem import Patterns
from learning_with_others.psychometrics.response_models.observed_information import (
    observed_information,
)

DRAWN = 4000  # people a group; leaves 2% uncertain of a standard error


def person_information(fit: ResponseFit, seed: int = 0) -> np.ndarray:
    """Average information on one person if the fitted model is true, by group.

    The information in answers that are drawn from the model. (That in the answers given tells
    what a larger sample would bring only if the model fits them.) As many are missing.

    Returns
    -------
    ndarray, shape (G, k C + 2, k C + 2)
    """
    rng = np.random.default_rng(seed)
    drawn = tuple(
        _draw(patterns, group_curves(fit.problem, vector), rng)
        for patterns, vector in zip(fit.problem.patterns, fit.full, strict=True)
    )
    problem = replace(fit.problem, patterns=drawn)
    return observed_information(problem, expectation(problem, fit.full)) / DRAWN


def _draw(patterns: Patterns, curves: GroupCurves, rng: np.random.Generator) -> Patterns:
    nodes = rng.choice(len(curves.weights), DRAWN, p=curves.weights)
    like = rng.choice(len(patterns.codes), DRAWN, p=patterns.count / patterns.count.sum())
    # Chance of each answer or a lower one, shape (people, k, C); NaN beyond an item's categories.
    below = np.nancumsum(curves.probability, axis=1)[:, :, nodes].transpose(2, 0, 1)
    chosen = (rng.random((DRAWN, below.shape[1], 1)) > below[:, :, :-1]).sum(axis=2)
    highest = (curves.probability.max(axis=2) > 0).sum(axis=1) - 1
    codes = np.minimum(chosen, highest).astype(patterns.codes.dtype)
    codes = np.where(patterns.codes[like] == MISSING, MISSING, codes).astype(patterns.codes.dtype)
    unique, pattern, count = np.unique(codes, axis=0, return_inverse=True, return_counts=True)
    return Patterns(np.ascontiguousarray(unique), count.astype(float), np.arange(DRAWN), pattern)
