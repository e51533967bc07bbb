"""Figures of the benefit notebook: every panel is there, and nothing of a small cluster."""

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
import xarray as xr

from learning_with_others.benefits.figures.checks import (
    draw_pareto_k,
    draw_predictive_checks,
    draw_random_effects,
)
from learning_with_others.benefits.figures.draws import (
    draw_coefficients,
    draw_ranks,
    draw_traces,
)
from learning_with_others.benefits.figures.gaps import (
    draw_benefit_gaps,
    draw_equivalence,
    draw_outcome_gaps,
)
from learning_with_others.benefits.figures.prior_draws import draw_standard_deviation_priors
from learning_with_others.benefits.figures.slopes import draw_cluster_slopes, draw_expected_outcomes
from learning_with_others.exhibits.drawing.style import FOCAL, NEUTRAL, REFERENCE, WARNING

mpl.use("Agg")

OUTCOMES = ["belonging", "self_efficacy", "gpa", "engagement"]
GROUPS = ("Black", "White")


@pytest.fixture(autouse=True)
def _close():
    yield
    plt.close("all")


def titles(figure):
    return [axis.get_title() for axis in figure.axes]


def by_outcome(part):
    return pd.concat([part.assign(outcome=name) for name in OUTCOMES], ignore_index=True)


def curve(group, height, places, levels):
    estimate = height + 0.3 * np.asarray(places, float)
    columns = {"group": group, "deviation": places, "level": levels, "estimate": estimate}
    return pd.DataFrame(columns | {"lower": estimate - 0.1, "upper": estimate + 0.1})


def test_expected_outcomes_have_a_panel_for_each_outcome_and_a_line_for_each_group():
    places = np.linspace(-1, 1, 21)
    table = by_outcome(
        pd.concat(curve(group, 0.2 * k, places, "") for k, group in enumerate((*GROUPS, "Asian")))
    )
    figure = draw_expected_outcomes(table, GROUPS, "collaboration")
    assert titles(figure) == ["belonging", "self efficacy", "gpa", "engagement"]
    for axis in figure.axes:
        assert [line.get_color() for line in axis.lines] == [FOCAL, REFERENCE]
        np.testing.assert_allclose(axis.lines[0].get_ydata(), 0.3 * places)
    assert [text.get_text() for text in figure.legends[0].texts] == list(GROUPS)


def test_a_class_level_exposure_has_its_two_values_for_ticks():
    table = by_outcome(
        pd.concat(curve(group, 0.0, [-0.3, 0.7], ["regular", "small"]) for group in GROUPS)
    )
    figure = draw_expected_outcomes(table, GROUPS, "small class")
    labels = [label.get_text() for label in figure.axes[0].get_xticklabels()]
    assert labels == ["regular", "small"]


def test_the_region_of_practical_equivalence_lies_behind_gaps_and_never_behind_slopes():
    part = pd.DataFrame(
        {
            "quantity": ["benefit.slope", "benefit.slope", "benefit.gap", "benefit.gap.total"],
            "group": [*GROUPS, "", ""],
            "row": ["slope, Black", "slope, White", "benefit gap", "benefit gap, total"],
            "estimate": [0.3, 0.2, 0.1, 0.1],
        }
    )
    part = part.assign(lower=part["estimate"] - 0.1, upper=part["estimate"] + 0.1)
    figure = draw_benefit_gaps(by_outcome(part), GROUPS, 0.1)
    for axis in figure.axes:
        bands = [box.get_paths()[0].get_extents().bounds for box in axis.collections[:2]]
        # x, y, width and height: a band behind each of the two last rows.
        np.testing.assert_allclose(bands, [(-0.1, 1.5, 0.2, 1.0), (-0.1, 2.5, 0.2, 1.0)])
    words = [text.get_text() for text in figure.legends[0].texts]
    assert words[-1] == "region of practical equivalence, ±0.10 SD"


def test_outcome_gaps_join_low_and_high():
    low, high = "benefit.outcome_gap.low", "benefit.outcome_gap.high"
    part = pd.DataFrame({"quantity": [low, high, "benefit.gap"], "estimate": [-0.4, -0.1, 9.0]})
    part = part.assign(lower=part["estimate"] - 0.1, upper=part["estimate"] + 0.1)
    figure = draw_outcome_gaps(by_outcome(part), GROUPS)
    (axis,) = figure.axes
    joined = [line for line in axis.lines if list(line.get_xdata()) == [-0.4, -0.1]]
    assert len(joined) == len(OUTCOMES)
    assert axis.get_xlim()[1] < 9  # other rows of the table are not drawn
    assert figure.get_supxlabel() == "outcome gap, Black − White (outcome SD)"


@pytest.mark.parametrize("count", [30, 172])
def test_cluster_slopes_draw_the_clusters_of_the_table_and_name_none(count):
    estimate = np.linspace(0, 0.5, count)
    part = pd.DataFrame(
        {
            "cluster": np.arange(1, count + 1),
            "level": "school",
            "raw": np.where(np.arange(count) == 0, -9.0, 2 * estimate - 0.25),
            "estimate": estimate,
            "lower": estimate - 0.2,
            "upper": estimate + 0.2,
        }
    )
    figure = draw_cluster_slopes(by_outcome(part))
    assert len(figure.axes) == len(OUTCOMES)
    for axis in figure.axes:
        raw, outside = axis.lines[1], axis.lines[2]
        assert len(raw.get_xdata()) == count - 1
        # The one beyond the panel stands at its edge, with room for the whole mark.
        assert (axis.get_ylim()[0] < outside.get_ydata()).all()
        assert (outside.get_ydata() < part["lower"].min()).all()
        assert not axis.get_xticklabels()
        assert [text.get_text() for text in axis.texts] == [f"{count} schools"]


