"""Response models by marginal maximum likelihood.

Every step uses the exact gradient of the marginal likelihood, which by Fisher's identity is the
posterior mean of the complete-data score. The first steps divide it by the complete-data
information (the gradient form of EM), later ones by the observed information (Newton). Nothing
is drawn at random.
"""

from dataclasses import dataclass, field, replace

import numpy as np

from learning_with_others.errors import CompendiumError
from learning_with_others.psychometrics.answers import Answers
from learning_with_others.psychometrics.response_models.expectation import expectation
from learning_with_others.psychometrics.response_models.item_parameters import (
    GRADED,
    Constraints,
    ItemParameters,
    Structure,
    build_constraints,
)
from learning_with_others.psychometrics.response_models.marginal_problem import (
    FEW_PEOPLE,
    Problem,
    starting_values,
)
from learning_with_others.psychometrics.response_models.maximization import TOLERANCE, climb
from learning_with_others.psychometrics.response_models.observed_information import (
    observed_information,
)

STEEP = 8.0  # a logistic slope beyond this: one answer all but determines another
ONE_GROUP = "everyone"


@dataclass(frozen=True)
class ResponseFit:
    """A response model at its maximum.

    Attributes
    ----------
    problem : Problem
        Answers, groups, family, link and grid.
    structure : Structure
    constraints : Constraints
    full : ndarray, shape (G, k C + 2)
        Parameters of each group: slope and intercepts item by item, mean, log sd.
    information : ndarray, shape (G, k C + 2, k C + 2)
        Observed information of each group at the maximum or a few steps before it.
    log_likelihood : float
    decrement : float
        g' I⁻¹ g at the end, about twice the log likelihood that is still to be gained.
    steps : int
    flags : tuple of str
        What the reader must know; empty if nothing.
    """

    problem: Problem
    structure: Structure
    constraints: Constraints = field(repr=False)
    full: np.ndarray = field(repr=False)
    information: np.ndarray = field(repr=False)
    log_likelihood: float
    decrement: float
    steps: int
    flags: tuple[str, ...]

    @property
    def converged(self) -> bool:
        """Whether the decrement is below the tolerance."""
        return self.decrement < TOLERANCE

    @property
    def free_parameters(self) -> int:
        """Number of free parameters."""
        return self.constraints.free

    @property
    def people(self) -> int:
        """People with at least one answer."""
        return sum(group.people for group in self.problem.patterns)

    @property
    def aic(self) -> float:
        """Akaike's criterion, −2 log L + 2 p."""
        return -2 * self.log_likelihood + 2 * self.free_parameters

    @property
    def bic(self) -> float:
        """Schwarz's criterion, −2 log L + p log n, n in people."""
        return -2 * self.log_likelihood + self.free_parameters * float(np.log(self.people))

    @property
    def parameters(self) -> dict[str, ItemParameters]:
        """Item parameters of each group."""
        vectors = zip(self.problem.labels, self.full, strict=True)
        return {label: self.problem.unpack(vector) for label, vector in vectors}

    @property
    def means(self) -> dict[str, float]:
        """Latent mean of each group, in SDs of the first group."""
        return dict(zip(self.problem.labels, self.full[:, -2].tolist(), strict=True))

    @property
    def standard_deviations(self) -> dict[str, float]:
        """Latent standard deviation of each group, in SDs of the first group."""
        return dict(zip(self.problem.labels, np.exp(self.full[:, -1]).tolist(), strict=True))


