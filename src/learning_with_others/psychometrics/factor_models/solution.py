"""What a fitted model says: standardized solution, improper estimates."""

from collections.abc import Callable
from functools import partial

import numpy as np

from learning_with_others.psychometrics.factor_models.estimation import Point
from learning_with_others.psychometrics.factor_models.robust import Clusters
from learning_with_others.psychometrics.factor_models.structure import Structure

STEP = 1e-30  # of the complex step: no subtraction, so no rounding (Squire and Trapp 1998)


def complex_step_derivative(
    function: Callable[[np.ndarray], np.ndarray], parameters: np.ndarray
) -> np.ndarray:
    """Derivatives by each of p parameters, on the last axis; `function` takes complex ones."""
    steps = 1j * STEP * np.eye(len(parameters))
    return np.stack([function(parameters + step).imag / STEP for step in steps], axis=-1)


def standardized(
    structure: Structure, parameters: np.ndarray, covariance: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Give every row of the parameter table on the scale of lavaan's `std.all`.

    Parameters
    ----------
    structure : Structure
    parameters : ndarray, shape (p,)
    covariance : ndarray, shape (p, p)
        Of the free parameters.

    Returns
    -------
    (ndarray, ndarray), each of shape (rows of the table,)
        Estimates and standard errors; NaN where a variance is not positive.
    """
    with np.errstate(invalid="ignore", divide="ignore"):
        estimate = _standardize(structure, parameters)
        jacobian = complex_step_derivative(partial(_standardize, structure), parameters)
    jacobian[~np.isfinite(estimate)] = np.nan
    return estimate, np.sqrt(np.einsum("ij,jk,ik->i", jacobian, covariance, jacobian))


def _standardize(structure: Structure, parameters: np.ndarray) -> np.ndarray:
    out = np.empty(len(structure.table.rows), dtype=parameters.dtype)
    for group in range(structure.groups):
        part = structure.matrices(parameters, group)
        _, implied = structure.moments(parameters, group)
        item = np.sqrt(np.diag(implied))
        factor = np.sqrt(np.diag(structure.factor_covariance(parameters, group)))
        residual = np.sqrt(np.diag(part["residuals"]))
        disturbance = np.sqrt(np.diag(part["factors"]))
        for name, left, right, diagonal in (
            ("loadings", 1 / item, factor, None),
            ("paths", 1 / factor, factor, None),
            ("residuals", 1 / residual, 1 / residual, np.diag(part["residuals"]) / item**2),
            ("factors", 1 / disturbance, 1 / disturbance, np.diag(part["factors"]) / factor**2),
            ("intercepts", 1 / item, np.ones(1), None),
            ("means", 1 / factor, np.ones(1), None),
        ):
            mine, i, j = structure.places[group][name]
            values = part[name][i, j] * left[i] * right[j]
            if diagonal is not None:
                values = np.where(i == j, diagonal[i], values)
            out[mine] = values
    return out


FEWEST_ROWS = 100
SINGULAR = 1e-8  # smallest eigenvalue of the factors' correlations that counts as positive


def few_rows(sizes: dict[str, int]) -> list[str]:
    """Name groups of so few rows that maximum likelihood fits and judges poorly.

    References
    ----------
    Boomsma, A. (1985). Nonconvergence, improper solutions, and starting values in LISREL maximum
    likelihood estimation. Psychometrika 50, 229-242 (100 rows and more).
    """
    return [
        f"{rows} rows{'' if len(sizes) == 1 else f' in group {label!r}'}, fewer than {FEWEST_ROWS}:"
        " loadings are unsure and the tests of fit reject too often"
        for label, rows in sizes.items()
        if rows < FEWEST_ROWS
    ]


def flags_of(
    structure: Structure, point: Point, curvature: np.ndarray, clusters: Clusters | None, df: int
) -> tuple[str, ...]:
    """Name Heywood cases, estimates at no maximum, and tests that cannot be trusted.

    Parameters
    ----------
    structure : Structure
    point : Point
    curvature : ndarray, shape (p, p)
        Observed information at the estimate.
    clusters : Clusters or None
    df : int
    """
    out = []
    for group in range(structure.groups):
        out += _improper(structure, point.parameters, group)
    if np.linalg.eigvalsh(curvature)[0] <= 0:
        out.append("the likelihood has no strict maximum at the estimate: standard errors unsure")
    if df == 0:
        out.append("no degrees of freedom: the fit cannot be judged")
    if clusters is not None and clusters.count <= structure.count:
        out.append(
            f"{clusters.count} clusters for {structure.count} parameters: "
            "robust errors and tests rest on few clusters"
        )
    return tuple(out)


def _improper(structure: Structure, parameters: np.ndarray, group: int) -> list[str]:
    label = structure.table.groups[group]
    place = "" if structure.groups == 1 else f" in group {label!r}"
    model = structure.table.model
    part = structure.matrices(parameters, group)
    out = [
        f"negative residual variance of {item}{place}: {value:.3f}"
        for item, value in zip(model.items, np.diag(part["residuals"]), strict=True)
        if value < 0
    ]
    negative = [
        f"negative variance of {factor}{place}: {value:.3f}"
        for factor, value in zip(model.factors, np.diag(part["factors"]), strict=True)
        if value <= 0
    ]
    if negative:
        return out + negative
    out += _not_positive("factors", part["factors"], place)
    if not any("residual" in flag for flag in out):
        out += _not_positive("residuals", part["residuals"], place)
    return out


def _not_positive(what: str, covariance: np.ndarray, place: str) -> list[str]:
    standard_deviation = np.sqrt(np.diag(covariance))
    with np.errstate(divide="ignore", invalid="ignore"):
        correlation = covariance / np.outer(standard_deviation, standard_deviation)
    np.fill_diagonal(correlation, 1.0)
    if np.isfinite(correlation).all() and np.linalg.eigvalsh(correlation)[0] > SINGULAR:
        return []
    largest = np.abs(np.nan_to_num(np.tril(correlation, -1))).max()
    said = f"covariance matrix of the {what}{place} is not positive definite"
    return [f"{said} (largest correlation {largest:.3f})"]
