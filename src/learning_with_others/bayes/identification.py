"""Whether rows can tell a model's parameters apart, and where they hardly can."""

from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from learning_with_others.bayes.design import Design, Grouping
from learning_with_others.bayes.outcomes import Outcome
from learning_with_others.errors import CompendiumError

FEWEST_GROUPS = 10
TOLERANCE = 1e-7  # of a column's length: less is left of it beside the others, and it is theirs
USUAL_SPREAD = (0.2, 5.0)  # outcome and predictors in standard deviations stay well within


def check_rank(terms: Sequence[str], columns: np.ndarray, where: str) -> None:
    """Refuse a column that is zero or follows from those before it, and name them.

    Raises
    ------
    CompendiumError
    """
    rows, count = columns.shape
    if count > rows:
        raise CompendiumError(
            f"{count} columns cannot be told apart by {rows} rows",
            where=where,
            remedy="take out terms, or choose more rows",
        )
    lengths = np.linalg.norm(columns, axis=0)
    if not lengths.all():
        raise CompendiumError(
            f"the term {terms[int(np.argmin(lengths))]!r} is zero in every row",
            where=where,
            remedy="take it out",
        )
    unit = columns / lengths
    left = _left_of_each(unit)
    if not (left < TOLERANCE).any():
        return
    k = int(np.argmax(left < TOLERANCE))
    share = np.linalg.lstsq(unit[:, :k], unit[:, k], rcond=None)[0]
    held = [repr(terms[i]) for i in np.flatnonzero(np.abs(share) > TOLERANCE)]
    raise CompendiumError(
        f"the term {terms[k]!r} follows from {', '.join(held)}",
        where=where,
        remedy="take one of them out",
    )


def _left_of_each(columns: np.ndarray) -> np.ndarray:
    """Length of what each column leaves beside those before it: |R_kk| of a QR decomposition."""
    left = np.zeros(columns.shape[1])
    diagonal = np.abs(np.diagonal(np.linalg.qr(columns, mode="r")))
    left[: len(diagonal)] = diagonal
    return left


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
    unit = {name: column / (np.linalg.norm(column) or 1.0) for name, column in columns.items()}
    kept = list(optional)
    last = {name for together in kept for name in together}
    first = [np.ones(len(next(iter(unit.values())))), *(unit[n] for n in unit if n not in last)]
    out: list[str] = []
    while True:
        names = [name for together in kept for name in together]
        left = _left_of_each(np.column_stack([*first, *(unit[name] for name in names)]))
        follows = dict(zip(names, left[len(first) :] < TOLERANCE, strict=True))
        gone = next((each for each in kept if any(follows[name] for name in each)), None)
        if gone is None:
            return tuple(out)
        out += gone
        kept.remove(gone)


def scale_weaknesses(design: Design, outcome: Outcome, weights: np.ndarray | None) -> list[str]:
    """Say where the standardized scale, on which priors are declared, is not that of the rows."""
    found = []
    low, high = USUAL_SPREAD
    if not outcome.categories and not low < outcome.values.std() < high:
        found.append(
            f"the outcome has a standard deviation of {outcome.values.std():.3g}, and priors are "
            "declared for 1: standardize it"
        )
    for name, column in zip(design.terms, design.columns.T, strict=True):
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


def grouping_weaknesses(design: Design) -> list[str]:
    """Say where groups are few, of one row, crossed, or do not vary in what should vary."""
    found = []
    for level, grouping in enumerate(design.groupings):
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
        for term in grouping.slopes:
            values = design.columns[:, design.terms.index(term)]
            moving = _groups_that_vary(values, grouping)
            if moving < min(number, FEWEST_GROUPS):
                found.append(
                    f"{term!r} varies within {moving} of {number} groups of {name}: its slopes "
                    "are hardly seen"
                )
        found.extend(
            f"one {name} in every {higher.name}: how the two differ cannot be told apart"
            for higher in design.groupings[level + 1 :]
            if 1 < number == len(higher.labels) and grouping.nested_in(higher)
        )
        found.extend(
            f"{name} and {higher.name} cross: some groups of {name} lie in several"
            for higher in design.groupings[level + 1 :]
            if not grouping.nested_in(higher)
        )
    return found


def _groups_that_vary(values: np.ndarray, grouping: Grouping) -> int:
    """Count groups in which a column takes more than one value."""
    highest = np.full(len(grouping.labels), -np.inf)
    lowest = np.full(len(grouping.labels), np.inf)
    np.maximum.at(highest, grouping.index, values)
    np.minimum.at(lowest, grouping.index, values)
    return int((highest > lowest).sum())
