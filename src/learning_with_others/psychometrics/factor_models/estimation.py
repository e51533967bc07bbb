"""Maximum likelihood by Fisher scoring with an analytic gradient."""

from dataclasses import dataclass

import numpy as np
from scipy.linalg import cho_factor, cho_solve

from learning_with_others.errors import CompendiumError
from learning_with_others.psychometrics.factor_models.likelihood import (
    Likelihood,
    likelihood,
    moment_information,
)
from learning_with_others.psychometrics.factor_models.moments import GroupMoments
from learning_with_others.psychometrics.factor_models.saturated import CONVERGED
from learning_with_others.psychometrics.factor_models.structure import Structure

MOST_STEPS = 100
NEAR = 1.0  # gain in log-likelihood below which Newton steps begin
ROUNDING = 1e-12  # of the log-likelihood, relative
FIRST_DAMPING, MOST_DAMPING = 1e-3, 1e8
STARTS = (1.0, 0.6, 1.4)  # loadings to start from, times these
UNIDENTIFIED = 1e-9  # smallest eigenvalue of the information, parameters scaled to one unit


@dataclass(frozen=True)
class Point:
    """The likelihood at some parameters.

    Attributes
    ----------
    parameters : ndarray, shape (p,)
    value : float
        Log-likelihood of all groups.
    groups : tuple of Likelihood
    """

    parameters: np.ndarray
    value: float
    groups: tuple[Likelihood, ...]


def evaluate(
    structure: Structure, data: tuple[GroupMoments, ...], parameters: np.ndarray
) -> Point | None:
    """Log-likelihood at some parameters; nothing where an implied covariance is not positive."""
    found = []
    for group, moments in enumerate(data):
        at = likelihood(moments, *structure.moments(parameters, group))
        if at is None or not np.isfinite(at.value):
            return None
        found.append(at)
    return Point(parameters, sum(at.value for at in found), tuple(found))


def gradient(structure: Structure, point: Point) -> np.ndarray:
    """Gradient of the log-likelihood by the free parameters, shape (p,)."""
    out = np.zeros(structure.count)
    for group, at in enumerate(point.groups):
        directions = structure.directions(point.parameters, group)
        out += directions.gradient(at.mean_gradient, at.covariance_gradient, structure.count)
    return out


def expected_information(
    structure: Structure, data: tuple[GroupMoments, ...], point: Point
) -> np.ndarray:
    """Expected information given the missing patterns, shape (p, p)."""
    return _information(structure, data, point, observed=False)


def observed_information(
    structure: Structure, data: tuple[GroupMoments, ...], point: Point
) -> np.ndarray:
    """Negative second derivatives of the log-likelihood, shape (p, p).

    The part that comes from the curvature of the model is a complex step through the chain
    rule, exact to rounding (Squire and Trapp 1998).
    """
    out = _information(structure, data, point, observed=True)
    tiny = 1e-30
    for group, at in enumerate(point.groups):
        curvature = np.zeros_like(out)
        for place in structure.bent[group]:
            moved = point.parameters.astype(complex)
            moved[place] += 1j * tiny
            directions = structure.directions(moved, group)
            pull = directions.gradient(at.mean_gradient, at.covariance_gradient, structure.count)
            curvature[place] = pull.imag / tiny
        out -= curvature
    return out


def _information(
    structure: Structure, data: tuple[GroupMoments, ...], point: Point, *, observed: bool
) -> np.ndarray:
    out = np.zeros((structure.count, structure.count))
    for group, moments in enumerate(data):
        jacobian = structure.directions(point.parameters, group).jacobian(structure.count)
        inside = moment_information(moments, point.groups[group], observed=observed)
        out += jacobian.T @ inside @ jacobian
    return out


