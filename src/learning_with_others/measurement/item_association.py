"""How items go together: with the rest of their scale, and with each other."""

import numpy as np
import pandas as pd

from learning_with_others.data.codebook import Column
from learning_with_others.data.measures.scales import (
    constructs_of,
    keyed_items,
    rows_by_group,
    scales_of,
)
from learning_with_others.errors import CompendiumError
from learning_with_others.measurement.graded_scales import stacked
from learning_with_others.psychometrics.answers import grade_answers
from learning_with_others.psychometrics.dimensionality.adequacy import LARGEST_CONDITION
from learning_with_others.psychometrics.dimensionality.polychoric import (
    Polychoric,
    polychoric_correlations,
)
from learning_with_others.study import StudyDesign

REST = ["item", "children", "item_rest", "item_rest_corrected", "flag"]
PAIR = ["item", "other", "children", "pearson", "polychoric", "standard_error", "flag"]


def item_rest_correlations(keyed: pd.DataFrame) -> pd.DataFrame:
    """Correlate each item with the others' sum, from covariances over pairwise complete rows.

    Parameters
    ----------
    keyed : pandas.DataFrame, shape (n, k)

    Returns
    -------
    pandas.DataFrame
        One row an item: `item, children, item_rest, item_rest_corrected, flag`. The corrected
        one (psych's `r.cor`) correlates the standardized item with what all items share: its
        squared multiple correlation stands in for its own variance. `children` answered the
        item. NaN, with the reason in `flag`, where there is none.

    References
    ----------
    Henrysson, S. (1963). Correction of item-total correlations in item analysis. Psychometrika
    28, 211-218. Cureton, E. E. (1966). Corrected item-test correlations. Psychometrika 31,
    93-96 (the corrected one, as psych's `alpha`).
    """
    k = keyed.shape[1]
    covariance = keyed.cov().to_numpy() if len(keyed) > 1 else np.full((k, k), np.nan)
    variance = np.diag(covariance)
    with np.errstate(invalid="ignore", divide="ignore"):
        rest = covariance.sum(axis=0) - variance
        rest_variance = covariance.sum() + variance - 2 * covariance.sum(axis=0)
        raw = np.where(variance > 0, rest / np.sqrt(variance * rest_variance), np.nan)
        correlation = covariance / np.sqrt(np.outer(variance, variance))
    corrected = _corrected(correlation)
    flags = np.where(np.isnan(corrected), "the correlations are singular or missing", "")
    flags = np.where(raw < 0, "runs against the rest: check whether it is reversed", flags)
    flags = np.where(np.isnan(raw), "no variance shared with the rest can be computed", flags)
    flags = np.where(variance == 0, "every answer is the same", flags)
    flags = np.where(keyed.notna().sum() < 2, "fewer than two answers", flags)  # noqa: PLR2004 - no variance
    values = (keyed.columns, keyed.notna().sum().to_numpy(), raw, corrected, flags)
    return pd.DataFrame(dict(zip(REST, values, strict=True)))


def _corrected(correlation: np.ndarray) -> np.ndarray:
    k = len(correlation)
    if np.isnan(correlation).any() or np.linalg.cond(correlation) > LARGEST_CONDITION:
        return np.full(k, np.nan)
    shared = correlation.copy()
    np.fill_diagonal(shared, 1 - 1 / np.diag(np.linalg.inv(correlation)))
    total = shared.sum()
    return shared.sum(axis=0) / np.sqrt(total) if total > 0 else np.full(k, np.nan)


def inter_item_correlations(keyed: pd.DataFrame) -> pd.DataFrame:
    """Pearson beside polychoric correlations of every pair of items, pairwise complete rows.

    Parameters
    ----------
    keyed : pandas.DataFrame, shape (n, k)

    Returns
    -------
    pandas.DataFrame
        One row a pair: `item, other, children, pearson, polychoric, standard_error, flag`;
        `children` answered both, `standard_error` is the polychoric's. Where polychoric ones
        cannot be had the reason stands in `flag`.
    """
    names = list(keyed.columns)
    given = keyed.notna().to_numpy().astype(int)
    children = given.T @ given
    pearson = keyed.corr().to_numpy()
    found, flag = _polychoric(keyed)
    out = []
    for i in range(len(names)):
        for j in range(i):
            pair = (names[j], names[i], int(children[i, j]), pearson[i, j])
            if found is None:
                out.append((*pair, np.nan, np.nan, flag))
            else:
                estimate = (found.correlation[i, j], found.standard_errors[i, j])
                out.append((*pair, *estimate, "; ".join(found.flags)))
    return pd.DataFrame(out, columns=PAIR)


def _polychoric(keyed: pd.DataFrame) -> tuple[Polychoric | None, str]:
    try:
        return polychoric_correlations(grade_answers(keyed)), ""
    except CompendiumError as error:
        return None, f"{error.where}: {error.problem}"


def item_association_table(
    rows: pd.DataFrame, study: StudyDesign, columns: dict[str, Column]
) -> pd.DataFrame:
    """Item-rest correlations of every item in its construct and in its element, by group.

    Parameters
    ----------
    rows : pandas.DataFrame
        Students of the two groups compared.
    study : StudyDesign
    columns : dict of str to Column
        The codebook of the students' table.

    Returns
    -------
    pandas.DataFrame
        Columns `scale, group, item, children, item_rest, item_rest_corrected, flag`;
        `children` is a count of children.
    """
    tables = []
    for group, members in rows_by_group(rows, study, "students").items():
        for scale in scales_of(study):
            found = item_rest_correlations(keyed_items(members, study, columns, scale))
            tables.append(found.assign(scale=scale.name, group=group))
    return stacked(tables, ["scale", "group", *REST])


def inter_item_table(
    rows: pd.DataFrame, study: StudyDesign, columns: dict[str, Column]
) -> pd.DataFrame:
    """Pearson and polychoric correlations of the items of every construct, all rows together.

    Parameters
    ----------
    rows, study, columns
        As in `item_association_table`.

    Returns
    -------
    pandas.DataFrame
        Columns `construct, item, other, children, pearson, polychoric, standard_error, flag`;
        `children` is a count of children.
    """
    tables = []
    for scale in constructs_of(study):
        found = inter_item_correlations(keyed_items(rows, study, columns, scale))
        tables.append(found.assign(construct=scale.name))
    return stacked(tables, ["construct", *PAIR])
