"""Bands and verdicts against simulation, enumeration and another program."""

import itertools

import numpy as np
import pytest
from arviz_stats.ecdf_utils import get_pointwise_confidence_band, simulate_confidence_bands

from benchmarks.calibration.bands import (
    counts_below,
    difference_band,
    probability_inside,
    probability_of_departure,
)
from benchmarks.calibration.figure import draw_calibration
from benchmarks.calibration.verdict import judge
from learning_with_others.errors import CompendiumError

REPLICATIONS = POSITIONS = 200


def departures(ranks, positions=POSITIONS):
    return np.array([probability_of_departure(own, positions) for own in ranks])


@pytest.mark.parametrize("pointwise", [0.05, 0.2, 0.5])
def test_the_probability_of_staying_inside_is_that_of_all_ranks_there_are(pointwise):
    replications, positions = 5, 4
    below = np.array(list(itertools.product([True, False], repeat=replications)))
    tails = np.empty((positions - 1, replications + 1))
    for k, share in enumerate(np.arange(1, positions) / positions):
        chance = np.where(below, share, 1 - share).prod(axis=1)
        for count in range(replications + 1):
            low, high = below.sum(axis=1) <= count, below.sum(axis=1) >= count
            tails[k, count] = 2 * min(chance[low].sum(), chance[high].sum())
    every = [
        (tails[np.arange(positions - 1), counts_below(ranks, positions)] > pointwise).all()
        for ranks in itertools.product(range(positions), repeat=replications)
    ]
    found = probability_inside(replications, positions, pointwise)
    assert found == pytest.approx(np.mean(every), rel=1e-12)


@pytest.mark.parametrize("probability", [0.95, 1 - 0.05 / 15])
def test_the_band_holds_uniform_ranks_as_often_as_it_says(probability):
    band = difference_band(REPLICATIONS, POSITIONS, probability)
    assert probability <= band.probability < probability + 0.001
    studies = 20_000
    ranks = np.random.default_rng(1).integers(0, POSITIONS, size=(studies, REPLICATIONS))
    counts = np.stack([counts_below(own, POSITIONS) for own in ranks])
    difference = counts / REPLICATIONS - band.points
    rounding = 1e-12
    inside = (difference > band.lower - rounding) & (difference < band.upper + rounding)
    share = inside.all(axis=1).mean()
    # Four standard errors of a share.
    error = np.sqrt(probability * (1 - probability) / studies)
    assert share == pytest.approx(band.probability, abs=4 * error)


@pytest.mark.parametrize("probability", [0.95, 0.99])
def test_the_band_is_that_of_arviz(probability):
    band = difference_band(REPLICATIONS, POSITIONS, probability)
    rng = np.random.default_rng(2)
    pointwise = simulate_confidence_bands(REPLICATIONS, 1, band.points, probability, 4000, rng)
    lower, upper = get_pointwise_confidence_band(pointwise, REPLICATIONS, band.points)
    # It takes γ from a few thousand simulations: its bounds are a whole count off at some points.
    one = 1.001 / REPLICATIONS
    np.testing.assert_allclose(lower - band.points, band.lower, rtol=0, atol=one)
    np.testing.assert_allclose(upper - band.points, band.upper, rtol=0, atol=one)


def test_departures_are_p_values():
    ranks = np.random.default_rng(3).integers(0, POSITIONS, size=(2000, REPLICATIONS))
    found = departures(ranks)
    for level in (0.05, 0.5):
        # Of a share of 2,000: four standard errors; discreteness makes p-values larger, if at all.
        error = 4 * np.sqrt(level * (1 - level) / 2000)
        assert (found <= level).mean() == pytest.approx(level, abs=error + 0.005)


def test_band_and_departure_decide_alike():
    ranks = np.random.default_rng(4).integers(0, POSITIONS, size=(300, REPLICATIONS))
    band = difference_band(REPLICATIONS, POSITIONS, 0.7)
    for own, departure in zip(ranks, departures(ranks), strict=True):
        difference = counts_below(own, POSITIONS) / REPLICATIONS - band.points
        within = (difference > band.lower - 1e-12) & (difference < band.upper + 1e-12)
        assert within.all() == (departure > 0.3)


@pytest.mark.parametrize(
    "shape",
    [
        pytest.param((0.7, 0.7), id="draws too close together"),
        pytest.param((2.0, 2.0), id="draws too far apart"),
        pytest.param((1.0, 1.5), id="draws too high"),
    ],
)
def test_ranks_of_wrong_shape_are_outside(shape):
    rng = np.random.default_rng(5)
    right = rng.integers(0, POSITIONS, size=REPLICATIONS)
    wrong = (rng.beta(*shape, size=REPLICATIONS) * POSITIONS).astype(int)
    table = judge({"right": right, "wrong": wrong}, POSITIONS)
    assert list(table["inside"]) == [True, False]
    assert (table["level"] == 0.025).all()
    figure = draw_calibration({"right": right, "wrong": wrong}, POSITIONS)
    assert [axis.get_title() for axis in figure.axes] == ["right", "wrong: outside"]
    line = figure.axes[0].lines[1].get_ydata()
    np.testing.assert_allclose(line[99], (right < 100).mean() - 0.5)


def test_what_is_no_rank_is_refused():
    with pytest.raises(CompendiumError, match="ranks from 3 to 200"):
        counts_below(np.array([3, 200]), POSITIONS)
    with pytest.raises(CompendiumError, match="probability 1"):
        difference_band(REPLICATIONS, POSITIONS, 1.0)
