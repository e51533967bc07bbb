"""Average marginal slopes and gaps: as integrals worked out another way, and recovered by fits."""

import numpy as np
import pytest
import xarray as xr
from deep import keep
from scipy import integrate, special, stats
from simulated_benefit import GAP, SLOPE, simulated_design, simulated_frame

from learning_with_others.bayes.explicit.fit import fit_explicit
from learning_with_others.bayes.specification import Sampler
from learning_with_others.models.average_slopes import averaged_draws, averaged_outcome
from learning_with_others.models.benefit_terms import interaction, share
from learning_with_others.models.estimands import benefit_draws

THRESHOLDS = np.array([-1.2, 0.4, 1.9])
SDS = {"sd_classroom": 0.5, "sd_classroom_slope_0": 0.3, "sd_school": 0.4}
# Nine nodes of the quadrature against an adaptive one, for effects of sd .8.
QUADRATURE = 2e-5
# Truths lie within this many posterior sds; the seed is fixed.
NEAR = 3.5
PLANTED = (
    "benefit.slope/Black",
    "benefit.slope/White",
    "benefit.gap",
    "benefit.latent.gap",
    "benefit.outcome_gap.low",
    "benefit.outcome_gap.high",
    "benefit.narrowing",
)


def truth(design, family):
    """A posterior of one draw: the parameters of which outcomes are drawn."""
    coefficient = {
        "Intercept": -0.3,
        SLOPE: 0.4,
        "Black": -0.5,
        share("Black", "classroom"): 0.6,
        interaction("Black", SLOPE): GAP,
        interaction(share("Black", "classroom"), SLOPE): -0.7,
        "prior score": 0.8,
    }
    terms = list(design.specification.fixed)
    if family == "bernoulli":
        terms = ["Intercept", *terms]
    found = {
        "coefficient": (("chain", "draw", "term"), [[[coefficient[term] for term in terms]]]),
        **{name: (("chain", "draw"), [[sd]]) for name, sd in SDS.items()},
    }
    if family == "ordered_logistic":
        found["threshold"] = (("chain", "draw", "step"), THRESHOLDS[None, None])
    return xr.Dataset(found, coords={"term": terms}), coefficient


def expectation(mean, spread, family):
    """E[y] at one student, over effects of an sd, by adaptive quadrature."""
    cuts = THRESHOLDS if family == "ordered_logistic" else np.array([0.0])

    def integrand(effect):
        return special.expit(mean + effect - cuts).sum() * stats.norm.pdf(effect, scale=spread)

    return integrate.quad(integrand, -9 * spread, 9 * spread, epsabs=1e-9)[0]


def by_hand(design, coefficient, family, rows, deviations, *, member=None, shares=True):
    """Mean of E[y] over students, term by term; `member` puts all of them into a group."""
    total = 0.0
    for row, deviation in zip(rows, deviations, strict=True):
        data = design.data.iloc[row]
        black = float(data["Black"] > 0) if member is None else float(member)
        composition = data[share("Black", "classroom")] if shares else 0.0
        mean = coefficient["prior score"] * data["prior score"]
        mean += coefficient["Intercept"] if family == "bernoulli" else 0.0
        mean += coefficient["Black"] * (black - design.group_shares["Black"])
        mean += coefficient[share("Black", "classroom")] * composition
        slope = coefficient[SLOPE] + black * coefficient[interaction("Black", SLOPE)]
        slope += composition * coefficient[interaction(share("Black", "classroom"), SLOPE)]
        spread = np.sqrt(0.5**2 + 0.4**2 + (0.3 * deviation) ** 2)
        total += expectation(mean + slope * deviation, spread, family)
    return total / len(rows)


