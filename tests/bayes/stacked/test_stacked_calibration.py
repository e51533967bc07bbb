"""The stacked engine is calibrated, and the check would say so if it were not."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from deep import dozen_or, keep
from dense_system import covariance_matrices, marginal_covariance, stack
from simulated_systems import (
    SIDE_BY_SIDE,
    drawn_from_prior,
    exogenous,
    priors_of,
    with_outcomes,
)

from benchmarks.calibration.verdict import LOG_LIKELIHOOD, judge
from learning_with_others.bayes.specification import Sampler
from learning_with_others.bayes.stacked.fit import fit_stacked
from learning_with_others.bayes.stacked.statistics import collapse_system
from learning_with_others.bayes.stored_draws import stored_draws

THINNED, POSITIONS, SEED = 199, 200, 4
ROWS, CLUSTERS, MISSING = 120, 12, 0.1
# In each of two chains: weights of fewer would fail their diagnosis now and then, which is refused.
DRAWS = 1500
PRIORS = priors_of(SIDE_BY_SIDE, coefficient=0.5, effect=0.6)
INDIRECT = "indirect"


def quantities(system, draws, data, cluster):
    """All parameters, the indirect association over clusters, and the log likelihood."""
    coefficients, sds, correlations = draws
    found = dict(zip(map(", ".join, system.coefficients), coefficients.T, strict=True))
    found |= dict(zip(system.standard_deviations, sds.T, strict=True))
    found |= dict(zip(system.pairs, correlations.T, strict=True))
    covariance = found["correlation_cluster[m, x & y, m]"]
    covariance = covariance * found["sd_cluster[m, x]"] * found["sd_cluster[y, m]"]
    found[INDIRECT] = found["m, x"] * found["y, m"] + covariance
    matrices = [
        covariance_matrices(system, own, pairs)
        for own, pairs in zip(sds, correlations, strict=True)
    ]
    residual, effects = (np.stack(each) for each in zip(*matrices, strict=True))
    stacked = stack(system, data, cluster)
    return found | {LOG_LIKELIHOOD: log_likelihoods(stacked, coefficients, residual, effects)}


def log_likelihoods(stacked, coefficients, residual, effects):
    """Of outcomes given coefficients, effects integrated out, cluster by cluster."""
    y, x, *_, cluster = stacked
    left = y - coefficients @ x.T
    total = 0.0
    for j in np.unique(cluster):
        here = cluster == j
        own = tuple(part[here] for part in stacked)
        root = np.linalg.cholesky(marginal_covariance(own, residual, effects))
        standard = np.linalg.solve(root, left[:, here, None])[..., 0]
        total = total - np.square(standard).sum(axis=1) / 2
        total = total - np.log(np.diagonal(root, axis1=1, axis2=2)).sum(axis=1)
    return total


def calibration_ranks(replications, system=SIDE_BY_SIDE, priors=PRIORS):
    """Rank truths drawn from `PRIORS` among draws of the engine with a system and priors.

    References
    ----------
    Talts, S., Betancourt, M., Simpson, D., Vehtari, A. and Gelman, A. (2018). Validating Bayesian
    inference algorithms with simulation-based calibration. arXiv:1804.06788, algorithm 1.
    """
    ranks = {}
    exogenous_data, cluster = exogenous(ROWS, CLUSTERS, 2)
    for number, truth in enumerate(drawn_from_prior(SIDE_BY_SIDE, PRIORS, replications, SEED)):
        rng = np.random.default_rng([SEED, number])
        data = with_outcomes(SIDE_BY_SIDE, truth, exogenous_data, cluster, rng, MISSING)
        draws = posterior_draws(system, priors, data, cluster, number)
        values = quantities(SIDE_BY_SIDE, draws, data, cluster)
        true = quantities(SIDE_BY_SIDE, [np.array(each)[None] for each in truth], data, cluster)
        for name, own in values.items():
            ranks.setdefault(name, []).append(int((own < true[name]).sum()))
    return {name: np.array(own) for name, own in ranks.items()}


def posterior_draws(system, priors, data, cluster, seed):
    """Independent draws of the same weight; correlations that a system has not are zero."""
    statistics = collapse_system(system, data, cluster)
    fit = fit_stacked(statistics, priors, Sampler(seed=seed, chains=2, tune=0, draws=DRAWS))
    drawn = stored_draws(fit, 1, THINNED, seed).isel(chain=0)
    pairs = pd.DataFrame(0.0, np.arange(THINNED), SIDE_BY_SIDE.pairs)
    pairs[system.pairs] = drawn["correlation"].to_numpy()
    return drawn["coefficient"].to_numpy(), drawn["sd"].to_numpy(), pairs.to_numpy()


def outside(ranks):
    table = judge(ranks, POSITIONS)
    return set(table["quantity"][~table["inside"]])


@pytest.mark.parametrize("count", dozen_or(200))
def test_the_stacked_engine_is_calibrated(count):
    ranks = calibration_ranks(count)
    table = judge(ranks, POSITIONS)
    keep("stacked_calibration", count, seeds=SEED, inside=int(table["inside"].sum()))
    assert {LOG_LIKELIHOOD, INDIRECT, "sd_shared"} < set(ranks)
    assert table["inside"].all(), table


def test_a_wrong_prior_scale_is_found_out():
    name = "sd_cluster[m, x]"
    narrow = replace(PRIORS.standard_deviations[name], scale=0.1)
    sds = dict(PRIORS.standard_deviations) | {name: narrow}
    ranks = calibration_ranks(25, priors=replace(PRIORS, standard_deviations=sds))
    assert name in outside(ranks)
    # A prior too narrow puts truths high among the draws.
    assert ranks[name].mean() > 0.6 * POSITIONS


@pytest.mark.deep
def test_a_dropped_covariance_is_found_out():
    # Not only where it is ranked itself: the indirect association is short of it.
    ranks = calibration_ranks(50, system=replace(SIDE_BY_SIDE, covarying=()))
    assert INDIRECT in outside(ranks)
