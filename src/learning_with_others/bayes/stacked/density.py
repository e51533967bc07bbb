"""The collapsed log density of stacked equations, its gradient, and moments of coefficients.

Written in NumPy: the matrices are large enough (some hundred coefficients) for the linear algebra
to be what takes the time.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.linalg.blas import dsyrk
from scipy.linalg.lapack import dpotrf, dpotri, dtrtrs

from learning_with_others.bayes.collapsed.prior_points import draw_prior_points
from learning_with_others.bayes.collapsed.stack_kernel import add_weighted
from learning_with_others.bayes.collapsed.transforms import unconstrained
from learning_with_others.bayes.stacked.covariance_coordinates import Covariances, Point
from learning_with_others.bayes.stacked.parts import Part, stack_parts
from learning_with_others.bayes.stacked.spread import Spread
from learning_with_others.bayes.stacked.statistics import StackedStatistics
from learning_with_others.bayes.stacked.system import SystemPriors

LOG_TWO_PI = np.log(2 * np.pi)
# Far out floating point overflows; the value is then not finite, and the point impossible.
far_out = np.errstate(over="ignore", invalid="ignore", divide="ignore")


@dataclass(frozen=True)
class Solved:
    """Everything integrated out at one point, p coefficients and q varying terms.

    Arrays are those of the workspace, and hold until the next evaluation.

    Attributes
    ----------
    log_likelihood : float
    mean : ndarray, shape (p,)
        Of the coefficients.
    root : ndarray, shape (p, p)
        Lower Cholesky factor of their precision; what stands above the diagonal has no meaning.
    point : Point
    precisions : list of ndarray
        By block and pattern, zero where an equation is absent.
    cross, gram, inner : ndarray, shapes (J, q, p + 1), (J, q, q), (J, q, q)
        Z'Ω[X, y], Z'ΩZ, and the effects' covariance given coefficients.
    """

    log_likelihood: float
    mean: np.ndarray
    root: np.ndarray
    point: Point
    precisions: list[list[np.ndarray]]
    cross: np.ndarray
    gram: np.ndarray
    inner: np.ndarray


@dataclass(frozen=True)
class Workspace:
    """Arrays that every evaluation fills anew: to allocate them takes as long as to fill them.

    `products` is in Fortran's order, its last row and column are of the outcome.
    """

    products: np.ndarray
    cross: np.ndarray
    gram: np.ndarray
    explained: np.ndarray


@dataclass(frozen=True)
class StackedPosterior:
    """A posterior of standard deviations and correlations, ready to be evaluated.

    Attributes
    ----------
    statistics : StackedStatistics
    priors : SystemPriors
    standard_deviation_priors : bool
        Without them the density is the likelihood with coefficients integrated out, of log
        standard deviations; flat coefficients then give restricted likelihood, with the constant
        −(n − p)/2 log 2π and no other.
    """

    statistics: StackedStatistics
    priors: SystemPriors
    standard_deviation_priors: bool = True

    @cached_property
    def covariances(self) -> Covariances:
        """The coordinates."""
        priors = self.priors if self.standard_deviation_priors else None
        return Covariances(self.statistics.system, priors)

    @cached_property
    def scales(self) -> np.ndarray:
        """Prior standard deviation of every coefficient; those of scaled ones are not used."""
        return np.array(
            [self.priors.coefficients[place] for place in self.statistics.system.coefficients]
        )

    @cached_property
    def scaled(self) -> list[np.ndarray]:
        """Places of scaled coefficients, by standard deviation."""
        places = self.statistics.system.coefficients
        groups = self.statistics.system.scaled.values()
        return [np.array([places.index(place) for place in group]) for group in groups]

    @property
    def dimensions(self) -> int:
        """Length of the unconstrained vector."""
        return self.covariances.dimensions

    @property
    def residuals(self) -> int:
        """How many of the standard deviations, the first ones, are of residuals."""
        return len(self.statistics.system.equations)

    @property
    def curves(self) -> np.ndarray:
        """Of the map from each number to a standard deviation."""
        return self.covariances.settings[:, 2]

    @property
    def sizes(self) -> np.ndarray:
        """Standard deviations of the outcomes to which standard deviations belong."""
        system, sds = self.statistics.system, self.statistics.outcome_sds
        by_outcome = dict(zip((each.outcome for each in system.equations), sds, strict=True))
        varying = [by_outcome[outcome] for outcome, _ in system.varying]
        return np.array([*sds, *varying, *([float(sds.mean())] * len(system.scaled))])

    def unconstrained(self, standard_deviations: np.ndarray) -> np.ndarray:
        """Standard deviations on the sampler's scale."""
        return unconstrained(standard_deviations, self.curves)

    def prior_points(self, count: int, random: np.random.Generator) -> np.ndarray:
        """Draw points from the prior, shape (count, dimensions)."""
        system = self.statistics.system
        chosen = [self.priors.standard_deviations[name] for name in system.standard_deviations]
        groups = (*self.covariances.residuals, *self.covariances.effects)
        correlated = [(len(group.own), self.priors.correlation) for group in groups]
        return draw_prior_points(chosen, self.unconstrained, correlated, count, random)

    def log_densities(self, points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Log likelihood and log prior at points, shape (S, d); not finite where impossible."""
        likelihood, prior, _ = self.evaluate(points, None)
        return likelihood, prior

    def evaluate(
        self, points: np.ndarray, random: np.random.Generator | None
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Log likelihood, log prior and, with `random`, a draw of the coefficients at points.

        Parameters
        ----------
        points : ndarray, shape (S, d)
        random : numpy.random.Generator, optional

        Returns
        -------
        tuple of ndarray, shapes (S,), (S,), (S, p)
            Coefficients are b ~ N(b̂, K⁻¹); zero without `random`, and where impossible.
        """
        found = np.full((2, len(points)), -np.inf)
        coefficients = np.zeros((len(points), len(self.scales)))
        noise = None if random is None else random.standard_normal(coefficients.shape)
        for k, point in enumerate(points):
            try:
                solved = self.solve(point)
            except np.linalg.LinAlgError:
                continue
            found[:, k] = solved.log_likelihood, solved.point.log_prior
            if noise is not None:
                coefficients[k] = solved.mean + _backward(solved.root, noise[k])
        return found[0], found[1], coefficients

    def gradients(self, points: np.ndarray) -> np.ndarray:
        """Gradients of the log density at points, shape (S, dimensions)."""
        return np.stack([self.log_density(point)[1] for point in points])

    @far_out
    def log_density(self, point: np.ndarray) -> tuple[float, np.ndarray]:
        """Value and gradient at an unconstrained point; not finite where it is impossible."""
        try:
            solved = self.solve(point)
        except np.linalg.LinAlgError:
            return -np.inf, np.zeros(len(point))
        gradient = self._gradient(point, solved)
        if not np.isfinite(gradient).all():
            return -np.inf, np.zeros(len(point))
        return solved.log_likelihood + solved.point.log_prior, gradient

    @cached_property
    def _parts(self) -> list[list[Part]]:
        return stack_parts(self.statistics)

    @cached_property
    def _slices(self) -> list[tuple[slice, slice]]:
        """By block: its coefficients and its varying terms in the stack."""
        ends, p, q = [], 0, 0
        for own in self._parts:
            more_p, more_q = len(own[0].of_terms), len(own[0].of_varying)
            ends.append((slice(p, p + more_p), slice(q, q + more_q)))
            p, q = p + more_p, q + more_q
        return ends

    @far_out
    def solve(self, x: np.ndarray) -> Solved:
        """Integrate out effects and coefficients at an unconstrained point.

        Raises
        ------
        numpy.linalg.LinAlgError
            Where a matrix is not positive definite in floating point, or not finite.
        """
        point = self.covariances.at(x)
        work = self._workspace
        p, q = len(self.scales), work.gram.shape[1]
        for array in (work.products, work.cross, work.gram):
            array[:] = 0.0
        determinants, observations = 0.0, 0
        precisions: list[list[np.ndarray]] = []
        for number, (parts, (px, qz)) in enumerate(zip(self._parts, self._slices, strict=True)):
            factor = point.factors[number][1]
            precisions.append([])
            for part in parts:
                precision, log_determinant = _inverse(factor, part.present)
                precisions[-1].append(precision)
                determinants += part.rows * log_determinant
                observations += part.rows * int(part.present.sum())
                add_weighted(
                    precision, part.of_terms, part.of_varying, part.sums,
                    (px.start, qz.start), work.products.T, work.cross, work.gram,
                )  # fmt: skip

        root = self._effects_root(point)
        inner_root = np.linalg.cholesky(np.eye(q) + root.T @ work.gram @ root)
        determinants += 2 * np.log(np.diagonal(inner_root, axis1=1, axis2=2)).sum()
        turned = np.linalg.solve(inner_root, np.broadcast_to(root.T, inner_root.shape))
        explained = np.matmul(turned, work.cross, out=work.explained).reshape(-1, p + 1)
        # Lower triangles, in place: of what effects leave, then of its Cholesky factor.
        left = dsyrk(-1.0, explained.T, beta=1.0, c=work.products, lower=1, overwrite_c=1)
        scales, spreads = self.scales.copy(), self._spreads(point)
        for places, spread in zip(self.scaled, spreads, strict=True):
            scales[places] = spread.sd
        left[np.arange(p), np.arange(p)] += scales**-2.0
        for places, spread in zip(self.scaled, spreads, strict=True):
            left[np.ix_(places, places)] -= spread.common
            determinants += spread.log_ratio
        factor, wrong = dpotrf(left, lower=1, overwrite_a=1, clean=0)
        if wrong:
            raise np.linalg.LinAlgError
        diagonal = np.diag(factor)
        determinants += 2 * np.log(diagonal[:p]).sum()
        finite = np.isfinite(scales)
        determinants += 2 * np.log(scales[finite]).sum()
        free = observations - int((~finite).sum())
        quadratic = diagonal[p] ** 2
        log_likelihood = float(-0.5 * (free * LOG_TWO_PI + determinants + quadratic))
        if not np.isfinite(log_likelihood):
            raise np.linalg.LinAlgError
        coefficients = factor[:p, :p]
        return Solved(
            log_likelihood=log_likelihood,
            mean=_backward(coefficients, factor[p, :p]),
            root=coefficients,
            point=point,
            precisions=precisions,
            cross=work.cross,
            gram=work.gram,
            inner=turned.transpose(0, 2, 1) @ turned,
        )

    @cached_property
    def _workspace(self) -> "Workspace":
        p, q = (ends.stop for ends in self._slices[-1])
        clusters = len(self.statistics.clusters)
        return Workspace(
            np.zeros((p + 1, p + 1), order="F"),
            np.zeros((clusters, q, p + 1)),
            np.zeros((clusters, q, q)),
            np.zeros((clusters, q, p + 1)),
        )

    def _spreads(self, point: Point) -> list[Spread]:
        groups = self.statistics.system.scaled
        log_sds = point.log_sds[len(point.log_sds) - len(groups) :]
        return [
            Spread.of(float(np.exp(log_sd)), self.priors.means.get(name, 0.0), len(places))
            for log_sd, (name, places) in zip(log_sds, groups.items(), strict=True)
        ]

    def _effects_root(self, point: Point) -> np.ndarray:
        """A root L of the effects' covariance, L L'."""
        groups = self.covariances.effects
        root = np.zeros((len(self.statistics.system.varying),) * 2)
        factors = point.factors[len(self.covariances.residuals) :]
        for group, (_, factor) in zip(groups, factors, strict=True):
            root[group.grid] = factor
        return root

    def _gradient(self, x: np.ndarray, solved: Solved) -> np.ndarray:
        p, q = len(solved.mean), solved.gram.shape[1]
        weighted = np.append(-solved.mean, 1.0)
        second = np.outer(weighted, weighted)
        inverse, _ = dpotri(solved.root, lower=1)
        second[:p, :p] += np.tril(inverse) + np.tril(inverse, -1).T
        # With U the effects' covariance given coefficients: D⁻¹U = I − GU, and U = D (I − GU).
        left = np.eye(q) - solved.gram @ solved.inner
        reduced = left @ solved.cross
        moved = (reduced.reshape(-1, p + 1) @ second).reshape(reduced.shape)
        outer = moved @ reduced.transpose(0, 2, 1)
        by_effects = (outer - left @ solved.gram).sum(axis=0)
        root = self._effects_root(solved.point)
        covariance = root @ root.T
        by_cross = covariance @ moved
        by_gram = covariance @ outer @ covariance + solved.inner

        by_covariances = []
        for parts, precisions, (px, qz) in zip(
            self._parts, solved.precisions, self._slices, strict=True
        ):
            total = np.zeros_like(precisions[0])
            for part, precision in zip(parts, precisions, strict=True):
                terms = np.eye(len(precision))[part.of_terms]
                varying = np.eye(len(precision))[part.of_varying]
                here = terms.T @ (second[px, px] * part.terms) @ terms
                here += 2 * terms.T @ (second[px, p][:, None] * part.terms_outcomes)
                here += part.outcomes
                mine = (by_cross[:, qz, px] * part.cross).sum(axis=0)
                here -= 2 * varying.T @ mine @ terms
                mine = (by_cross[:, qz, p][:, :, None] * part.cross_outcomes).sum(axis=0)
                here -= 2 * varying.T @ mine
                mine = (by_gram[:, qz, qz] * part.gram).sum(axis=0)
                here += varying.T @ mine @ varying
                here = (here + here.T) / 2
                total += precision @ here @ precision - part.rows * precision
            by_covariances.append(total)
        by_covariances += [by_effects[group.grid] for group in self.covariances.effects]
        by_scaled = np.array(
            [
                spread.slope(second[np.ix_(places, places)])
                for places, spread in zip(self.scaled, self._spreads(solved.point), strict=True)
            ]
        )
        return self.covariances.gradient(x, solved.point, by_covariances, by_scaled)


def _backward(root: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Solve L'x = values."""
    return dtrtrs(root, values, lower=1, trans=1)[0]


def _inverse(factor: np.ndarray, present: np.ndarray) -> tuple[np.ndarray, float]:
    """Inverse of L L' for the equations that are there, zero elsewhere, and log determinant."""
    if present.all():
        half = np.linalg.inv(factor)
        return half.T @ half, 2 * float(np.log(factor.diagonal()).sum())
    mine = np.ix_(present, present)
    root = np.linalg.cholesky((factor @ factor.T)[mine])
    half = np.linalg.inv(root)
    inverse = np.zeros_like(factor)
    inverse[mine] = half.T @ half
    return inverse, 2 * float(np.log(root.diagonal()).sum())
