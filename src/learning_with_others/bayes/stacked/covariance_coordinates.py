"""From unconstrained numbers to the covariance matrices of a system, and gradients back."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from learning_with_others.bayes.collapsed.coordinates import (
    add_chain,
    add_correlation_prior,
    fill_factor,
    unfold_sds,
)
from learning_with_others.bayes.collapsed.priors import FAMILIES, check_names
from learning_with_others.bayes.stacked.system import System, SystemPriors

# Of the map from the sampler's scale to a standard deviation, in scales of its prior: small, so
# that the curvature at a mode says how far a standard deviation may fall towards zero.
CURVE = 0.03


@dataclass(frozen=True)
class Group:
    """Numbers with a covariance matrix of their own.

    Attributes
    ----------
    sds : ndarray of int
        Places of their standard deviations among all.
    own : ndarray of int
        Places of the numbers among residuals, or among effects.
    partial : slice
        Of the unconstrained vector: inverse hyperbolic tangents of partial correlations.
    """

    sds: np.ndarray
    own: np.ndarray
    partial: slice

    @cached_property
    def grid(self) -> tuple[np.ndarray, np.ndarray]:
        """Rows and columns of their matrix among all."""
        return np.ix_(self.own, self.own)


@dataclass(frozen=True)
class Point:
    """What an unconstrained point stands for.

    Attributes
    ----------
    log_sds, slopes : ndarray
        Logarithms of all standard deviations, and their derivatives by the coordinates.
    factors : list of (ndarray, ndarray)
        By group: Cholesky factors of the correlation and of the covariance matrix.
    log_prior : float
    by_prior : ndarray
        Gradient of the log prior.
    """

    log_sds: np.ndarray
    slopes: np.ndarray
    factors: list[tuple[np.ndarray, np.ndarray]]
    log_prior: float
    by_prior: np.ndarray


@dataclass(frozen=True)
class Covariances:
    """The coordinates of a system: which number is what.

    Order: standard deviations as `System.standard_deviations`, mapped as in the collapsed engine;
    then partial correlations of each block's residuals and each group of covarying effects.
    Without priors, standard deviations stand as their logarithms, and densities are likelihoods.
    """

    system: System
    priors: SystemPriors | None

    @cached_property
    def residuals(self) -> list[Group]:
        """By block."""
        places = iter(range(len(self.system.equations)))
        owns = [np.array([next(places) for _ in block]) for block in self.system.blocks]
        return self._groups([(own, own) for own in owns], len(self.system.standard_deviations))

    @cached_property
    def effects(self) -> list[Group]:
        """Effects of clusters: the covarying ones by group, then each of the others alone."""
        varying = self.system.varying
        groups = [np.array([varying.index(p) for p in g]) for g in self.system.covarying]
        together = {place for group in groups for place in group}
        groups += [np.array([k]) for k in range(len(varying)) if k not in together]
        start = self.residuals[-1].partial.stop
        offset = len(self.system.equations)
        return self._groups([(offset + own, own) for own in groups], start)

    @staticmethod
    def _groups(places: list[tuple[np.ndarray, np.ndarray]], start: int) -> list[Group]:
        groups = []
        for sds, own in places:
            stop = start + len(own) * (len(own) - 1) // 2
            groups.append(Group(sds, own, slice(start, stop)))
            start = stop
        return groups

    @property
    def dimensions(self) -> int:
        """Length of the unconstrained vector."""
        return self.effects[-1].partial.stop if self.effects else self.residuals[-1].partial.stop

    @cached_property
    def families(self) -> np.ndarray:
        """Codes of the priors' families, -1 without priors."""
        names = self.system.standard_deviations
        if self.priors is None:
            return np.full(len(names), -1)
        check_names(self.priors.standard_deviations, names, "standard deviation")
        return np.array([FAMILIES[self.priors.standard_deviations[n].family] for n in names])

    @cached_property
    def settings(self) -> np.ndarray:
        """Scale, degrees and curve of each standard deviation's prior."""
        names = self.system.standard_deviations
        if self.priors is None:
            return np.zeros((len(names), 3))
        chosen = [self.priors.standard_deviations[name] for name in names]
        return np.array([(each.scale, each.degrees, CURVE * each.scale) for each in chosen])

    def at(self, point: np.ndarray) -> Point:
        """Standard deviations, Cholesky factors and prior at an unconstrained point."""
        count = len(self.families)
        log_sds, slopes = np.empty(count), np.empty(count)
        by_prior = np.zeros(len(point))
        value = unfold_sds(
            point[:count], self.families, self.settings, log_sds, slopes, by_prior[:count]
        )
        factors = []
        for group in (*self.residuals, *self.effects):
            terms, partial = len(group.own), point[group.partial]
            omega, factor = np.empty((terms, terms)), np.empty((terms, terms))
            fill_factor(log_sds[group.sds], partial, omega, factor)
            factors.append((omega, factor))
            if self.priors is not None and terms > 1:
                value += add_correlation_prior(
                    partial, terms, self.priors.correlation, by_prior[group.partial]
                )
        return Point(log_sds, slopes, factors, value, by_prior)

    def gradient(
        self,
        point: np.ndarray,
        found: Point,
        by_covariances: list[np.ndarray],
        by_scaled: np.ndarray,
    ) -> np.ndarray:
        """Gradient by the coordinates.

        Parameters
        ----------
        point : ndarray, shape (dimensions,)
        found : Point
            At this point.
        by_covariances : list of ndarray
            Twice the derivative of the log likelihood by each group's covariance matrix.
        by_scaled : ndarray
            Derivative by the logarithms of the scaled coefficients' standard deviations.
        """
        gradient = np.zeros(len(point))
        groups = (*self.residuals, *self.effects)
        for group, (omega, factor), slopes in zip(
            groups, found.factors, by_covariances, strict=True
        ):
            by_sds = np.zeros(len(group.own))
            by_partial = gradient[group.partial]
            add_chain(
                found.log_sds[group.sds], point[group.partial], omega, factor,
                np.ascontiguousarray(slopes), by_sds, by_partial,
            )  # fmt: skip
            gradient[group.sds] += by_sds
        count = len(found.log_sds)
        gradient[count - len(by_scaled) : count] += by_scaled
        gradient[:count] *= found.slopes
        return gradient + found.by_prior
