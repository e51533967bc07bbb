"""The collapsed engine agrees with long runs of the explicit one, parameter by parameter."""

import json

import numpy as np
import pytest
from make_explicit_posteriors import FILE, KEPT, SMALLEST_ESS, STUDIES, frame_of
from weighted import weighted_parts, weighted_summary

from learning_with_others.bayes.diagnosis import diagnose
from learning_with_others.bayes.engine import fit_outcomes
from learning_with_others.bayes.explicit.explicit_model import explicit_model
from learning_with_others.bayes.specification import Sampler

# Combined Monte Carlo standard errors, as "agrees" is defined. Normal errors pass them in one of
# 16,000 comparisons; here are 940, and the seed is fixed.
ERRORS = 4
# Long enough that nearly all of the combined error is the reference's.
SAMPLER = Sampler(seed=5, chains=4, tune=1000, draws=20_000)


@pytest.fixture(scope="module")
def references():
    return json.loads(FILE.read_text())


@pytest.fixture(scope="module", params=list(STUDIES))
def study(request):
    return request.param


@pytest.fixture(scope="module")
def fit(study):
    frame = frame_of(study)
    return fit_outcomes(frame, {"y": frame.outcome}, SAMPLER, engine="collapsed")["y"]


def summarized(fit):
    draws, weights = weighted_parts(fit)
    found = {}
    for name, values in draws.data_vars.items():
        if not name.startswith(KEPT):
            continue
        labels = [f"[{each}]" for each in values[values.dims[-1]].to_numpy()]
        flat = values.to_numpy().reshape(*weights.shape, -1)
        for k, label in enumerate(labels if values.ndim > 2 else [""]):
            found[f"{name}{label}"] = weighted_summary(flat[..., k], weights)
    return found


def test_the_study_is_the_one_of_the_long_run(study, references):
    assert frame_of(study).outcome.sum() == pytest.approx(references[study]["outcome_sum"])


def test_the_long_run_may_serve_as_a_reference(study, references):
    assert references[study]["divergences"] == 0
    assert min(references[study]["ess_bulk"], references[study]["ess_tail"]) >= SMALLEST_ESS


def test_means_sds_and_quantiles_agree(study, references, fit):
    assert diagnose(fit).flag is None
    found, expected = summarized(fit), references[study]["parameters"]
    # The labels are the same: of coefficients, groups and pairs.
    assert set(found) == set(expected)
    ours = np.array([found[name] for name in expected])
    theirs = np.array(list(expected.values()))
    distance = np.abs(ours - theirs)[..., 0] / np.hypot(ours[..., 1], theirs[..., 1])
    far = {name: own for name, own in zip(expected, distance, strict=True) if own.max() > ERRORS}
    assert not far


def test_both_engines_name_dimensions_alike(study, fit):
    model = explicit_model(frame_of(study))
    draws, _ = weighted_parts(fit)
    coordinates = draws.coords
    for name, labels in coordinates.items():
        if name not in ("chain", "draw"):
            assert list(model.coords[name]) == list(labels.to_numpy())
    named = {name for name in draws.data_vars if "correlation" in name}
    assert named == {
        each.name for each in model.deterministics if each.name.startswith("correlation_")
    }
