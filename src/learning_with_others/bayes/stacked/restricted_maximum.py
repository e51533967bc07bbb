"""The maximizer of the restricted likelihood of stacked equations."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize

from learning_with_others.bayes.stacked.density import StackedPosterior
from learning_with_others.bayes.stacked.fit import correlations_of
from learning_with_others.bayes.stacked.statistics import StackedStatistics
from learning_with_others.bayes.stacked.system import Place, SystemPriors
from learning_with_others.errors import CompendiumError

SMALLEST = 1e-5  # of the outcome's standard deviation
LARGEST_PARTIAL_CORRELATION = 10.0
NEAR_ONE = 0.999  # a correlation beyond it has run to its bound
# Standard deviations of effects from which the maximum is sought, in those of the outcome.
STARTS = (0.1, 0.4)


@dataclass(frozen=True)
class RestrictedMaximum:
    """Where the restricted likelihood is largest.

    Attributes
    ----------
    coefficients, standard_errors : dict of Place to float
        Given the standard deviations and correlations.
    standard_deviations, correlations : dict of str to float
        By names of the system.
    criterion : float
        −2 × log restricted likelihood.
    at_zero : tuple of str
        Standard deviations that ran to zero.
    at_one : tuple of str
        Correlations that ran to −1 or 1: the covariance is singular there.
    """

    coefficients: dict[Place, float]
    standard_errors: dict[Place, float]
    standard_deviations: dict[str, float]
    correlations: dict[str, float]
    criterion: float
    at_zero: tuple[str, ...]
    at_one: tuple[str, ...]

    def covariance(self, one: Place, other: Place) -> float:
        """Covariance between clusters of two coefficients of one group, the earlier first."""
        labels = [", ".join(place) for place in (one, other)]
        correlation = self.correlations[f"correlation_cluster[{' & '.join(labels)}]"]
        sds = [self.standard_deviations[f"sd_cluster[{label}]"] for label in labels]
        return correlation * sds[0] * sds[1]


def restricted_posterior(statistics: StackedStatistics) -> StackedPosterior:
    """Restricted likelihood as a density: flat coefficients, no priors of what else there is."""
    flat: Mapping[Place, float] = dict.fromkeys(statistics.system.coefficients, np.inf)
    return StackedPosterior(statistics, SystemPriors(flat, {}), standard_deviation_priors=False)


def restricted_maximum(statistics: StackedStatistics) -> RestrictedMaximum:
    """Maximize the likelihood with effects and coefficients integrated out.

    Parameters
    ----------
    statistics : StackedStatistics

    Raises
    ------
    CompendiumError
        If the optimizer finds no maximum.

    References
    ----------
    Harville, D. A. (1974). Bayesian inference for variance components using only error contrasts.
    Biometrika 61, 383-385: flat coefficients give restricted likelihood.
    """
    problem = restricted_posterior(statistics)
    names = statistics.system.standard_deviations
    count, others = len(names), problem.dimensions - len(names)
    floor = np.log(SMALLEST * problem.sizes)
    bounds = [(low, None) for low in floor]
    bounds += [(-LARGEST_PARTIAL_CORRELATION, LARGEST_PARTIAL_CORRELATION)] * others

    def descend(point: np.ndarray) -> tuple[float, np.ndarray]:
        value, gradient = problem.log_density(point)
        return -value, -gradient

    found = []
    for share in STARTS:
        sizes = np.where(np.arange(count) < problem.residuals, 1.0, share) * problem.sizes
        start = np.append(np.log(sizes), np.zeros(others))
        found.append(
            minimize(
                descend, start, jac=True, method="L-BFGS-B", bounds=bounds,
                options={"maxiter": 5000, "maxfun": 20000, "ftol": 1e-15, "gtol": 1e-9},
            )
        )  # fmt: skip
    best = min(found, key=lambda each: each.fun)
    inside = np.append(best.x[:count] > floor + 1e-3, np.ones(others, bool))
    inside[count:] = np.abs(best.x[count:]) < LARGEST_PARTIAL_CORRELATION
    # What is left of the gradient, in log likelihood per unit of a log standard deviation.
    if not np.isfinite(best.fun) or np.abs(best.jac[inside]).max(initial=0) > 1e-3:  # noqa: PLR2004
        raise CompendiumError(
            f"no maximum of the restricted likelihood found: {best.message}",
            where=f"system of {len(statistics.system.equations)} equations",
            remedy="sample the posterior instead; a likelihood may have no maximum",
        )
    solved = problem.solve(best.x)
    root = np.tril(solved.root)
    errors = np.sqrt(np.square(np.linalg.inv(root)).sum(axis=0))
    places = statistics.system.coefficients
    sds = np.exp(solved.point.log_sds)
    correlations = correlations_of([solved.point])[0]
    return RestrictedMaximum(
        coefficients=dict(zip(places, solved.mean.tolist(), strict=True)),
        standard_errors=dict(zip(places, errors.tolist(), strict=True)),
        standard_deviations=dict(zip(names, sds.tolist(), strict=True)),
        correlations=dict(zip(statistics.system.pairs, correlations.tolist(), strict=True)),
        criterion=-2 * solved.log_likelihood,
        at_zero=tuple(np.array(names)[~inside[:count]].tolist()),
        at_one=tuple(
            pair
            for pair, found in zip(statistics.system.pairs, correlations, strict=True)
            if abs(found) > NEAR_ONE
        ),
    )
