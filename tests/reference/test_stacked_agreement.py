"""The stacked engine agrees with long runs of the explicit system, parameter by parameter."""

import json
from dataclasses import replace

import numpy as np
import pytest
from make_explicit_posteriors import SMALLEST_ESS
from make_stacked_posteriors import FILE, KEPT, RENAMED, SYSTEMS, system_of
from weighted import weighted_parts, weighted_summary

from learning_with_others.bayes.specification import Sampler
from learning_with_others.bayes.stacked.fit import fit_stacked
from learning_with_others.bayes.stacked.statistics import collapse_system

# Combined Monte Carlo standard errors, as "agrees" is defined. Normal errors pass them in one of
# 16,000 comparisons; here are some 200, and the seed is fixed.
ERRORS = 4
SAMPLER = Sampler(seed=5, chains=4, tune=0, draws=2500)


@pytest.fixture(scope="module")
def references():
    return json.loads(FILE.read_text())


@pytest.fixture(scope="module", params=list(SYSTEMS))
def name(request):
    return request.param


def summarized(system, priors, data, cluster):
    draws, weights = weighted_parts(
        fit_stacked(collapse_system(system, data, cluster), priors, SAMPLER)
    )
    return {
        f"{RENAMED.get(kind, kind)}[{label}]": weighted_summary(draws[kind][..., k].values, weights)
        for kind in KEPT
        for k, label in enumerate(draws[draws[kind].dims[-1]].to_numpy())
    }


def far_apart(found, expected):
    """Parameters of which mean, sd or a quantile is farther than `ERRORS` from the other."""
    assert set(found) == set(expected)
    ours = np.array([found[name] for name in expected])
    theirs = np.array(list(expected.values()))
    distance = np.abs(ours - theirs)[..., 0] / np.hypot(ours[..., 1], theirs[..., 1])
    return {n: own for n, own in zip(expected, distance, strict=True) if own.max() > ERRORS}


def test_the_long_run_may_serve_as_a_reference(name, references):
    *_, data, _ = system_of(name)
    assert data.sum().sum() == pytest.approx(references[name]["data_sum"])
    assert references[name]["divergences"] == 0
    assert min(references[name]["ess_bulk"], references[name]["ess_tail"]) >= SMALLEST_ESS


def test_means_sds_and_quantiles_agree(name, references):
    found = summarized(*system_of(name))
    assert not far_apart(found, references[name]["parameters"])


def test_a_wrong_prior_is_found_out(references):
    name = "side by side, values missing"
    system, priors, data, cluster = system_of(name)
    sd = "sd_cluster[m, x]"
    wrong = replace(priors.standard_deviations[sd], scale=0.25)
    sds = dict(priors.standard_deviations) | {sd: wrong}
    found = summarized(system, replace(priors, standard_deviations=sds), data, cluster)
    assert f"sd_[{sd}]" in far_apart(found, references[name]["parameters"])
