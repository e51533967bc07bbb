"""Value and gradient against dense matrices, SciPy's priors and central differences."""

import pickle
from dataclasses import replace

import numpy as np
import pytest
from dense import covariance, log_density, random_design
from scipy import stats
from scipy.special import log_ndtr

from learning_with_others.bayes.collapsed.accumulate import collapse
from learning_with_others.bayes.collapsed.density import expand_function
from learning_with_others.bayes.collapsed.priors import (
    CollapsedPriors,
    StandardDeviationPrior,
    parameter_names,
)
from learning_with_others.bayes.collapsed.random_structure import pose
from learning_with_others.bayes.collapsed.transforms import correlation_matrices

# rows, classrooms, schools, slopes of classrooms and of schools, correlated, weights
CASES = {
    "intercepts of classrooms": (40, 5, 0, (), (), False, False),
    "one slope, schools": (60, 9, 3, ("x1",), (), False, False),
    "correlated slope, weights": (60, 9, 3, ("x1",), (), True, True),
    "two slopes, correlated at both levels": (90, 13, 4, ("x1", "x3"), ("x2",), True, True),
    "slope of schools only": (70, 20, 10, (), ("x1",), True, False),
    "more classrooms than lanes": (200, 140, 70, ("x2",), ("x1",), True, True),
    "two slopes of schools": (70, 12, 5, ("x1",), ("x1", "x3"), True, False),
}
SPREADS = [
    StandardDeviationPrior("half_normal", 0.7),
    StandardDeviationPrior("half_student_t", 0.5, 4.0),
    StandardDeviationPrior("exponential", 1.3),
]


def make(name):
    rows, classrooms, schools, slopes, upper_slopes, correlated, weighted = CASES[name]
    design = random_design(len(name), rows, classrooms, schools, slopes, upper_slopes)
    rng = np.random.default_rng(3)
    outcome = rng.normal(size=rows) + design.columns @ [0.5, 1, 0, -1]
    weights = rng.uniform(0.3, 3, size=rows) if weighted else np.ones(rows)
    statistics = collapse(design, outcome, weights)
    levels = [g for g in design.groupings if correlated and g.slopes]
    priors = CollapsedPriors(
        coefficients=dict(zip(design.terms, [2.0, 0.7, 1.0, 1.5], strict=True)),
        standard_deviations={n: SPREADS[k % 3] for k, n in enumerate(parameter_names(statistics))},
        correlations={g.name: 1.5 + k for k, g in enumerate(levels)},
    )
    point = rng.normal(scale=0.5, size=pose(statistics, priors).dimensions)
    return design, outcome, weights, statistics, priors, point


def natural(design, priors, point):
    """Residual sd, covariance matrices, and correlation matrices by level, of log sds."""
    sds, at = np.exp(point), 1
    terms = [1 + len(g.slopes) for g in design.groupings]
    pairs_at = 1 + sum(terms)
    covariances, correlations = [], {}
    for grouping, count in zip(design.groupings, terms, strict=True):
        correlation = np.eye(count)
        if grouping.name in priors.correlations:
            pairs = count * (count - 1) // 2
            factor = correlation_matrices(point[None, pairs_at : pairs_at + pairs], count)[0]
            correlation = factor @ factor.T
            correlations[grouping.name] = correlation
            pairs_at += pairs
        covariances.append(covariance(sds[at : at + count], correlation))
        at += count
    return sds[0], covariances, correlations


@pytest.mark.parametrize("name", CASES)
def test_the_likelihood_is_the_dense_normal_density(name):
    design, outcome, weights, statistics, priors, point = make(name)
    sigma, covariances, _ = natural(design, priors, point)
    variance = np.square(list(priors.coefficients.values()))
    expected = log_density(design, outcome, weights, sigma, covariances, variance)
    found, _ = pose(statistics, priors, standard_deviation_priors=False).log_density(point)
    assert found == pytest.approx(expected, rel=1e-10, abs=1e-10)


