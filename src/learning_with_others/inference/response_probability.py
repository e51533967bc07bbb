"""The probability to have answered, from what is recorded of everybody, and its inverse."""

import warnings

import numpy as np
import pandas as pd
from scipy.linalg import qr
from scipy.special import expit
from statsmodels.genmod.families import Binomial
from statsmodels.genmod.generalized_linear_model import GLM
from statsmodels.tools.sm_exceptions import (
    ConvergenceWarning,
    PerfectSeparationWarning,
    SingularMatrixWarning,
)

TRIM = (0.01, 0.99)  # quantiles among those who answered, beyond which a weight is drawn in
NOT_RECORDED = "not recorded"
MOST_STEPS = 50
EPSILON = np.finfo(float).eps
RANK = 1e-8  # of the largest pivot: a column with less of its own is a combination of others


def predictor_columns(rows: pd.DataFrame, names: list[str], minimum: int) -> pd.DataFrame:
    """Make numbers of what is recorded: no value is missing in them.

    Parameters
    ----------
    rows : pandas.DataFrame
    names : list of str
        Columns; those that hold neither numbers nor categories are left out.
    minimum : int
        An indicator enters if at least so many children have it and as many have it not: fewer
        tell little and could be fitted perfectly.

    Returns
    -------
    pandas.DataFrame
        A number standardized, the mean in place of a missing value, with an indicator of that;
        an indicator for each category, `not recorded` among them, but the most frequent.
    """
    columns: dict[str, np.ndarray] = {}
    for name in dict.fromkeys(names):
        values = rows[name]
        if isinstance(values.dtype, pd.CategoricalDtype):
            labels = values.astype(object).where(values.notna(), NOT_RECORDED)
            for label in labels.value_counts().index[1:]:
                columns[f"{name}: {label}"] = (labels == label).to_numpy(float)
        elif pd.api.types.is_numeric_dtype(values):
            numbers = values.to_numpy(float, na_value=np.nan)
            known = np.isfinite(numbers)
            standard_deviation = numbers[known].std() if known.any() else 0.0
            if standard_deviation > 0:
                centred = np.where(known, numbers - numbers[known].mean(), 0.0)
                columns[name] = centred / standard_deviation
            columns[f"{name}: {NOT_RECORDED}"] = (~known).astype(float)
    kept = {name: x for name, x in columns.items() if _tells(x, minimum)}
    return pd.DataFrame(kept, index=rows.index)


def _tells(column: np.ndarray, minimum: int) -> bool:
    """An indicator has both values often enough; a number needs only to vary."""
    if np.isin(column, (0, 1)).all():
        return minimum <= column.sum() <= len(column) - minimum
    return bool(np.ptp(column) > 0)


def response_design(
    columns: pd.DataFrame, focal: np.ndarray, others: np.ndarray, answered: np.ndarray, minimum: int
) -> np.ndarray:
    """Cross the predictors with the group, and leave out columns that nothing can be learned from.

    Parameters
    ----------
    columns : pandas.DataFrame
        From `predictor_columns`, of n rows.
    focal, others : ndarray of bool, shape (n,)
        Belongs to the focal group; to neither group of the contrast. The others are too few for
        coefficients of their own: they differ from the reference group by a constant.
    answered : ndarray of bool, shape (n,)
    minimum : int
        An indicator enters if so many of those who have it answered, and so many did not: where
        all or none did, no coefficient is finite, and nobody could stand for those who did not.

    Returns
    -------
    ndarray, shape (n, p)
        With a constant, of full column rank.
    """
    values = columns.to_numpy(float)
    parts = [np.ones((len(values), 1))]
    for block in (focal[:, None], others[:, None], values, values * focal[:, None]):
        wanted = [_separates_nobody(column, answered, minimum) for column in block.T]
        parts.append(block[:, wanted].astype(float))
    design = np.column_stack(parts)
    _, triangle, order = qr(design, mode="economic", pivoting=True)
    pivots = np.abs(np.diag(triangle))
    return design[:, np.sort(order[: int((pivots > RANK * pivots[0]).sum())])]


def _separates_nobody(column: np.ndarray, answered: np.ndarray, minimum: int) -> bool:
    if not np.isin(column, (0, 1)).all():
        return bool(np.ptp(column) > 0)
    inside = column == 1
    return min((answered & inside).sum(), (~answered & inside).sum()) >= minimum


def answer_coefficients(
    answered: np.ndarray,
    design: np.ndarray,
    weights: np.ndarray | None = None,
    start: np.ndarray | None = None,
) -> np.ndarray:
    """Logistic regression of having answered (statsmodels GLM, binomial).

    Parameters
    ----------
    answered : ndarray of bool, shape (n,)
    design : ndarray, shape (n, p)
    weights : ndarray, shape (n,), optional
        Of the rows; those of zero take no part.
    start : ndarray, shape (p,), optional
        Where to begin.

    Returns
    -------
    ndarray, shape (p,)
    """
    used = np.ones(len(answered), dtype=bool) if weights is None else weights > 0
    model = GLM(
        answered[used].astype(float),
        design[used],
        family=Binomial(),
        freq_weights=None if weights is None else weights[used],
    )
    with warnings.catch_warnings():
        # Where all or none answered, or a replicate lacks a category, probabilities are still
        # right, and those near 0 are flagged by whoever weights by them.
        for expected in (PerfectSeparationWarning, ConvergenceWarning, SingularMatrixWarning):
            warnings.simplefilter("ignore", expected)
        return np.asarray(model.fit(start_params=start, maxiter=MOST_STEPS).params)


def answer_probability(design: np.ndarray, coefficients: np.ndarray) -> np.ndarray:
    """Probability to have answered, shape (n,)."""
    return expit(design @ coefficients)


def trim_limits(
    probability: np.ndarray, answered: np.ndarray, trim: tuple[float, float] = TRIM
) -> tuple[float, float]:
    """Quantiles of the inverse probability among those who answered; no limits without any."""
    if not answered.any():
        return 0.0, np.inf
    low, high = np.quantile(1 / np.maximum(probability[answered], EPSILON), trim)
    return float(low), float(high)


def inverse_weights(
    probability: np.ndarray, answered: np.ndarray, limits: tuple[float, float]
) -> np.ndarray:
    """Weights of those who answered, so that they stand for everybody.

    Parameters
    ----------
    probability : ndarray, shape (n,)
    answered : ndarray of bool, shape (n,)
    limits : (float, float)
        Inverse probabilities beyond them are drawn in; from `trim_limits`. A jackknife keeps those
        of all rows: quantiles are not smooth, and would jump from replicate to replicate.

    Returns
    -------
    ndarray, shape (n,)
        Mean 1 among those who answered, 0 for the rest.

    References
    ----------
    Little, R. J. A. (1986). Survey nonresponse adjustments for estimates of means. International
    Statistical Review 54, 139-157 (inverse of the estimated probability of response).
    """
    weights = np.zeros(len(answered))
    if answered.any():
        inverse = np.clip(1 / np.maximum(probability[answered], EPSILON), *limits)
        weights[answered] = inverse / inverse.mean()
    return weights
