"""Which further counts and shares to suppress so that a target stays open."""

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import coo_array, csr_array, hstack, vstack

from learning_with_others.exhibits.ledger.knowledge import Knowledge, Share
from learning_with_others.exhibits.ledger.policy import Policy
from learning_with_others.exhibits.ledger.program import build, share_rows
from learning_with_others.exhibits.ledger.sets_of_people import People

# Of suppressing a share; a count costs from 1 (small) to 4 (the largest, which later exhibits are
# most likely to show as well), and the shares of it besides, which go with it.
SHARE_PRICE = 0.9
SIZE_PRICE = 3.0
ORDER_PRICE = 1e-6  # of equally good cells, the first is suppressed
NODES = 50
NEAR_ENOUGH = 0.1  # relative gap to the lowest price


def cheapest(
    people: People,
    known: Knowledge,
    policy: Policy,
    target: csr_array,
    new: tuple[list[int], list[Share]],
) -> tuple[list[int], list[Share]]:
    """Fewest new counts and shares without which a target has enough possible values.

    Parameters
    ----------
    people, known, policy
        What is known if everything new is shown.
    target : scipy.sparse.csr_array
        One row.
    new : (list of int, list of Share)
        Sets and shares that may be suppressed.

    Returns
    -------
    (list of int, list of Share)
        What to suppress; empty if nothing helps.

    Notes
    -----
    Two solutions are sought that differ by enough at the target, and agree with all that was
    shown except for the new cells that are suppressed; a cell has a price. The idea is that of
    Kelly, Golden and Assad (1992, *Networks* 22, 397-417), here as one integer program.
    """
    sets, shares = new
    loose = known.copy()
    loose.withhold(sets, shares)
    kept = np.zeros(len(people), dtype=bool)
    kept[[*target.indices, *sets, *(one for share in shares for one in share[:2])]] = True
    program = build(people, loose, policy, kept)
    members = _reached(program.component, target.indices, shares)
    place = np.full(len(people), -1)
    place[members] = np.arange(len(members))
    sets = [one for one in sets if place[one] >= 0]
    shares = [share for share in shares if place[share[0]] >= 0 and place[share[1]] >= 0]
    if not sets and not shares:
        return [], []
    rows = np.isin(program.row_component, program.component[members])
    limits = program.lower[members], program.upper[members]
    z = len(sets) + len(shares)
    bound_rows = _bound_rows(people, known, policy, (place, limits), (sets, z))
    share_part = _share_rows(shares, sets, place, limits)
    matrix = program.matrix[rows][:, members]
    priced = csr_array(vstack([bound_rows[0], share_part]))
    floor = np.concatenate([bound_rows[1], np.zeros(share_part.shape[0])])
    n = len(members)
    once, zs = priced[:, :n], priced[:, n:]
    empty = csr_array((once.shape[0], n))
    apart = target[:, members]
    constraints = [
        LinearConstraint(
            hstack([matrix, csr_array((matrix.shape[0], n + z))]).tocsr(),
            program.row_lower[rows],
            program.row_upper[rows],
        ),
        LinearConstraint(
            hstack([csr_array(matrix.shape), matrix, csr_array((matrix.shape[0], z))]).tocsr(),
            program.row_lower[rows],
            program.row_upper[rows],
        ),
        LinearConstraint(hstack([once, empty, zs]).tocsr(), floor, np.inf),
        LinearConstraint(hstack([empty, once, zs]).tocsr(), floor, np.inf),
        LinearConstraint(
            hstack([apart, -apart, csr_array((1, z))]).tocsr(), policy.possible_values - 1, np.inf
        ),
    ]
    sizes = np.array([people.size[one] for one in sets], dtype=float)
    going_with = np.array([sum(share[1] == one for share in shares) for one in sets], dtype=float)
    count_price = 1 + SIZE_PRICE * sizes / max(sizes.max(initial=1), 1) + SHARE_PRICE * going_with
    price = np.concatenate([count_price, np.full(len(shares), SHARE_PRICE)])
    result = milp(
        np.concatenate([np.zeros(2 * n), price + ORDER_PRICE * np.arange(z)]),
        integrality=np.ones(2 * n + z),
        bounds=Bounds(
            np.concatenate([limits[0], limits[0], np.zeros(z)]),
            np.concatenate([limits[1], limits[1], np.ones(z)]),
        ),
        constraints=[one for one in constraints if one.A.shape[0]],
        options={"node_limit": NODES, "mip_rel_gap": NEAR_ENOUGH},
    )
    if result.x is None:
        return [], []
    chosen = result.x[2 * n :] > 0.5  # noqa: PLR2004 - yes or no
    return (
        [one for one, yes in zip(sets, chosen, strict=False) if yes],
        [one for one, yes in zip(shares, chosen[len(sets) :], strict=True) if yes],
    )


