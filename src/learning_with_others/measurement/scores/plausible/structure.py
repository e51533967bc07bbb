"""The structural parameters of the joint model, and what rows are expected to be under them."""

from dataclasses import dataclass

import numpy as np

from learning_with_others.measurement.scores.plausible.model import Cells, JointModel


@dataclass(frozen=True)
class Structure:
    """One draw of the structural parameters; R race groups, p variables, m of them responses.

    Attributes
    ----------
    coefficients : ndarray, shape (p, q)
    effects : tuple of ndarray, shape (units, p)
        By level, the lowest first; empty where there is one cluster only.
    effect_covariances : tuple of ndarray, shape (p, p)
    slopes : ndarray, shape (m, h)
        By group, and with the share of the focal group; no columns without an exposure.
    cluster_slopes : ndarray, shape (clusters, m)
    slope_variances : ndarray, shape (m,)
    exposure_variances : ndarray, shape (R,)
    covariances : ndarray, shape (R, m, m)
    cell_slopes : ndarray, shape (cells, m)
    cell_precisions : ndarray, shape (cells, p, p)
        Inverse covariance of a row around its mean, in each cell.
    auxiliary : dict of str to ndarray
        Scales of the priors.
    """

    coefficients: np.ndarray
    effects: tuple[np.ndarray, ...]
    effect_covariances: tuple[np.ndarray, ...]
    slopes: np.ndarray
    cluster_slopes: np.ndarray
    slope_variances: np.ndarray
    exposure_variances: np.ndarray
    covariances: np.ndarray
    cell_slopes: np.ndarray
    cell_precisions: np.ndarray
    auxiliary: dict[str, np.ndarray]


def first_structure(model: JointModel) -> Structure:
    """Structure to start from: no effect of anything, unit covariances."""
    p, m, groups = len(model.variables), len(model.responses), len(model.groups)
    cells = model.cells
    levels = 0 if cells.clusters == 1 else 1 if cells.parent is None else 2
    units = [cells.clusters, 1 if cells.parent is None else int(cells.parent.max()) + 1][:levels]
    return Structure(
        coefficients=np.zeros((p, len(model.terms))),
        effects=tuple(np.zeros((count, p)) for count in units),
        effect_covariances=(0.1 * np.eye(p),) * levels,
        slopes=np.zeros((m, cells.slope_design.shape[1] if model.has_exposure else 0)),
        cluster_slopes=np.zeros((cells.clusters, m)),
        slope_variances=np.full(m, 0.01),
        exposure_variances=np.ones(groups),
        covariances=np.tile(np.eye(m), (groups, 1, 1)),
        cell_slopes=np.zeros((len(cells.group), m)),
        cell_precisions=np.tile(np.eye(p), (len(cells.group), 1, 1)),
        auxiliary={
            "effects": np.ones((levels, p)),
            "slopes": np.ones(m),
            "exposure": np.ones(groups),
            "responses": np.ones((groups, m)),
        },
    )


def expected_values(model: JointModel, structure: Structure) -> np.ndarray:
    """Mean of each row given its terms and the effects of its units, shape (n, p)."""
    mean = model.design @ structure.coefficients.T
    if structure.effects:
        mean += cluster_effects(model.cells, structure)[model.cells.cluster][model.cells.of_row]
    return mean


def cluster_effects(cells: Cells, structure: Structure) -> np.ndarray:
    """Sum of the effects of a cluster and of the unit above it, shape (clusters, p)."""
    lowest, *above = structure.effects
    return lowest + above[0][cells.parent] if above else lowest
