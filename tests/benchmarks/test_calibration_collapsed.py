"""The collapsed engine is calibrated, and the check would say so if it were not.

Sabotaged engines have fewer replications: each is found out by them already.
"""

from dataclasses import replace

import numpy as np
import pytest
import xarray as xr
from deep import dozen_or, keep

from benchmarks.calibration.__main__ import REPLICATIONS, SEED, simulated_study
from benchmarks.calibration.figure import draw_calibration
from benchmarks.calibration.prior_draws import draw_prior
from benchmarks.calibration.replications import (
    POSITIONS,
    calibration_ranks,
    collapsed_engine,
    thinned_draws,
)
from benchmarks.calibration.verdict import LOG_LIKELIHOOD, judge
from learning_with_others.errors import CompendiumError

FEWER = 50
GAP = "coefficient[exposure:focal]"


@pytest.fixture(scope="session")
def simulated():
    return simulated_study()


@pytest.fixture(scope="session", params=dozen_or(REPLICATIONS))
def right(request, simulated):
    return calibration_ranks(simulated, collapsed_engine(simulated.priors), request.param, SEED)


@pytest.fixture(scope="session")
def wrong_scale(simulated):
    """A quarter of the prior scale of the standard deviation between four schools."""
    standard_deviations = dict(simulated.priors.standard_deviations)
    standard_deviations["sd_school"] = replace(
        standard_deviations["sd_school"], scale=standard_deviations["sd_school"].scale / 4
    )
    engine = collapsed_engine(replace(simulated.priors, standard_deviations=standard_deviations))
    return calibration_ranks(simulated, engine, FEWER, SEED)


@pytest.fixture(scope="session")
def no_slope(simulated):
    """Slopes of the exposure that vary by classroom are taken for the same everywhere."""
    standard_deviations = dict(simulated.priors.standard_deviations)
    del standard_deviations["sd_classroom_slope_0"]
    without = collapsed_engine(
        replace(simulated.priors, standard_deviations=standard_deviations, correlations={})
    )

    def engine(statistics, draws, seed):
        lower, upper = statistics.levels
        levels = (replace(lower, slopes=()), upper)
        posterior = without(replace(statistics, levels=levels), draws, seed)
        zero = xr.zeros_like(posterior["sd_residual"])
        return posterior.assign(
            sd_classroom_slope_0=zero,
            effect_classroom_slope_0=xr.zeros_like(posterior["effect_classroom"]),
            correlation_classroom=zero.expand_dims(pair_classroom=["Intercept & exposure"], axis=2),
        )

    return calibration_ranks(simulated, engine, FEWER, SEED)


@pytest.fixture(scope="session")
def only_prior(simulated):
    """Draws from the prior, whatever the data."""

    def engine(statistics, draws, seed):
        return draw_prior(statistics, simulated.priors, draws, seed)

    return calibration_ranks(simulated, engine, FEWER, SEED)


def outside(ranks):
    table = judge(ranks, POSITIONS)
    return set(table["quantity"][~table["inside"]])


def test_the_collapsed_engine_is_calibrated(right):
    assert len(right) == 15
    assert {LOG_LIKELIHOOD, GAP, "effect_classroom[0]", "effect_school[0]"} < set(right)
    table = judge(right, POSITIONS)
    count = int(table["replications"].iloc[0])
    keep("calibration", count, seeds=SEED, inside=int(table["inside"].sum()))
    assert table["level"].iloc[0] == pytest.approx(0.05 / 15)
    assert table["inside"].all(), table


def test_a_wrong_prior_scale_is_found_out(wrong_scale):
    assert "sd_school" in outside(wrong_scale)
    # A prior too narrow puts truths high among the draws.
    assert wrong_scale["sd_school"].mean() > 0.6 * POSITIONS


def test_a_dropped_random_slope_is_found_out(no_slope):
    # Not only where the dropped parameters are ranked: what the slopes did goes to the residuals.
    assert {LOG_LIKELIHOOD, "sd_residual"} <= outside(no_slope)


def test_a_posterior_equal_to_the_prior_is_found_out_by_the_likelihood_alone(only_prior):
    """Ranks of the parameters themselves are uniform (Modrák et al. 2023, sec. 3)."""
    assert outside(only_prior) == {LOG_LIKELIHOOD}


def test_the_figure_has_a_panel_for_each_quantity(right, wrong_scale):
    for ranks in (right, wrong_scale):
        titles = [axis.get_title() for axis in draw_calibration(ranks, POSITIONS).axes]
        assert len(titles) == 16  # the last place of four by four stays empty
        assert {title.removesuffix(": outside") for title in titles if title} == set(ranks)
        marked = {title.removesuffix(": outside") for title in titles if "outside" in title}
        assert marked == outside(ranks)


def test_an_engine_that_hardly_moves_is_refused(simulated):
    def stuck(statistics, draws, seed):  # noqa: ARG001 - engines share a signature
        steps = np.random.default_rng(seed).normal(size=(2, draws)).cumsum(axis=1)
        return xr.Dataset({"sd_residual": (("chain", "draw"), steps)})

    def measure(parameters):
        return {"sd_residual": parameters["sd_residual"].to_numpy()}

    with pytest.raises(CompendiumError, match="398 are needed"):
        thinned_draws(stuck, simulated.statistics(), measure, SEED)