def sds_of(problem, point):
    """Standard deviations of a point on the sampler's scale, and log of their derivatives."""
    x = point[: len(problem.curves)]
    mills = np.exp(stats.norm.logpdf(x) - log_ndtr(-x))
    return -problem.curves * log_ndtr(-x), np.log(problem.curves * mills)


def log_prior_of_sds(priors, names, problem, point):
    families = {
        "half_normal": lambda p: stats.halfnorm(scale=p.scale),
        "half_student_t": lambda p: stats.t(p.degrees, scale=p.scale),
        "exponential": lambda p: stats.expon(scale=p.scale),
    }
    total = 0
    for name, sd, log_jacobian in zip(names, *sds_of(problem, point), strict=True):
        prior = priors.standard_deviations[name]
        folded = np.log(2) if prior.family == "half_student_t" else 0
        total += families[prior.family](prior).logpdf(sd) + folded + log_jacobian
    return total


@pytest.mark.parametrize("name", CASES)
def test_priors_are_those_of_scipy(name):
    design, _, _, statistics, priors, point = make(name)
    problem = pose(statistics, priors)
    with_priors, _ = problem.log_density(point)
    names = parameter_names(statistics)
    logs = np.r_[np.log(sds_of(problem, point)[0]), point[len(names) :]]
    without, _ = pose(statistics, priors, standard_deviation_priors=False).log_density(logs)
    expected = log_prior_of_sds(priors, names, problem, point)
    _, _, correlations = natural(design, priors, point)
    at = len(names)
    for level, matrix in correlations.items():
        # LKJ as a density of canonical partial correlations z = tanh(x): Beta(b, b) on (-1, 1).
        shape, size = priors.correlations[level], len(matrix)
        log_jacobian = 0.0
        for r in range(size):
            for c in range(r):
                z = np.tanh(point[at])
                b = shape + (size - 2 - c) / 2
                expected += stats.beta(b, b, loc=-1, scale=2).logpdf(z) + np.log1p(-z * z)
                log_jacobian += np.log1p(-z * z)
                at += 1
    assert with_priors - without == pytest.approx(expected, rel=1e-9, abs=1e-9)


def test_partial_correlations_follow_lkj():
    """The density of the matrix is det^(shape − 1) but for a constant: checked by a ratio."""
    rng = np.random.default_rng(8)
    *_, statistics, priors, point = make("two slopes, correlated at both levels")
    problem = pose(statistics, priors)
    plain = pose(statistics, priors, standard_deviation_priors=False)
    names = parameter_names(statistics)

    def log_lkj(x):
        logs = np.r_[np.log(sds_of(problem, x)[0]), x[len(names) :]]
        value = problem.log_density(x)[0] - plain.log_density(logs)[0]
        return value - log_prior_of_sds(priors, names, problem, x)

    def expected(x):
        # Jacobian from the three numbers to the matrix's entries, by differences.
        def entries(three):
            factor = correlation_matrices(three[None], 3)[0]
            return (factor @ factor.T)[np.tril_indices(3, -1)]

        three = x[len(names) : len(names) + 3]
        steps = np.eye(3) * 1e-6
        jacobian = [(entries(three + s) - entries(three - s)) / 2e-6 for s in steps]
        factor = correlation_matrices(three[None], 3)[0]
        log_det = 2 * np.log(np.diag(factor)).sum()
        shape = priors.correlations["classroom"]
        return (shape - 1) * log_det + np.log(abs(np.linalg.det(jacobian)))

    other = point.copy()
    other[len(names) : len(names) + 3] = rng.normal(size=3)
    # Differences of first order leave six digits.
    assert log_lkj(point) - log_lkj(other) == pytest.approx(
        expected(point) - expected(other), abs=1e-6
    )


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("flat", [False, True])
@pytest.mark.parametrize("standard_deviation_priors", [False, True])
def test_the_gradient_is_that_of_differences(name, flat, standard_deviation_priors):
    _, _, _, statistics, priors, point = make(name)
    if flat:
        priors = replace(priors, coefficients=dict(priors.coefficients) | {"x1": np.inf})
    problem = pose(statistics, priors, standard_deviation_priors=standard_deviation_priors)
    _, gradient = problem.log_density(point)
    step = 1e-3

    def value(k, steps):
        return problem.log_density(point + steps * step * np.eye(len(point))[k])[0]

    # Sixth order: the error of the differences stays under that of rounding.
    numeric = [
        (45 * (value(k, 1) - value(k, -1)) - 9 * (value(k, 2) - value(k, -2)) + value(k, 3)
         - value(k, -3)) / (60 * step)
        for k in range(len(point))
    ]  # fmt: skip
    scale = np.abs(gradient).max()
    np.testing.assert_allclose(gradient, numeric, rtol=1e-7, atol=1e-8 * scale)


