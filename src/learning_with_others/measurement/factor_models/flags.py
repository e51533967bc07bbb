"""What makes an estimate improper, in words."""

import numpy as np

from learning_with_others.measurement.factor_models.estimation import Point
from learning_with_others.measurement.factor_models.robust import Clusters
from learning_with_others.measurement.factor_models.structure import Structure

SINGULAR = 1e-8  # smallest eigenvalue of the factors' correlations that counts as positive


def flags_of(
    structure: Structure,
    point: Point,
    curvature: np.ndarray,
    clusters: Clusters | None,
    df: int,
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
    spread = np.sqrt(np.diag(covariance))
    with np.errstate(divide="ignore", invalid="ignore"):
        correlation = covariance / np.outer(spread, spread)
    np.fill_diagonal(correlation, 1.0)
    if np.isfinite(correlation).all() and np.linalg.eigvalsh(correlation)[0] > SINGULAR:
        return []
    largest = np.abs(np.nan_to_num(np.tril(correlation, -1))).max()
    said = f"covariance matrix of the {what}{place} is not positive definite"
    return [f"{said} (largest correlation {largest:.3f})"]
