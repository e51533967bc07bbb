"""Systems of equations whose outcomes are drawn from them."""

import numpy as np
import pandas as pd
from dense_system import covariance_matrices

from learning_with_others.bayes.collapsed.priors import StandardDeviationPrior
from learning_with_others.bayes.specification import INTERCEPT
from learning_with_others.bayes.stacked.density import StackedPosterior
from learning_with_others.bayes.stacked.fit import correlations_of
from learning_with_others.bayes.stacked.statistics import collapse_system
from learning_with_others.bayes.stacked.system import Equation, System, SystemPriors

# Two mediators side by side; slopes of the first path covary; two coefficients share a scale.
SIDE_BY_SIDE = System(
    (
        Equation("m", (INTERCEPT, "x", "w"), (INTERCEPT, "x")),
        Equation("k", (INTERCEPT, "x", "w")),
        Equation("y", (INTERCEPT, "m", "k", "x"), (INTERCEPT, "m")),
    ),
    (("m", "k"), ("y",)),
    ((("m", "x"), ("y", "m")),),
    {"shared": (("m", "w"), ("k", "w"))},
)
# A chain; intercepts and slopes covary in two groups, one across three equations.
IN_A_ROW = System(
    (
        Equation("m", (INTERCEPT, "x"), (INTERCEPT, "x")),
        Equation("k", (INTERCEPT, "m", "x"), (INTERCEPT, "m")),
        Equation("y", (INTERCEPT, "k", "m"), (INTERCEPT, "k")),
    ),
    (("m",), ("k",), ("y",)),
    (
        (("m", INTERCEPT), ("m", "x"), ("k", "m"), ("y", "k")),
        (("k", INTERCEPT), ("y", INTERCEPT)),
    ),
)
FAMILIES = ("half_normal", "half_student_t", "exponential")


def priors_of(system, coefficient=0.5, effect=0.5):
    """Normal coefficients; standard deviations of all families; residuals of about one."""
    sds = {}
    for number, name in enumerate(system.standard_deviations):
        scale = 1.0 if name.startswith("sd_residual") else effect
        sds[name] = StandardDeviationPrior(FAMILIES[number % 3], scale, 5.0)
    return SystemPriors(dict.fromkeys(system.coefficients, coefficient), sds, 1.5)


def exogenous(rows, clusters, seed):
    """Columns x and w, and clusters of the same size."""
    rng = np.random.default_rng(seed)
    data = pd.DataFrame(rng.normal(size=(rows, 2)), columns=["x", "w"])
    return data, pd.Series(np.char.mod("c%02d", np.arange(rows) % clusters))


def with_outcomes(system, truth, data, cluster, rng, missing=0.0):
    """Add outcomes drawn given coefficients, standard deviations and correlations."""
    coefficients, sds, correlations = truth
    residual, effects = covariance_matrices(system, sds, correlations)
    codes = pd.Categorical(cluster).codes
    count = len(system.equations)
    noise = rng.multivariate_normal(np.zeros(count), residual, size=len(data))
    drawn = rng.multivariate_normal(np.zeros(len(effects)), effects, size=codes.max() + 1)
    of_place = dict(zip(system.coefficients, coefficients, strict=True))
    of_cluster = dict(zip(system.varying, drawn.T, strict=True))
    full = data.assign(**{INTERCEPT: 1.0})
    for number, each in enumerate(system.equations):
        total = noise[:, number].copy()
        for term in each.terms:
            slope = of_place[each.outcome, term]
            if term in each.varying:
                slope = slope + of_cluster[each.outcome, term][codes]
            total += slope * full[term]
        full[each.outcome] = total
    full = full.drop(columns=INTERCEPT)
    for each in system.equations[1:]:
        full[each.outcome] = full[each.outcome].mask(rng.random(len(full)) < missing)
    return full


def drawn_from_prior(system, priors, count, seed):
    """Coefficients, standard deviations and correlations, `count` of each."""
    rng = np.random.default_rng(seed)
    data, cluster = exogenous(12, 3, 0)
    # Any outcomes: only names and priors are used.
    full = data.assign(**{e.outcome: rng.normal(size=len(data)) for e in system.equations})
    problem = StackedPosterior(collapse_system(system, full, cluster), priors)
    found = []
    for point in problem.prior_points(count, rng):
        at = problem.covariances.at(point)
        sds = dict(zip(system.standard_deviations, np.exp(at.log_sds), strict=True))
        shared = {p: sds[f"sd_{name}"] for name, group in system.scaled.items() for p in group}
        scales = [shared.get(place, priors.coefficients[place]) for place in system.coefficients]
        coefficients = rng.standard_normal(len(scales)) * scales
        found.append((coefficients, np.exp(at.log_sds), correlations_of([at])[0]))
    return found
