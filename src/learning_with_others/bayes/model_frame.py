"""A specification put on rows: columns, groups, outcome, priors, and what is weak about them."""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from learning_with_others.bayes.design import Design, Grouping
from learning_with_others.bayes.families.family import Family
from learning_with_others.bayes.families.registry import FAMILIES
from learning_with_others.bayes.identification import (
    check_rank,
    grouping_weaknesses,
    scale_weaknesses,
)
from learning_with_others.bayes.outcome_weaknesses import outcome_weaknesses
from learning_with_others.bayes.outcomes import Outcome, refuse_constant, refuse_many_categories
from learning_with_others.bayes.prior_choice import Priors, resolve_priors
from learning_with_others.bayes.rows import used_data
from learning_with_others.bayes.specification import GroupingTerms, Specification
from learning_with_others.errors import CompendiumError


@dataclass(frozen=True)
class ModelFrame(Design):
    """What an engine is given: a design, and all else that its model needs.

    Attributes
    ----------
    specification : Specification
    outcome : ndarray, shape (n,)
        Numbers, or codes 0, 1, ... of `categories`.
    categories : tuple of str
        Of an ordered or binary outcome; else empty.
    weights : ndarray, shape (n,), optional
        Precision weights.
    priors : Priors
        On the scale of the linear predictor.
    weaknesses : tuple of str
        What a reader of the fit must know: groups of one row, few groups, ...
    """

    specification: Specification
    outcome: np.ndarray
    categories: tuple[str, ...]
    weights: np.ndarray | None
    priors: Priors
    weaknesses: tuple[str, ...]

    @property
    def family(self) -> Family:
        """What the outcome's distribution is like."""
        return FAMILIES[self.specification.family]

    def with_priors(self, name: str) -> "ModelFrame":
        """Take another named set of priors, without overrides: a check of sensitivity."""
        return replace(
            self,
            specification=replace(self.specification, priors=name, overrides={}),
            priors=resolve_priors(name, {}, self.terms, self.groupings, self.family),
        )

    def with_values(self, data: pd.DataFrame, outcome: np.ndarray) -> "ModelFrame":
        """Take other values of the columns and the outcome, on the same rows and groups.

        What is weak about the rows is said of the first values.

        Parameters
        ----------
        data : pandas.DataFrame, of n rows
            Has every fixed term.
        outcome : ndarray, shape (n,)
            As `outcome` is.

        Raises
        ------
        CompendiumError
            If a value is missing or infinite, a term follows from the others, or the outcome does
            not vary.
        """
        where = f"model of {self.specification.outcome!r}"
        columns = _columns(self.specification, data)
        for name, values in (*zip(self.terms, columns.T, strict=True), ("outcome", outcome)):
            if not np.isfinite(values).all():
                raise CompendiumError(
                    f"{name!r} has missing or infinite values",
                    where=where,
                    remedy="choose complete rows first",
                )
        check_rank(self.terms, columns, f"{where}, fixed")
        if not np.ptp(outcome) > 0:
            raise CompendiumError(
                f"the outcome does not vary over the {len(outcome)} rows",
                where=where,
                remedy="take it out of the outcomes, or choose other rows",
            )
        return replace(self, columns=columns, outcome=outcome)


def model_frame(specification: Specification, frame: pd.DataFrame) -> ModelFrame:
    """Build columns, groups and outcome from the columns of a frame.

    Parameters
    ----------
    specification : Specification
    frame : pandas.DataFrame
        Has every column that the specification names, complete.

    Raises
    ------
    CompendiumError
        If a column is unknown or no number; a value is missing or infinite; the outcome does not
        vary or does not fit its family; a weight is not positive; a term follows from the others.
    """
    where = f"model of {specification.outcome!r}"
    data = used_data(specification, frame, where)
    terms, columns = specification.terms, _columns(specification, data)
    if specification.has_thresholds:
        _refuse_constant(terms, columns, where)
    check_rank(terms, columns, f"{where}, fixed")
    groupings = tuple(_grouping(each, specification, data) for each in specification.groupings)
    design = Design(terms, columns, groupings)
    outcome = _outcome(data[specification.outcome], specification, where)
    weights = _weights(data, specification.weights, where)
    frame = ModelFrame(
        terms=terms,
        columns=columns,
        groupings=groupings,
        specification=specification,
        outcome=outcome.values,
        categories=outcome.categories,
        weights=weights,
        priors=resolve_priors(
            specification.priors,
            specification.overrides,
            terms,
            groupings,
            FAMILIES[specification.family],
        ),
        weaknesses=(
            *outcome.weaknesses,
            *scale_weaknesses(design, outcome, weights),
            *outcome_weaknesses(outcome),
            *grouping_weaknesses(design),
        ),
    )
    return replace(frame, weaknesses=(*frame.weaknesses, *frame.family.weaknesses(frame)))


def _outcome(column: pd.Series, specification: Specification, where: str) -> Outcome:
    refuse_constant(column, where)
    outcome = FAMILIES[specification.family].read(column, where)
    refuse_many_categories(column, outcome, where)
    return outcome


def _columns(specification: Specification, data: pd.DataFrame) -> np.ndarray:
    columns = data[list(specification.fixed)].to_numpy(float)
    if specification.has_thresholds:
        return columns
    return np.column_stack([np.ones(len(data)), columns])


def _refuse_constant(terms: tuple[str, ...], columns: np.ndarray, where: str) -> None:
    """Thresholds stand in the intercept's place; no constant column can be told from them."""
    for name, column in zip(terms, columns.T, strict=True):
        if np.ptp(column) == 0:
            raise CompendiumError(
                f"the column {name!r} is constant, as the thresholds are",
                where=where,
                remedy="take it out of fixed",
            )


def _grouping(terms: GroupingTerms, specification: Specification, data: pd.DataFrame) -> Grouping:
    labels = data[terms.column].astype(str)
    for outer in specification.enclosing(terms):
        labels = data[outer.column].astype(str) + " / " + labels
    groups = pd.Categorical(labels)
    return Grouping(
        name=terms.name,
        labels=tuple(groups.categories),
        index=groups.codes.astype(np.int64),
        slopes=terms.slopes,
        correlated=terms.correlated and bool(terms.slopes),
    )


def _weights(data: pd.DataFrame, name: str | None, where: str) -> np.ndarray | None:
    if name is None:
        return None
    weights = data[name].to_numpy(float)
    if not (weights > 0).all():
        raise CompendiumError(
            f"{(weights <= 0).sum()} weights in {name!r} are not above zero",
            where=where,
            remedy="precision weights are positive; leave rows out by name, not by weight 0",
        )
    return weights
