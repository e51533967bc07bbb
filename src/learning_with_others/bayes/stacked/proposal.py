"""A proposal for many dimensions: a split Student t around the mode."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy import stats
from scipy.special import gammaln, logsumexp

from learning_with_others.bayes.collapsed.proposal import MANY, Problem, Proposal, first_proposal

REACH = (1, 2, 3, 4)  # standard deviations at which the density is compared with a normal one
NARROWEST, WIDEST = 0.6, 5.0  # of a half, in standard deviations of the curvature


@dataclass(frozen=True)
class SplitStudentT:
    """A multivariate t whose two halves along each axis have scales of their own.

    Attributes
    ----------
    mean : ndarray, shape (d,)
    axes : ndarray, shape (d, d)
        One a column.
    right, left : ndarray, shape (d,)
        Scales along the axes.
    degrees : float
    """

    mean: np.ndarray
    axes: np.ndarray
    right: np.ndarray
    left: np.ndarray
    degrees: float

    def rvs(self, count: int, random: np.random.Generator) -> np.ndarray:
        """Draw points, shape (count, d)."""
        size = (count, len(self.mean))
        rightward = random.random(size) < self.right / (self.right + self.left)
        sides = np.where(rightward, self.right, -self.left)
        tails = np.sqrt(random.chisquare(self.degrees, (count, 1)) / self.degrees)
        return self.mean + sides * np.abs(random.standard_normal(size)) / tails @ self.axes.T

    def logpdf(self, points: np.ndarray) -> np.ndarray:
        """Log density at points."""
        along = np.linalg.solve(self.axes, (points - self.mean).T).T
        squares = np.square(along / np.where(along > 0, self.right, self.left)).sum(axis=1)
        d, nu = len(self.mean), self.degrees
        constant = gammaln((nu + d) / 2) - gammaln(nu / 2) - d / 2 * np.log(nu * np.pi)
        constant += np.log(2 / (self.right + self.left)).sum() - np.linalg.slogdet(self.axes)[1]
        return constant - (nu + d) / 2 * np.log1p(squares / nu)


@dataclass(frozen=True)
class SplitProposal:
    """A split t, a wide t around it, and the prior.

    Attributes
    ----------
    split : SplitStudentT
    """

    split: SplitStudentT

    @property
    def mode(self) -> np.ndarray:
        """Where the posterior is highest."""
        return self.split.mean

    @cached_property
    def _wide(self) -> object:
        scale = self.split.axes @ self.split.axes.T
        return stats.multivariate_t(self.split.mean, WIDEST * scale, MANY.near)

    def draw(self, problem: Problem, count: int, random: np.random.Generator) -> np.ndarray:
        """Draw `count` points, a fixed number from each component, in random order."""
        prior, wide = round(MANY.prior * count), round(MANY.wide * count)
        parts = [
            problem.prior_points(prior, random),
            np.reshape(self._wide.rvs(wide, random_state=random), (wide, len(self.mode))),
            self.split.rvs(count - prior - wide, random),
        ]
        return random.permutation(np.concatenate(parts))

    def log_density(self, points: np.ndarray, log_prior: np.ndarray) -> np.ndarray:
        """Log density of the whole mixture, the prior among it, shape (points,)."""
        parts = [
            self.split.logpdf(points) + np.log(1 - MANY.prior - MANY.wide),
            self._wide.logpdf(points) + np.log(MANY.wide),
            log_prior + np.log(MANY.prior),
        ]
        return logsumexp(parts, axis=0)

    def adapted(self, points: np.ndarray, weights: np.ndarray) -> Proposal:
        """Give a mixture of one t component with the weighted mean and covariance instead."""
        scale = self.split.axes @ self.split.axes.T
        whole = Proposal(np.ones(1), self.split.mean[None], scale[None])
        return whole.adapted(points, weights)


def split_proposal(problem: Problem, starts: list[np.ndarray] | None = None) -> SplitProposal:
    """Find the highest mode, its curvature, and how far the posterior falls along each axis.

    Standard deviations of effects come first among the axes, so that each has an axis along which
    the others are at their best: it is there that posteriors are skewed.

    Parameters
    ----------
    problem : Problem
    starts : list of ndarray, optional
        As `first_proposal` takes them.

    References
    ----------
    Geweke, J. (1989). Bayesian inference in econometric models using Monte Carlo integration.
    Econometrica 57, 1317-1339, sec. 3: the split t, and scales by the largest over several steps.
    """
    found = first_proposal(problem, starts)
    best = int(np.argmax(found.shares))
    mode, scale = found.means[best], found.scales[best]
    places = np.arange(len(mode))
    effects = (places >= problem.residuals) & (places < len(problem.curves))
    order = np.r_[places[effects], places[~effects]]
    axes = np.empty_like(scale)
    axes[order] = np.linalg.cholesky(scale[np.ix_(order, order)])
    highest = sum(problem.log_densities(mode[None])).item()
    scales = []
    for sign in (1, -1):
        halves = []
        for steps in REACH:
            heights = sum(problem.log_densities(mode + sign * steps * axes.T))
            # A point above the mode, by rounding, would have no scale.
            halves.append(steps / np.sqrt(2 * np.maximum(highest - heights, 1e-3)))
        scales.append(np.clip(np.max(halves, axis=0), NARROWEST, WIDEST))
    return SplitProposal(SplitStudentT(mode, axes, *scales, MANY.near))