def _reached(component: np.ndarray, start: np.ndarray, shares: list[Share]) -> np.ndarray:
    """Sets connected with the target by relations or by new shares."""
    reached = set(component[start].tolist())
    ends = [(int(component[share[0]]), int(component[share[1]])) for share in shares]
    grew = True
    while grew:
        more = {e for pair in ends if reached & set(pair) for e in pair} - reached
        reached |= more
        grew = bool(more)
    return np.flatnonzero(np.isin(component, sorted(reached)))


def _bound_rows(
    people: People,
    known: Knowledge,
    policy: Policy,
    place_and_limits: tuple[np.ndarray, tuple[np.ndarray, np.ndarray]],
    sets_and_cells: tuple[list[int], int],
) -> tuple[csr_array, np.ndarray]:
    """Rows that hold each set within its shown bounds unless it is suppressed."""
    place, (lowest, highest) = place_and_limits
    sets, z = sets_and_cells
    lower, upper = known.bounds(people, policy)
    at = place[np.array(sets, dtype=int)] if sets else np.empty(0, dtype=int)
    low, high = (lower[sets], upper[sets]) if sets else (np.empty(0), np.empty(0))
    n, k = len(lowest), np.arange(len(sets))
    slack_low = np.maximum(low - lowest[at], 0)
    slack_high = np.maximum(highest[at] - high, 0)
    above = coo_array((np.ones(len(k)), (k, at)), (len(k), n)), _diagonal(slack_low, z)
    below = coo_array((-np.ones(len(k)), (k, at)), (len(k), n)), _diagonal(slack_high, z)
    return csr_array(vstack([hstack(above), hstack(below)])), np.concatenate([low, -high])


def _share_rows(
    shares: list[Share], sets: list[int], place: np.ndarray, limits: tuple[np.ndarray, np.ndarray]
) -> csr_array:
    """Rows that hold for each share unless it, or its new whole, is suppressed."""
    moved = [(int(place[a]), int(place[b]), q, j) for a, b, q, j in shares]
    blocks = []
    order = {one: number for number, one in enumerate(sets)}
    for block in share_rows(moved, len(limits[0])):
        entries = block.tocoo()
        ends = np.where(
            entries.data > 0,
            entries.data * limits[0][entries.coords[1]],
            entries.data * limits[1][entries.coords[1]],
        )
        slack = np.maximum(-np.bincount(entries.coords[0], ends, len(shares)), 0)
        free = np.zeros((len(shares), len(sets) + len(shares)))
        for row, share in enumerate(shares):
            free[row, len(sets) + row] = slack[row]
            if share[1] in order:
                free[row, order[share[1]]] = slack[row]
        blocks.append(hstack([block, csr_array(free)]))
    return csr_array(vstack(blocks))


def _diagonal(values: np.ndarray, columns: int) -> csr_array:
    k = np.arange(len(values))
    return csr_array(coo_array((values, (k, k)), (len(k), columns)))
