"""Formulas of columns, evaluated by `formulae`; what it would let pass is refused here."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from formulae import design_matrices, model_description
from formulae.environment import Environment
from formulae.parser import ParseError
from formulae.resolver import ResolverError
from formulae.scanner import ScanError, Scanner
from formulae.terms import Model

from learning_with_others.errors import CompendiumError, suggest

# All that a formula may call: formulae's own transforms, and these. Nothing of Python's.
NUMERIC = {"log": np.log, "exp": np.exp, "sqrt": np.sqrt, "abs": np.abs}
CALLABLE = ("bs", "poly", "center", "scale", "C", "I", *NUMERIC)


@dataclass(frozen=True)
class Matrix:
    """Columns of a formula.

    Attributes
    ----------
    names : tuple of str, length p
        Of the columns, such as ``race[Black]:c``.
    terms : tuple of str, length p
        The term that each column belongs to, such as ``race:c``; `Intercept` for an intercept.
    columns : ndarray of float, shape (n, p)
    """

    names: tuple[str, ...]
    terms: tuple[str, ...]
    columns: np.ndarray


def parse_formula(formula: str, where: str) -> Model:
    """Read a one-sided formula without groups.

    Raises
    ------
    CompendiumError
        If it cannot be read, has an outcome or groups, or a power outside of ``I()``, which
        `formulae` would take for the variable itself.
    """
    try:
        depth = 0
        for token in Scanner(formula).scan():
            depth += token.kind in ("LEFT_PAREN", "LEFT_BRACE")
            depth -= token.kind in ("RIGHT_PAREN", "RIGHT_BRACE")
            if token.kind == "STAR_STAR" and depth == 0:
                raise CompendiumError(
                    f"a power outside of I() in {formula!r}",
                    where=where,
                    remedy="write I(x**2) for a square, and a*b or a:b for interactions",
                )
        description = model_description(formula)
    except (ScanError, ParseError, ResolverError, TypeError, ValueError) as error:
        raise CompendiumError(
            f"cannot read the formula {formula!r}: {error}",
            where=where,
            remedy="join columns by +, * or :, and put names with spaces in backticks",
        ) from error
    if description.response or description.group_terms:
        raise CompendiumError(
            f"the formula {formula!r} has an outcome or groups in it",
            where=where,
            remedy="give the outcome as outcome:, and what varies by group under groupings:",
        )
    return description


def columns_of(formula: str, frame: pd.DataFrame, where: str) -> list[str]:
    """Name the columns of a frame that a formula uses.

    Raises
    ------
    CompendiumError
        If a name is no column.
    """
    names = sorted(name for name in parse_formula(formula, where).var_names if name)
    for name in names:
        if name not in frame.columns:
            raise CompendiumError(
                f"{name!r} is no column", where=where, remedy=suggest(name, frame.columns)
            )
    return names


def formula_matrix(formula: str, frame: pd.DataFrame, where: str) -> Matrix:
    """Evaluate a formula on complete rows.

    Categories are coded against their first declared level, texts against the first in the
    alphabet, where an intercept or another factor already spans them, as in R.

    Raises
    ------
    CompendiumError
        If a function is unknown, or a column of the result has values that are not finite.
    """
    parse_formula(formula, where)
    environment = Environment([NUMERIC])
    # formulae would sort the levels of a category without order: the first declared is the base.
    frame = frame.assign(
        **{name: frame[name].cat.as_ordered() for name in frame.select_dtypes("category")}
    )
    try:
        common = design_matrices(formula, frame, na_action="error", env=environment).common
    except KeyError as error:
        name = str(error).strip("'\"")
        raise CompendiumError(
            f"{name!r} is no function of formulas", where=where, remedy=suggest(name, CALLABLE)
        ) from error
    except (TypeError, ValueError, AttributeError) as error:
        raise CompendiumError(
            f"cannot evaluate {formula!r}: {error}",
            where=where,
            remedy="check that its columns are of the kind that the formula takes them for",
        ) from error
    if common is None:
        return Matrix((), (), np.empty((len(frame), 0)))
    for name, term in common.terms.items():
        if term.kind == "offset":
            raise CompendiumError(
                f"{name!r} is an offset", where=where, remedy="subtract it from the outcome"
            )
    names = [label for term in common.terms.values() for label in term.labels]
    terms = [name for name, term in common.terms.items() for _ in term.labels]
    values = np.asarray(common.design_matrix, float).reshape(len(frame), len(names))
    for name, column in zip(names, values.T, strict=True):
        if not np.isfinite(column).all():
            raise CompendiumError(
                f"the term {name!r} is not finite in {(~np.isfinite(column)).sum()} rows",
                where=where,
                remedy="check the column for values that the function does not take",
            )
    return Matrix(tuple(names), tuple(terms), values)
