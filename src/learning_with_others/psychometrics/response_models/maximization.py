"""The climb to the maximum: EM steps, then Newton steps with a kept, corrected information."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy import linalg

from learning_with_others.psychometrics.response_models.expectation import (
    Expectation,
    complete_information,
    expectation,
)
from learning_with_others.psychometrics.response_models.item_parameters import Constraints
from learning_with_others.psychometrics.response_models.marginal_problem import Problem
from learning_with_others.psychometrics.response_models.observed_information import (
    observed_information,
)

SMALLEST_PIVOT = 1e-12  # of a matrix scaled to a diagonal of 1; below, it is singular to rounding


Solve = Callable[[np.ndarray], np.ndarray]


def solver(matrix: np.ndarray) -> Solve | None:
    """Factor a symmetric matrix; give what solves matrix × x = right, if positive definite."""
    diagonal = np.diag(matrix)
    if not (diagonal > 0).all() or not np.isfinite(matrix).all():
        return None
    scale = np.sqrt(diagonal)
    try:
        factor = linalg.cho_factor(matrix / np.outer(scale, scale), lower=True)
    except linalg.LinAlgError:
        return None
    if (np.diag(factor[0]) ** 2).min() <= SMALLEST_PIVOT:
        return None
    return lambda right: (linalg.cho_solve(factor, (right.T / scale).T).T / scale).T


# Newton decrement g' I⁻¹ g: about twice the log likelihood still to be gained. At 1e-9 every
# estimate lies within 4e-5 of its standard error of the maximizer.
TOLERANCE = 1e-9
MOST_STEPS = 200
WARM_UP = 6  # EM steps before the first Newton step
GOOD_FALL = 0.3  # the decrement falls by this factor in a step, or the information is renewed
HALVINGS = 10
ROUNDING = 1e-11  # relative error of a log likelihood; smaller falls are none


@dataclass(frozen=True)
class Summit:
    """Where a climb ended.

    Attributes
    ----------
    state : Expectation
    information : ndarray, shape (G, k C + 2, k C + 2)
        Observed information by group, at the end or shortly before.
    decrement : float
    steps : int
    """

    state: Expectation
    information: np.ndarray
    decrement: float
    steps: int


def climb(
    problem: Problem,
    constraints: Constraints,
    begin: np.ndarray,
    information: np.ndarray | None = None,
) -> Summit:
    """Maximize the marginal likelihood over the free parameters.

    Parameters
    ----------
    problem : Problem
    constraints : Constraints
    begin : ndarray, shape (G, k C + 2)
        Full vectors near which the search begins.
    information : ndarray, shape (G, k C + 2, k C + 2), optional
        Observed information at parameters near the maximum: the search then begins with Newton
        steps, and renews the information when they do not go well.
    """
    free = constraints.project(begin)
    state = expectation(problem, constraints.full(free))
    newton = None if information is None else _Newton.of(constraints, information)
    warm_up = WARM_UP if newton is None else 0
    fresh, last = False, np.inf
    moves: list[tuple[np.ndarray, np.ndarray]] = []
    for step in range(MOST_STEPS):
        gradient = constraints.gradient(state.gradient)
        if newton is None and step >= warm_up:
            newton = _Newton.of(constraints, observed_information(problem, state))
            fresh = True
        if newton is not None:
            decrement = newton.decrement(gradient)
            if decrement < TOLERANCE:
                return Summit(state, newton.information, decrement, step)
            if not fresh and decrement > GOOD_FALL * last:
                renewed = _Newton.of(constraints, observed_information(problem, state))
                newton, fresh, moves = renewed, True, []
            last = decrement
        moved = None
        if newton is not None:
            direction = newton.direction(gradient, moves)
            moved = _move(problem, constraints, free, direction, state)
        if moved is None:
            newton, moves = None, []
            direction = _scoring_direction(constraints, state, gradient)
            moved = _move(problem, constraints, free, direction, state)
        if moved is None:  # no step in either direction climbs: rounding, or a ridge
            break
        if newton is not None:
            moves.append((moved[0] - free, gradient - constraints.gradient(moved[1].gradient)))
        free, state = moved
        fresh = False
    information = observed_information(problem, state)
    newton = _Newton.of(constraints, information)
    gradient = constraints.gradient(state.gradient)
    decrement = np.inf if newton is None else newton.decrement(gradient)
    return Summit(state, information, decrement, step)


@dataclass(frozen=True)
class _Newton:
    """Observed information by group, and its factor for the free parameters."""

    information: np.ndarray
    solve: Solve

    @classmethod
    def of(cls, constraints: Constraints, information: np.ndarray) -> "_Newton | None":
        """Factor the information; nothing where it is not positive definite."""
        solve = solver(constraints.information(information))
        return None if solve is None else cls(information, solve)

    def decrement(self, gradient: np.ndarray) -> float:
        """Twice the log likelihood still to be gained, about: g' I⁻¹ g."""
        return float(gradient @ self.solve(gradient))

    def direction(
        self, gradient: np.ndarray, moves: list[tuple[np.ndarray, np.ndarray]]
    ) -> np.ndarray:
        """I⁻¹ g with the information corrected by how the gradient changed over the last moves.

        The information was taken a few moves ago, or under other constraints; what the moves
        showed since makes up for that without another pass.

        Parameters
        ----------
        gradient : ndarray, shape (free,)
        moves : list of (ndarray, ndarray)
            Steps taken since, and how far the gradient fell along them.

        References
        ----------
        Nocedal, J. (1980). Updating quasi-Newton matrices with limited storage. Mathematics of
        Computation 35, 773-782.
        """
        used = [(step, fall, step @ fall) for step, fall in moves if step @ fall > 0]
        left, shares = gradient.copy(), []
        for step, fall, product in reversed(used):
            shares.append(step @ left / product)
            left -= shares[-1] * fall
        out = self.solve(left)
        for (step, fall, product), share in zip(used, reversed(shares), strict=True):
            out += (share - fall @ out / product) * step
        return out


def _scoring_direction(
    constraints: Constraints, state: Expectation, gradient: np.ndarray
) -> np.ndarray:
    """Complete-data information⁻¹ g: the step of the gradient form of EM."""
    matrix = constraints.information(complete_information(state))
    solve = solver(matrix)
    if solve is None:  # some answer was expected nowhere
        return linalg.lstsq(matrix, gradient)[0]
    return solve(gradient)


def _move(
    problem: Problem,
    constraints: Constraints,
    free: np.ndarray,
    direction: np.ndarray,
    state: Expectation,
) -> tuple[np.ndarray, Expectation] | None:
    """Go along the direction, by half as far until the likelihood does not fall."""
    least = state.log_likelihood - ROUNDING * abs(state.log_likelihood)
    length = 1.0
    for _ in range(HALVINGS):
        there = free + length * direction
        found = expectation(problem, constraints.full(there))
        if found.log_likelihood >= least:
            return there, found
        length /= 2
    return None
