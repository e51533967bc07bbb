"""The path diagram has an arrow for every link, and what it writes can be read."""

from itertools import combinations

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from pathway_tables import BLOCKS, GRADE_8, GROUPS, pathway_table

from learning_with_others.exhibits.drawing.style import FOCAL, REFERENCE, set_style
from learning_with_others.pathways.figures.path_diagram import PALE, SMALL, draw_paths
from learning_with_others.pathways.figures.path_layout import BOX, lay_out

mpl.use("Agg")

CHAIN = [["Exposure"], ["First"], ["Second"], ["Third"], ["Outcome"]]
ALL_BLOCKS = pytest.mark.parametrize("blocks", [BLOCKS, GRADE_8, CHAIN], ids=len)


@pytest.fixture(autouse=True)
def _close():
    with mpl.rc_context():
        set_style()
        yield
    plt.close("all")


def links_of(blocks):
    pairs = combinations(range(len(blocks)), 2)
    return [(a, b) for i, j in pairs for a in blocks[i] for b in blocks[j]]


def arrows(table, group):
    rows = table[table["quantity"].isin(["pathway.link", "pathway.direct"])]
    return rows[rows["group"] == group]


@ALL_BLOCKS
def test_there_is_an_arrow_for_every_link_wider_the_larger_and_dashed_where_it_may_be_zero(blocks):
    table = pathway_table(blocks)
    figure = draw_paths(table, blocks, GROUPS)
    assert [axis.get_title("left") for axis in figure.axes] == list(GROUPS)
    for axis, group, colour in zip(figure.axes, GROUPS, (FOCAL, REFERENCE), strict=True):
        rows = arrows(table, group)
        assert len(rows) == len(axis.lines) == len(links_of(blocks))
        assert {line.get_color() for line in axis.lines} == {colour}
        sizes = rows["estimate"].abs().to_numpy()
        widths = np.array([line.get_linewidth() for line in axis.lines])
        assert (np.diff(widths[np.argsort(sizes)]) > 0).all()
        unclear = (rows["lower"] <= 0) & (rows["upper"] >= 0)
        assert [line.get_linestyle() == "--" for line in axis.lines] == list(unclear)
        faint = unclear & (rows["estimate"].abs() < SMALL)
        assert [line.get_alpha() == PALE for line in axis.lines] == list(faint)
        written = [text.get_text() for text in axis.texts if text.get_text()[-1].isdigit()]
        expected = [f"{value:.2f}".replace("-", "−") for value in rows.loc[~faint, "estimate"]]
        assert written == expected


@ALL_BLOCKS
@pytest.mark.parametrize("seed", range(3))
def test_no_number_touches_another_or_a_box(blocks, seed):
    table = pathway_table(blocks, seed=seed)
    # All numbers are written: the most that a diagram can hold, and the widest.
    table = table.assign(estimate=-table["estimate"].abs() - SMALL, lower=-1.0, upper=-0.01)
    figure = draw_paths(table, blocks, GROUPS)
    figure.draw_without_rendering()  # places the paper behind the numbers
    renderer = figure.canvas.get_renderer()
    for axis in figure.axes:
        numbers = [text for text in axis.texts if text.get_text()[-1].isdigit()]
        assert len(numbers) == len(links_of(blocks))
        boxes = [patch.get_window_extent(renderer) for patch in axis.patches]
        extents = [text.get_bbox_patch().get_window_extent(renderer) for text in numbers]
        for one, other in combinations(extents + boxes, 2):
            assert not one.overlaps(other)


@ALL_BLOCKS
def test_names_lie_within_their_boxes_and_all_lies_within_the_figure(blocks):
    figure = draw_paths(pathway_table(blocks), blocks, GROUPS)
    renderer = figure.canvas.get_renderer()
    names = {name for block in blocks for name in block}
    for axis in figure.axes:
        written = [text for text in axis.texts if text.get_text().replace("\n", " ") in names]
        assert len(written) == len(names)
        for text, patch in zip(written, axis.patches, strict=True):
            inner, outer = (each.get_window_extent(renderer) for each in (text, patch))
            assert outer.x0 < inner.x0 < inner.x1 < outer.x1
            assert outer.y0 < inner.y0 < inner.y1 < outer.y1
            assert figure.bbox.x0 <= outer.x0 < outer.x1 <= figure.bbox.x1


@ALL_BLOCKS
def test_arrows_pass_by_the_boxes_of_other_variables(blocks):
    layout = lay_out(blocks, links_of(blocks))
    for link, curve in layout.curves.items():
        assert (curve[:, 1] > 0).all()
        assert (curve[:, 1] < layout.height).all()
        for name, box in layout.boxes.items():
            if name not in link:
                beside = np.abs(curve[:, 0] - box.x) < BOX / 2 + 1e-9
                assert (np.abs(curve[beside, 1] - box.y) > box.height / 2).all()


def test_swapped_groups_swap_the_panels_and_their_colours():
    table = pathway_table()
    upper, lower = draw_paths(table, BLOCKS, GROUPS[::-1]).axes
    was_upper, was_lower = draw_paths(table, BLOCKS, GROUPS).axes
    assert [upper.get_title("left"), lower.get_title("left")] == list(GROUPS[::-1])
    assert {line.get_color() for line in upper.lines} == {FOCAL}

    def words(axis):
        return [text.get_text() for text in axis.texts]

    assert words(upper) == words(was_lower)
    assert words(lower) == words(was_upper)


def test_links_that_are_not_in_the_table_or_point_backwards_have_no_arrow():
    table = pathway_table()
    table = table[(table["via"] != "Belonging") | (table["outcome"] != "Grade point average")]
    backwards = table[table["via"] == "Engagement"].assign(outcome="Teacher support")
    figure = draw_paths(pd.concat([table, backwards]), BLOCKS, GROUPS)
    assert [len(axis.lines) for axis in figure.axes] == [20, 20]


def test_there_is_no_figure_without_links():
    table = pathway_table()
    assert draw_paths(table.iloc[:0], BLOCKS, GROUPS) is None
    assert draw_paths(table[table["quantity"] == "pathway.total"], BLOCKS, GROUPS) is None
