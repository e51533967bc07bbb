"""A specification put on rows: matrices, groups, outcome, priors, and what is weak about them."""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from learning_with_others.bayes.formulas import Matrix, formula_matrix
from learning_with_others.bayes.identification import (
    Grouping,
    check_rank,
    grouping_weaknesses,
    scale_weaknesses,
)
from learning_with_others.bayes.outcomes import Outcome, outcome_values
from learning_with_others.bayes.prior_choice import Parameters, Priors, resolve_priors
from learning_with_others.bayes.rows import Incomplete, check_levels, complete_rows, used_columns
from learning_with_others.bayes.specification import FAMILIES, GroupingTerms, Specification
from learning_with_others.errors import CompendiumError


@dataclass(frozen=True)
class ModelFrame:
    """What an engine is given.

    Attributes
    ----------
    specification : Specification
    terms : tuple of str, length p
        Names of the columns of the fixed matrix.
    columns : ndarray of float, shape (n, p)
    groupings : tuple of Grouping
        From the lowest level to the highest.
    outcome : ndarray, shape (n,)
        Numbers, or codes 0, 1, ... of `categories`.
    categories : tuple of str
        Of an ordered or binary outcome; else empty.
    weights : ndarray, shape (n,), optional
        Precision weights.
    rows : ndarray of int, shape (n,)
        Positions in the frame of the rows that entered.
    priors : Priors
        On the scale of the linear predictor.
    parameters : Parameters
        What has a prior; another set is resolved against it.
    weaknesses : tuple of str
        What a reader of the fit must know: rows left out, groups of one row, few groups, ...
    """

    specification: Specification
    terms: tuple[str, ...]
    columns: np.ndarray
    groupings: tuple[Grouping, ...]
    outcome: np.ndarray
    categories: tuple[str, ...]
    weights: np.ndarray | None
    rows: np.ndarray
    priors: Priors
    parameters: Parameters
    weaknesses: tuple[str, ...]

    def with_priors(self, name: str) -> "ModelFrame":
        """Take another named set of priors, without overrides: a check of sensitivity."""
        specification = replace(self.specification, priors=name, overrides={})
        return replace(
            self,
            specification=specification,
            priors=resolve_priors(name, {}, self.parameters),
        )


def model_frame(
    specification: Specification, frame: pd.DataFrame, *, incomplete: Incomplete = "refuse"
) -> ModelFrame:
    """Build matrices, groups and outcome from the columns of a frame.

    Parameters
    ----------
    specification : Specification
    frame : pandas.DataFrame
        Has every column that the specification names.
    incomplete : {'refuse', 'leave_out'}
        What to do with rows that lack a value: raise, or leave them out and say so.

    Raises
    ------
    CompendiumError
        If a column is unknown; a value is missing (unless left out) or infinite; a level of a
        factor has no rows; the outcome does not vary or does not fit its family; a weight is not
        positive; a term follows from the others.
    """
    where = f"model of {specification.outcome!r}"
    used = used_columns(specification, frame, where)
    rows, weaknesses = complete_rows(frame[used], incomplete, where)
    data = frame[used].iloc[rows].reset_index(drop=True)
    check_levels(data, specification, where)

    family = FAMILIES[specification.family]
    fixed = formula_matrix(specification.fixed, data, f"{where}, fixed")
    if "threshold" in family.parameters:
        fixed = _without_intercept(fixed, where)
    check_rank(fixed, where)
    groupings = tuple(
        _grouping(each, specification, data, where) for each in specification.groupings
    )
    outcome: Outcome = outcome_values(data[specification.outcome], specification.family, where)
    weights = _weights(data, specification.weights, where)
    parameters = Parameters(
        coefficients=dict(zip(fixed.names, fixed.terms, strict=True)),
        groupings={each.name: each.intercepts for each in groupings},
        correlated=tuple(each.name for each in groupings if each.correlated),
        others=family.parameters,
        unit=family.unit,
    )
    return ModelFrame(
        specification=specification,
        terms=fixed.names,
        columns=fixed.columns,
        groupings=groupings,
        outcome=outcome.values,
        categories=outcome.categories,
        weights=weights,
        rows=rows,
        priors=resolve_priors(specification.priors, specification.overrides, parameters),
        parameters=parameters,
        weaknesses=(
            *weaknesses,
            *outcome.weaknesses,
            *scale_weaknesses(fixed, outcome, weights),
            *grouping_weaknesses(groupings),
        ),
    )


def _without_intercept(fixed: Matrix, where: str) -> Matrix:
    """Thresholds take the intercept's place; another constant column cannot be told from them."""
    keep = [term != "Intercept" for term in fixed.terms]
    for name, kept, column in zip(fixed.names, keep, fixed.columns.T, strict=True):
        if kept and np.ptp(column) == 0:
            raise CompendiumError(
                f"the column {name!r} is constant, as the thresholds are",
                where=where,
                remedy="take it out of fixed",
            )
    pick = np.flatnonzero(keep)
    return Matrix(
        tuple(fixed.names[k] for k in pick),
        tuple(fixed.terms[k] for k in pick),
        fixed.columns[:, pick],
    )


def _grouping(
    terms: GroupingTerms, specification: Specification, data: pd.DataFrame, where: str
) -> Grouping:
    place = f"{where}, groupings: {terms.name}"
    matrix = formula_matrix(terms.terms, data, place)
    if not matrix.names:
        raise CompendiumError(
            f"nothing varies by {terms.name}", where=place, remedy="give terms: 1, at least"
        )
    check_rank(matrix, place)
    labels = data[terms.column].astype(str)
    for outer in specification.enclosing(terms):
        labels = data[outer.column].astype(str) + " / " + labels
    groups = pd.Categorical(labels)
    return Grouping(
        name=terms.name,
        labels=tuple(groups.categories),
        index=groups.codes.astype(np.int64),
        columns=matrix.names,
        matrix=matrix.columns,
        intercepts=tuple(term == "Intercept" for term in matrix.terms),
        correlated=terms.correlated and len(matrix.names) > 1,
    )


def _weights(data: pd.DataFrame, name: str | None, where: str) -> np.ndarray | None:
    if name is None:
        return None
    if not pd.api.types.is_numeric_dtype(data[name]):
        raise CompendiumError(f"the weights {name!r} are no numbers", where=where)
    weights = data[name].to_numpy(float)
    if not (weights > 0).all():
        raise CompendiumError(
            f"{(weights <= 0).sum()} weights in {name!r} are not above zero",
            where=where,
            remedy="precision weights are positive; leave rows out by name, not by weight 0",
        )
    return weights
