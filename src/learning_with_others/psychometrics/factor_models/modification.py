"""Score tests: what the likelihood would gain if equal parameters were let differ."""

import numpy as np
import pandas as pd
from scipy import stats

from learning_with_others.psychometrics.factor_models.estimation import (
    Point,
    expected_information,
    gradient,
    observed_information,
)
from learning_with_others.psychometrics.factor_models.fitting import FactorFit
from learning_with_others.psychometrics.factor_models.parameter_table import ParameterTable
from learning_with_others.psychometrics.factor_models.structure import Structure


def release_tests(fit: FactorFit, kind: str) -> pd.DataFrame:
    """Score test of letting an item's parameters differ between groups.

    Parameters
    ----------
    fit : FactorFit
        Fitted with equality across groups.
    kind : {'loading', 'intercept', 'residual'}
        Loadings of one item on several factors are released together. A marker's loading is
        fixed and cannot be tested: give factors unit variance to test every item.

    Returns
    -------
    pandas.DataFrame
        Columns `item, kind, score, df, p`, the largest score first.

    References
    ----------
    Bentler, P. M. and Chou, C.-P. (1992). Some new covariance structure model improvement
    statistics. Sociological Methods and Research 21, 259-282.
    """
    table = fit.structure.table
    rows = table.rows
    own = rows["rhs"].where(rows["kind"] == "loading", rows["lhs"])
    equal = (rows["kind"] == kind) & rows["shared"] & (rows["free"] >= 0)
    copies = rows.index[equal & (rows["group"] != table.groups[0]) & own.isin(table.model.items)]
    free = rows["free"].to_numpy().copy()
    tied_to = free[copies]
    free[copies] = table.free_count + np.arange(len(copies))
    apart = ParameterTable(table.model, table.groups, rows.assign(free=free))
    parameters = np.concatenate([fit.point.parameters, fit.point.parameters[tied_to]])
    structure = Structure(apart)
    point = Point(parameters, fit.point.value, fit.point.groups)
    moments = fit.data.moments
    expected = all(part.complete for part in moments)
    information_of = expected_information if expected else observed_information
    slope = gradient(structure, point)
    information = information_of(structure, moments, point)
    # From "each group its own value" to "the common value, and each group's difference".
    turn = np.eye(len(parameters))
    turn[table.free_count + np.arange(len(copies)), tied_to] = 1
    slope, information = turn.T @ slope, turn.T @ information @ turn
    # Information on the added parameters, with the others estimated.
    known = table.free_count
    cross = information[known:, :known]
    explained = cross @ np.linalg.solve(information[:known, :known], cross.T)
    conditional, score = information[known:, known:] - explained, slope[known:]
    out = []
    for item, places in pd.Series(np.arange(len(copies))).groupby(own[copies].to_numpy()):
        mine = places.to_numpy()
        statistic = score[mine] @ np.linalg.solve(conditional[np.ix_(mine, mine)], score[mine])
        out.append((item, kind, statistic, len(mine), stats.chi2.sf(statistic, len(mine))))
    found = pd.DataFrame(out, columns=["item", "kind", "score", "df", "p"])
    return found.sort_values("score", ascending=False, ignore_index=True)
