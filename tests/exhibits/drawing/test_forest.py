"""A forest shows every estimate once, in the colour of what it is about."""

import pickle

import numpy as np
import pandas as pd
import pytest
from matplotlib import pyplot as plt
from matplotlib.collections import LineCollection

from learning_with_others.exhibits.drawing.forest import forest
from learning_with_others.exhibits.drawing.style import (
    BAND,
    FOCAL,
    MARK,
    NEUTRAL,
    PAPER,
    REFERENCE,
    WARNING,
    Look,
    group_looks,
)

GROUPS = ("Black", "White")
KINDS = (*GROUPS, "difference")


@pytest.fixture
def table():
    rows = [
        (outcome, grade, group, 0.1 * k, 0.1 * k - 0.2, 0.1 * k + 0.2)
        for outcome in ("math", "self_efficacy")
        for grade in ("grade_1", "grade_2")
        for k, group in enumerate(KINDS)
    ]
    names = ["outcome", "grade", "group", "estimate", "lower", "upper"]
    return pd.DataFrame(rows, columns=names)


@pytest.fixture(autouse=True)
def _close():
    yield
    plt.close("all")


def draw(table, **options):
    given = {"row": "grade", "panel": "outcome", "hue": "group", "looks": group_looks(GROUPS)}
    return forest(table, **given | options)


def marks(figure):
    """Colour, marker, face and heights of each series of marks."""
    return [
        (line.get_color(), line.get_marker(), line.get_markerfacecolor(), line.get_ydata())
        for axis in figure.axes
        for line in axis.lines
        if line.get_marker() not in ("None", "")
    ]


def points(figure):
    return sum(len(heights) for *_, heights in marks(figure))


def intervals(figure):
    return [
        segment
        for axis in figure.axes
        for bars in axis.collections
        if isinstance(bars, LineCollection)
        for segment in bars.get_segments()
    ]


def legend(figure):
    return [text.get_text() for found in figure.legends for text in found.get_texts()]


def test_every_estimate_has_a_point_and_every_known_interval_a_line(table):
    table.loc[0, "estimate"] = np.nan
    table.loc[1, "lower"] = np.nan
    figure = draw(table)
    assert points(figure) == len(table) - 1
    assert len(intervals(figure)) == len(table) - 2


def test_columns_can_have_other_names(table):
    names = {"estimate": "mean", "lower": "from", "upper": "to"}
    figure = draw(table.rename(columns=names), **names)
    assert points(figure) == len(intervals(figure)) == len(table)


def test_panels_and_rows_are_named_in_plain_words_from_the_top(table):
    figure = draw(table, label="score points")
    assert [axis.get_title(loc="left") for axis in figure.axes] == ["math", "self efficacy"]
    axis = figure.axes[0]
    assert [label.get_text() for label in axis.get_yticklabels()] == ["grade 1", "grade 2"]
    assert axis.get_ylim()[0] > axis.get_ylim()[1]
    assert figure.get_supxlabel() == "score points"


def test_names_of_items_are_left_alone(table):
    figure = draw(table.rename(columns={"grade": "item"}), row="item")
    labels = [label.get_text() for label in figure.axes[0].get_yticklabels()]
    assert labels == ["grade_1", "grade_2"]


def test_colours_are_of_the_groups_and_neutral_for_the_rest(table):
    found = marks(draw(table))
    colours = [colour for colour, *_ in found]
    assert colours == [FOCAL, REFERENCE, MARK] * 2
    # Never by colour alone: markers differ, and marks of a row stand below each other.
    assert len({marker for _, marker, *_ in found}) == len(KINDS)
    heights = np.array([heights for *_, heights in found[: len(KINDS)]])
    assert (np.diff(heights, axis=0) > 0).all()


def test_kinds_without_a_look_are_told_apart_by_their_markers(table):
    found = marks(draw(table, looks=None))
    assert {colour for colour, *_ in found} == {MARK}
    assert len({marker for _, marker, *_ in found}) == len(KINDS)


