"""Figures of indirect associations, of their planted values, and of their sensitivity."""

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pytest
from pathway_tables import GRADE_8, GROUPS, pathway_table, sensitivity_curve

from learning_with_others.exhibits.drawing.style import FOCAL, MARK, PAPER, REFERENCE
from learning_with_others.pathways.figures.indirect_paths import draw_indirect, draw_planted
from learning_with_others.pathways.figures.sensitivity_curves import draw_sensitivity

mpl.use("Agg")


@pytest.fixture(autouse=True)
def _close():
    yield
    plt.close("all")


def legend(figure):
    return [text.get_text() for text in figure.legends[0].texts]


def marked(axis, colour):
    """Estimates of one colour, in their order."""
    return [
        value
        for line in axis.lines
        if line.get_color() == colour and line.get_marker() in "osDX"
        for value in line.get_xdata()
    ]


@pytest.mark.parametrize("groups", [GROUPS, GROUPS[::-1]], ids=str)
def test_each_outcome_has_a_panel_with_both_groups_and_their_difference(groups):
    table = pathway_table(GRADE_8, groups)
    figure = draw_indirect(table, groups)
    assert [axis.get_title("left") for axis in figure.axes] == GRADE_8[-1]
    assert legend(figure) == [*groups, "difference between the groups"]
    assert figure.get_supxlabel() == "indirect association (outcome SD)"
    for axis, outcome in zip(figure.axes, GRADE_8[-1], strict=True):
        for colour, group in ((FOCAL, groups[0]), (REFERENCE, groups[1]), (MARK, "")):
            rows = table[
                table["quantity"].str.startswith("pathway.indirect")
                & (table["outcome"] == outcome)
                & (table["group"] == group)
            ]
            assert marked(axis, colour) == list(rows["estimate"])
    rows = [label.get_text() for label in figure.axes[0].get_yticklabels()]
    assert rows == ["Belonging", "Valuing of school", "all mediators"]


def test_names_of_mediators_do_not_break_at_hyphens():
    labels = draw_indirect(pathway_table(), GROUPS).axes[0].get_yticklabels()
    broken = [label.get_text().split("\n") for label in labels]
    assert ["Perceived personalization\N{NO-BREAK SPACE}→", "Self‑efficacy"] in broken


def test_planted_values_stand_hollow_beside_the_estimates_of_each_group():
    table = pathway_table(GRADE_8)
    table = table.assign(planted=table["estimate"] + 0.01)
    figure = draw_planted(table, GROUPS)
    titles = [axis.get_title("left") for axis in figure.axes]
    assert titles == [*GROUPS, "difference between the groups"]
    assert legend(figure) == ["estimate with interval", "planted"]
    for axis in figure.axes:
        estimates, planted = (line for line in axis.lines if line.get_marker() in "oX")
        np.testing.assert_allclose(planted.get_xdata(), estimates.get_xdata() + 0.01)
        assert planted.get_markerfacecolor() == PAPER
    # No two numbers of a group share a row.
    rows = [label.get_text() for label in figure.axes[0].get_yticklabels()]
    assert len(rows) == len(set(rows)) == (table["group"] == GROUPS[0]).sum()
    assert draw_planted(table.assign(planted=np.nan), GROUPS) is None


def test_sensitivity_has_a_curve_for_each_group_and_a_mark_for_each_covariate():
    curve, benchmarks = sensitivity_curve()
    figure = draw_sensitivity(curve, GROUPS, benchmarks)
    assert len(figure.axes) == curve["via"].nunique()
    assert legend(figure) == [*GROUPS, *dict.fromkeys(benchmarks["covariate"])]
    for axis, (_, mine) in zip(figure.axes, curve.groupby("via", sort=False), strict=True):
        for group, colour, style in zip(GROUPS, (FOCAL, REFERENCE), ("-", "--"), strict=True):
            (line,) = (line for line in axis.lines if line.get_color() == colour)
            assert line.get_linestyle() == style
            np.testing.assert_allclose(
                line.get_ydata(), mine.loc[mine["group"] == group, "estimate"]
            )
        marks = [line for line in axis.lines if line.get_color() == MARK]
        at = [line.get_xdata()[0] for line in marks if line.get_marker() not in ("None", "")]
        assert at == [0.18, -0.02, 0.05]
        assert axis.get_ylim()[0] < 0 < axis.get_ylim()[1]


def test_swapped_groups_swap_the_colours_of_the_curves():
    curve, _ = sensitivity_curve()
    figure = draw_sensitivity(curve, GROUPS[::-1])
    assert legend(figure) == list(GROUPS[::-1])
    (line,) = (line for line in figure.axes[0].lines if line.get_color() == FOCAL)
    first = curve[(curve["via"] == curve["via"].iloc[0]) & (curve["group"] == GROUPS[1])]
    np.testing.assert_allclose(line.get_ydata(), first["estimate"])


def test_there_is_no_figure_of_an_empty_table():
    table = pathway_table().assign(planted=0.0).iloc[:0]
    assert draw_indirect(table, GROUPS) is None
    assert draw_planted(table, GROUPS) is None
    curve, benchmarks = sensitivity_curve()
    assert draw_sensitivity(curve.iloc[:0], GROUPS, benchmarks) is None
