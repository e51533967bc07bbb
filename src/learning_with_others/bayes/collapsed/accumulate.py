"""Adding up statistics over chunks of rows, so that a file larger than memory can be fitted."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from learning_with_others.bayes.collapsed.cross_products import add_rows, outcome_products
from learning_with_others.bayes.collapsed.statistics import Level, Statistics
from learning_with_others.bayes.design import Design
from learning_with_others.errors import CompendiumError

WHERE = "collapsed model"
MOST_LEVELS = 2


class Accumulator:
    """Adds up statistics over chunks of rows.

    Parameters
    ----------
    terms : sequence of str
        Names of the columns.
    levels : sequence of Level
        Lowest first, one or two. A level with labels accepts these groups only.

    Raises
    ------
    CompendiumError
        If there is not one or two levels, or a slope is no term.
    """

    def __init__(self, terms: Sequence[str], levels: Sequence[Level]) -> None:
        check_levels(terms, levels)
        self._terms, self._levels = tuple(terms), tuple(levels)
        self._indices = [pd.Index(level.labels, dtype=object) for level in levels]
        width = len(terms) + 2
        self._sums = [np.zeros((0, width, width)), np.zeros(0, np.int64), np.zeros(0)]
        self._parents = np.zeros(0, np.int64)
        self._grow(len(self._indices[0]))
        self._seen = 0

    def add(
        self,
        columns: np.ndarray,
        outcome: np.ndarray,
        groups: Sequence[np.ndarray],
        weights: np.ndarray | None = None,
    ) -> None:
        """Add rows.

        Parameters
        ----------
        columns : ndarray, shape (r, p)
        outcome : ndarray, shape (r,)
        groups : sequence of ndarray, shape (r,)
            Labels of each level's groups, lowest first; labels of lowest clusters are unique
            over the upper groups.
        weights : ndarray, shape (r,), optional
            Precision weights; 1 if absent.

        Raises
        ------
        CompendiumError
            If a value is missing, infinite or not a number, a weight is not positive, or a lowest
            cluster lies in two upper groups.
        """
        self.add_coded(
            columns, outcome, [self._codes(*pair) for pair in enumerate(groups)], weights
        )

    def add_coded(
        self,
        columns: np.ndarray,
        outcome: np.ndarray,
        codes: Sequence[np.ndarray],
        weights: np.ndarray | None = None,
    ) -> None:
        """Add rows whose groups are given as positions in the declared labels."""
        rows = checked_rows(self._terms, columns, outcome, weights, self._seen)
        codes = [np.ascontiguousarray(code, dtype=np.int64) for code in codes]
        for level, index, code in zip(self._levels, self._indices, codes, strict=True):
            outside = code[(code < 0) | (code >= len(index))]
            if len(code) != len(outcome) or len(outside):
                raise CompendiumError(
                    f"{len(code)} positions of {level.name} for {len(outcome)} rows,"
                    f" {len(outside)} of them outside its {len(index)} labels",
                    where=WHERE,
                )
        parents = codes[1] if len(codes) > 1 else np.zeros_like(codes[0])
        clash = add_rows(*rows, codes[0], parents, *self._sums, self._parents)
        if clash >= 0:
            lower, upper = self._levels
            cluster = self._indices[0][codes[0][clash]]
            first, second = self._indices[1][[self._parents[codes[0][clash]], parents[clash]]]
            raise CompendiumError(
                f"{lower.name} {cluster!r} lies in {upper.name} {first!r} and in {second!r}",
                where=WHERE,
                remedy=f"give every {lower.name} a label that no other {upper.name} uses",
            )
        self._seen += len(outcome)

    def finish(self) -> Statistics:
        """Return the statistics of all rows added.

        Groups that were not declared stand in the order of their labels, so that the order of
        the chunks does not matter.

        Raises
        ------
        CompendiumError
            If a declared group has no rows.
        """
        filled = [self._sums[1], np.bincount(self._parents.clip(0), minlength=1)]
        orders = []
        for level, index, count in zip(self._levels, self._indices, filled, strict=False):
            empty = np.flatnonzero(np.pad(count, (0, len(index) - len(count))) == 0)
            if len(empty):
                raise CompendiumError(
                    f"{level.name} {index[empty[0]]!r} has no rows",
                    where=WHERE,
                    remedy="take its label out",
                )
            orders.append(np.arange(len(index)) if level.labels else np.argsort(index))
        parents = self._parents if len(orders) == 1 else np.argsort(orders[1])[self._parents]
        products, rows, log_weights = (array[orders[0]] for array in self._sums)
        return Statistics(
            terms=self._terms,
            levels=tuple(
                replace(level, labels=tuple(index[order]))
                for level, index, order in zip(self._levels, self._indices, orders, strict=True)
            ),
            parents=parents[orders[0]],
            products=np.triu(products) + np.triu(products, 1).transpose(0, 2, 1),
            rows=rows,
            log_weights=log_weights,
        )

    def _codes(self, level: int, labels: np.ndarray) -> np.ndarray:
        """Positions of labels among the level's groups, which grow unless they were declared."""
        found, unique = pd.factorize(np.asarray(labels, dtype=object))
        name, index = self._levels[level].name, self._indices[level]
        if (found < 0).any():
            raise CompendiumError(
                f"{name} is missing in row {self._seen + found.argmin()}",
                where=WHERE,
                remedy="leave these rows out",
            )
        unique = pd.Index([str(label) for label in unique], dtype=object)
        new = unique[index.get_indexer(unique) < 0]
        if len(new):
            if self._levels[level].labels:
                raise CompendiumError(f"{name} {new[0]!r} is not among its labels", where=WHERE)
            self._indices[level] = index = index.append(new)
            if level == 0:
                self._grow(len(new))
        return index.get_indexer(unique)[found]

    def _grow(self, more: int) -> None:
        self._sums = [
            np.concatenate([array, np.zeros((more, *array.shape[1:]), array.dtype)])
            for array in self._sums
        ]
        self._parents = np.concatenate([self._parents, np.full(more, -1)])