@pytest.mark.parametrize("family", ["bernoulli", "ordered_logistic"])
def test_estimands_are_differences_of_expectations_over_students(family):
    design = simulated_design((12, 9, 11)).of_family(family)
    posterior, coefficient = truth(design, family)
    scale = 1.0 if family == "bernoulli" else 0.9
    found = {key: each.item() for key, each in averaged_draws(posterior, design, scale).items()}
    own = design.data[SLOPE].to_numpy()
    slopes = {}
    for shares in (False, True):
        for group, code in (("Black", True), ("White", False)):
            rows = np.flatnonzero((design.data["Black"] > 0) == code)
            high, low = (
                by_hand(design, coefficient, family, rows, own[rows] + step, shares=shares)
                for step in (0.5, -0.5)
            )
            slopes[group, shares] = (high - low) / scale
    assert found["benefit.slope/Black"] == pytest.approx(slopes["Black", False], abs=QUADRATURE)
    assert found["benefit.slope/White"] == pytest.approx(slopes["White", False], abs=QUADRATURE)
    for key, shares in (("benefit.gap", False), ("benefit.gap.total", True)):
        gap = slopes["Black", shares] - slopes["White", shares]
        assert found[key] == pytest.approx(gap, abs=2 * QUADRATURE)
    every = np.arange(len(own))
    gaps = {}
    for name in ("low", "high"):
        at = getattr(design.contrasts.main, name)
        ours, theirs = (
            by_hand(design, coefficient, family, every, at + 0 * own, member=code, shares=False)
            for code in (True, False)
        )
        gaps[name] = (ours - theirs) / scale
        assert found[f"benefit.outcome_gap.{name}"] == pytest.approx(gaps[name], abs=2 * QUADRATURE)
        level = averaged_outcome(posterior, design, "Black", {SLOPE: at}, scale).item()
        assert level == pytest.approx(ours / scale, abs=QUADRATURE)
    narrowing = abs(gaps["low"]) - abs(gaps["high"])
    assert found["benefit.narrowing"] == pytest.approx(narrowing, abs=4 * QUADRATURE)
    assert found["benefit.latent.gap"] == GAP
    assert found["benefit.latent.slope/Black"] == pytest.approx(0.4 + GAP)


def test_where_the_outcome_is_linear_the_averages_are_the_coefficients():
    design = simulated_design((12, 9, 11))
    frame = simulated_frame(simulated_design()).terms
    rng = np.random.default_rng(4)
    names = (*SDS, "sd_residual")
    posterior = xr.Dataset(
        {
            "coefficient": (("chain", "draw", "term"), rng.normal(size=(2, 5, len(frame)))),
            **{name: (("chain", "draw"), rng.random((2, 5))) for name in names},
        },
        coords={"term": list(frame)},
    )
    linear = benefit_draws(posterior, design)
    averaged = averaged_draws(posterior, design, 1.0)
    for key in linear.keys() & averaged.keys():
        np.testing.assert_allclose(averaged[key], linear[key], atol=1e-12)


def planted(design, family, seed=12):
    """Codes drawn from the truth, with effects of classrooms and schools."""
    rng = np.random.default_rng(seed)
    posterior, coefficient = truth(design, family)
    terms = design.specification.fixed
    mean = sum(coefficient[term] * design.data[term].to_numpy() for term in terms)
    mean = mean + (coefficient["Intercept"] if family == "bernoulli" else 0.0)
    deviation = design.data[SLOPE].to_numpy()
    for column, sd, slope_sd in (("classroom label", 0.5, 0.3), ("school label", 0.4, 0.0)):
        labels, index = np.unique(design.data[column], return_inverse=True)
        effects = rng.normal(size=(2, len(labels))) * [[sd], [slope_sd]]
        mean = mean + effects[0, index] + effects[1, index] * deviation
    cuts = np.array([0.0]) if family == "bernoulli" else THRESHOLDS
    latent = mean + rng.logistic(size=len(mean))
    return posterior, (latent[:, None] > cuts).sum(axis=1)


def recovered(design, family, seed):
    """Draws of estimands of one planted data set, and their truths."""
    posterior, codes = planted(design, family, seed)
    frame = design.frame(codes)
    scale = frame.family.scale(frame.outcome)
    expected = averaged_draws(posterior, design, scale)
    sampler = Sampler(seed=5, chains=2, tune=400, draws=300)
    fit = fit_explicit(frame, {"y": frame.outcome}, sampler)["y"]
    found = averaged_draws(fit["posterior"].to_dataset(), design, scale)
    return {key: found[key] for key in PLANTED}, {key: expected[key].item() for key in PLANTED}


@pytest.mark.parametrize("family", ["bernoulli", "ordered_logistic"])
def test_planted_slopes_and_gaps_come_back(family):
    found, expected = recovered(simulated_design((25,) * 40).of_family(family), family, 12)
    for key, draws in found.items():
        assert abs(draws.mean() - expected[key]) < NEAR * draws.std(), key
    # The planted gap is large enough for these 1000 students to see.
    assert (found["benefit.gap"] > 0).mean() > 0.99


@pytest.mark.deep
@pytest.mark.parametrize("family", ["bernoulli", "ordered_logistic"])
def test_intervals_cover_planted_slopes_and_gaps(family):
    count = 100
    design = simulated_design((25,) * 40).of_family(family)
    covered = dict.fromkeys(PLANTED, 0)
    for seed in range(count):
        found, expected = recovered(design, family, seed)
        for key, draws in found.items():
            low, high = np.quantile(draws, [0.025, 0.975])
            covered[key] += int(low <= expected[key] <= high)
    keep(f"average_slopes_{family}", count, covered=covered)
    # Of 100 intervals of .95, fewer than 88 hold the truth once in 300 times.
    assert min(covered.values()) >= 88, covered
