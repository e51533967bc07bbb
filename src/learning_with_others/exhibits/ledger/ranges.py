"""Ranges of values that remain possible for targets: witnesses first, then one by one."""

from dataclasses import dataclass, field

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array

from learning_with_others.exhibits.ledger.program import Program

ROUNDS = 6  # joint searches for witnesses, before targets are taken one by one
NODES = 20_000  # of branch and bound; a limit on time would not be reproducible
ENOUGH_NODES = 50  # where any good witness will do
NEAR = 0.05  # relative gap at which a joint search may stop
WHOLE = 1e-6


@dataclass
class Ranges:
    """Smallest and largest value found for each target.

    Attributes
    ----------
    low, high : numpy.ndarray
    undecided : set of int
        Targets for which the solver reached its limit; they count as unsafe.
    """

    low: np.ndarray
    high: np.ndarray
    undecided: set[int] = field(default_factory=set)

    @property
    def number(self) -> np.ndarray:
        """How many values from the smallest to the largest."""
        return self.high - self.low + 1

    def see(self, values: np.ndarray) -> None:
        """Widen by the targets' values in one more solution."""
        self.low, self.high = np.minimum(self.low, values), np.maximum(self.high, values)


def possible_ranges(program: Program, targets: csr_array, sizes: np.ndarray, enough: int) -> Ranges:
    """How far each target may vary among whole-number solutions of the program.

    Parameters
    ----------
    program : Program
    targets : scipy.sparse.csr_array
        One row for each target.
    sizes : numpy.ndarray
        The true sizes of the sets, the first solution.
    enough : int
        The search for a target ends with so many values: ranges are then no less than shown.

    Notes
    -----
    Every solution of a component widens the ranges of all targets in it. Joint searches push
    all targets that are still narrow up, down, or in random directions. What remains is solved
    one by one, both ends. A solution counts only after rounding to whole numbers and a check of
    each relation.
    """
    truth = targets @ sizes
    ranges = Ranges(truth.copy(), truth.copy())
    generator = np.random.default_rng(0)
    for number in range(ROUNDS):
        narrow = np.flatnonzero(ranges.number < enough)
        if not len(narrow):
            return ranges
        ways = generator.choice([-1.0, 1.0], len(narrow))
        if number < 2:  # noqa: PLR2004 - all up, all down
            ways = np.full(len(narrow), 1.0 - 2.0 * number)
        objective = targets[narrow].T @ ways
        where = np.unique(program.component[np.unique(targets[narrow].indices)])
        solution = sizes.copy()
        _set_lone(program, objective, solution)
        for one in where:
            members = np.flatnonzero(program.component == one)
            if len(members) > 1:
                found, _ = solve(program, members, objective[members], rough=True)
                solution[members] = sizes[members] if found is None else found
        ranges.see(targets @ solution)
    for target in np.flatnonzero(ranges.number < enough):
        _one_target(program, targets, target, sizes, ranges, enough)
    return ranges


def _one_target(
    program: Program,
    targets: csr_array,
    target: int,
    sizes: np.ndarray,
    ranges: Ranges,
    enough: int,
) -> None:
    row = targets[[target]]
    members = np.flatnonzero(np.isin(program.component, program.component[row.indices]))
    objective = row.toarray()[0]
    for way in (1.0, -1.0):
        if ranges.number[target] >= enough:
            return
        found, proven = solve(program, members, way * objective[members])
        if found is not None:
            solution = sizes.copy()
            solution[members] = found
            ranges.see(targets @ solution)
        if not proven:
            ranges.undecided.add(int(target))
    if ranges.number[target] >= enough:
        ranges.undecided.discard(int(target))


def _set_lone(program: Program, objective: np.ndarray, solution: np.ndarray) -> None:
    """Set the sets without relations to the end that the objective asks for."""
    lone = np.bincount(program.component, minlength=program.component.max() + 1)
    alone = (lone[program.component] == 1) & (objective != 0)
    best = np.where(objective > 0, program.upper, program.lower)
    solution[alone] = best[alone]


def solve(
    program: Program, members: np.ndarray, objective: np.ndarray, *, rough: bool = False
) -> tuple[np.ndarray | None, bool]:
    """Maximise an objective over some components.

    Returns
    -------
    (numpy.ndarray or None, bool)
        Sizes of the members, None if none was found; and whether they are proven to be best.
    """
    rows = np.isin(program.row_component, program.component[members])
    matrix = program.matrix[rows][:, members]
    lower, upper = program.row_lower[rows], program.row_upper[rows]
    result = milp(
        -objective,
        integrality=np.ones(len(members)),
        bounds=Bounds(program.lower[members], program.upper[members]),
        constraints=LinearConstraint(matrix, lower, upper) if rows.any() else None,
        options={
            "mip_rel_gap": NEAR if rough else 0.0,
            "node_limit": ENOUGH_NODES if rough else NODES,
        },
    )
    if result.x is None:
        return None, False
    found = np.round(result.x)
    activity = matrix @ found
    holds = (activity >= lower - WHOLE).all() and (activity <= upper + WHOLE).all()
    holds &= (found >= program.lower[members]).all() and (found <= program.upper[members]).all()
    return (found, result.status == 0) if holds else (None, False)
