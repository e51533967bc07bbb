"""Ranges of values that remain possible for targets: witnesses first, then one by one."""

from dataclasses import dataclass, field

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array

from learning_with_others.exhibits.ledger.program import Program

ROUNDS = 6  # joint searches for witnesses, before targets are taken one by one
FEW = 8  # targets that are sooner taken one by one
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
    narrow : int or None
        The target at which the search stopped because it has too few values.
    undecided : set of int
        Targets for which the solver reached its limit; they count as unsafe.
    """

    low: np.ndarray
    high: np.ndarray
    narrow: int | None = None
    undecided: set[int] = field(default_factory=set)

    @property
    def number(self) -> np.ndarray:
        """How many values from the smallest to the largest."""
        return self.high - self.low + 1

    def see(self, values: np.ndarray) -> None:
        """Widen by the targets' values in one more solution."""
        self.low, self.high = np.minimum(self.low, values), np.maximum(self.high, values)


def possible_ranges(
    program: Program,
    targets: csr_array,
    sizes: np.ndarray,
    enough: int,
    *,
    until_narrow: bool = False,
    rounds: int = ROUNDS,
) -> Ranges:
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
    until_narrow : bool
        Stop at the first target that is proven to have fewer; `Ranges.narrow` names it.
    rounds : int
        Joint searches at most.

    Notes
    -----
    Every solution of a component widens the ranges of all targets in it. Joint searches push
    all targets that are still narrow up, down, or in random directions. What remains is solved
    one by one, both ends: first with only the sets nearby free, then with all. A solution
    counts only after rounding to whole numbers and a check of each relation.
    """
    truth = targets @ sizes
    ranges = Ranges(truth.copy(), truth.copy())
    generator = np.random.default_rng(0)
    for number in range(rounds):
        narrow = np.flatnonzero(ranges.number < enough)
        if len(narrow) < FEW:
            break
        ways = generator.choice([-1.0, 1.0], len(narrow))
        if number < 2:  # noqa: PLR2004 - all up, all down
            ways = np.full(len(narrow), 1.0 - 2.0 * number)
        _all_at_once(program, targets, sizes, ranges, targets[narrow].T @ ways)
    for target in np.flatnonzero(ranges.number < enough):
        if ranges.number[target] < enough:
            _one_target(program, targets, target, sizes, ranges, enough)
            if ranges.number[target] < enough and until_narrow:
                ranges.narrow = int(target)
                return ranges
    return ranges


def _all_at_once(
    program: Program, targets: csr_array, sizes: np.ndarray, ranges: Ranges, objective: np.ndarray
) -> None:
    """See one solution of every component that the objective concerns."""
    solution = sizes.copy()
    _set_lone(program, objective, solution)
    for one in np.unique(program.component[objective != 0]):
        members = np.flatnonzero(program.component == one)
        if len(members) > 1:
            found, _ = solve(program, members, objective[members], sizes, rough=True)
            solution[members] = sizes[members] if found is None else found
    ranges.see(targets @ solution)


def _one_target(
    program: Program,
    targets: csr_array,
    target: int,
    sizes: np.ndarray,
    ranges: Ranges,
    enough: int,
) -> None:
    row = targets[[target]]
    everything = np.flatnonzero(np.isin(program.component, program.component[row.indices]))
    objective = row.toarray()[0]
    near = program.near(row.indices)
    for members in (near, everything) if len(near) < len(everything) else (everything,):
        for way in (1.0, -1.0):
            if ranges.number[target] >= enough:
                return
            found, proven = solve(program, members, way * objective[members], sizes)
            if found is not None:
                solution = sizes.copy()
                solution[members] = found
                ranges.see(targets @ solution)
            if not proven and members is everything:
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
    program: Program,
    members: np.ndarray,
    objective: np.ndarray,
    sizes: np.ndarray,
    *,
    rough: bool = False,
) -> tuple[np.ndarray | None, bool]:
    """Maximise an objective over some sets; all others keep their true sizes.

    Returns
    -------
    (numpy.ndarray or None, bool)
        Sizes of the members, None if none was found; and whether they are proven to be best.
    """
    columns = program.by_set[:, members]
    rows = np.unique(columns.indices)
    matrix = columns.tocsr()[rows]
    others = sizes.copy()
    others[members] = 0
    fixed = program.matrix[rows] @ others
    lower, upper = program.row_lower[rows] - fixed, program.row_upper[rows] - fixed
    result = milp(
        -objective,
        integrality=np.ones(len(members)),
        bounds=Bounds(program.lower[members], program.upper[members]),
        constraints=LinearConstraint(matrix, lower, upper) if len(rows) else None,
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