def test_spreads_draw_two_posteriors_and_their_priors():
    grid = np.linspace(0, 1, 50)
    part = pd.concat(
        pd.DataFrame(
            {
                "parameter": name,
                "level": level,
                "groups": groups,
                "sd": grid,
                "prior": np.exp(-grid),
                "posterior": np.exp(-3 * grid),
            }
        )
        for name, level, groups in (("sd between schools", "school", 4), ("slope", "room", 30))
    )
    figure = draw_standard_deviation_priors(by_outcome(part))
    assert len(figure.axes) == len(OUTCOMES)
    assert [len(axis.lines) for axis in figure.axes] == [4] * len(OUTCOMES)
    assert figure.axes[0].texts[0].get_text() == "4 schools\n30 rooms"
    assert len(figure.legends[0].texts) == 3  # both priors are one entry


def test_equivalence_shows_found_and_reachable_shares_and_the_declared_region():
    bounds = np.arange(0.05, 0.201, 0.025)
    part = pd.DataFrame({"bound": bounds, "share": 4 * bounds, "reachable": 4.5 * bounds})
    figure = draw_equivalence(by_outcome(part), 0.1, "outcome SD")
    assert len(figure.axes) == len(OUTCOMES)
    *_, reachable, found = figure.axes[0].lines
    assert reachable.get_linestyle() == "--"
    np.testing.assert_allclose(found.get_ydata(), 4 * bounds)
    assert list(figure.axes[0].lines[1].get_xdata()) == [0.1, 0.1]


def test_predictive_checks_mark_what_lies_outside():
    part = pd.DataFrame(
        {
            "of": ["Black", "Black", "classroom means"],
            "statistic": ["mean", "sd", "sd"],
            "observed": [0.0, 1.3, 0.3],
            "predicted": [0.05, 1.0, 0.3],
            "lower": [-0.1, 0.9, 0.2],
            "upper": [0.2, 1.1, 0.4],
        }
    )
    figure = draw_predictive_checks(by_outcome(part))
    assert len(figure.axes) == len(OUTCOMES)
    inside, outside = (line for line in figure.axes[0].lines if line.get_marker() in "oD")
    np.testing.assert_allclose(inside.get_xdata(), [-0.05, 0.0])
    np.testing.assert_allclose(outside.get_xdata(), [0.3])
    assert outside.get_color() == WARNING
    labels = [label.get_text() for label in figure.axes[0].get_yticklabels()]
    assert labels == ["Black: mean", "Black: sd", "classroom means: sd"]


def test_arviz_draws_every_chain_of_every_quantity():
    draws = {name: np.random.default_rng(1).normal(size=(4, 100)) for name in ("gap", "sd")}
    assert [len(axis.lines) for axis in draw_traces(draws).axes] == [4, 4, 4, 4]
    ranks = draw_ranks(draws).axes
    assert [axis.get_title() for axis in ranks] == ["gap", "sd"]
    assert [len(axis.lines) for axis in ranks] == [4, 4]


def test_every_coefficient_is_drawn_where_its_mean_lies():
    terms = ["Intercept", "slope", "Black × slope"]
    draws = np.random.default_rng(2).normal([0, 1, -1], 0.1, size=(2, 500, 3))
    posterior = xr.Dataset(
        {"coefficient": (("chain", "draw", "term"), draws)}, coords={"term": terms}
    )
    figure = draw_coefficients(posterior, 0.95)
    names, values = figure.axes
    assert [text.get_text() for text in names.texts] == terms
    assert values.get_xlim()[0] < -1
    assert values.get_xlim()[1] > 1


def test_pareto_k_shows_counts_of_one_kind_of_unit():
    part = pd.DataFrame(
        {
            "left_out": ["student"] * 3 + ["school"] * 3,
            "from_k": [-np.inf, 0.0, 0.7] * 2,
            "to_k": [0.0, 0.7, np.inf] * 2,
            "units": [500, 300, 2, 1, 2, 1],
        }
    )
    figure = draw_pareto_k(by_outcome(part))
    assert len(figure.axes) == len(OUTCOMES)
    bars = figure.axes[0].patches
    assert [bar.get_height() for bar in bars] == [500, 300, 2]
    colours = [mpl.colors.to_hex(bar.get_facecolor()).upper() for bar in bars]
    assert colours == [NEUTRAL, NEUTRAL, WARNING]


def test_random_effects_have_one_mark_for_each_effect():
    normal = np.linspace(-2, 2, 20)
    part = pd.concat(
        pd.DataFrame({"level": "school", "term": term, "normal": normal, "effect": scale * normal})
        for term, scale in (("intercept", 1.0), ("slope", 2.0))
    )
    figure = draw_random_effects(by_outcome(part))
    assert len(figure.axes) == len(OUTCOMES)
    *_, intercepts, slopes = figure.axes[0].lines
    assert len(intercepts.get_xdata()) == len(slopes.get_xdata()) == 20
    assert figure.axes[0].get_xlim() == figure.axes[0].get_ylim()
