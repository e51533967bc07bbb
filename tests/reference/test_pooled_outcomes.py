"""Several outcomes at once agree with another program: a Gibbs sampler of the same model.

It drew coefficients and effects jointly, standard deviations with effects integrated out and the
residual covariance by Metropolis steps, and is no part of the project any more. Four chains of
5,000 draws after 500: worst R-hat 1.001, bulk and tail ESS above 5,000. `pooled_outcomes.json`
holds mean, sd, 5% and 95% quantile of each quantity with its Monte Carlo error.
"""

import json
from pathlib import Path

import numpy as np
from four_outcomes import four_outcomes
from small_study import POOLED
from weighted import weighted_parts, weighted_summary

from learning_with_others.bayes.diagnosis import diagnose
from learning_with_others.bayes.specification import Sampler
from learning_with_others.bayes.stacked.pooled import fit_pooled

REFERENCE = json.loads(Path(__file__).with_name("pooled_outcomes.json").read_text())
# Combined Monte Carlo standard errors, as "agrees" is defined; the seed is fixed.
ERRORS = 4
SDS = {
    "sd_classroom": "sd_cluster[outcome {}, Intercept]",
    "sd_classroom_slope_0": "sd_cluster[outcome {}, exposure]",
    "sd_school": "sd_school, Intercept[outcome {}]",
    "sd_residual": "sd_residual[outcome {}]",
}


def quantities(fit):
    draws, weights = weighted_parts(fit)
    found = {name: draws[name] for name in ("pooled_mean", "pooled_sd")}
    for outcome in draws["outcome"].to_numpy():
        for term in draws["term"].to_numpy():
            own = draws["coefficient"].sel(outcome=outcome, term=term)
            found[f"coefficient[{outcome}, {term}]"] = own
        for name, ours in SDS.items():
            found[f"{name}[{outcome}]"] = draws["sd"].sel(sd_of=ours.format(outcome))
    for pair in draws["pair"].to_numpy():
        name = pair.replace("correlation_residual", "correlation").replace(
            "outcome outcome", "outcome"
        )
        found[name] = draws["correlation"].sel(pair=pair)
    return {name: weighted_summary(own.to_numpy(), weights) for name, own in found.items()}


def test_means_sds_and_quantiles_agree():
    frame, outcomes = four_outcomes()
    fit = fit_pooled(frame, outcomes, POOLED, Sampler(3, draws=4000))
    assert diagnose(fit).flag is None
    found = quantities(fit)
    assert set(found) == set(REFERENCE)
    ours, theirs = (np.array([each[name] for name in REFERENCE]) for each in (found, REFERENCE))
    distance = np.abs(ours - theirs)[..., 0] / np.hypot(ours[..., 1], theirs[..., 1])
    assert distance.max() < ERRORS, dict(zip(REFERENCE, distance.max(axis=1), strict=True))
