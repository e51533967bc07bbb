"""Fit a confirmatory factor model, in one group or several."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from learning_with_others.errors import CompendiumError
from learning_with_others.psychometrics.factor_models import robust
from learning_with_others.psychometrics.factor_models.data import Data, read_data
from learning_with_others.psychometrics.factor_models.estimation import (
    Point,
    expected_information,
    maximize,
    observed_information,
    refuse_unidentified,
    refuse_unidentified_start,
)
from learning_with_others.psychometrics.factor_models.factor_model import FactorModel
from learning_with_others.psychometrics.factor_models.fit_measures import FitMeasures, summarize_fit
from learning_with_others.psychometrics.factor_models.parameter_table import (
    Released,
    parameter_table,
)
from learning_with_others.psychometrics.factor_models.solution import (
    few_rows,
    flags_of,
    standardized,
)
from learning_with_others.psychometrics.factor_models.starting_values import starting_values
from learning_with_others.psychometrics.factor_models.structure import Structure


@dataclass(frozen=True)
class FactorFit:
    """A fitted factor model.

    Attributes
    ----------
    model : FactorModel
    invariance : str
        Level to which the groups are equal.
    parameters : pandas.DataFrame
        Columns `lhs, op, rhs, group, kind, label, free, estimate, standard_error, standardized,
        standardized_error`; rows with the same `label` are equal; fixed ones have error 0.
        Intercepts and means stand there if the model has a mean structure.
    measures : FitMeasures
    flags : tuple of str
        What a reader must know before believing the numbers; empty if nothing.
    rows : dict of str to int
        Rows that entered, by group.
    implied : dict of str to (ndarray, ndarray)
        Mean, shape (k,), and covariance, shape (k, k), that the model implies for each group.
    covariance : ndarray, shape (p, p)
        Of the free parameters: inverse of the expected information (complete rows), of the
        observed information (FIML), or the sandwich (clusters).
    data, structure, point
        What it was fitted to, the model as matrices, the maximum of the likelihood.
    """

    model: FactorModel
    invariance: str
    parameters: pd.DataFrame
    measures: FitMeasures
    flags: tuple[str, ...]
    rows: dict[str, int]
    implied: dict[str, tuple[np.ndarray, np.ndarray]]
    covariance: np.ndarray
    data: Data
    structure: Structure
    point: Point


def fit_factor_model(
    values: pd.DataFrame,
    model: FactorModel,
    *,
    group: np.ndarray | None = None,
    invariance: str = "configural",
    released: Released | None = None,
    missing: str = "complete",
    cluster: np.ndarray | None = None,
    reference: str | None = None,
) -> FactorFit:
    """Fit a factor model by maximum likelihood.

    Parameters
    ----------
    values : pandas.DataFrame, shape (n, k or more)
        Keyed items as numbers, NaN where missing.
    model : FactorModel
    group : ndarray, shape (n,), optional
        Group of each row; then means are modelled too.
    invariance : {'configural', 'metric', 'scalar', 'strict'}
        What is equal across groups; see `parameter_table`.
    released : dict of str to set of {'loading', 'intercept', 'residual'}, optional
        Item to what may differ between groups nevertheless.
    missing : {'complete', 'fiml'}
        Only complete rows, or every row with an answer (valid if answers are missing at
        random given the other items).
    cluster : ndarray, shape (n,), optional
        Cluster of each row. Then standard errors and tests are robust to clustering and to
        distributions that are not normal (MLR); one label for each row gives plain MLR.
    reference : str, optional
        Group with latent mean 0 (and variance 1); the first in the data without it.

    Raises
    ------
    CompendiumError
        If the data or the model do not allow an estimate: see the message.

    References
    ----------
    Bollen, K. A. (1989). Structural equations with latent variables. Wiley, ch. 7-8.
    Rosseel, Y. (2012). lavaan. Journal of Statistical Software 48(2).
    """
    data = read_data(
        values, model, group=group, missing=missing, cluster=cluster, reference=reference
    )
    return fit_data(data, model, invariance, released)


def fit_data(
    data: Data, model: FactorModel, invariance: str = "configural", released: Released | None = None
) -> FactorFit:
    """Fit a model to rows made ready by `read_data` with the same items."""
    structure = Structure(parameter_table(model, data.labels, invariance, released))
    df = _degrees_of_freedom(structure)
    start = starting_values(structure.table, data.saturated)
    refuse_unidentified_start(structure, data.moments, start)
    point = maximize(structure, data.moments, start)
    information = expected_information(structure, data.moments, point)
    refuse_unidentified(structure, information)
    expected = all(moments.complete for moments in data.moments)
    curvature = observed_information(structure, data.moments, point)
    sandwiched = None
    if data.clusters is not None:
        sandwiched = robust.sandwich(structure, data.moments, point, curvature, data.clusters)
        covariance = sandwiched.covariance
    else:
        covariance = np.linalg.inv(information if expected else curvature)
    implied = [structure.moments(point.parameters, g) for g in range(len(data.labels))]
    sizes = {moments.label: moments.total for moments in data.moments}
    return FactorFit(
        model,
        invariance,
        _parameter_frame(structure, point, covariance, means=data.mean_structure),
        summarize_fit(data, structure, point, df, None if sandwiched is None else sandwiched.trace),
        (*flags_of(structure, point, curvature, data.clusters, df), *few_rows(sizes)),
        sizes,
        dict(zip(data.labels, implied, strict=True)),
        covariance,
        data,
        structure,
        point,
    )


def _degrees_of_freedom(structure: Structure) -> int:
    k = len(structure.table.model.items)
    df = structure.groups * (k + k * (k + 1) // 2) - structure.count
    if df < 0:
        raise CompendiumError(
            f"the model is not identified: {structure.count} parameters for "
            f"{structure.count + df} means, variances and covariances of {k} items",
            where=f"factor model of {k} items and {len(structure.table.model.factors)} factors",
            remedy="a factor of its own needs three items or more",
        )
    return df


def _parameter_frame(
    structure: Structure, point: Point, covariance: np.ndarray, *, means: bool
) -> pd.DataFrame:
    rows = structure.table.rows
    free = rows["free"].to_numpy()
    with np.errstate(invalid="ignore"):  # no error where the likelihood has no strict maximum
        errors = np.sqrt(np.diag(covariance))
    estimate = np.where(free >= 0, point.parameters[free], rows["fixed"].to_numpy(float))
    standardized_estimate, standardized_error = standardized(
        structure, point.parameters, covariance
    )
    out = rows[["lhs", "op", "rhs", "group", "kind", "label", "free"]].assign(
        estimate=estimate,
        standard_error=np.where(free >= 0, errors[free], 0.0),
        standardized=standardized_estimate,
        standardized_error=standardized_error,
    )
    return out if means else out[out["op"] != "~1"].reset_index(drop=True)
