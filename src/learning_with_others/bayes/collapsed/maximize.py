"""The maximizer of the collapsed log density: with flat coefficients, restricted likelihood."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import xarray as xr
from scipy.optimize import minimize

from learning_with_others.bayes.collapsed.conditional import coefficient_moments
from learning_with_others.bayes.collapsed.exact_draws import Effects
from learning_with_others.bayes.collapsed.fit import name_draws
from learning_with_others.bayes.collapsed.nuts import starting_point
from learning_with_others.bayes.collapsed.priors import (
    CollapsedPriors,
    coefficient_scales,
    parameter_names,
)
from learning_with_others.bayes.collapsed.random_structure import pose
from learning_with_others.bayes.collapsed.statistics import Statistics
from learning_with_others.errors import CompendiumError

SMALLEST = 1e-5
LARGEST_PARTIAL_CORRELATION = 10.0
NEAR_ONE = 0.999  # a correlation beyond it has run to its bound


@dataclass(frozen=True)
class Maximum:
    """Where the collapsed likelihood is largest.

    Attributes
    ----------
    standard_deviations : dict of str to float
        Standard deviations, of the residuals and of the random terms.
    correlations : dict of str to ndarray
        By level, one for each pair of random terms.
    coefficients : pandas.DataFrame
        Columns `term, estimate, standard_error`, given the standard deviations.
    criterion : float
        −2 × log density: with flat coefficients the REML criterion, no constant left out.
    at_zero : tuple of str
        Standard deviations that ran to zero.
    at_one : tuple of str
        Levels with a correlation that ran to −1 or 1: the covariance is singular there.
    """

    standard_deviations: dict[str, float]
    correlations: dict[str, np.ndarray]
    coefficients: pd.DataFrame
    criterion: float
    at_zero: tuple[str, ...]
    at_one: tuple[str, ...]


def maximize(statistics: Statistics, priors: CollapsedPriors) -> Maximum:
    """Maximize the likelihood with all effects integrated out.

    Parameters
    ----------
    statistics : Statistics
    priors : CollapsedPriors
        Those of standard deviations and correlations are not used, except that a level with a
        correlation prior has correlated terms.

    Raises
    ------
    CompendiumError
        As `pose` does, and if the optimizer finds no maximum.

    References
    ----------
    Harville, D. A. (1974). Bayesian inference for variance components using only error contrasts.
    Biometrika 61, 383–385: flat coefficients give restricted likelihood.
    """
    problem = pose(statistics, priors, standard_deviation_priors=False)
    names = parameter_names(statistics)
    start = starting_point(problem, 0)
    floor = start[: len(names)].mean() + np.log(SMALLEST)
    others = problem.dimensions - len(names)
    bounds = [(floor, None)] * len(names)
    bounds += [(-LARGEST_PARTIAL_CORRELATION, LARGEST_PARTIAL_CORRELATION)] * others

    def descend(point: np.ndarray) -> tuple[float, np.ndarray]:
        value, gradient = problem.log_density(point)
        return -value, -gradient

    found = minimize(
        descend, start, jac=True, method="L-BFGS-B", bounds=bounds,
        options={"maxiter": 5000, "maxfun": 20000, "ftol": 1e-15, "gtol": 1e-9},
    )  # fmt: skip
    value, gradient = problem.log_density(found.x)
    inside = found.x > floor + 1e-3
    inside[len(names) :] = np.abs(found.x[len(names) :]) < LARGEST_PARTIAL_CORRELATION
    # What is left of the gradient, in log likelihood per unit of a log standard deviation.
    if not np.isfinite(value) or np.abs(gradient[inside]).max(initial=0) > 1e-3:  # noqa: PLR2004
        raise CompendiumError(
            f"no maximum of the likelihood found: {found.message}",
            where="collapsed model",
            remedy="sample the posterior instead; a likelihood may have no maximum",
        )
    clusters = [len(level.labels) for level in statistics.levels]
    empty = Effects(
        np.zeros((1, 1, len(statistics.terms))),
        np.zeros((1 + len(statistics.levels[0].slopes), 1, 1, clusters[0])),
        np.zeros((1 + len(statistics.levels[-1].slopes), 1, 1, clusters[-1])),
    )
    named: xr.Dataset = name_draws(problem, found.x[None, None], empty)
    estimate, covariance = coefficient_moments(
        statistics, named, coefficient_scales(statistics, priors)
    )
    correlations = {
        level: named[f"correlation_{level}"].to_numpy().ravel() for level in priors.correlations
    }
    return Maximum(
        standard_deviations={name: float(named[name].item()) for name in names},
        correlations=correlations,
        coefficients=pd.DataFrame(
            {
                "term": statistics.terms,
                "estimate": estimate,
                "standard_error": np.sqrt(np.diag(covariance)),
            }
        ),
        criterion=-2 * value,
        at_zero=tuple(np.array(names)[~inside[: len(names)]]),
        at_one=tuple(
            level for level, found in correlations.items() if (np.abs(found) > NEAR_ONE).any()
        ),
    )
