"""The integer program: all sizes of sets that agree with what was shown."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.sparse import coo_array, csc_array, csr_array
from scipy.sparse.csgraph import connected_components

from learning_with_others.exhibits.ledger.knowledge import Knowledge, Share
from learning_with_others.exhibits.ledger.policy import Policy
from learning_with_others.exhibits.ledger.sets_of_people import People
from learning_with_others.exhibits.ledger.tightening import redundant, tighten

PASSES = 3
MOST_PRUNINGS = 10
HOPS = 2


@dataclass(frozen=True)
class Program:
    """Whole numbers between bounds that satisfy relations, in connected components.

    Attributes
    ----------
    lower, upper : numpy.ndarray
        Bounds of each set's size.
    matrix : scipy.sparse.csr_array
        One row for each relation.
    row_lower, row_upper : numpy.ndarray
        Bounds of each relation.
    component : numpy.ndarray of int
        The component of each set.
    row_component : numpy.ndarray of int
        The component of each relation.
    """

    lower: np.ndarray
    upper: np.ndarray
    matrix: csr_array
    row_lower: np.ndarray
    row_upper: np.ndarray
    component: np.ndarray
    row_component: np.ndarray

    @cached_property
    def by_set(self) -> csc_array:
        """The matrix, quick to take columns of."""
        return self.matrix.tocsc()

    def near(self, sets: np.ndarray) -> np.ndarray:
        """Sets that share a relation with one of `sets`, and those that share one with these."""
        for _ in range(HOPS):
            rows = np.unique(self.by_set[:, sets].indices)
            sets = np.union1d(sets, self.matrix[rows].indices)
        return sets


def share_rows(shares: list[Share], sets: int) -> tuple[csr_array, csr_array]:
    """Two rows for each share, each to be at least 0.

    A share shown as ``j`` of ``q`` steps says ``(j - 1/2) n / q <= k <= (j + 1/2) n / q``,
    here times ``2 q`` so that all coefficients are whole.
    """
    table = np.array(shares, dtype=np.int64).reshape(-1, 4)
    part, whole, steps, nearest = table.T
    rows = np.tile(np.arange(len(table)), 2)
    places = (rows, np.concatenate([part, whole]))
    below = np.concatenate([2 * steps, 1 - 2 * nearest]).astype(float)
    above = np.concatenate([-2 * steps, 1 + 2 * nearest]).astype(float)
    shape = (len(table), sets)
    return csr_array(coo_array((below, places), shape)), csr_array(
        coo_array((above, places), shape)
    )


def build(people: People, known: Knowledge, policy: Policy, kept: np.ndarray) -> Program:
    """Collect bounds and relations, without those that say nothing more.

    Parameters
    ----------
    people : People
    known : Knowledge
    policy : Policy
    kept : numpy.ndarray of bool
        Sets of interest; the others may go, if nothing of interest is lost.

    Notes
    -----
    Relations are that parts sum to their union, that a set is no larger than one around it, and
    the shares. Of nested sets only neighbours are related, and only where the bounds leave it
    open. Bounds are tightened by the relations first (Savelsbergh 1994, *ORSA Journal on
    Computing* 6, 445-454).
    """
    lower, upper = known.bounds(people, policy)
    sums = _sums(people, known)
    below, above = share_rows(sorted(known.shares), len(people))
    matrix = _stack([sums, below, above], len(people))
    row_lower = np.zeros(matrix.shape[0])
    row_upper = np.full(matrix.shape[0], np.inf)
    row_upper[: sums.shape[0]] = 0
    inner, outer = people.nested()
    for _ in range(PASSES):
        np.minimum.at(upper, inner, upper[outer])
        np.maximum.at(lower, outer, lower[inner])
        lower, upper = tighten(matrix, row_lower, row_upper, lower, upper)
    np.minimum.at(upper, inner, upper[outer])
    np.maximum.at(lower, outer, lower[inner])
    nested = _neighbours(people, sums, upper[inner] > lower[outer])
    matrix = _stack([matrix, nested], len(people))
    row_lower = np.concatenate([row_lower, np.zeros(nested.shape[0])])
    row_upper = np.concatenate([row_upper, np.full(nested.shape[0], np.inf)])
    rows = ~redundant(matrix, row_lower, row_upper, lower, upper)
    for _ in range(MOST_PRUNINGS):
        free = _can_follow(matrix, row_upper == 0, rows, (lower, upper), kept)
        if not free.any():
            break
        rows &= ~free
    matrix, row_lower, row_upper = matrix[rows], row_lower[rows], row_upper[rows]
    component, row_component = _components(matrix)
    return Program(lower, upper, matrix, row_lower, row_upper, component, row_component)


def _components(matrix: csr_array) -> tuple[np.ndarray, np.ndarray]:
    """The connected component of each set and of each relation."""
    relations, sets = matrix.shape
    row = np.repeat(np.arange(relations), np.diff(matrix.indptr))
    size = sets + relations
    links = csr_array(coo_array((np.ones(len(row)), (matrix.indices, sets + row)), (size, size)))
    labels = connected_components(links, directed=False)[1].astype(np.int64)
    return labels[:sets], labels[sets:]


def _sums(people: People, known: Knowledge) -> csr_array:
    """Rows that are 0: a union less its parts."""
    one, other, whole = people.complements().tolist()
    found = {(tuple(sorted(pair[:2])), pair[2]) for pair in zip(one, other, whole, strict=True)}
    found |= {(tuple(sorted(parts)), union) for parts, union in known.families}
    ordered = sorted(found)
    rows = [row for row, (parts, _) in enumerate(ordered) for _ in range(len(parts) + 1)]
    sets = [one for parts, union in ordered for one in (*parts, union)]
    values = [v for parts, _ in ordered for v in (*[-1.0] * len(parts), 1.0)]
    return csr_array(coo_array((values, (rows, sets)), (len(ordered), len(people))))


def _neighbours(people: People, sums: csr_array, open_pairs: np.ndarray) -> csr_array:
    """Rows that are at least 0: a set less one inside it, with none between them."""
    shape = (len(people),) * 2
    inner, outer = people.nested()[:, open_pairs]
    inside = csr_array((np.ones(len(inner), dtype=np.float32), (inner, outer)), shape)
    parts, wholes = (sums < 0).astype(np.float32), (sums > 0).astype(np.float32)
    implied = csr_array(parts.T @ wholes) + inside @ inside
    pairs = inside - inside.multiply(csr_array(implied > 0).astype(np.float32))
    pairs.eliminate_zeros()
    pairs = pairs.tocoo()
    inner, outer = pairs.coords
    rows = np.arange(len(inner))
    values = np.concatenate([-np.ones(len(inner)), np.ones(len(inner))])
    places = (np.tile(rows, 2), np.concatenate([inner, outer]))
    return csr_array(coo_array((values, places), (len(inner), len(people))))


def _can_follow(
    matrix: csr_array,
    equal: np.ndarray,
    rows: np.ndarray,
    bounds: tuple[np.ndarray, np.ndarray],
    kept: np.ndarray,
) -> np.ndarray:
    """Rows that a set in no other row satisfies, whatever the others' sizes are."""
    lower, upper = bounds
    entries = matrix.tocoo()
    row, column = entries.coords
    value = entries.data
    used = rows[row]
    uses = np.bincount(column[used], minlength=matrix.shape[1])
    least = np.where(value > 0, value * lower[column], value * upper[column])
    most = np.where(value > 0, value * upper[column], value * lower[column])
    rest_least = np.bincount(row, least, matrix.shape[0])[row] - least
    rest_most = np.bincount(row, most, matrix.shape[0])[row] - most
    follows = (most >= -rest_least) & (~equal[row] | (least <= -rest_most))
    alone = used & (uses[column] == 1) & ~kept[column] & (np.abs(value) == 1) & follows
    free = np.zeros(matrix.shape[0], dtype=bool)
    free[row[alone]] = True
    return free


def _stack(blocks: list[csr_array], sets: int) -> csr_array:
    filled = [block for block in blocks if block.shape[0]]
    if not filled:
        return csr_array((0, sets))
    indptr = [np.zeros(1, dtype=np.int64)]
    for block in filled:
        indptr.append(block.indptr[1:].astype(np.int64) + indptr[-1][-1])
    data = np.concatenate([block.data for block in filled])
    indices = np.concatenate([block.indices for block in filled])
    return csr_array(
        (data, indices, np.concatenate(indptr)), (sum(b.shape[0] for b in filled), sets)
    )
