"""Whether rows can tell a model's parameters apart, and where they hardly can."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from learning_with_others.bayes.formulas import Matrix
from learning_with_others.bayes.outcomes import Outcome
from learning_with_others.errors import CompendiumError

FEWEST_GROUPS = 10
TOLERANCE = 1e-7  # of a column's length: less is left of it beside the others, and it is theirs
USUAL_SPREAD = (0.2, 5.0)  # outcome and predictors in standard deviations stay well within


@dataclass(frozen=True)
class Grouping:
    """The groups of one level and what varies between them.

    Attributes
    ----------
    name : str
    labels : tuple of str, length J
    index : ndarray of int, shape (n,)
        Position in `labels` of each row's group.
    columns : tuple of str, length q
        Names of the random columns.
    matrix : ndarray of float, shape (n, q)
    intercepts : tuple of bool, length q
        Which random column is the intercept.
    correlated : bool
    """

    name: str
    labels: tuple[str, ...]
    index: np.ndarray
    columns: tuple[str, ...]
    matrix: np.ndarray
    intercepts: tuple[bool, ...]
    correlated: bool

    @property
    def slopes(self) -> tuple[str, ...]:
        """Random columns other than the intercept."""
        pairs = zip(self.columns, self.intercepts, strict=True)
        return tuple(name for name, intercept in pairs if not intercept)

    def nested_in(self, other: "Grouping") -> bool:
        """Whether each group lies in one group of another grouping."""
        pairs = np.unique(np.column_stack([self.index, other.index]), axis=0)
        return len(pairs) == len(self.labels)


def check_rank(matrix: Matrix, where: str) -> None:
    """Refuse a column that is zero or follows from those before it, and name them.

    Raises
    ------
    CompendiumError
    """
    rows = len(matrix.columns)
    if matrix.columns.shape[1] > rows:
        raise CompendiumError(
            f"{matrix.columns.shape[1]} columns cannot be told apart by {rows} rows",
            where=where,
            remedy="take out terms, or choose more rows",
        )
    lengths = np.linalg.norm(matrix.columns, axis=0)
    for name, length in zip(matrix.names, lengths, strict=True):
        if length == 0:
            raise CompendiumError(
                f"the term {name!r} is zero in every row", where=where, remedy="take it out"
            )
    unit = matrix.columns / lengths
    for k, name in enumerate(matrix.names):
        left, share = _beside(unit[:, k], unit[:, :k])
        if left < TOLERANCE:
            held = [repr(matrix.names[i]) for i in np.flatnonzero(np.abs(share) > TOLERANCE)]
            raise CompendiumError(
                f"the term {name!r} follows from {', '.join(held)}",
                where=where,
                remedy="take one of them out",
            )


def _beside(column: np.ndarray, others: np.ndarray) -> tuple[float, np.ndarray]:
    """Length of what other columns leave of a column, and the column's shares of them."""
    share = np.linalg.lstsq(others, column, rcond=None)[0]
    return float(np.linalg.norm(column - others @ share)), share


def terms_that_follow(
    columns: Mapping[str, np.ndarray], optional: Iterable[tuple[str, ...]]
) -> tuple[str, ...]:
    """Name the optional terms that follow from the others.

    Parameters
    ----------
    columns : mapping of str to ndarray, shape (n,)
        One at least.
    optional : iterable of tuple of str
        Terms that stand or go together, the most important ones first: each is compared with the
        intercept, the terms that are not optional, and those kept before it.
    """
    if not all(np.isfinite(column).all() for column in columns.values()):
        return ()  # the model frame names the column
    optional = list(optional)
    names = {name for together in optional for name in together}
    unit = {name: column / (np.linalg.norm(column) or 1.0) for name, column in columns.items()}
    constant = np.ones(len(next(iter(unit.values()))))
    kept = [constant, *(column for name, column in unit.items() if name not in names)]
    out: list[str] = []
    for together in optional:
        tried = list(kept)
        for name in together:
            if _beside(unit[name], np.column_stack(tried))[0] < TOLERANCE:
                out += together
                break
            tried.append(unit[name])
        else:
            kept = tried
    return tuple(out)


def scale_weaknesses(fixed: Matrix, outcome: Outcome, weights: np.ndarray | None) -> list[str]:
    """Say where the standardized scale, on which priors are declared, is not that of the rows."""
    found = []
    low, high = USUAL_SPREAD
    if not outcome.categories and not low < outcome.values.std() < high:
        found.append(
            f"the outcome has a standard deviation of {outcome.values.std():.3g}, and priors are "
            "declared for 1: standardize it"
        )
    for name, column in zip(fixed.names, fixed.columns.T, strict=True):
        if column.std() > high or abs(column.mean()) > high:
            found.append(
                f"the term {name!r} has mean {column.mean():.3g} and standard deviation "
                f"{column.std():.3g}, and priors are declared for 0 and 1: standardize it"
            )
    if weights is not None and not np.isclose(weights.mean(), 1, rtol=0.01):
        found.append(
            f"weights have mean {weights.mean():.3g}: the residual sd is that of a row of weight 1"
        )
    return found


def grouping_weaknesses(groupings: tuple[Grouping, ...]) -> list[str]:
    """Say where groups are few, of one row, crossed, or do not vary in what should vary."""
    found = []
    for level, grouping in enumerate(groupings):
        name, number = grouping.name, len(grouping.labels)
        sizes = np.bincount(grouping.index, minlength=number)
        if number == 1:
            found.append(f"{name} has one group only: how groups differ is the prior's word alone")
        elif number < FEWEST_GROUPS:
            found.append(
                f"{name} has {number} groups: how they differ rests on the prior to a good part"
            )
        if (sizes == 1).any():
            found.append(
                f"{(sizes == 1).sum()} of {number} groups of {name} have one row: their effect is "
                "told from the residual by the model alone"
            )
        for column, values in zip(grouping.columns, grouping.matrix.T, strict=True):
            moving = _groups_with_standard_deviation(values, grouping)
            if column in grouping.slopes and moving < min(number, FEWEST_GROUPS):
                found.append(
                    f"{column!r} varies within {moving} of {number} groups of {name}: its slopes "
                    "are hardly seen"
                )
        found.extend(
            f"one {name} in every {higher.name}: how the two differ cannot be told apart"
            for higher in groupings[level + 1 :]
            if 1 < number == len(higher.labels) and grouping.nested_in(higher)
        )
        found.extend(
            f"{name} and {higher.name} cross: some groups of {name} lie in several"
            for higher in groupings[level + 1 :]
            if not grouping.nested_in(higher)
        )
    return found


def _groups_with_standard_deviation(values: np.ndarray, grouping: Grouping) -> int:
    """Count groups in which a column takes more than one value."""
    highest = np.full(len(grouping.labels), -np.inf)
    lowest = np.full(len(grouping.labels), np.inf)
    np.maximum.at(highest, grouping.index, values)
    np.minimum.at(lowest, grouping.index, values)
    return int((highest > lowest).sum())
