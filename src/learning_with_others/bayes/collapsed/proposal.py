"""A mixture fitted to the collapsed posterior, from which its draws are proposed."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol

import numpy as np
from scipy import stats
from scipy.optimize import minimize
from scipy.special import logsumexp

WIDE_DEGREES, WIDER = 3, 1.8
LOOSE = 0.4  # of a mode's share, at first, for components with one sd as loose as in its prior
LEAST_SHARE = 0.02
# Standard deviations from which a mode is sought, in those of the outcome.
SMALL, LARGE = 0.05, 1.0
STEEP_CORRELATION = 1.0  # inverse hyperbolic tangent: a partial correlation of .76
SAME_MODE = 1.0  # apart, in standard deviations of the curvature at a mode
NEGLIGIBLE = 12.0  # log of how much less of the posterior lies around a mode than around another
SMALLEST_CURVATURE = 0.05  # of a log posterior, by coordinates that are nearly standard normal
STEP = 1e-4
PRIOR_DRAWS = 200


class Problem(Protocol):
    """A posterior of standard deviations and correlations, all else integrated out.

    Attributes
    ----------
    dimensions : int
    residuals : int
        How many of the standard deviations, which come first, are of residuals.
    curves, sizes : ndarray
        Of the map from each number to a standard deviation, and the outcome's own.
    """

    dimensions: int
    residuals: int
    curves: np.ndarray
    sizes: np.ndarray

    def unconstrained(self, standard_deviations: np.ndarray) -> np.ndarray:
        """Standard deviations on the sampler's scale."""

    def prior_points(self, count: int, random: np.random.Generator) -> np.ndarray:
        """Draw points from the prior, shape (count, dimensions)."""

    def log_densities(self, points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Log likelihood and log prior at points, shape (S, d); not finite where impossible."""

    def log_density(self, point: np.ndarray) -> tuple[float, np.ndarray]:
        """Value and gradient at a point."""

    def gradients(self, points: np.ndarray) -> np.ndarray:
        """Gradients of the log density at points, shape (S, dimensions)."""


@dataclass(frozen=True)
class Tails:
    """How a mixture guards against what its components miss.

    Attributes
    ----------
    near : float
        Degrees of freedom of the components near the modes.
    wide, prior : float
        Shares of the points from the wide component and from the prior.
    """

    near: float
    wide: float
    prior: float


# Every coordinate that heavy tails guard costs points, and more so the more there are.
FEW, MANY = Tails(7, 0.15, 0.1), Tails(30, 0.05, 0.05)
MOST_FEW = 12


@dataclass(frozen=True)
class Proposal:
    """Student t components near the modes, a wide one around all of them, and the prior.

    Attributes
    ----------
    shares : ndarray, shape (K,)
        Of the components near the modes; they sum to one.
    means : ndarray, shape (K, d)
    scales : ndarray, shape (K, d, d)
    """

    shares: np.ndarray
    means: np.ndarray
    scales: np.ndarray

    @property
    def tails(self) -> Tails:
        """By the number of dimensions."""
        return FEW if self.means.shape[1] <= MOST_FEW else MANY

    @property
    def mode(self) -> np.ndarray:
        """Mean of the component of the largest share."""
        return self.means[np.argmax(self.shares)]

    def draw(self, problem: Problem, count: int, random: np.random.Generator) -> np.ndarray:
        """Draw `count` points, a fixed number from each component, in random order."""
        prior = round(self.tails.prior * count)
        numbers = _whole((count - prior) * np.array([share for share, _ in self._components]))
        parts = [problem.prior_points(prior, random)]
        for number, (_, component) in zip(numbers, self._components, strict=True):
            drawn = component.rvs(number, random_state=random)
            parts.append(np.reshape(drawn, (number, problem.dimensions)))
        return random.permutation(np.concatenate(parts))

    def log_density(self, points: np.ndarray, log_prior: np.ndarray) -> np.ndarray:
        """Log density of the whole mixture, the prior among it, shape (points,)."""
        parts = [
            component.logpdf(points) + np.log((1 - self.tails.prior) * share)
            for share, component in self._components
        ]
        return logsumexp([*parts, log_prior + np.log(self.tails.prior)], axis=0)

    def adapted(self, points: np.ndarray, weights: np.ndarray) -> "Proposal":
        """Move every component to the weighted mean and covariance of what it accounts for.

        A component that few points inform keeps part of its mean and scale.

        References
        ----------
        Cappé, O., Douc, R., Guillin, A., Marin, J.-M. and Robert, C. P. (2008). Adaptive importance
        sampling in general mixture classes. Statistics and Computing 18, 447-459, sec. 3.
        """
        *near, _ = self._components
        logs = np.array([component.logpdf(points) + np.log(share) for share, component in near])
        accounted = np.exp(logs - logsumexp(logs, axis=0)) * weights
        shares = np.maximum(accounted.sum(axis=1), LEAST_SHARE)
        means, scales = self.means.copy(), self.scales.copy()
        for k, own in enumerate(accounted / accounted.sum(axis=1, keepdims=True)):
            size = 1 / np.square(own).sum()
            trust = size / (size + 2 * points.shape[1])
            mean = own @ points
            apart = points - mean
            means[k] = trust * mean + (1 - trust) * means[k]
            scales[k] = trust * (apart.T * own) @ apart + (1 - trust) * scales[k]
        return Proposal(shares / shares.sum(), means, scales)

    @cached_property
    def _components(self) -> list[tuple[float, Any]]:
        """Shares of what is not drawn from the prior, and distributions; the wide one last."""
        wide = self.tails.wide / (1 - self.tails.prior)
        near = [
            ((1 - wide) * share, stats.multivariate_t(mean, scale, self.tails.near))
            for share, mean, scale in zip(self.shares, self.means, self.scales, strict=True)
        ]
        mean = self.shares @ self.means
        apart = self.means - mean
        whole = np.tensordot(self.shares, self.scales, 1) + (apart.T * self.shares) @ apart
        return [*near, (wide, stats.multivariate_t(mean, WIDER**2 * whole, WIDE_DEGREES))]


def _whole(wanted: np.ndarray) -> np.ndarray:
    """Round numbers so that their sum is that of the numbers, rounded."""
    ends = np.round(np.cumsum(wanted)).astype(int)
    return np.diff(ends, prepend=0)


def first_proposal(problem: Problem, starts: list[np.ndarray] | None = None) -> Proposal:
    """Find the modes from small and large standard deviations, and their curvatures.

    Parameters
    ----------
    problem : Problem
    starts : list of ndarray, optional
        Points to start from instead, such as the modes of a posterior much like this one.
    """
    found: list[tuple[float, np.ndarray, np.ndarray]] = []
    for start in _starts(problem) if starts is None else starts:
        mode, value = _climb(problem, start)
        if any(
            np.abs((mode - other) @ _root(scale)).max() < SAME_MODE for _, other, scale in found
        ):
            continue
        scale = _inverse_curvature(problem, mode)
        mass = value + 0.5 * np.linalg.slogdet(scale)[1]
        found.append((mass, mode, scale))
    best = max(mass for mass, _, _ in found)
    kept = [one for one in found if one[0] > best - NEGLIGIBLE]
    masses = np.array([mass for mass, _, _ in kept])
    shares = np.exp(masses - logsumexp(masses))
    prior = problem.prior_points(PRIOR_DRAWS, np.random.default_rng(0))
    parts = [
        part
        for share, (_, mode, scale) in zip(shares, kept, strict=True)
        for part in _with_loose(
            share, mode, scale, prior, range(problem.residuals, len(problem.curves))
        )
    ]
    return Proposal(*(np.array(each) for each in zip(*parts, strict=True)))


def _with_loose(
    share: float, mode: np.ndarray, scale: np.ndarray, prior: np.ndarray, loose: range
) -> list[tuple[float, np.ndarray, np.ndarray]]:
    """A component at a mode; beside it one for each group sd, which is there as in its prior.

    Near zero the likelihood says nothing of a sd, and the posterior has the tail of the prior.
    """
    taken = LOOSE if loose else 0.0
    parts = [((1 - taken) * share, mode, scale)]
    for k in loose:
        mean, own = mode.copy(), scale.copy()
        mean[k] = min(mode[k], prior[:, k].mean())
        own[k], own[:, k] = 0, 0
        own[k, k] = prior[:, k].var()
        parts.append((taken * share / len(loose), mean, own))
    return parts


def _root(scale: np.ndarray) -> np.ndarray:
    """Turn differences into standard deviations of a scale matrix."""
    return np.linalg.inv(np.linalg.cholesky(scale)).T


def _starts(problem: Problem) -> list[np.ndarray]:
    names = len(problem.curves)
    pairs = problem.dimensions - names
    starts = []
    for share in (SMALL, LARGE):
        point = np.zeros(problem.dimensions)
        sizes = share * problem.sizes
        sizes[: problem.residuals] = problem.sizes[: problem.residuals]
        point[:names] = problem.unconstrained(sizes)
        for sign in (1, -1) if pairs else (0,):
            starts.append(point.copy())
            starts[-1][names:] = sign * STEEP_CORRELATION
    return starts


def _climb(problem: Problem, start: np.ndarray) -> tuple[np.ndarray, float]:
    def descend(point: np.ndarray) -> tuple[float, np.ndarray]:
        value, gradient = problem.log_density(point)
        return (-value, -gradient) if np.isfinite(value) else (np.inf, np.zeros(len(point)))

    found = minimize(descend, start, jac=True, method="BFGS", options={"gtol": 1e-3})
    return found.x, -float(found.fun)


def _inverse_curvature(problem: Problem, mode: np.ndarray) -> np.ndarray:
    """Inverse of minus the second derivatives, by differences of gradients; made positive."""
    steps = STEP * np.eye(len(mode))
    slopes = problem.gradients(np.concatenate([mode + steps, mode - steps]))
    hessian = (slopes[len(mode) :] - slopes[: len(mode)]) / (2 * STEP)
    values, vectors = np.linalg.eigh((hessian + hessian.T) / 2)
    return (vectors / np.maximum(values, SMALLEST_CURVATURE)) @ vectors.T
