"""Conditional draws of the structural parameters given complete values."""

from dataclasses import replace

import numpy as np

from learning_with_others.psychometrics.scores.plausible.coefficients import (
    Moments,
    draw_coefficients,
    draw_factors,
)
from learning_with_others.psychometrics.scores.plausible.compiled_algebra import (
    precisions_of_rows,
    products_given_exposure,
    stretch_quadratic,
)
from learning_with_others.psychometrics.scores.plausible.covariances import (
    draw_covariances,
    draw_variances,
)
from learning_with_others.psychometrics.scores.plausible.joint_model import (
    Cells,
    JointModel,
    Structure,
    cluster_effects,
    expected_values,
)
from learning_with_others.psychometrics.scores.plausible.latent_draws import sums_by_cell

# Scales of the half-t priors, in standard deviations of a variable.
RESIDUAL_SD, GROUP_SD = 1.0, 0.5


def update_structure(
    values: np.ndarray,
    model: JointModel,
    design_products: np.ndarray,
    structure: Structure,
    rng: np.random.Generator,
) -> tuple[Structure, np.ndarray]:
    """One sweep: coefficients and effects, slopes on the exposure, covariances.

    Parameters
    ----------
    values : ndarray, shape (n, p)
        Complete.
    model : JointModel
    design_products : ndarray, shape (cells, q, q)
        Σ x x' by cell; the first term is the intercept.
    structure : Structure
        The last draw.
    rng : numpy.random.Generator

    Returns
    -------
    structure : Structure
    mean : ndarray, shape (n, p)
        What the rows are expected to be under it.
    """
    cells = model.cells
    count = len(cells.group)
    response_products = sums_by_cell(values, model.design, cells.of_row, count)
    moments = Moments(
        precision=structure.cell_precisions,
        weight=design_products[:, 0, 0],
        design_weight=design_products[:, 0],
        design_products=design_products,
        response_weight=response_products[:, :, 0],
        response_products=response_products,
    )
    precisions = [np.linalg.inv(covariance) for covariance in structure.effect_covariances]
    coefficients, effects = draw_coefficients(moments, cells, precisions, rng)
    structure = replace(structure, coefficients=coefficients, effects=tuple(effects))
    structure = _rescale_effects(moments, cells, structure, rng)
    mean = expected_values(model, structure)
    residual = values - mean
    products = sums_by_cell(residual, residual, cells.of_row, count)
    if model.has_exposure:
        structure = _update_slopes(products, model, structure, rng)
    structure = _update_covariances(products, design_products[:, 0, 0], model, structure, rng)
    return structure, mean


def _rescale_effects(
    moments: Moments, cells: Cells, structure: Structure, rng: np.random.Generator
) -> Structure:
    """Stretch the effects of each level with their covariance."""
    effects, covariances = list(structure.effects), list(structure.effect_covariances)
    scales = structure.auxiliary["effects"].copy()
    for level in range(len(effects)):
        unit = cells.cluster if level == 0 else cells.parent[cells.cluster]
        total = cluster_effects(cells, replace(structure, effects=tuple(effects)))
        factors = draw_factors(
            *_quadratic(
                moments, structure.coefficients, total[cells.cluster], effects[level][unit]
            ),
            scales[level],
            GROUP_SD,
            rng,
        )
        effects[level] = effects[level] * factors
        covariances[level] = covariances[level] * factors * factors[:, None]
        scales[level] *= factors**2
    return replace(
        structure,
        effects=tuple(effects),
        effect_covariances=tuple(covariances),
        auxiliary=structure.auxiliary | {"effects": scales},
    )


def _quadratic(
    moments: Moments, coefficients: np.ndarray, total: np.ndarray, effect: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Slope and curvature of the log likelihood in factors on `effect`, one for each variable."""
    unexplained = moments.response_weight - moments.design_weight @ coefficients.T
    return stretch_quadratic(moments.precision, moments.weight, unexplained, total, effect)


def _update_slopes(
    products: np.ndarray, model: JointModel, structure: Structure, rng: np.random.Generator
) -> Structure:
    """Slopes of the responses on the exposure's residual, by group, share and cluster."""
    cells, squares = model.cells, products[:, 0, 0]
    crossed, design = products[:, 1:, 0], model.cells.slope_design
    moments = Moments(
        precision=np.linalg.inv(structure.covariances)[cells.group],
        weight=squares,
        design_weight=squares[:, None] * design,
        design_products=squares[:, None, None] * design[:, :, None] * design[:, None, :],
        response_weight=crossed,
        response_products=crossed[:, :, None] * design[:, None, :],
    )
    if not structure.effects:
        slopes, _ = draw_coefficients(moments, cells, [], rng)
        return replace(structure, slopes=slopes, cell_slopes=design @ slopes.T)
    slopes, (by_cluster,) = draw_coefficients(
        moments, cells, [np.diag(1 / structure.slope_variances)], rng
    )
    variances, scales = draw_variances(
        (by_cluster**2).sum(axis=0), cells.clusters, structure.auxiliary["slopes"], GROUP_SD, rng
    )
    factors = draw_factors(
        *_quadratic(moments, slopes, by_cluster[cells.cluster], by_cluster[cells.cluster]),
        scales,
        GROUP_SD,
        rng,
    )
    by_cluster = by_cluster * factors
    variances, scales = variances * factors**2, scales * factors**2
    return replace(
        structure,
        slopes=slopes,
        cluster_slopes=by_cluster,
        slope_variances=variances,
        cell_slopes=design @ slopes.T + by_cluster[cells.cluster],
        auxiliary=structure.auxiliary | {"slopes": scales},
    )


def _update_covariances(
    products: np.ndarray,
    rows: np.ndarray,
    model: JointModel,
    structure: Structure,
    rng: np.random.Generator,
) -> Structure:
    """Covariances of residuals by group, and of effects by level."""
    cells, groups = model.cells, len(model.groups)
    auxiliary = {name: scales.copy() for name, scales in structure.auxiliary.items()}
    count = np.bincount(cells.group, rows, minlength=groups)
    exposure_variances = structure.exposure_variances
    if model.has_exposure:
        squares, by_group = products_given_exposure(
            products, structure.cell_slopes, cells.group, groups
        )
        exposure_variances, auxiliary["exposure"] = draw_variances(
            squares, count, auxiliary["exposure"], RESIDUAL_SD, rng
        )
    else:
        # NumPy: sums by group as one matrix product; add.at is many times slower.
        membership = np.eye(groups)[:, cells.group]
        by_group = (membership @ products.reshape(len(products), -1)).reshape(
            structure.covariances.shape
        )
    covariances, precisions, auxiliary["responses"] = draw_covariances(
        by_group, count, auxiliary["responses"], RESIDUAL_SD, rng
    )
    effect_covariances = []
    for level, effect in enumerate(structure.effects):
        drawn, _, scales = draw_covariances(
            (effect.T @ effect)[None],
            np.array([len(effect)]),
            auxiliary["effects"][level : level + 1],
            GROUP_SD,
            rng,
        )
        effect_covariances.append(drawn[0])
        auxiliary["effects"][level] = scales[0]
    return replace(
        structure,
        exposure_variances=exposure_variances,
        covariances=covariances,
        effect_covariances=tuple(effect_covariances),
        cell_precisions=precisions_of_rows(
            exposure_variances, precisions, structure.cell_slopes, cells.group
        )
        if model.has_exposure
        else precisions[cells.group],
        auxiliary=auxiliary,
    )
