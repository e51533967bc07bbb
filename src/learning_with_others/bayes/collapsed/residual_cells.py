"""The collapsed posterior with a residual standard deviation for each cell of the rows.

Given the ratios of the residual standard deviations, their squares are precision weights, and the
products that the machine code reads are sums over cells with these weights. So nothing is
compiled anew: every point has products of its own.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from scipy.special import gammaln, log_ndtr

from learning_with_others.bayes.collapsed.accumulate import collapse
from learning_with_others.bayes.collapsed.density import evaluate, unfold_points
from learning_with_others.bayes.collapsed.frame import design_of, priors_of
from learning_with_others.bayes.collapsed.prior_points import draw_prior_points
from learning_with_others.bayes.collapsed.priors import StandardDeviationPrior, parameter_names
from learning_with_others.bayes.collapsed.random_structure import Problem, lay_products, pose
from learning_with_others.bayes.collapsed.transforms import LOG_ROOT_TWO_PI, unconstrained
from learning_with_others.bayes.model_frame import ModelFrame

MOST_NUMBERS = 1_000_000  # of products held at once, 8 MB
DIFFERENCE = 1e-4  # of the sampler's coordinates, which are of order one
PRODUCTS, CONSTANTS = slice(8, 13), 17  # addresses in the header
LOG_WEIGHTS = 2  # place among the constants


@dataclass(frozen=True)
class CellProblem:
    """A posterior whose residual standard deviations, the first of all, differ between cells.

    They are independent a priori, each with the prior of the one that they replace.

    Attributes
    ----------
    problem : Problem
        With one residual standard deviation, on all rows.
    rows : ndarray of int, shape (C,)
        Rows of each cell.
    products : ndarray, shape (C, L)
        Each cell's `lay_products`, flat and end to end.
    lengths : tuple of int
        Of each of them.
    """

    problem: Problem
    rows: np.ndarray
    products: np.ndarray
    lengths: tuple[int, ...]

    @property
    def residuals(self) -> int:
        """Number of cells."""
        return len(self.rows)

    @property
    def dimensions(self) -> int:
        """Length of the unconstrained vector."""
        return self.problem.dimensions + self.residuals - 1

    @property
    def curves(self) -> np.ndarray:
        """Of the map from each number to a standard deviation."""
        return self._spread(self.problem.curves)

    @property
    def sizes(self) -> np.ndarray:
        """Standard deviation of the outcome, for each standard deviation."""
        return self._spread(self.problem.sizes)

    def _spread(self, values: np.ndarray) -> np.ndarray:
        return np.concatenate([np.full(self.residuals, values[0]), values[1:]])

    def unconstrained(self, standard_deviations: np.ndarray) -> np.ndarray:
        """Standard deviations on the sampler's scale."""
        return unconstrained(standard_deviations, self.curves)

    @property
    def prior(self) -> StandardDeviationPrior:
        """Of each residual standard deviation."""
        return self.problem.priors.standard_deviations["sd_residual"]

    def prior_points(self, count: int, random: np.random.Generator) -> np.ndarray:
        """Draw points from the prior, shape (count, dimensions)."""
        statistics, priors = self.problem.statistics, self.problem.priors
        shapes = priors.correlations
        names = [*["sd_residual"] * (self.residuals - 1), *parameter_names(statistics)]
        return draw_prior_points(
            [priors.standard_deviations[name] for name in names],
            self.unconstrained,
            [(1 + len(e.slopes), shapes[e.name]) for e in statistics.levels if e.name in shapes],
            count,
            random,
        )

    def log_residuals(self, points: np.ndarray) -> np.ndarray:
        """Log residual standard deviations, shape (S, C); see `log_standard_deviation`."""
        x, curve = points[:, : self.residuals], self.problem.curves[0]
        return np.log(curve) + np.log(-log_ndtr(-x))

    def posed(self, points: np.ndarray) -> Iterator[tuple[int, np.ndarray, np.ndarray]]:
        """Give the place of each point, its header, and the point of the model it weighs.

        The residual standard deviation of that model is the first cell's; the header holds until
        the next one is asked for.
        """
        log_sds = self.log_residuals(points)
        weights = np.exp(2 * (log_sds[:, :1] - log_sds))
        logs = 2 * (log_sds[:, :1] - log_sds) @ self.rows
        shared = np.ascontiguousarray(
            np.column_stack([points[:, :1], points[:, self.residuals :]]), dtype=np.float64
        )
        starts = 8 * np.concatenate([[0], np.cumsum(self.lengths)[:-1]]).astype(np.int64)
        header, constants = self.problem.header.copy(), self.problem.arrays[9].copy()
        header[CONSTANTS] = constants.ctypes.data
        at_once = max(1, MOST_NUMBERS // self.products.shape[1])
        for first in range(0, len(points), at_once):
            mixed = weights[first : first + at_once] @ self.products
            for k, row in enumerate(mixed, first):
                header[PRODUCTS] = row.ctypes.data + starts
                constants[LOG_WEIGHTS] = self.problem.arrays[9][LOG_WEIGHTS] + logs[k]
                yield k, header, shared[k : k + 1]

    def log_densities(self, points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Log likelihood and log prior at points, shape (S, d); not finite where impossible."""
        with np.errstate(all="ignore"):  # points far out are impossible
            likelihood, prior, _ = self._evaluate(points, steep=False)
        return likelihood, prior

    def gradients(self, points: np.ndarray) -> np.ndarray:
        """Gradients of the log density at points; by cells' coordinates, from differences."""
        cells = self.residuals
        steps = DIFFERENCE * np.eye(self.dimensions)[:cells]
        around = (points[:, None, None] + np.stack([steps, -steps])).reshape(-1, self.dimensions)
        values = np.sum(self.log_densities(around), axis=0).reshape(len(points), 2, cells)
        by_shared = self._evaluate(points, steep=True)[2]
        return np.column_stack([(values[:, 0] - values[:, 1]) / (2 * DIFFERENCE), by_shared[:, 1:]])

    def log_density(self, point: np.ndarray) -> tuple[float, np.ndarray]:
        """Value and gradient at an unconstrained point; not a number where it is impossible."""
        points = np.asarray(point, dtype=np.float64)[None]
        return float(np.sum(self.log_densities(points))), self.gradients(points)[0]

    def _evaluate(
        self, points: np.ndarray, *, steep: bool
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        likelihood, prior = np.empty(len(points)), np.empty(len(points))
        gradients = np.empty((len(points) if steep else 0, self.problem.dimensions))
        for k, header, shared in self.posed(points):
            own = slice(k, k + 1)
            evaluate(header, shared, likelihood[own], prior[own], gradients[own])
        return likelihood, prior + self._log_prior(points), gradients

    def _log_prior(self, points: np.ndarray) -> np.ndarray:
        """Log prior of all residual standard deviations but the first, on the sampler's scale."""
        x, curve = points[:, 1 : self.residuals], self.problem.curves[0]
        log_density = log_prior_density(self.prior, np.exp(self.log_residuals(points)[:, 1:]))
        log_jacobian = np.log(curve) - 0.5 * x**2 - LOG_ROOT_TWO_PI - log_ndtr(-x)
        return (log_density + log_jacobian).sum(axis=1)

    def unfolded(self, points: np.ndarray) -> np.ndarray:
        """Log standard deviations and correlations of the model with the first cell's residual."""
        shared = np.ascontiguousarray(
            np.column_stack([points[:, :1], points[:, self.residuals :]]), dtype=np.float64
        )
        unfolded = np.empty_like(shared)
        unfold_points(self.problem.header, shared, unfolded)
        return unfolded


def log_prior_density(prior: StandardDeviationPrior, sizes: np.ndarray) -> np.ndarray:
    """Log densities of standard deviations; SciPy's own take longer than all of a likelihood."""
    ratio = sizes / prior.scale
    if prior.family == "half_normal":
        return np.log(2) - LOG_ROOT_TWO_PI - np.log(prior.scale) - 0.5 * ratio**2
    if prior.family == "exponential":
        return -np.log(prior.scale) - ratio
    half = 0.5 * (prior.degrees + 1)
    constant = np.log(2 / prior.scale) + gammaln(half) - gammaln(0.5 * prior.degrees)
    constant -= 0.5 * np.log(prior.degrees * np.pi)
    return constant - half * np.log1p(ratio**2 / prior.degrees)


def pose_cells(frame: ModelFrame, cells: np.ndarray) -> CellProblem:
    """Lay out a posterior with a residual standard deviation for each cell.

    Parameters
    ----------
    frame : ModelFrame
        Of a model that has no `obstacle`.
    cells : ndarray of int, shape (n,)
        Cell of each row, from 0; each has rows.
    """
    design = design_of(frame)
    statistics = collapse(design, frame.outcome, frame.weights)
    values = np.column_stack([np.ones(len(cells)), design.columns, frame.outcome])
    roots = np.ones(len(cells)) if frame.weights is None else np.sqrt(frame.weights)
    values *= roots[:, None]
    cluster = design.groupings[0].index
    number, clusters = int(cells.max()) + 1, len(statistics.rows)
    code = cells * clusters + cluster
    order = np.argsort(code, kind="stable")
    present, starts = np.unique(code[order], return_index=True)
    products = np.zeros((number * clusters, *statistics.products.shape[1:]))
    for where, part in zip(present, np.split(values[order], starts[1:]), strict=True):
        products[where] = part.T @ part
    laid = [
        lay_products(replace(statistics, products=own))
        for own in products.reshape(number, clusters, *products.shape[1:])
    ]
    return CellProblem(
        problem=pose(statistics, priors_of(frame)),
        rows=np.bincount(cells, minlength=number),
        products=np.stack([np.concatenate([array.ravel() for array in own]) for own in laid]),
        lengths=tuple(array.size for array in laid[0]),
    )
