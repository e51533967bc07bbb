"""How the rows of a study were sampled, and what its design says of an estimate's error."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from learning_with_others.data.clusters import FEWEST_SCHOOLS
from learning_with_others.errors import CompendiumError
from learning_with_others.inference.plausible_pooling import pool_estimates
from learning_with_others.study import StudyDesign

INTERVAL_KIND = "t, jackknife over clusters"


@dataclass(frozen=True)
class ClusterDesign:
    """Clusters that could have been others, the strata they come from, and sampling weights.

    Attributes
    ----------
    cluster : ndarray of int, shape (n,)
        Positions, from 0.
    stratum : ndarray of int, shape (clusters,)
    weights : ndarray, shape (n,)
        Sampling weights; 1 without any.
    level : str
        What the clusters are: "classrooms within these schools", "schools".
    """

    cluster: np.ndarray
    stratum: np.ndarray
    weights: np.ndarray
    level: str

    @property
    def clusters(self) -> int:
        """Number of clusters."""
        return len(self.stratum)

    @property
    def degrees(self) -> int:
        """Degrees of freedom: clusters less strata."""
        return self.clusters - len(np.unique(self.stratum))

    def degrees_of(self, *groups: np.ndarray) -> int:
        """Fewest degrees of freedom of several groups: clusters that hold members, less strata.

        Parameters
        ----------
        *groups : ndarray of bool, shape (n,)

        References
        ----------
        Korn, E. L. and Graubard, B. I. (1999). Analysis of Health Surveys. Wiley, section 5.2.
        """
        held = [np.unique(self.cluster[group & (self.weights > 0)]) for group in groups]
        return min(len(where) - len(np.unique(self.stratum[where])) for where in held)

    @property
    def flag(self) -> str:
        """What must be said beside an interval; empty if nothing."""
        if self.degrees < 1:
            return f"no interval: {self.clusters} {self.level} cannot vary"
        return ""


@dataclass(frozen=True)
class Estimates:
    """Estimates of q quantities with intervals.

    Attributes
    ----------
    estimate, error, lower, upper : ndarray, shape (q,)
    mcse : ndarray, shape (q,)
        Monte Carlo standard errors that come from a finite number of plausible values; NaN
        without any.
    """

    estimate: np.ndarray
    error: np.ndarray
    lower: np.ndarray
    upper: np.ndarray
    mcse: np.ndarray

    @classmethod
    def none(cls, width: int) -> "Estimates":
        """Nothing could be estimated."""
        return cls(*[np.full(width, np.nan)] * 5)


def cluster_design(rows: pd.DataFrame, study: StudyDesign) -> ClusterDesign:
    """Read the design off the rows: schools where there are ten, else classrooms within schools.

    A school with a single classroom stands with the other such schools, or with the next one.

    Parameters
    ----------
    rows : pandas.DataFrame
        With school and classroom recorded.

    Raises
    ------
    CompendiumError
        If weights are missing, negative, or all zero.
    """
    roles = study.roles
    weights = _weights(rows, roles.weight)
    schools, names = pd.factorize(rows[roles.school])
    if len(names) >= FEWEST_SCHOOLS or roles.classroom is None:
        return ClusterDesign(schools, np.zeros(len(names), dtype=int), weights, "schools")
    rooms, labels = pd.factorize(rows[roles.classroom])
    stratum = np.zeros(len(labels), dtype=int)
    stratum[rooms] = schools
    return ClusterDesign(rooms, _merge_lone(stratum), weights, "classrooms within these schools")


def _weights(rows: pd.DataFrame, column: str | None) -> np.ndarray:
    if column is None:
        return np.ones(len(rows))
    weights = rows[column].to_numpy(float)
    bad = ~(weights >= 0)
    if bad.any():
        raise CompendiumError(
            f"{int(bad.sum())} sampling weights are missing or negative",
            where=f"column {column}",
            remedy="give every row a weight of zero or more, or remove roles.weight",
        )
    if len(rows) and not weights.any():
        raise CompendiumError(
            "all sampling weights are zero",
            where=f"column {column}",
            remedy="check the column, or remove roles.weight",
        )
    return weights


def _merge_lone(stratum: np.ndarray) -> np.ndarray:
    """Put strata of one cluster together; a single such stratum joins the smallest other one."""
    sizes = np.bincount(stratum)
    lone = np.flatnonzero(sizes == 1)
    if len(lone) == 0 or len(sizes) == 1:
        return stratum
    merged = stratum.copy()
    others = np.flatnonzero(sizes > 1)
    home = lone[0] if len(lone) > 1 else others[np.argmin(sizes[others])]
    merged[np.isin(stratum, lone)] = home
    return merged


def replicate_weights(design: ClusterDesign) -> tuple[np.ndarray, np.ndarray]:
    """Weights of the clusters with each of them left out in turn.

    Returns
    -------
    weights : ndarray, shape (clusters, clusters)
        The others of its stratum take the left-out cluster's place.
    factors : ndarray, shape (clusters,)
        (nₕ − 1) / nₕ; 0 for a stratum of one cluster, which tells nothing of variation.

    References
    ----------
    Rust, K. F. and Rao, J. N. K. (1996). Variance estimation for complex surveys using replication
    techniques. Statistical Methods in Medical Research 5, 283-310 (stratified jackknife, JKn).
    """
    sizes = np.bincount(design.stratum)[design.stratum]
    same = design.stratum[:, None] == design.stratum[None, :]
    weights = np.where(same & (sizes[:, None] > 1), sizes / np.maximum(sizes - 1, 1), 1.0)
    np.fill_diagonal(weights, np.where(sizes > 1, 0.0, 1.0))
    return weights, (sizes - 1) / sizes


def jackknife(
    design: ClusterDesign,
    statistic: Callable[[np.ndarray], np.ndarray],
    probability: float,
    degrees: int | None = None,
) -> Estimates:
    """Estimate with the design's weights, and intervals from leaving each cluster out.

    Parameters
    ----------
    design : ClusterDesign
    statistic : callable
        From weights of the rows, shape (n,), to quantities, shape (q,); smooth in them.
    probability : float
        Of the t interval.
    degrees : int, optional
        Of freedom; the design's without it.
    """
    estimate, errors = _leave_out(design, statistic)
    return _with_limits(
        estimate, errors, design.degrees if degrees is None else degrees, probability
    )


def pooled_jackknife(
    design: ClusterDesign,
    statistics: list[Callable[[np.ndarray], np.ndarray]],
    probability: float,
    degrees: int | None = None,
) -> Estimates:
    """The same with a statistic for each plausible value, pooled by Rubin's rules."""
    if len(statistics) == 1:
        return jackknife(design, statistics[0], probability, degrees)
    degrees = design.degrees if degrees is None else degrees
    found = [_leave_out(design, statistic) for statistic in statistics]
    estimates, errors = (np.stack(part) for part in zip(*found, strict=True))
    if degrees < 1 or not np.isfinite(errors).all():
        return _with_limits(estimates.mean(axis=0), errors.mean(axis=0), 0, probability)
    pooled = [
        pool_estimates(estimates[:, k], errors[:, k], degrees, probability)
        for k in range(estimates.shape[1])
    ]
    return Estimates(
        *(
            np.array([getattr(one, name) for one in pooled])
            for name in ("estimate", "sd", "lower", "upper", "monte_carlo_error")
        )
    )


def _leave_out(
    design: ClusterDesign, statistic: Callable[[np.ndarray], np.ndarray]
) -> tuple[np.ndarray, np.ndarray]:
    estimate = np.atleast_1d(statistic(design.weights))
    if design.degrees < 1:
        return estimate, np.full(estimate.shape, np.nan)
    weights, factors = replicate_weights(design)
    used = factors > 0
    without = np.stack(
        [np.atleast_1d(statistic(design.weights * w[design.cluster])) for w in weights[used]]
    )
    return estimate, np.sqrt(factors[used] @ (without - estimate) ** 2)


def _with_limits(
    estimate: np.ndarray, error: np.ndarray, degrees: int, probability: float
) -> Estimates:
    quantile = stats.t.ppf((1 + probability) / 2, degrees) if degrees > 0 else np.nan
    half = quantile * error
    none = np.full(estimate.shape, np.nan)
    return Estimates(estimate, error, estimate - half, estimate + half, none)
