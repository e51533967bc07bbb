"""Covariances of estimates, from the observed information or robust to clusters."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy import sparse, stats

from learning_with_others.errors import CompendiumError
from learning_with_others.psychometrics.response_models.expectation import Expectation, expectation
from learning_with_others.psychometrics.response_models.item_parameters import Constraints
from learning_with_others.psychometrics.response_models.marginal import ResponseFit
from learning_with_others.psychometrics.response_models.marginal_problem import Problem
from learning_with_others.psychometrics.response_models.maximization import solver
from learning_with_others.psychometrics.response_models.observed_information import (
    observed_information,
    pattern_scores,
)

STEP = 1e-5  # of the numerical derivatives in the delta method; their error is about 1e-9
FEW_CLUSTERS = 10


@dataclass(frozen=True)
class Moments:
    """What covariances are made of, at one set of parameters.

    Attributes
    ----------
    information : ndarray, shape (G, k C + 2, k C + 2)
        Observed, by group.
    cluster_scores : ndarray, shape (J, G, k C + 2), or None
        Score of each cluster; None if people count as independent.
    """

    information: np.ndarray
    cluster_scores: np.ndarray | None

    @property
    def degrees_of_freedom(self) -> float:
        """Clusters − 1 for a t interval; infinite for independent people."""
        return np.inf if self.cluster_scores is None else len(self.cluster_scores) - 1.0

    def half_width(self, probability: float) -> float:
        """Standard errors from an estimate to either end of its interval."""
        upper = (1 + probability) / 2
        if np.isinf(self.degrees_of_freedom):
            return float(stats.norm.ppf(upper))
        return float(stats.t.ppf(upper, self.degrees_of_freedom))


def moments(fit: ResponseFit, cluster: np.ndarray | None = None) -> Moments:
    """Take observed information and cluster scores at a fit's estimates.

    Parameters
    ----------
    fit : ResponseFit
    cluster : ndarray, shape (n,), optional
        Cluster of each row that the answers came with.

    Raises
    ------
    CompendiumError
        If there is only one cluster.
    """
    state = expectation(fit.problem, fit.full)
    information = observed_information(fit.problem, state)
    if cluster is None:
        return Moments(information, None)
    return Moments(information, _cluster_scores(fit.problem, state, np.asarray(cluster)))


def _cluster_scores(problem: Problem, state: Expectation, cluster: np.ndarray) -> np.ndarray:
    """Sum the scores of people by cluster, shape (J, G, k C + 2)."""
    used = np.concatenate([patterns.rows for patterns in problem.patterns])
    names, codes = np.unique(cluster[used].astype(str), return_inverse=True)
    if len(names) < 2:  # noqa: PLR2004 - one cluster shows no variation between clusters
        raise CompendiumError(
            f"all people are in one cluster, {str(names[0])!r}",
            remedy="leave the clusters out, or give the level below",
        )
    out = np.zeros((len(names), *state.full.shape))
    start = 0
    for group, (patterns, curve) in enumerate(zip(problem.patterns, state.curves, strict=True)):
        mine = codes[start : start + patterns.people]
        start += patterns.people
        shape = (len(names), len(patterns.codes))
        # Equal (cluster, pattern) entries add up: how many people of a cluster gave the answers.
        people = sparse.csr_array((np.ones(len(mine)), (mine, patterns.pattern)), shape=shape)
        out[:, group] = people @ pattern_scores(patterns, curve)
    return out


def covariance(
    constraints: Constraints, taken: Moments, jacobian: np.ndarray | None = None
) -> np.ndarray:
    """Covariance of the free parameters, or of quantities that depend on them.

    Inverse observed information, or the sandwich I⁻¹ (Σ_j s_j s_j') I⁻¹ × J / (J − 1) with s_j
    the score of cluster j.

    Parameters
    ----------
    constraints : Constraints
    taken : Moments
    jacobian : ndarray, shape (q, free), optional
        Derivatives of the quantities.

    Returns
    -------
    ndarray, shape (free, free) or (q, q)
        NaN if the information is not positive definite: the model is not identified there.

    References
    ----------
    White, H. (1982). Maximum likelihood estimation of misspecified models. Econometrica 50,
    theorem 3.2.
    Binder, D. A. (1983). On the variances of asymptotically normal estimators from complex
    surveys. International Statistical Review 51, 279-292.
    """
    if jacobian is None:
        jacobian = np.eye(constraints.free)
    solve = solver(constraints.information(taken.information))
    if solve is None:
        return np.full((len(jacobian), len(jacobian)), np.nan)
    solved = solve(jacobian.T)
    if taken.cluster_scores is None:
        return jacobian @ solved
    clusters = len(taken.cluster_scores)
    flat = taken.cluster_scores.reshape(clusters, -1)
    influence = (constraints.design.T @ flat.T).T @ solved
    return influence.T @ influence * clusters / (clusters - 1)


@dataclass(frozen=True)
class Estimates:
    """Quantities computed from a fit's parameters, with standard errors.

    Attributes
    ----------
    value, standard_error : ndarray, shape (q,)
    half_width : float
        Standard errors from a value to either end of its interval.
    """

    value: np.ndarray
    standard_error: np.ndarray
    half_width: float

    @property
    def lower(self) -> np.ndarray:
        """Lower limits."""
        return self.value - self.half_width * self.standard_error

    @property
    def upper(self) -> np.ndarray:
        """Upper limits."""
        return self.value + self.half_width * self.standard_error


def delta_method(
    fit: ResponseFit,
    taken: Moments,
    quantities: Callable[[np.ndarray], np.ndarray],
    *,
    depends_on: np.ndarray | None = None,
    probability: float = 0.95,
) -> Estimates:
    """Standard errors of quantities that are functions of the full parameters.

    Parameters
    ----------
    fit : ResponseFit
    taken : Moments
        Taken at these parameters or at those of a model nested with it.
    quantities : callable
        Full vectors (G, k C + 2) to quantities (q,).
    depends_on : ndarray of int, optional
        Places of the flattened full vectors on which the quantities depend; all without it.
    probability : float
        Of the Wald interval: normal for independent people, t with J − 1 degrees of freedom for
        J clusters.
    """
    value = np.asarray(quantities(fit.full), dtype=float)
    places = np.arange(fit.full.size) if depends_on is None else depends_on
    derivatives = np.empty((len(value), len(places)))
    for column, place in enumerate(places):
        step = np.zeros(fit.full.size)
        step[place] = STEP * max(1.0, abs(fit.full.flat[place]))
        above, below = (quantities(fit.full + s * step.reshape(fit.full.shape)) for s in (1, -1))
        derivatives[:, column] = (np.asarray(above) - np.asarray(below)) / (2 * step[place])
    # Quantities of categories that an item lacks are NaN, whatever the other parameters are.
    jacobian = (fit.constraints.design[places].T @ np.nan_to_num(derivatives).T).T
    variance = np.diag(covariance(fit.constraints, taken, jacobian))
    error = np.where(np.isnan(value), np.nan, np.sqrt(np.maximum(variance, 0)))
    return Estimates(value, error, taken.half_width(probability))
