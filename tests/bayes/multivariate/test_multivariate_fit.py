"""One outcome is the collapsed engine's model; several shrink a common gap; errors are named."""

from dataclasses import replace

import arviz_stats as az
import numpy as np
import pytest
from small_study import POOLED, frame_of, students

from learning_with_others.bayes.diagnosis import diagnose
from learning_with_others.bayes.engine import fit_outcomes
from learning_with_others.bayes.multivariate.fit import fit_multivariate
from learning_with_others.bayes.multivariate.priors import AcrossOutcomes
from learning_with_others.bayes.prior_sets import Prior
from learning_with_others.bayes.specification import Sampler
from learning_with_others.bayes.stored_draws import stored_draws
from learning_with_others.errors import CompendiumError

# Combined Monte Carlo standard errors between two fits of one model (statistics page).
NEAR = 4.0
# The gap is then its mean, whose prior is that of the coefficient: no pooling is left.
NO_SPREAD = AcrossOutcomes(pooled_sd=Prior("half_normal", 1e-4, "none"))
GAPS, ERROR = 0.2, 0.8


@pytest.fixture(scope="module", name="study")
def _study():
    """Four outcomes with one gap of .2 and residuals that correlate at .5; classrooms of sd .3."""
    rng = np.random.default_rng(21)
    data = students(rows=320, classrooms=16, schools=4, seed=9)
    frame = frame_of(data)
    root = np.linalg.cholesky(np.full((4, 4), 0.5) + 0.5 * np.eye(4))
    residual = ERROR * rng.normal(size=(320, 4)) @ root.T
    classroom = frame.groupings[0].index
    mean = 0.3 * rng.normal(size=(16, 4))[classroom]
    gap = data["exposure"] * data["focal"] * GAPS
    outcomes = residual + mean + gap.to_numpy()[:, None]
    return frame, {f"outcome {k}": outcomes[:, k] for k in range(4)}


@pytest.fixture(scope="module", name="together")
def _together(study):
    frame, outcomes = study
    return fit_multivariate(frame, outcomes, POOLED, Sampler(3, tune=200, draws=600))


def summary(values):
    """Mean, sd and their Monte Carlo errors."""
    draws = np.ascontiguousarray(values)
    errors = [az.mcse(draws, method=how) for how in ("mean", "sd")]
    return np.array([draws.mean(), draws.std()]), np.array(errors, dtype=float)


def test_one_outcome_agrees_with_the_collapsed_engine(study):
    frame, outcomes = study
    one = {"outcome 0": outcomes["outcome 0"]}
    sampler = Sampler(5, tune=300, draws=1500)
    found = fit_multivariate(frame, one, POOLED, sampler, NO_SPREAD)["posterior"]
    fitted = fit_outcomes(frame, one, sampler, "collapsed")["outcome 0"]
    known = stored_draws(fitted, sampler.chains, sampler.draws, sampler.seed)
    pairs = [
        (found["coefficient"][:, :, 0, k], known["coefficient"][:, :, k])
        for k in range(len(frame.terms))
    ]
    names = ["sd_residual", "sd_classroom", "sd_classroom_slope_0", "sd_school"]
    pairs += [(found[name][:, :, 0], known[name]) for name in names]
    for ours, theirs in pairs:
        (a, error_a), (b, error_b) = summary(ours), summary(theirs)
        np.testing.assert_array_less(np.abs(a - b), NEAR * np.hypot(error_a, error_b))
    assert "correlation_residual" not in found


def test_a_fit_passes_its_diagnosis_and_says_what_it_is(together):
    found = diagnose(together)
    assert found.flag is None, found
    assert together.attrs["engine"] == "gibbs"
    assert together.attrs["rows"] == 320
    correlations = together["posterior"]["correlation_residual"]
    assert correlations.sizes["pair"] == 6
    assert list(correlations["pair"].to_numpy()[:2]) == [
        "outcome 0 & outcome 1",
        "outcome 0 & outcome 2",
    ]


def test_truths_come_back(together):
    """Within 3.5 posterior sds, of some 20 quantities at a fixed seed."""
    posterior = together["posterior"].to_dataset()
    truths = {
        "pooled_mean": GAPS,
        "sd_residual": ERROR,
        "sd_classroom": 0.3,
        "correlation_residual": 0.5,
    }
    for name, truth in truths.items():
        draws = posterior[name]
        distance = (draws.mean(("chain", "draw")) - truth) / draws.std(("chain", "draw"))
        assert np.abs(distance).max() < 3.5, name


def test_gaps_shrink_towards_their_mean(study, together):
    """Pooled gaps vary less and are told more narrowly than with hardly any pooling."""
    frame, outcomes = study
    apart = AcrossOutcomes(pooled_sd=Prior("half_normal", 20.0, "hardly any pooling"))
    alone = fit_multivariate(frame, outcomes, POOLED, Sampler(4, tune=200, draws=400), apart)
    gaps = [each["posterior"]["coefficient"].sel(term=POOLED) for each in (together, alone)]
    pooled, free = (each.mean(("chain", "draw")).to_numpy() for each in gaps)
    assert np.ptp(pooled) < np.ptp(free)
    narrow, wide = (each.std(("chain", "draw")).to_numpy() for each in gaps)
    assert (narrow < wide).all()


def test_the_same_seed_gives_the_same_draws(study):
    frame, outcomes = study
    sampler = Sampler(6, chains=2, tune=5, draws=5)
    first, second = (fit_multivariate(frame, outcomes, POOLED, sampler) for _ in range(2))
    assert first["posterior"].to_dataset().identical(second["posterior"].to_dataset())


def wrong(outcomes, **changed):
    return dict(outcomes) | changed


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
        fit_multivariate(frame, wrong(outcomes, **given), POOLED, Sampler(1))
    assert next(iter(changed)) in str(caught.value)


def test_models_and_priors_that_do_not_fit_are_named(study):
    frame, outcomes = study
    with pytest.raises(CompendiumError, match="no term"):
        fit_multivariate(frame, outcomes, "focal:exposur", Sampler(1))
    with pytest.raises(CompendiumError, match="no outcomes"):
        fit_multivariate(frame, {}, POOLED, Sampler(1))
    lowest, school = frame.groupings
    correlated = replace(frame, groupings=(replace(lowest, correlated=True), school))
    with pytest.raises(CompendiumError, match="classroom are correlated"):
        fit_multivariate(correlated, outcomes, POOLED, Sampler(1))
    with pytest.raises(CompendiumError, match="does not fit"):
        AcrossOutcomes(pooled_sd=Prior("normal", 1.0, ""))
    with pytest.raises(CompendiumError, match="above zero"):
        AcrossOutcomes(residual_correlation=Prior("lkj", 0.0, ""))