def collapse(design: Design, outcome: np.ndarray, weights: np.ndarray | None = None) -> Statistics:
    """Sufficient statistics of an outcome on a design.

    Parameters
    ----------
    design : Design
        One or two nested groupings, the lowest first.
    outcome : ndarray, shape (n,)
    weights : ndarray, shape (n,), optional
        Precision weights w: Var(e_i) = σ²/w_i.

    Raises
    ------
    CompendiumError
        As `Accumulator` does.
    """
    levels = [Level(g.name, g.slopes, g.labels) for g in design.groupings]
    accumulator = Accumulator(design.terms, levels)
    accumulator.add_coded(design.columns, outcome, [g.index for g in design.groupings], weights)
    return accumulator.finish()


def with_outcome(
    statistics: Statistics, design: Design, outcome: np.ndarray, weights: np.ndarray | None = None
) -> Statistics:
    """Statistics of another outcome on the same rows: only what holds the outcome is computed.

    Parameters
    ----------
    statistics : Statistics
        Of `design` and `weights`.
    outcome : ndarray, shape (n,)
    """
    columns, outcome, weights = checked_rows(design.terms, design.columns, outcome, weights, 0)
    products = statistics.products.copy()
    last = products.shape[1] - 1
    codes = np.ascontiguousarray(design.groupings[0].index, dtype=np.int64)
    products[:, last] = outcome_products(columns, outcome, weights, codes, len(products))
    products[:, :last, last] = products[:, last, :last]
    return replace(statistics, products=products)


def check_levels(terms: Sequence[str], levels: Sequence[Level]) -> None:
    """Raise a named error unless there are one or two levels whose slopes are terms."""
    if not 1 <= len(levels) <= MOST_LEVELS:
        raise CompendiumError(
            f"{len(levels)} levels of groups",
            where=WHERE,
            remedy="give one or two nested levels, or use the explicit engine",
        )
    for level in levels:
        for slope in level.slopes:
            if slope not in terms:
                raise CompendiumError(
                    f"the slope {slope!r} of level {level.name!r} is no term",
                    where=WHERE,
                    remedy=f"valid: {', '.join(terms)}",
                )


def checked_rows(
    terms: Sequence[str],
    columns: np.ndarray,
    outcome: np.ndarray,
    weights: np.ndarray | None,
    seen: int,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Columns, outcome and weights as arrays of finite numbers, or a named error."""
    columns = np.ascontiguousarray(columns, dtype=np.float64)
    outcome = np.ascontiguousarray(outcome, dtype=np.float64)
    weights = np.ones(len(outcome)) if weights is None else np.asarray(weights, np.float64)
    if columns.shape != (len(outcome), len(terms)) or len(weights) != len(outcome):
        raise CompendiumError(
            f"columns {columns.shape}, outcome {outcome.shape}, weights {weights.shape}",
            where=WHERE,
            remedy=f"give every row {len(terms)} columns, an outcome and a weight",
        )
    for name, values in [*zip(terms, columns.T, strict=True), ("the outcome", outcome)]:
        wrong = np.flatnonzero(~np.isfinite(values))
        if len(wrong):
            raise CompendiumError(
                f"{name} is {values[wrong[0]]} in row {seen + wrong[0]}, {len(wrong)} such rows",
                where=WHERE,
                remedy="leave these rows out, or impute them",
            )
    wrong = np.flatnonzero(~((weights > 0) & np.isfinite(weights)))
    if len(wrong):
        raise CompendiumError(
            f"the weight is {weights[wrong[0]]} in row {seen + wrong[0]}",
            where=WHERE,
            remedy="precision weights are positive numbers",
        )
    return columns, outcome, weights
