"""Standardized solution: items and factors with variance 1, delta-method standard errors."""

import numpy as np

from learning_with_others.measurement.factor_models.structure import Structure

STEP = 1e-30  # of the complex step: no subtraction, so no rounding (Squire and Trapp 1998)


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
    jacobian = np.empty((len(estimate), structure.count))
    for place in range(structure.count):
        moved = parameters.astype(complex)
        moved[place] += 1j * STEP
        with np.errstate(invalid="ignore", divide="ignore"):
            jacobian[:, place] = _standardize(structure, moved).imag / STEP
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
