from itertools import pairwise

import matplotlib.pyplot as plt
import pytest
from conftest import ROOT

from learning_with_others.data.reading import codebook_of
from learning_with_others.errors import CompendiumError
from learning_with_others.measurement.construct_map import COLUMNS, construct_map
from learning_with_others.measurement.figures.construct_tree import (
    LONGEST_WORDING,
    draw_construct_map,
)
from learning_with_others.study import load_study

STUDIES = ["learning-with-others", "project-star-grade8"]


def mapped(name):
    study = load_study(ROOT / "data" / name)
    return study, construct_map(study, codebook_of(study))


@pytest.mark.parametrize("name", STUDIES)
def test_every_item_of_the_study_stands_in_the_map_once_with_its_wording(name):
    study, table = mapped(name)
    items = [item for construct in study.constructs.values() for item in construct.all_items]
    assert sorted(table["item"]) == sorted(items)
    turned = {item for construct in study.constructs.values() for item in construct.all_reversed}
    assert set(table.loc[table["reversed"], "item"]) == turned
    codebook = {k: v for columns in codebook_of(study).values() for k, v in columns.items()}
    assert all(codebook[row.item].label == row.wording for row in table.itertuples())


def test_surveys_and_domains_stand_together():
    _, table = mapped("learning-with-others")
    runs = table[["survey", "domain"]].drop_duplicates()
    changes = (table[["survey", "domain"]] != table[["survey", "domain"]].shift()).any(axis=1)
    assert changes.sum() == len(runs)
    assert list(table["survey"].drop_duplicates()) == ["student survey", "teacher survey"]


def test_elements_carry_their_kind_and_scale():
    _, table = mapped("learning-with-others")
    row = table.set_index("item").loc["gi_3"]
    assert (row["scale"], row["kind"], row["element"]) == (
        "interdependence",
        "structural",
        "Group interdependence",
    )
    assert row["reversed"]
    assert row["answers"].startswith("1 never; ")
    assert table.set_index("item").loc["pers_1", ["element", "kind"]].tolist() == ["", ""]


def test_an_item_that_the_codebook_lacks_is_named():
    study, _ = mapped("project-star-grade8")
    codebook = codebook_of(study)
    del codebook["students"]["g8idwast"]
    with pytest.raises(CompendiumError, match=r"valuing.*does not describe 'g8idwast'"):
        construct_map(study, codebook)


def test_a_study_without_constructs_has_an_empty_map_and_no_figure(study):
    table = construct_map(study, codebook_of(study))
    assert table.empty
    assert list(table) == COLUMNS
    assert draw_construct_map(table, "nothing") is None


@pytest.mark.parametrize("name", STUDIES)
def test_the_tree_shows_every_item_apart_and_within_the_page(name):
    _, table = mapped(name)
    figure = draw_construct_map(table, "map")
    figure.canvas.draw()
    texts = figure.axes[0].texts
    shown = {text.get_text(): text.get_window_extent() for text in texts}
    names = [shown[item] for item in table["item"]]
    assert all(below.y1 <= above.y0 for above, below in pairwise(names))
    # One mark per reversed item, one in the legend.
    assert sum(text.get_text() == "R" for text in texts) == table["reversed"].sum() + 1
    page = figure.bbox
    for text in texts:
        box = text.get_window_extent()
        assert page.x0 <= box.x0, text.get_text()
        assert box.x1 <= page.x1, text.get_text()
        assert page.y0 <= box.y0, text.get_text()
        assert box.y1 <= page.y1, text.get_text()
    plt.close(figure)


def test_shared_beginnings_are_written_once_and_long_wordings_end_at_a_word():
    _, table = mapped("learning-with-others")
    part = table[table["scale"] == "collaboration_frequency"].copy()
    part.loc[part.index[0], "wording"] = "How often: " + "a rather long sentence " * 10
    figure = draw_construct_map(part, "map")
    texts = [text.get_text() for text in figure.axes[0].texts]
    assert sum("How often:" in text for text in texts) == 1
    assert "I work in a group of three or more in this class" in texts
    cut = next(text for text in texts if text.startswith("a rather"))
    assert len(cut) <= LONGEST_WORDING
    assert cut.removesuffix(" …").split()[-1] in {"a", "rather", "long", "sentence"}
    plt.close(figure)