def fit_response_model(
    answers: Answers,
    *,
    family: str = GRADED,
    link: str = "logit",
    group: np.ndarray | None = None,
    labels: tuple[str, ...] = (ONE_GROUP,),
    structure: Structure | None = None,
) -> ResponseFit:
    """Fit a response model by marginal maximum likelihood.

    Parameters
    ----------
    answers : Answers
        n rows.
    family : str
        'graded', 'partial_credit' or 'rating_scale'.
    link : str
        'logit', or 'probit' for the normal ogive (graded only).
    group : ndarray, shape (n,), optional
        Group of each row; without it, all rows are one group with latent mean 0 and sd 1.
    labels : tuple of str
        Groups to use, the reference group (mean 0, sd 1) first.
    structure : Structure, optional
        What is free; without it items are equal in all groups, and later groups have means and
        sds of their own.

    Raises
    ------
    CompendiumError
        If a group has too few people, if fewer than two items are given, or if a rating scale is
        asked for items with different numbers of categories.

    References
    ----------
    Bock, R. D. and Aitkin, M. (1981). Marginal maximum likelihood estimation of item parameters:
    application of an EM algorithm. Psychometrika 46, 443-459.
    Lange, K. (1995). A gradient algorithm locally equivalent to the EM algorithm. JRSS B 57.
    """
    if group is None:
        group = np.full(len(answers.codes), labels[0], dtype=object)
    problem = Problem.of(answers, group, labels, family=family, link=link)
    if structure is None:
        several = len(labels) > 1
        structure = Structure(free_means=several, free_standard_deviations=several)
    return maximize(problem, structure)


def maximize(
    problem: Problem, structure: Structure, start: ResponseFit | None = None
) -> ResponseFit:
    """Maximize the marginal likelihood of a model, from another model's fit if one is given.

    Parameters
    ----------
    problem : Problem
    structure : Structure
    start : ResponseFit, optional
        A fit of the same problem under other constraints. Its parameters are the start, and its
        information serves until the steps show that it is too far off.

    Raises
    ------
    CompendiumError
        If fewer than two items are given, or as `build_constraints` says.
    """
    k = len(problem.items)
    if k < 2:  # noqa: PLR2004 - one item says nothing about a trait behind it
        raise CompendiumError(
            "one item does not identify a trait",
            where=f"items {', '.join(problem.items)}",
            remedy="give at least two items",
        )
    flags = []
    if k == 2 and problem.family == GRADED:  # noqa: PLR2004 - two slopes, one association
        structure = structure.with_one_slope()
        flags.append("two items: their slopes are held equal, since two are not identified")
    constraints = build_constraints(
        problem.categories, len(problem.labels), problem.family, structure
    )
    summit = climb(
        problem,
        constraints,
        starting_values(problem) if start is None else start.full,
        None if start is None else start.information,
    )
    state = summit.state
    return ResponseFit(
        problem,
        structure,
        constraints,
        state.full,
        summit.information,
        state.log_likelihood,
        summit.decrement,
        summit.steps,
        (*flags, *_warnings(problem, state.full, summit.decrement)),
    )


def renew_information(fit: ResponseFit) -> ResponseFit:
    """Take the information at the estimates themselves, where many searches are to start."""
    state = expectation(fit.problem, fit.full)
    return replace(fit, information=observed_information(fit.problem, state))


def _warnings(problem: Problem, full: np.ndarray, decrement: float) -> list[str]:
    """Tell what makes the estimates doubtful."""
    out = []
    if not decrement < TOLERANCE:
        out.append(
            "not converged: the likelihood has no clear maximum"
            if np.isinf(decrement)
            else f"not converged: g'I⁻¹g is {decrement:.1g} after the last step"
        )
    for label, patterns in zip(problem.labels, problem.patterns, strict=True):
        if patterns.people < FEW_PEOPLE:
            out.append(f"few answers: {label} has fewer than {FEW_PEOPLE} people")
    slopes = full[:, :-2].reshape(len(full), len(problem.items), -1)[:, :, 0]
    steep = STEEP if problem.link == "logit" else STEEP / 1.7  # the usual ratio of the two metrics
    for item, values in zip(problem.items, slopes.T, strict=True):
        if np.abs(values).max() > steep:
            out.append(
                f"{item}: slope {np.abs(values).max():.0f} or more, answers repeat each other"
            )
        if values.min() < 0:
            out.append(f"{item}: negative slope, check whether it is keyed")
    reach = np.abs(full[:, -2]) + 3 * np.exp(full[:, -1])
    if reach.max() > problem.grid[-1]:
        out.append("a group's trait reaches beyond the grid")
    return out
