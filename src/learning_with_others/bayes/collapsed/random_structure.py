"""Lay statistics and priors out as the machine code reads them."""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from learning_with_others.bayes.collapsed.accumulate import WHERE
from learning_with_others.bayes.collapsed.density import HEADER, evaluate
from learning_with_others.bayes.collapsed.prior_points import draw_prior_points
from learning_with_others.bayes.collapsed.priors import (
    FAMILIES,
    CollapsedPriors,
    check_names,
    coefficient_scales,
    parameter_names,
)
from learning_with_others.bayes.collapsed.statistics import Statistics
from learning_with_others.bayes.collapsed.transforms import unconstrained
from learning_with_others.errors import CompendiumError, suggest
from learning_with_others.inference.parallel import share_work

MOST_LANES = 64
COLLINEAR = 1e-10
# Of the map from the sampler's scale to a standard deviation, in scales of its prior: it changes
# how well the sampler moves, not what it samples.
CURVE = 0.3


@dataclass(frozen=True)
class Problem:
    """A posterior, ready to be evaluated.

    Attributes
    ----------
    statistics : Statistics
    priors : CollapsedPriors
    header : ndarray of int
        Sizes and addresses; see `density`.
    arrays : tuple of ndarray
        What the addresses point to.
    """

    statistics: Statistics
    priors: CollapsedPriors
    header: np.ndarray
    arrays: tuple[np.ndarray, ...]

    def __reduce__(self) -> tuple:
        # Addresses mean nothing in another process: lay the arrays out again there.
        return _pose_again, (self.statistics, self.priors, bool(self.header[20]))

    @property
    def dimensions(self) -> int:
        """Length of the unconstrained vector."""
        return int(self.header[7])

    @property
    def curves(self) -> np.ndarray:
        """Of the map from each number to a sd; see `log_standard_deviation`."""
        return self.arrays[11][:, 2]

    @property
    def residuals(self) -> int:
        """How many of the standard deviations, the first ones, are of residuals."""
        return 1

    @property
    def sizes(self) -> np.ndarray:
        """Standard deviation of the outcome, for each standard deviation."""
        return np.full(len(self.curves), self.outcome_sd)

    @property
    def outcome_sd(self) -> float:
        """Standard deviation of the outcome over all rows."""
        total = self.statistics.products.sum(axis=0)
        variance = total[-1, -1] / total[0, 0] - (total[0, -1] / total[0, 0]) ** 2
        return float(np.sqrt(max(variance, np.finfo(float).tiny)))

    def unconstrained(self, standard_deviations: np.ndarray) -> np.ndarray:
        """Standard deviations on the sampler's scale."""
        return unconstrained(standard_deviations, self.curves)

    def prior_points(self, count: int, random: np.random.Generator) -> np.ndarray:
        """Draw points from the prior, shape (count, dimensions)."""
        names, levels = parameter_names(self.statistics), self.statistics.levels
        shapes = self.priors.correlations
        return draw_prior_points(
            [self.priors.standard_deviations[name] for name in names],
            self.unconstrained,
            [(1 + len(e.slopes), shapes[e.name]) for e in levels if e.name in shapes],
            count,
            random,
        )

    def log_densities(self, points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Log likelihood and log prior at points, shape (S, d); not finite where impossible."""
        points = np.ascontiguousarray(points)
        likelihood, prior = np.empty(len(points)), np.empty(len(points))
        none = np.empty((0, points.shape[1]))

        def run(part: slice) -> None:
            evaluate(self.header, points[part], likelihood[part], prior[part], none)

        share_work(run, len(points), len(points) * len(self.statistics.rows))
        return likelihood, prior

    def gradients(self, points: np.ndarray) -> np.ndarray:
        """Gradients of the log density at points, shape (S, dimensions)."""
        gradients = np.empty_like(points)
        unused = np.empty((2, len(points)))
        evaluate(self.header, np.ascontiguousarray(points), *unused, gradients)
        return gradients

    def log_density(self, point: np.ndarray) -> tuple[float, np.ndarray]:
        """Value and gradient at an unconstrained point; not a number where it is impossible."""
        point = np.ascontiguousarray(point, dtype=np.float64)[None]
        values, gradient = np.empty((2, 1)), np.empty_like(point)
        evaluate(self.header, point, *values, gradient)
        return float(values.sum()), gradient[0]


def pose(
    statistics: Statistics, priors: CollapsedPriors, *, standard_deviation_priors: bool = True
) -> Problem:
    """Lay out a posterior for the sampler.

    Parameters
    ----------
    statistics : Statistics
    priors : CollapsedPriors
    standard_deviation_priors : bool
        Without them the density is the likelihood of log standard deviations and correlations,
        coefficients integrated out; flat coefficients then give the restricted likelihood, with
        the constant −(n − p)/2 log 2π and no other.

    Raises
    ------
    CompendiumError
        If the outcome does not vary, coefficients with flat priors follow from one another or are
        as many as the rows, or priors and parameters do not match.
    """
    names = parameter_names(statistics)
    if standard_deviation_priors:
        check_names(priors.standard_deviations, names, "standard deviation")
    scales = coefficient_scales(statistics, priors)
    own = statistics.positions(0)
    above = statistics.positions(1) if len(statistics.levels) > 1 else []
    shapes = _correlation_shapes(statistics, priors, [len(own), len(above)])
    _check_identified(statistics, scales)

    order, tiles, lanes = lane_order(statistics)
    parents = np.zeros(tiles * lanes)
    parents[: len(order)] = statistics.parents[order]
    products = lay_products(statistics)
    segments, starts = _segments(statistics.parents[order], lanes)
    finite = np.isfinite(scales)
    constants = [
        statistics.rows.sum(),
        (~finite).sum(),
        statistics.log_weights.sum(),
        2 * np.log(scales[finite]).sum(),
        *shapes,
    ]
    standard_deviations = (
        [priors.standard_deviations[name] for name in names] if standard_deviation_priors else []
    )
    settings = [(prior.scale, prior.degrees, CURVE * prior.scale) for prior in standard_deviations]
    settings = settings or np.zeros((len(names), 3))
    arrays = tuple(
        np.ascontiguousarray(array, dtype)
        for array, dtype in [
            *((array, np.float64) for array in products),
            (parents.reshape(tiles, lanes), np.int64),
            (segments, np.int64),
            (starts, np.int64),
            (1 / scales**2, np.float64),
            (constants, np.float64),
            ([FAMILIES[prior.family] for prior in standard_deviations], np.int64),
            (settings, np.float64),
        ]
    )
    pairs = sum(
        terms * (terms - 1) // 2
        for terms, shape in zip([len(own), len(above)], shapes, strict=True)
        if shape > 0
    )
    header = np.zeros(HEADER, dtype=np.int64)
    header[:8] = [
        len(scales) + 1, len(own), len(above), tiles, lanes, _upper_lanes(statistics),
        len(segments),
        len(names) + pairs,
    ]  # fmt: skip
    header[8 : 8 + len(arrays)] = [array.ctypes.data for array in arrays]
    header[20] = standard_deviation_priors
    return Problem(statistics, priors, header, arrays)


def _pose_again(
    statistics: Statistics, priors: CollapsedPriors, standard_deviation_priors: bool
) -> Problem:
    return pose(statistics, priors, standard_deviation_priors=standard_deviation_priors)


def lane_order(statistics: Statistics) -> tuple[np.ndarray, int, int]:
    """Order of the lowest clusters by upper group, and the tiles of lanes that hold them."""
    clusters = len(statistics.rows)
    tiles = -(-clusters // MOST_LANES)
    lanes = -(-clusters // (8 * tiles)) * 8
    return np.argsort(statistics.parents, kind="stable"), tiles, lanes


def lay_products(statistics: Statistics) -> list[np.ndarray]:
    """All that the machine code reads of the products, in its order; each is linear in them."""
    products = statistics.products
    data = np.arange(1, products.shape[1])
    own = statistics.positions(0)
    above = statistics.positions(1) if len(statistics.levels) > 1 else []
    lanes = _upper_lanes(statistics)
    by_group = np.zeros((lanes, *products.shape[1:]))
    np.add.at(by_group, statistics.parents, products)
    arrays = [
        products[:, data[:, None], data].sum(axis=0),
        *_lay_lowest(statistics, [*data, *above], own),
        by_group[:, above][:, :, above].reshape(lanes, -1).T,
        by_group[:, data][:, :, above].transpose(1, 2, 0),
    ]
    return [np.ascontiguousarray(array, np.float64) for array in arrays]


def _upper_lanes(statistics: Statistics) -> int:
    groups = len(statistics.levels[1].labels) if len(statistics.levels) > 1 else 1
    return -(-groups // 8) * 8


def _lay_lowest(
    statistics: Statistics, rows: list[int], own: list[int]
) -> tuple[np.ndarray, np.ndarray]:
    """Z'Z and Z'[X, y, S] with the lowest clusters side by side."""
    order, tiles, lanes = lane_order(statistics)
    products = np.zeros((tiles * lanes, *statistics.products.shape[1:]))
    products[: len(order)] = statistics.products[order]
    products = products.reshape(tiles, lanes, *products.shape[1:])
    return (
        products[:, :, own][:, :, :, own].reshape(tiles, lanes, -1).transpose(0, 2, 1),
        products[:, :, rows][:, :, :, own].transpose(0, 2, 3, 1),
    )


def _segments(parents: np.ndarray, lanes: int) -> tuple[list[tuple[int, int, int]], list[int]]:
    """Runs of lanes of one upper group (start, stop, group), and each tile's first run."""
    segments, starts = [], [0]
    for start in range(0, len(parents), lanes):
        tile = parents[start : start + lanes]
        edges = [0, *(np.flatnonzero(np.diff(tile)) + 1), len(tile)]
        segments += [(a, b, tile[a]) for a, b in pairwise(edges)]
        starts.append(len(segments))
    return segments, starts


def _correlation_shapes(
    statistics: Statistics, priors: CollapsedPriors, terms: list[int]
) -> list[float]:
    names = [level.name for level in statistics.levels]
    for name, shape in priors.correlations.items():
        if name not in names:
            raise CompendiumError(
                f"correlation prior of the unknown level {name!r}", remedy=suggest(name, names)
            )
        if terms[names.index(name)] == 1:
            raise CompendiumError(
                f"level {name!r} has one random term and nothing to correlate",
                remedy="take its correlation prior out, or give it a slope",
            )
        if not 0 < shape < np.inf:
            raise CompendiumError(
                f"LKJ prior of level {name!r} with shape {shape}",
                remedy="it is a positive number; 1 is uniform over correlation matrices",
            )
    return [*(float(priors.correlations.get(name, 0)) for name in names), 0.0][:2]


def _check_identified(statistics: Statistics, scales: np.ndarray) -> None:
    total = statistics.products.sum(axis=0)
    flat = np.flatnonzero(~np.isfinite(scales))
    rows = int(statistics.rows.sum())
    squares = total[-1, -1]
    if not squares - total[0, -1] ** 2 / total[0, 0] > COLLINEAR**1.2 * squares:
        raise CompendiumError(
            f"the outcome does not vary over the {rows} rows",
            where=WHERE,
            remedy="take this outcome out",
        )
    if len(flat) >= rows:
        raise CompendiumError(
            f"{rows} rows for {len(flat)} coefficients with flat priors",
            where=WHERE,
            remedy="give the coefficients finite prior standard deviations, or fewer terms",
        )
    sizes = np.sqrt(np.diag(total)[1 + flat])
    sizes[sizes == 0] = 1
    correlation = total[np.ix_(1 + flat, 1 + flat)] / np.outer(sizes, sizes)
    for k, position in enumerate(flat):
        before = correlation[:k, :k]
        explained = correlation[k, :k] @ np.linalg.solve(before, correlation[:k, k]) if k else 0
        if correlation[k, k] - explained < COLLINEAR:
            raise CompendiumError(
                f"the term {statistics.terms[position]!r} follows from the terms before it",
                where=WHERE,
                remedy="take a term out, or give it a finite prior standard deviation",
            )
