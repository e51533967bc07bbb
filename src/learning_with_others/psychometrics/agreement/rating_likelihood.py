"""Restricted likelihood of a crossed design of targets and raters, and its profiles."""

from collections.abc import Callable

import numpy as np
from scipy import optimize

from learning_with_others.errors import CompendiumError

CLOSEST_TO_ONE = 1 - 1e-6
GRID = np.concatenate([[0.0], np.linspace(0.02, 0.98, 13), [0.998]])


class RatingModel:
    """Restricted likelihood of the two ratios to the error variance, that variance profiled."""

    def __init__(
        self, rating: np.ndarray, target: np.ndarray, rater: np.ndarray, where: str
    ) -> None:
        given = ~np.isnan(rating)
        targets, target_codes = np.unique(target[given], return_inverse=True)
        raters, rater_codes = np.unique(rater[given], return_inverse=True)
        size = np.bincount(target_codes)
        if len(raters) < 2 or len(targets) < 2 or size.max() < 2:  # noqa: PLR2004 - no comparison
            raise CompendiumError(
                f"{given.sum()} ratings of {len(targets)} targets by {len(raters)} raters do not"
                " let raters be compared",
                where=where,
                remedy="some targets must have been rated by two raters",
            )
        centred = rating[given] - rating[given].mean()
        rows = np.arange(len(centred))
        # Raters, the constant and the ratings: all else enters through their products.
        columns = np.zeros((len(centred), len(raters) + 2))
        columns[rows, rater_codes] = 1
        columns[:, -2], columns[:, -1] = 1, centred
        self.sums = np.zeros((len(targets), columns.shape[1]))
        np.add.at(self.sums, target_codes, columns)
        self.products, self.size = columns.T @ columns, size.astype(float)
        self.counts = (len(targets), len(raters), len(centred))
        self.per_target = float(len(size) / (1 / size).sum())
        within = self.products - self.sums.T @ (self.sums / self.size[:, None])
        left = within[-1, -1] - within[-1, :-2] @ np.linalg.pinv(within[:-2, :-2]) @ within[:-2, -1]
        # Rounding of a sum of squares: some digits of its own terms.
        if not left > 1e-12 * max(self.products[-1, -1], 1e-300):
            raise CompendiumError(
                "ratings leave no error: they are all alike, or a target's and a rater's part"
                " make up each",
                where=where,
                remedy="show the ratings themselves; there is no disagreement to describe",
            )

    def _products(self, target: float, rater: float) -> tuple[float, np.ndarray]:
        """Log determinant of V and products of (1, y) through its inverse, error variance 1.

        Woodbury's identity twice: targets first, whose part is diagonal, then raters.
        """
        weight = target / (1 + self.size * target)
        inner = self.products - self.sums.T @ (weight[:, None] * self.sums)
        raters = np.eye(self.counts[1]) + rater * inner[:-2, :-2]
        loads = inner[:-2, -2:]
        products = inner[-2:, -2:] - rater * loads.T @ np.linalg.solve(raters, loads)
        determinants = np.log1p(self.size * target).sum() + np.linalg.slogdet(raters)[1]
        return float(determinants), products

    def log_likelihood(self, target: float, rater: float) -> float:
        """Restricted log likelihood of two ratios to the error variance, up to a constant."""
        determinant, products = self._products(target, rater)
        free = self.counts[2] - 1
        squares = products[1, 1] - products[0, 1] ** 2 / products[0, 0]
        return float(-0.5 * (free * np.log(squares) + determinant + np.log(products[0, 0])))

    def error_variance(self, target: float, rater: float) -> float:
        """Error variance at the maximum, given the two ratios."""
        _, products = self._products(target, rater)
        squares = products[1, 1] - products[0, 1] ** 2 / products[0, 0]
        return float(squares / (self.counts[2] - 1))

    def maximum(self) -> tuple[float, float, float]:
        """Both ratios at the maximum, and the log likelihood there."""
        share = highest(self.consistency_profile)
        target = share / (1 - share)
        rater_share = highest(lambda value: self.log_likelihood(target, value / (1 - value)))
        rater = rater_share / (1 - rater_share)
        return target, rater, self.log_likelihood(target, rater)

    def consistency_profile(self, share: float) -> float:
        """Highest log likelihood for a target share of target and error variance."""
        target = share / (1 - share)
        return height(lambda value: self.log_likelihood(target, value / (1 - value)))

    def target_profile(self, share: float) -> float:
        """Highest log likelihood for a target share of all variance."""
        odds = share / (1 - share)

        def along(value: float) -> float:
            rater = value / (1 - value)
            return self.log_likelihood(odds * (1 + rater), rater)

        return height(along)

    def rater_profile(self, share: float) -> float:
        """Highest log likelihood for a rater share of all variance."""
        odds = share / (1 - share)

        def along(value: float) -> float:
            target = value / (1 - value)
            return self.log_likelihood(target, odds * (1 + target))

        return height(along)

    def error_profile(self, share: float) -> float:
        """Highest log likelihood for what targets and raters leave of all variance."""
        both = (1 - share) / max(share, 1 - CLOSEST_TO_ONE)
        return height(lambda value: self.log_likelihood(both * value, both * (1 - value)))


def highest(function: Callable[[float], float], accuracy: float = 1e-9) -> float:
    """Where a function of a share in [0, 1) is highest: a grid, then Brent's search beside it."""
    values = [function(share) for share in GRID]
    place = int(np.argmax(values))
    bounds = GRID[max(place - 1, 0)], GRID[min(place + 1, len(GRID) - 1)]
    if bounds[1] == GRID[-1]:
        bounds = bounds[0], CLOSEST_TO_ONE
    found = optimize.minimize_scalar(
        lambda share: -function(share), bounds=bounds, method="bounded", options={"xatol": accuracy}
    )
    return float(found.x) if -found.fun > values[place] else float(GRID[place])


def height(function: Callable[[float], float]) -> float:
    """Highest value: flat at the top, so that its place need not be known well."""
    return function(highest(function, 1e-5))


def profile_interval(
    profile: Callable[[float], float], estimate: float, top: float, drop: float
) -> tuple[float, float]:
    """Where the profile has fallen by `drop` on either side, or the end of the range."""
    ends = []
    for end in (0.0, CLOSEST_TO_ONE):
        if end == estimate or top - profile(end) <= drop:
            ends.append(end if end == 0 else 1.0)
        else:
            ends.append(
                float(
                    optimize.brentq(
                        lambda s: top - drop - profile(s), *sorted((end, estimate)), xtol=1e-6
                    )
                )
            )
    return ends[0], ends[1]
