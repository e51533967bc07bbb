"""The outcome as a model needs it: numbers, or codes of categories."""

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


def refuse_constant(column: pd.Series, where: str) -> None:
    """Refuse an outcome that does not vary.

    Raises
    ------
    CompendiumError
    """
    if column.nunique() < 2:  # noqa: PLR2004 - it takes two values to vary
        raise CompendiumError(
            f"the outcome {column.name!r} does not vary over the {len(column)} rows",
            where=where,
            remedy="take it out of the outcomes, or choose other rows",
        )


def read_numbers(column: pd.Series, where: str) -> Outcome:
    """Read numbers.

    Raises
    ------
    CompendiumError
        If the column has none.
    """
    if not pd.api.types.is_numeric_dtype(column) or pd.api.types.is_bool_dtype(column):
        raise CompendiumError(
            f"the outcome {column.name!r} is not a number",
            where=where,
            remedy="choose a family of categories, such as ordered_logistic or bernoulli",
        )
    return Outcome(column.to_numpy(float))


def read_codes(column: pd.Series, where: str) -> Outcome:
    """Code categories by the order in which they are declared, or numbers by their size.

    Raises
    ------
    CompendiumError
        If the column is neither, or of too many categories.
    """
    weaknesses = []
    if isinstance(column.dtype, pd.CategoricalDtype):
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
    return Outcome(values, tuple(categories), tuple(weaknesses))


def refuse_many_categories(column: pd.Series, outcome: Outcome, where: str) -> None:
    """Refuse an outcome of so many categories that it is better read as a number.

    Raises
    ------
    CompendiumError
    """
    if len(outcome.categories) > MOST_CATEGORIES:
        raise CompendiumError(
            f"the outcome {column.name!r} has {len(outcome.categories)} categories",
            where=where,
            remedy=f"choose the family gaussian, or group into at most {MOST_CATEGORIES}",
        )
