"""Standard errors and tests that need neither normal nor independent rows (MLR)."""

from dataclasses import dataclass

import numpy as np

from learning_with_others.errors import CompendiumError
from learning_with_others.psychometrics.factor_models.estimation import Point
from learning_with_others.psychometrics.factor_models.likelihood import (
    moment_information,
    moment_scores,
)
from learning_with_others.psychometrics.factor_models.moments import GroupMoments
from learning_with_others.psychometrics.factor_models.saturated import Saturated
from learning_with_others.psychometrics.factor_models.structure import Structure


@dataclass(frozen=True)
class Clusters:
    """Which rows belong together.

    Attributes
    ----------
    codes : tuple of ndarray of int
        Cluster of each row, group by group; a cluster may hold rows of several groups.
    count : int
    correction : float
        C / (C − 1) where clusters hold several rows, else 1, as in lavaan.
    """

    codes: tuple[np.ndarray, ...]
    count: int
    correction: float


def read_clusters(cluster: np.ndarray, data: tuple[GroupMoments, ...]) -> Clusters:
    """Number the clusters of the rows that enter.

    Parameters
    ----------
    cluster : ndarray, shape (n,)
        Label of each row's cluster, in the order of the frame the groups came from.
    data : tuple of GroupMoments
    """
    labels = np.asarray(cluster, dtype=object)
    used = np.concatenate([moments.rows for moments in data])
    names = {name: code for code, name in enumerate(dict.fromkeys(labels[used]))}
    if len(names) < 2:  # noqa: PLR2004 - one cluster has no variance between
        raise CompendiumError(
            "all rows are of one cluster",
            where="factor model",
            remedy="give two clusters or more",
        )
    codes = tuple(
        np.array([names[name] for name in labels[moments.rows]], dtype=int) for moments in data
    )
    count = len(names)
    return Clusters(codes, count, count / (count - 1) if count < len(used) else 1.0)


@dataclass(frozen=True)
class Robust:
    """What the variation of the scores between clusters says.

    Attributes
    ----------
    covariance : ndarray, shape (p, p)
        Sandwich covariance of the free parameters.
    trace : float
        tr(J H⁻¹) of the model.
    """

    covariance: np.ndarray
    trace: float


def sandwich(
    structure: Structure,
    data: tuple[GroupMoments, ...],
    point: Point,
    curvature: np.ndarray,
    clusters: Clusters,
) -> Robust:
    """Sandwich H⁻¹ J H⁻¹: H observed information, J products of the clusters' score sums.

    Parameters
    ----------
    structure : Structure
    data : tuple of GroupMoments
    point : Point
    curvature : ndarray, shape (p, p)
        Observed information at the point.
    clusters : Clusters

    References
    ----------
    White, H. (1982). Maximum likelihood estimation of misspecified models. Econometrica 50,
    1-25, th. 3.2. Clusters: Binder, D. A. (1983). International Statistical Review 51, 279-292.
    """
    summed = np.zeros((clusters.count, structure.count))
    for group, moments in enumerate(data):
        at = point.groups[group]
        mean, _ = structure.moments(point.parameters, group)
        jacobian = structure.directions(point.parameters, group).jacobian(structure.count)
        scores = moment_scores(moments, mean, at)
        summed += _cluster_sums(scores, clusters.codes[group], clusters.count) @ jacobian
    bread = np.linalg.inv(curvature)
    between = clusters.correction * summed.T @ summed
    return Robust(bread @ between @ bread, float((bread * between).sum()))


def saturated_trace(
    data: tuple[GroupMoments, ...], found: tuple[Saturated, ...], clusters: Clusters
) -> float:
    """tr(J H⁻¹) of the unrestricted moments."""
    total = 0.0
    for group, (moments, free) in enumerate(zip(data, found, strict=True)):
        scores = moment_scores(moments, free.mean, free.at)
        summed = _cluster_sums(scores, clusters.codes[group], clusters.count)
        information = moment_information(moments, free.at, observed=True)
        total += np.trace(np.linalg.solve(information, summed.T @ summed))
    return float(clusters.correction * total)


def scaling_factor(saturated: float, model: float, df: int) -> float:
    """Scaling factor of the Yuan-Bentler test from both traces, as in Mplus and lavaan.

    References
    ----------
    Yuan, K.-H. and Bentler, P. M. (2000). Three likelihood-based methods for mean and
    covariance structure analysis with nonnormal missing data. Sociological Methodology 30,
    165-200, eq. 20; Asparouhov, T. and Muthén, B. (2005). Multivariate statistical modeling
    with survey data, eq. 12.
    """
    return (saturated - model) / df if df > 0 else np.nan


def _cluster_sums(scores: np.ndarray, codes: np.ndarray, count: int) -> np.ndarray:
    out = np.zeros((count, scores.shape[1]))
    np.add.at(out, codes, scores)
    return out