@pytest.mark.parametrize("flags", [[True] + [False] * 11, ["few students"] + [""] * 11])
def test_a_flagged_estimate_is_a_hollow_diamond_and_explained(table, flags):
    figure = draw(table.assign(flag=flags), flag="flag", flagged="rests on few students")
    hollow = [found for found in marks(figure) if found[2] == PAPER]
    ((colour, marker, _, heights),) = hollow
    assert (colour, marker, len(heights)) == (FOCAL, "D", 1)
    assert "rests on few students" in legend(figure)
    assert points(figure) == len(table)
    assert "rests on few students" not in legend(draw(table, flagged="rests on few students"))


def test_the_band_is_the_only_grey_area_and_in_the_legend(table):
    figure = draw(table, band=0.1)
    for axis in figure.axes:
        (band,) = axis.patches
        assert band.get_facecolor()[:3] == pytest.approx(plt.matplotlib.colors.to_rgb(BAND))
        np.testing.assert_allclose([band.get_x(), band.get_width()], [-0.1, 0.2])
    assert "region of practical equivalence, ±0.10 SD" in legend(figure)
    assert not draw(table).axes[0].patches


def test_zero_is_solid_and_other_lines_are_dotted(table):
    axis = draw(table, lines=(0, 1)).axes[0]
    styles = {
        float(line.get_xdata()[0]): line.get_linestyle()
        for line in axis.lines
        if line.get_color() == NEUTRAL
    }
    assert styles == {0.0: "-", 1.0: ":"}


def test_an_interval_beyond_the_limits_ends_in_an_arrow(table):
    table.loc[0, ["lower", "upper"]] = [-9, 9]
    table.loc[1, ["estimate", "lower", "upper"]] = [5, 4, 9]
    figure = draw(table, limits=(-1, 1))
    arrows = [marker for _, marker, *_ in marks(figure) if marker in "<>"]
    assert sorted(arrows) == ["<", ">", ">"]
    assert max(np.abs(segment[:, 0]).max() for segment in intervals(figure)) == 1
    assert points(figure) == len(table) - 1 + len(arrows)


def test_an_interval_that_does_not_hold_its_estimate_is_drawn_as_it_is(table):
    table.loc[0, ["estimate", "lower", "upper"]] = [0.9, 0.4, 0.8]
    np.testing.assert_allclose(intervals(draw(table))[0][:, 0], [0.4, 0.8])


def test_words_stand_for_what_is_missing_and_beside_the_rows(table):
    table.loc[0, "estimate"] = np.nan
    why = table["estimate"].isna().map({True: "suppressed", False: ""})
    figure = draw(table.assign(why=why, verdict="comparable"), missing="why", note="verdict")
    words = [[text.get_text() for text in axis.texts] for axis in figure.axes]
    assert words[0][0] == "suppressed"
    assert [found.count("comparable") for found in words] == [2, 2]


def test_panels_with_rows_of_their_own_fill_columns(table):
    lone = pd.DataFrame(
        [("gpa", f"grade {k}", "Black", 0.0, -1.0, 1.0) for k in range(9)], columns=table.columns
    )
    figure = draw(pd.concat([lone, table]), own_rows=True, across=2)
    assert [len(axis.get_yticklabels()) for axis in figure.axes] == [9, 2, 2]
    figure.canvas.draw()
    left = [axis.get_position().x0 for axis in figure.axes]
    assert left[0] < left[1] == pytest.approx(left[2])
    assert points(figure) == len(lone) + len(table)


def test_estimates_of_a_row_can_be_joined(table):
    joined = [line for line in draw(table, joined=True).axes[0].lines if len(line.get_xdata()) == 3]
    assert len(joined) == 2


def test_looks_can_be_given(table):
    looks = {"Black": Look(WARNING, "^", filled=False)}
    found = marks(draw(table, looks=looks))
    assert found[0][:3] == (WARNING, "^", PAPER)


def test_nothing_is_drawn_without_an_estimate(table):
    assert draw(table.head(0)) is None
    assert draw(table.assign(estimate=np.nan)) is None
    why = table.assign(estimate=np.nan, why="suppressed")
    assert draw(why, missing="why") is None


def test_a_figure_survives_the_way_to_another_process(table):
    again = pickle.loads(pickle.dumps(draw(table, band=0.1)))  # noqa: S301 - our own bytes
    assert points(again) == len(table)
