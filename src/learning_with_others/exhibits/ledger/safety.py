"""Whether what is shown is safe, and what more to suppress if it is not."""

from dataclasses import replace

import numpy as np

from learning_with_others.exhibits.ledger.columns import Entry
from learning_with_others.exhibits.ledger.families import Family
from learning_with_others.exhibits.ledger.knowledge import Knowledge, Share
from learning_with_others.exhibits.ledger.policy import COARSER, Policy
from learning_with_others.exhibits.ledger.program import Program, build
from learning_with_others.exhibits.ledger.ranges import ROUNDS, Ranges, possible_ranges
from learning_with_others.exhibits.ledger.sets_of_people import People
from learning_with_others.exhibits.ledger.targets import Targets, find_targets
from learning_with_others.exhibits.ledger.withholding import cheapest


def examine(
    people: People,
    known: Knowledge,
    policy: Policy,
    old: tuple[set[int], np.ndarray, np.ndarray] | None = None,
    among: set[tuple[int, int]] | None = None,
) -> tuple[Targets, Ranges, Program]:
    """Ranges of all targets, or of those `among`, where anything differs from `old`."""
    targets = find_targets(people, known, policy)
    kept = np.zeros(len(people), dtype=bool)
    kept[targets.matrix(len(people)).indices] = True
    program = build(people, known, policy, kept)
    if old is not None:
        touched = (program.lower != old[1]) | (program.upper != old[2])
        touched[sorted(old[0])] = True
        reached = np.isin(program.component, program.component[touched])
        inside = reached[targets.whole] | ((targets.part >= 0) & reached[targets.part])
        targets = targets[np.flatnonzero(inside)]
    if among is not None:
        targets = targets[np.array([name in among for name in targets.names()], dtype=bool)]
    sizes = np.array(people.size, dtype=float)
    matrix = targets.matrix(len(people))
    ranges = possible_ranges(
        program,
        matrix,
        sizes,
        policy.possible_values,
        until_narrow=old is not None,
        rounds=ROUNDS if among is None else 1,
    )
    return targets, ranges, program


def protect(
    people: People, policy: Policy, before: Knowledge, cells: list[Entry], found: list[Family]
) -> list[Entry]:
    """Suppress new cells until no small number of people can be worked out.

    Parameters
    ----------
    people : People
    policy : Policy
    before : Knowledge
        From what was shown before.
    cells : list of Entry
        The exhibit, as it would be shown.
    found : list of Family
        Its families.

    Returns
    -------
    list of Entry
        The cells with what was decided.

    Notes
    -----
    What was suppressed to protect others stays so in later exhibits. If suppressing all new cells
    that are not small is not enough, because it is enough to know *that* cells are small, the
    exhibit is blanked whole, zeros included: then a blank says nothing.
    """
    cells = [_as_before(cell, before) for cell in cells]
    known = Knowledge.of([], [*before.families, *found])
    for name in ("shown", "coarse", "small", "protecting", "named", "shares", "withheld_shares"):
        getattr(known, name).update(getattr(before, name))
    for cell in _follow(cells):
        known.add(cell)
    old = _tight_bounds(people, policy, before)
    unsafe, waiting = _unsafe(people, policy, known, (known.changed(before), *old))
    while unsafe is not None:
        sets = sorted((known.shown | known.coarse) - before.shown - before.coarse)
        shares = sorted(known.shares - before.shares)
        if not sets and not shares:
            return [replace(cell, status="blanked") for cell in cells]
        target = Targets(*(np.array([number]) for number in unsafe))
        chosen = cheapest(people, known, policy, target.matrix(len(people)), (sets, shares))
        if not any(chosen):
            chosen = sets, shares
        # A count that can be rounded further is: only if that is not enough it is suppressed.
        further = {one for one in chosen[0] if one in known.shown and _coarse(people, policy, one)}
        known.coarsen(further)
        gone = [one for one in chosen[0] if one not in further]
        known.withhold(gone, [*chosen[1], *_shares_of(gone, shares)])
        unsafe, waiting = _unsafe(people, policy, known, (known.changed(before), *old), waiting)
    return _follow([_decided(cell, known) for cell in cells])


def _tight_bounds(
    people: People, policy: Policy, known: Knowledge
) -> tuple[np.ndarray, np.ndarray]:
    program = build(people, known, policy, np.zeros(len(people), dtype=bool))
    return program.lower, program.upper


def _unsafe(
    people: People,
    policy: Policy,
    known: Knowledge,
    old: tuple[set[int], np.ndarray, np.ndarray],
    among: set[tuple[int, int]] | None = None,
) -> tuple[tuple[int, int] | None, set[tuple[int, int]]]:
    """Find a target with too few possible values, and all that are not known to have enough.

    Only components that hold a set of `old`, of which more was said, or a set with other bounds
    than the old ones: all others are as they were. Only targets `among` some, if given: after
    something is suppressed, those that were safe still are.
    """
    if not old[0]:
        return None, set()
    targets, ranges, _ = examine(people, known, policy, old, among)
    names = targets.names()
    waiting = np.flatnonzero(ranges.number < policy.possible_values)
    unsafe = None if ranges.narrow is None else names[ranges.narrow]
    return unsafe, {names[number] for number in waiting}


def _shares_of(sets: list[int], shares: list[Share]) -> list[Share]:
    return [share for share in shares if share[1] in set(sets)]


def _coarse(people: People, policy: Policy, one: int) -> bool:
    """Whether a count, rounded further, is still told apart from none."""
    return policy.rounded(np.array([people.size[one]]), COARSER)[0] > 0


def _share(cell: Entry) -> Share:
    return cell.people, cell.whole, cell.steps, cell.nearest


def _as_before(cell: Entry, before: Knowledge) -> Entry:
    """A cell that was suppressed to protect others before is so again."""
    if cell.is_share:
        withheld = _share(cell) in before.withheld_shares
    elif cell.people in before.coarse and cell.status == "rounded":
        return replace(cell, status="coarse")
    else:
        withheld = cell.people in before.protecting
    return replace(cell, status="protecting") if withheld and cell.status == "rounded" else cell


def _decided(cell: Entry, known: Knowledge) -> Entry:
    open_ = cell.status in ("rounded", "coarse")
    if not open_ or cell.people < 0 or (cell.is_share and cell.whole < 0):
        return cell
    if not cell.is_share and cell.people in known.coarse:
        return replace(cell, status="coarse")
    shown = _share(cell) in known.shares if cell.is_share else cell.people in known.shown
    return cell if shown else replace(cell, status="protecting")


def _follow(cells: list[Entry]) -> list[Entry]:
    """Suppress each share of a count that is suppressed."""
    withheld = {c.people for c in cells if not c.is_share and c.status == "protecting"}
    return [
        replace(c, status="protecting")
        if c.is_share and c.status == "rounded" and c.whole in withheld and c.whole >= 0
        else c
        for c in cells
    ]
