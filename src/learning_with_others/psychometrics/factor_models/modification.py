"""Score tests: what the likelihood would gain if a fixed or equal parameter were freed."""

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
from learning_with_others.psychometrics.factor_models.parameter_table import (
    ParameterTable,
    add_free,
)
from learning_with_others.psychometrics.factor_models.structure import Structure

INFORMATIVE = 1e-8  # share of its information a parameter must keep once the others are known


def modification_indices(fit: FactorFit) -> pd.DataFrame:
    """Score test of each loading and covariance that the model fixes at zero.

    From the expected information with complete rows and the observed one otherwise; not scaled
    for clusters.

    Returns
    -------
    pandas.DataFrame
        Columns `lhs, op, rhs, group, modification_index, expected_change`, the largest first: a
        chi-square of one degree of freedom, and the value the parameter would take. Parameters
        that would not be identified are left out.

    References
    ----------
    Sörbom, D. (1989). Model modification. Psychometrika 54, 371-384, eq. 13; Saris, W. E.,
    Satorra, A. and Sörbom, D. (1987). Sociological Methodology 17, 105-129.
    """
    extra = _fixed_at_zero(fit)
    slope, information = _score(fit, add_free(fit.structure.table, extra))
    known = fit.structure.count
    left, conditional = _conditional(information, known)
    score, kept = slope[known:], np.diag(conditional)
    with np.errstate(divide="ignore", invalid="ignore"):
        change = score / kept
    table = pd.DataFrame(
        [entry[:4] for entry in extra], columns=["lhs", "op", "rhs", "group"]
    ).assign(modification_index=score * change, expected_change=change)
    table = table[kept > INFORMATIVE * left]
    return table.sort_values("modification_index", ascending=False, ignore_index=True)


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
    slope, information = _score(fit, apart, parameters)
    # From "each group its own value" to "the common value, and each group's difference".
    turn = np.eye(len(parameters))
    turn[table.free_count + np.arange(len(copies)), tied_to] = 1
    slope, information = turn.T @ slope, turn.T @ information @ turn
    _, conditional = _conditional(information, table.free_count)
    score = slope[table.free_count :]
    out = []
    for item, places in pd.Series(np.arange(len(copies))).groupby(own[copies].to_numpy()):
        mine = places.to_numpy()
        statistic = score[mine] @ np.linalg.solve(conditional[np.ix_(mine, mine)], score[mine])
        out.append((item, kind, statistic, len(mine), stats.chi2.sf(statistic, len(mine))))
    found = pd.DataFrame(out, columns=["item", "kind", "score", "df", "p"])
    return found.sort_values("score", ascending=False, ignore_index=True)


def _fixed_at_zero(fit: FactorFit) -> list[tuple]:
    """Loadings and covariances outside the model, as rows for `add_free`."""
    model, rows = fit.model, fit.structure.table.rows
    items, factors = list(model.items), list(model.factors)
    above = [name for name in factors if name not in model.endogenous]
    first = rows[rows["group"] == fit.structure.table.groups[0]]
    known = {(a, op, b) for a, op, b in zip(first["lhs"], first["op"], first["rhs"], strict=True)}
    extra = []
    for group in fit.structure.table.groups:
        for j, factor in enumerate(factors):
            extra += [
                (factor, "=~", item, group, "loading", "loadings", i, j)
                for i, item in enumerate(items)
                if (factor, "=~", item) not in known
            ]
        for names, kind, matrix, whole in (
            (items, "residual", "residuals", items),
            (above, "covariance", "factors", factors),
        ):
            extra += [
                (a, "~~", b, group, kind, matrix, whole.index(a), whole.index(b))
                for place, a in enumerate(names)
                for b in names[place + 1 :]
                if (a, "~~", b) not in known and (b, "~~", a) not in known
            ]
    return extra


def _score(
    fit: FactorFit, table: ParameterTable, parameters: np.ndarray | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Gradient and information of a wider model at the narrower model's estimate."""
    structure = Structure(table)
    if parameters is None:
        added = structure.count - fit.structure.count
        parameters = np.concatenate([fit.point.parameters, np.zeros(added)])
    point = Point(parameters, fit.point.value, fit.point.groups)
    moments = fit.data.moments
    expected = all(part.complete for part in moments)
    information = expected_information if expected else observed_information
    return gradient(structure, point), information(structure, moments, point)


def _conditional(information: np.ndarray, known: int) -> tuple[np.ndarray, np.ndarray]:
    """Information on the added parameters: alone (diagonal), and with the others estimated."""
    cross = information[known:, :known]
    explained = cross @ np.linalg.solve(information[:known, :known], cross.T)
    added = information[known:, known:]
    return np.diag(added), added - explained
