"""A coefficient pooled across outcomes: the dense model, one outcome alone, truths, and errors."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from four_outcomes import CLASSROOM, CORRELATION, ERROR, GAP, four_outcomes
from scipy import stats
from small_study import POOLED, frame_of, indicator, students
from weighted import weighted_parts, weighted_summary

from learning_with_others.bayes.diagnosis import diagnose
from learning_with_others.bayes.engine import fit_outcomes
from learning_with_others.bayes.prior_sets import Prior
from learning_with_others.bayes.specification import Sampler
from learning_with_others.bayes.stacked.density import StackedPosterior
from learning_with_others.bayes.stacked.pooled import fit_pooled, pooled_system
from learning_with_others.bayes.stacked.statistics import collapse_system
from learning_with_others.errors import CompendiumError

# Combined Monte Carlo standard errors between two fits of one model (statistics page).
NEAR = 4.0
# The gap is then its mean, whose prior is that of the coefficient: no pooling is left.
NO_SPREAD = Prior("half_normal", 1e-4, "none")
CASES = {
    "two levels": {"classroom": {"slopes": ("exposure",)}, "school": {}},
    "slopes above": {"classroom": {}, "school": {"slopes": ("exposure",)}},
    "one level": {"classroom": {"slopes": ("exposure",)}},
}
COUNT, STEP = 3, 1e-5


@pytest.fixture(scope="module", name="study")
def _study():
    return four_outcomes()


@pytest.fixture(scope="module", name="together")
def _together(study):
    frame, outcomes = study
    return fit_pooled(frame, outcomes, POOLED, Sampler(3, draws=1000))


@pytest.mark.parametrize("spread", [None, 1e-9])
@pytest.mark.parametrize("case", CASES)
def test_the_density_is_that_of_dense_matrices(case, spread):
    """Coefficients, their mean and all effects integrated out: a normal density of 180 numbers.

    A spread between coefficients that floating point cannot tell from none is no obstacle.
    """
    rng = np.random.default_rng(8)
    frame = frame_of(students(), CASES[case])
    outcomes = {f"y{k}": rng.normal(size=len(frame.columns)) for k in range(COUNT)}
    system, priors, data = pooled_system(frame, outcomes, POOLED)
    lowest = frame.groupings[0]
    cluster = pd.Series(np.array(lowest.labels)[lowest.index])
    posterior = StackedPosterior(collapse_system(system, data, cluster), priors)
    x = posterior.prior_points(1, rng)[0]
    if spread:
        last = len(system.standard_deviations) - 1
        x[last] = posterior.unconstrained(np.full(last + 1, spread))[last]
    point = posterior.covariances.at(x)
    sds = dict(zip(system.standard_deviations, np.exp(point.log_sds), strict=True))

    residual = point.factors[0][1] @ point.factors[0][1].T
    total = np.kron(residual, np.eye(len(frame.columns)))
    for term, column, scale in zip(
        frame.terms, frame.columns.T, frame.priors.coefficient_sd, strict=True
    ):
        together = np.full((COUNT, COUNT), scale**2) + sds["sd_pooled"] ** 2 * np.eye(COUNT)
        own = together if term == POOLED else scale**2 * np.eye(COUNT)
        total += np.kron(own, np.outer(column, column))
    for grouping in frame.groupings:
        z = indicator(frame, grouping)
        for k in range(COUNT):
            name = f"outcome y{k}"
            own = [
                sds[f"sd_cluster[{name}, {term}]"]
                if grouping is lowest
                else sds[f"sd_{grouping.name}, {term}[{name}]"]
                for term in ("Intercept", *grouping.slopes)
            ]
            place = np.zeros((COUNT, COUNT))
            place[k, k] = 1
            total += np.kron(place, z * np.tile(own, len(grouping.labels)) ** 2 @ z.T)
    y = np.concatenate(list(outcomes.values()))
    expected = stats.multivariate_normal(np.zeros(len(y)), total).logpdf(y)
    likelihood, _ = posterior.log_densities(x[None])
    # Sums and solutions of matrices of 180 rows, here and there; a spread held at 1e-5 changes a
    # density of -30,000 by less than 1e-3.
    assert likelihood[0] == pytest.approx(expected, abs=1e-3 if spread else 1e-7)
    if spread:
        return
    gradient = posterior.log_density(x)[1]
    steps = STEP * np.eye(len(x))
    heights = [sum(posterior.log_densities(x + sign * steps)) for sign in (1, -1)]
    # Of central differences: the third derivative's part and rounding, each some 1e-8 of slopes
    # up to a thousand.
    np.testing.assert_allclose((heights[0] - heights[1]) / (2 * STEP), gradient, atol=1e-3)


def test_one_outcome_agrees_with_the_collapsed_engine(study):
    frame, outcomes = study
    one = {"outcome 0": outcomes["outcome 0"]}
    sampler = Sampler(5, draws=4000)
    found, weights = weighted_parts(fit_pooled(frame, one, POOLED, sampler, NO_SPREAD))
    known, others = weighted_parts(fit_outcomes(frame, one, sampler, "collapsed")["outcome 0"])
    pairs = [(found["coefficient"][:, :, 0, k], known["coefficient"][:, :, k]) for k in range(4)]
    names = ["sd_residual", "sd_classroom", "sd_classroom_slope_0", "sd_school"]
    pairs += [(found["sd"][:, :, k], known[name]) for k, name in enumerate(names)]
    for ours, theirs in pairs:
        a = np.array(weighted_summary(ours.to_numpy(), weights))
        b = np.array(weighted_summary(theirs.to_numpy(), others))
        assert (np.abs(a - b)[:, 0] < NEAR * np.hypot(a[:, 1], b[:, 1])).all()
    assert "correlation" not in found


def test_truths_come_back_and_the_fit_passes_its_diagnosis(together):
    """Within 3.5 posterior sds, of some 20 quantities at a fixed seed."""
    assert diagnose(together).flag is None
    draws, weights = weighted_parts(together)
    truths = [(draws["pooled_mean"], GAP)]
    truths += [(draws["sd"][:, :, k], ERROR) for k in range(4)]
    truths += [
        (draws["sd"].sel(sd_of=f"sd_cluster[outcome outcome {k}, Intercept]"), CLASSROOM)
        for k in range(4)
    ]
    truths += [(draws["correlation"][:, :, k], CORRELATION) for k in range(6)]
    for values, truth in truths:
        (mean, _), (sd, _), *_ = weighted_summary(values.to_numpy(), weights)
        assert abs(mean - truth) < 3.5 * sd


def test_gaps_shrink_towards_their_mean(study, together):
    """Pooled gaps vary less and are told more narrowly than with hardly any pooling."""
    frame, outcomes = study
    apart = Prior("half_normal", 20.0, "hardly any pooling")
    alone = fit_pooled(frame, outcomes, POOLED, Sampler(4, draws=1000), apart)
    means, sds = [], []
    for fit in (together, alone):
        draws, weights = weighted_parts(fit)
        gaps = draws["coefficient"].sel(term=POOLED).to_numpy()
        found = [weighted_summary(gaps[..., k], weights) for k in range(4)]
        means.append([each[0][0] for each in found])
        sds.append([each[1] for each in found])
    assert np.ptp(means[0]) < np.ptp(means[1])
    (narrow, wide), (near, far) = np.moveaxis(np.array(sds), 2, 0)
    assert narrow.mean() < wide.mean()
    assert (narrow < wide + NEAR * np.hypot(near, far)).all()  # Monte Carlo errors of both


def test_the_same_seed_gives_the_same_draws(study):
    frame, outcomes = study
    two = {name: outcomes[name] for name in list(outcomes)[:2]}
    first, second = (fit_pooled(frame, two, POOLED, Sampler(6, draws=20)) for _ in range(2))
    assert first["weighted"].to_dataset().identical(second["weighted"].to_dataset())


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"constant": np.ones(320)}, "does not vary"),
        ({"short": np.ones(3)}, "320 rows"),
        ({"holes": np.full(320, np.nan)}, "missing"),
        ({"double": "outcome 0"}, "follows from"),
    ],
)
def test_outcomes_that_cannot_be_fitted_are_named(study, changed, message):
    frame, outcomes = study
    given = {
        name: 2 * outcomes[values] if isinstance(values, str) else values
        for name, values in changed.items()
    }
    with pytest.raises(CompendiumError, match=message) as caught:
        fit_pooled(frame, outcomes | given, POOLED, Sampler(1))
    assert next(iter(changed)) in str(caught.value)


def test_models_that_do_not_fit_are_named(study):
    frame, outcomes = study
    with pytest.raises(CompendiumError, match="no term"):
        fit_pooled(frame, outcomes, "focal:exposur", Sampler(1))
    with pytest.raises(CompendiumError, match="no outcomes"):
        fit_pooled(frame, {}, POOLED, Sampler(1))
    with pytest.raises(CompendiumError, match="weights"):
        fit_pooled(replace(frame, weights=np.ones(320)), outcomes, POOLED, Sampler(1))
    lowest, school = frame.groupings
    correlated = replace(frame, groupings=(replace(lowest, correlated=True), school))
    with pytest.raises(CompendiumError, match="classroom are correlated"):
        fit_pooled(correlated, outcomes, POOLED, Sampler(1))
