"""Complementary suppression: no withheld cell of a two-way table follows from its totals."""

import numpy as np
import pandas as pd
from scipy.optimize import linprog

from learning_with_others.data.disclosure.suppression import is_small
from learning_with_others.errors import CompendiumError

TOTAL = "Total"
# Prices of withholding a cell, per child moved. A count costs from 1 (small) to 2 (the largest);
# an empty cell more, since readers may know it for empty; totals go only if nothing else helps.
EMPTY = 3.0
FLOW = 1e-6  # a move of less than this is the solver's rounding


def suppress_crosstab(counts: pd.DataFrame, minimum: int) -> pd.DataFrame:
    """Add totals to a two-way table and withhold small cells so that none can be solved.

    Parameters
    ----------
    counts : pandas.DataFrame
        Numbers of children, without totals.
    minimum : int
        Smallest count that may be shown.

    Returns
    -------
    pandas.DataFrame
        The counts with a last row and column of totals (`Int64`); missing where withheld.

    Raises
    ------
    CompendiumError
        If the table brings totals of its own, or holds anything but counts.

    Notes
    -----
    Two attackers are held off; both know the totals, every cell shown, and that a count is a
    whole number of children.

    1. To the reader of the table, each small cell could still hold any of at least `minimum`
       values: the table tells no more of it than that it may be small.
    2. To somebody who also knows *which* of the withheld cells are small, each withheld cell,
       small or not, could still hold more than one value.

    Which further cells to withhold is the network-flow heuristic of Kelly, Golden and Assad
    (1992; Hundepool et al. 2012, *Statistical Disclosure Control*, chapter 4): to widen
    what an attacker must think possible for a cell, move children through the cells that are
    cheapest to withhold, and withhold those that the move touches. It withholds enough, not
    always the fewest. The two-way table with its totals is a network, so the ends of the
    attacker's ranges are whole numbers and a linear program finds them. A total that is small,
    or without which no protection is possible, is withheld as well; a table may therefore lose
    all its cells, but never shows one that it should not.

    References
    ----------
    Kelly, J. P., Golden, B. L., and Assad, A. A. (1992). Cell suppression: disclosure
    protection for sensitive tabular data. *Networks* 22, 397-417.
    """
    _check(counts)
    table = _with_totals(counts)
    values = table.to_numpy().ravel().astype(float)
    small = is_small(pd.Series(values), minimum).to_numpy()
    no_limit = np.full(values.size, np.inf)
    known_small = np.where(small, minimum - 1, np.inf)
    withheld = small.copy()
    balance, prices = _balance(*table.shape), _prices(table)
    for cell in np.flatnonzero(small):
        price = np.where(withheld, 0, prices)
        withheld |= _touched(cell, minimum - 1, values, no_limit, balance, price)
    waiting = list(np.flatnonzero(withheld))
    while waiting:
        price = np.where(withheld, 0, prices)
        further = _touched(waiting.pop(), 1, values, known_small, balance, price) & ~withheld
        withheld |= further
        waiting.extend(np.flatnonzero(further))
    return table.astype("Int64").mask(withheld.reshape(table.shape))


def _check(counts: pd.DataFrame) -> None:
    for place, labels in (("row", counts.index), ("column", counts.columns)):
        if TOTAL in labels:
            raise CompendiumError(
                f"the table has a {place} called {TOTAL!r}",
                remedy="pass the counts without totals; they are added here",
            )
    numbers = counts.to_numpy(dtype=float)
    if not (np.isfinite(numbers).all() and (numbers >= 0).all() and (numbers % 1 == 0).all()):
        raise CompendiumError(
            "the table holds a value that is no count",
            remedy="pass whole numbers of children, with 0 where there are none",
        )


def _with_totals(counts: pd.DataFrame) -> pd.DataFrame:
    table = counts.astype("int64")
    table.columns = table.columns.astype(object)
    table.index = table.index.astype(object)
    table[TOTAL] = table.sum(axis=1)
    table.loc[TOTAL] = table.sum(axis=0)
    return table


def _balance(rows: int, columns: int) -> np.ndarray:
    """Equations that cells and totals satisfy: each line's cells less its total are zero."""
    cells = np.arange(rows * columns).reshape(rows, columns)
    lines = [*cells, *cells.T]
    equations = np.zeros((len(lines), cells.size))
    for equation, line in zip(equations, lines, strict=True):
        equation[line[:-1]], equation[line[-1]] = 1, -1
    return equations


def _prices(table: pd.DataFrame) -> np.ndarray:
    counts = table.to_numpy(dtype=float)
    largest = max(counts[:-1, :-1].max(initial=0), 1)
    prices = np.where(counts == 0, EMPTY, 1 + counts / largest)
    above_all_cells = EMPTY * counts.size
    prices[-1, :] = prices[:, -1] = above_all_cells
    prices[-1, -1] = above_all_cells**2
    return prices.ravel()


def _touched(
    cell: int,
    apart: int,
    values: np.ndarray,
    upper: np.ndarray,
    balance: np.ndarray,
    price: np.ndarray,
) -> np.ndarray:
    """Cells that must be withheld for `cell` to hold any of `apart + 1` values.

    Two tables are sought that have the totals' structure, stay between 0 and `upper`, and
    differ by `apart` at `cell`. Each is the true table plus what rises and less what falls;
    the cheapest pair is taken.
    """
    size = values.size
    one_table = np.hstack([balance, -balance])
    limits = np.concatenate([upper - values, values])
    at_cell = np.zeros(2 * size)
    at_cell[[cell, size + cell]] = [1, -1]
    solution = linprog(
        np.tile(price, 4),
        A_ub=[np.concatenate([-at_cell, at_cell])],
        b_ub=[-apart],
        A_eq=np.kron(np.eye(2), one_table),
        b_eq=np.zeros(2 * len(balance)),
        bounds=[(0, limit) for limit in np.tile(limits, 2)],
    )
    moves = solution.x.reshape(2, 2, size)
    return (np.abs(moves[:, 0] - moves[:, 1]) > FLOW).any(axis=0)