def test_an_impossible_point_is_not_a_number_and_stops_nothing():
    *_, statistics, priors, point = make("one slope, schools")
    problem = pose(statistics, priors)
    for k in range(len(point)):
        for extreme in (-400.0, 400.0, 800.0, np.nan):
            value, _ = problem.log_density(np.where(np.arange(len(point)) == k, extreme, point))
            assert not value > 1e6


def test_the_map_to_standard_deviations_is_smooth_at_every_point():
    """Its parts join where the arithmetic changes: at −8, 0 and 30, and far out."""
    *_, statistics, priors, _ = make("intercepts of classrooms")
    problem = pose(statistics, priors)
    for x in (-45.0, -30.0, -8.0, -3.0, 0.0, 2.0, 29.9, 30.0, 60.0):
        at = np.array([0.3, x])
        out, near = np.empty(2), np.empty((2, 2))
        pointers = [np.ctypeslib.as_ctypes(array) for array in (at, out)]
        header = np.ctypeslib.as_ctypes(problem.header)
        expand_function().ctypes(2, 2, *pointers, header)
        log_sd = np.log(problem.curves[1]) + (np.log(-log_ndtr(-x)) if x > -30 else log_ndtr(x))
        assert out[1] == pytest.approx(log_sd, rel=1e-9)
        for side, moved in enumerate((-1e-6, 1e-6)):
            pointers = [
                np.ctypeslib.as_ctypes(each) for each in (at + np.array([0, moved]), near[side])
            ]
            expand_function().ctypes(2, 2, *pointers, header)
        value, gradient = problem.log_density(at)
        assert near[1, 1] > out[1] > near[0, 1]
        if abs(x) < 31:
            below, above = (
                problem.log_density(at + np.array([0, moved]))[0] for moved in (-1e-6, 1e-6)
            )
            # Differences of first order of a value of this size.
            assert (above - below) / 2e-6 == pytest.approx(
                gradient[1], rel=1e-4, abs=1e-9 * abs(value) / 1e-6
            )


@pytest.mark.parametrize("standard_deviation_priors", [False, True])
def test_a_problem_travels_between_processes(standard_deviation_priors):
    *_, statistics, priors, point = make("two slopes, correlated at both levels")
    problem = pose(statistics, priors, standard_deviation_priors=standard_deviation_priors)
    travelled = pickle.loads(pickle.dumps(problem))  # noqa: S301 - its own
    assert travelled.arrays[0].ctypes.data != problem.arrays[0].ctypes.data
    assert travelled.log_density(point)[0] == problem.log_density(point)[0]


def test_flat_coefficients_are_the_limit_of_wide_ones():
    """Flat: the integral over b without its normal prior, whose density at 0 is taken out."""
    *_, statistics, priors, point = make("correlated slope, weights")
    wide = replace(priors, coefficients=1e4)
    flat = replace(priors, coefficients=np.inf)
    found = pose(statistics, flat).log_density(point)[0]
    limit = pose(statistics, wide).log_density(point)[0] + 4 * np.log(1e4 * np.sqrt(2 * np.pi))
    assert found == pytest.approx(limit, abs=1e-5)  # the next term is of order 1/wide²
