"""The outcome as its family needs it: numbers, or codes of categories."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from learning_with_others.errors import CompendiumError

MOST_CATEGORIES = 20


@dataclass(frozen=True)
class Outcome:
    """An outcome's values.

    Attributes
    ----------
    values : ndarray, shape (n,)
        Float, or codes 0, 1, ... as int64.
    categories : tuple of str
        What the codes stand for; empty for numbers.
    weaknesses : tuple of str
    """

    values: np.ndarray
    categories: tuple[str, ...] = ()
    weaknesses: tuple[str, ...] = ()


def outcome_values(column: pd.Series, family: str, where: str) -> Outcome:
    """Read a complete column for a family.

    Raises
    ------
    CompendiumError
        If it does not vary, or is not of the kind that the family describes.
    """
    if column.nunique() < 2:  # noqa: PLR2004 - it takes two values to vary
        raise CompendiumError(
            f"the outcome {column.name!r} does not vary over the {len(column)} rows",
            where=where,
            remedy="take it out of the outcomes, or choose other rows",
        )
    if family in ("ordered_logistic", "bernoulli"):
        return _codes(column, family, where)
    if not pd.api.types.is_numeric_dtype(column) or pd.api.types.is_bool_dtype(column):
        raise CompendiumError(
            f"the outcome {column.name!r} is not a number",
            where=where,
            remedy="choose the family ordered_logistic or bernoulli",
        )
    return Outcome(column.to_numpy(float))


def _codes(column: pd.Series, family: str, where: str) -> Outcome:
    """Code categories by their declared order, or numbers by their size."""
    weaknesses = []
    if isinstance(column.dtype, pd.CategoricalDtype):
        if family == "ordered_logistic" and not column.cat.ordered:
            raise CompendiumError(
                f"the categories of {column.name!r} have no order",
                where=where,
                remedy="declare it: column.cat.as_ordered()",
            )
        empty = [str(each) for each in column.cat.categories if not (column == each).any()]
        if empty:
            weaknesses.append(
                f"no row has the answer {', '.join(empty)} of {column.name!r}: "
                "its threshold rests on the prior"
            )
        coded = column.cat
        values, categories = coded.codes.to_numpy(np.int64), [str(c) for c in coded.categories]
    elif pd.api.types.is_numeric_dtype(column):
        found = np.unique(column.to_numpy(float))
        values = np.searchsorted(found, column.to_numpy(float)).astype(np.int64)
        categories = [f"{value:g}" for value in found]
    else:
        raise CompendiumError(
            f"the outcome {column.name!r} is neither a number nor an ordered category",
            where=where,
            remedy="make it one, with its categories in order",
        )
    if family == "bernoulli" and len(categories) != 2:  # noqa: PLR2004 - binary
        raise CompendiumError(
            f"the outcome {column.name!r} has {len(categories)} values, not two",
            where=where,
            remedy="choose the family ordered_logistic, or group the values",
        )
    if len(categories) > MOST_CATEGORIES:
        raise CompendiumError(
            f"the outcome {column.name!r} has {len(categories)} categories",
            where=where,
            remedy=f"choose the family gaussian, or group into at most {MOST_CATEGORIES}",
        )
    return Outcome(values, tuple(categories), tuple(weaknesses))
