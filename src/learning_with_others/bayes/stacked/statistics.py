"""What stacked equations need to know of their rows: cross-products by cluster and block."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from learning_with_others.bayes.specification import INTERCEPT
from learning_with_others.bayes.stacked.system import System
from learning_with_others.errors import CompendiumError

WHERE = "system of equations"


@dataclass(frozen=True)
class Pattern:
    """Rows that have the same equations of one block.

    Attributes
    ----------
    present : ndarray of bool, shape (equations of the block,)
    rows : int
    products : ndarray, shape (J, m, m)
        W'W per cluster, W the block's columns; zero where a column is of absent equations only.
    """

    present: np.ndarray
    rows: int
    products: np.ndarray


@dataclass(frozen=True)
class StackedStatistics:
    """Sufficient statistics of a system.

    Attributes
    ----------
    system : System
    clusters : tuple of str
    columns : tuple of tuple of str
        By block: terms and outcomes.
    patterns : tuple of tuple of Pattern
        By block.
    outcome_sds : ndarray, shape (K,)
    """

    system: System
    clusters: tuple[str, ...]
    columns: tuple[tuple[str, ...], ...]
    patterns: tuple[tuple[Pattern, ...], ...]
    outcome_sds: np.ndarray


def collapse_system(system: System, data: pd.DataFrame, cluster: pd.Series) -> StackedStatistics:
    """Add up cross-products by cluster.

    A row takes part in those equations whose outcome and terms it has: the others leave the stack,
    as if missing at random given what the row has.

    Parameters
    ----------
    system : System
    data : pandas.DataFrame
        A column for every term and outcome but ``Intercept``.
    cluster : pandas.Series
        Of the same rows.

    Raises
    ------
    CompendiumError
        If an equation has no rows, or its outcome does not vary.
    """
    labels = pd.Categorical(cluster.astype(str))
    columns, patterns, sds = [], [], []
    for block in system.blocks:
        equations = [each for each in system.equations if each.outcome in block]
        names = tuple(
            dict.fromkeys(
                [*(t for each in equations for t in each.terms), *(e.outcome for e in equations)]
            )
        )
        values = data.assign(**{INTERCEPT: 1.0})[list(names)].to_numpy(float)
        known = pd.DataFrame(np.isfinite(values), columns=names)
        present = np.column_stack(
            [known[[*each.terms, each.outcome]].all(axis=1) for each in equations]
        )
        for each, rows in zip(equations, present.T, strict=True):
            spread = float(np.std(values[rows, names.index(each.outcome)])) if rows.any() else 0.0
            if not spread > 0:
                raise CompendiumError(
                    f"the outcome {each.outcome!r} does not vary over {rows.sum()} rows",
                    where=WHERE,
                    remedy="take its equation out",
                )
            sds.append(spread)
        found = [each for each in np.unique(present, axis=0) if each.any()]
        columns.append(names)
        patterns.append(
            tuple(_pattern(mask, values, (present == mask).all(axis=1), labels) for mask in found)
        )
    return StackedStatistics(
        system, tuple(labels.categories), tuple(columns), tuple(patterns), np.array(sds)
    )


def _pattern(
    present: np.ndarray, values: np.ndarray, rows: np.ndarray, labels: pd.Categorical
) -> Pattern:
    codes = labels.codes[rows]
    # Columns of absent equations only may be missing; nothing reads their products.
    mine = np.nan_to_num(values[rows], nan=0.0)[np.argsort(codes, kind="stable")]
    ends = np.cumsum(np.bincount(codes, minlength=len(labels.categories)))
    parts = np.split(mine, ends[:-1])
    return Pattern(present, int(rows.sum()), np.stack([part.T @ part for part in parts]))