def maximize(structure: Structure, data: tuple[GroupMoments, ...], start: np.ndarray) -> Point:
    """Find the maximum of the likelihood.

    Fisher scoring, then Newton steps once little is left to gain; damped where a step would not
    raise the likelihood (Levenberg-Marquardt). Scoring is safe far from the maximum, but slow
    near it where a parameter is weakly determined; Newton is the reverse. A search that fails
    begins anew from weaker and from stronger loadings.

    Returns
    -------
    Point

    Raises
    ------
    CompendiumError
        If no search settles.
    """
    loading = np.zeros(structure.count, dtype=bool)
    free = structure.table.rows[structure.table.rows["free"] >= 0]
    loading[free.loc[free["kind"] == "loading", "free"]] = True
    for times in STARTS:
        point = evaluate(structure, data, np.where(loading, start * times, start))
        found = None if point is None else _search(structure, data, point)
        if found is not None:
            return found
    raise CompendiumError(
        f"{MOST_STEPS} steps from {len(STARTS)} starts found no maximum of the likelihood of "
        f"{structure.count} parameters",
        where=_name(structure),
        remedy="the model is too rich for these data: fewer factors, more items or more rows",
    )


def _search(structure: Structure, data: tuple[GroupMoments, ...], point: Point) -> Point | None:
    damping, gain = 0.0, np.inf
    for _ in range(MOST_STEPS):
        slope = gradient(structure, point)
        information = _curvature(structure, data, point, slope, near=gain < NEAR)
        while True:
            step = _step(information, slope, damping)
            if step is not None:
                gain = slope @ step
                if gain < CONVERGED and damping <= FIRST_DAMPING:
                    return point
                moved = evaluate(structure, data, point.parameters + step)
                lowest = point.value - ROUNDING * abs(point.value)
                if moved is not None and moved.value >= lowest:
                    break
            damping = max(10 * damping, FIRST_DAMPING)
            if damping > MOST_DAMPING:
                return None
        point = moved
        damping = damping / 10 if damping > FIRST_DAMPING else 0.0
    return None


def _curvature(
    structure: Structure,
    data: tuple[GroupMoments, ...],
    point: Point,
    slope: np.ndarray,
    *,
    near: bool,
) -> np.ndarray:
    """Observed information near a maximum, else (or where it is not positive) the expected."""
    if near:
        observed = observed_information(structure, data, point)
        if _step(observed, slope, 0.0) is not None:
            return observed
    return expected_information(structure, data, point)


def _step(information: np.ndarray, slope: np.ndarray, damping: float) -> np.ndarray | None:
    scale = np.diag(information)
    if (scale <= 0).any():
        return None
    try:
        return cho_solve(cho_factor(information + damping * np.diag(scale)), slope)
    except np.linalg.LinAlgError:
        return None


def refuse_unidentified(structure: Structure, information: np.ndarray) -> None:
    """Raise if the data cannot tell some parameters apart.

    The rank of the information at the estimate decides (Rothenberg 1971, theorem 1).

    Parameters
    ----------
    structure : Structure
    information : ndarray, shape (p, p)
        Expected information.
    """
    scale = np.sqrt(np.maximum(np.diag(information), np.finfo(float).tiny))
    values, vectors = np.linalg.eigh(information / np.outer(scale, scale))
    if values[0] > UNIDENTIFIED:
        return
    involved = np.flatnonzero(np.abs(vectors[:, 0]) > 0.1)  # noqa: PLR2004 - a visible share
    labels = structure.table.rows.drop_duplicates("free").set_index("free")["label"]
    raise CompendiumError(
        f"the model is not identified: the data cannot tell {', '.join(labels[involved])} apart",
        where=_name(structure),
        remedy="give each factor three items or more, hold parameters equal, or drop a factor",
    )


def refuse_unidentified_start(
    structure: Structure, data: tuple[GroupMoments, ...], start: np.ndarray
) -> None:
    """Raise before any search if a model is not identified anywhere.

    Looked at beside the start, where loadings are in no special proportion.
    """
    beside = start * (1 + 0.1 * np.sin(1.0 + np.arange(len(start))))
    point = evaluate(structure, data, beside)
    if point is not None:
        refuse_unidentified(structure, expected_information(structure, data, point))


def _name(structure: Structure) -> str:
    model = structure.table.model
    return f"factor model of {len(model.items)} items and {len(model.factors)} factors"
