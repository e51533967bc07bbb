"""Figures get the study's words where they name an outcome or a scale by its key."""

import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.text import Text

from learning_with_others.exhibits.drawing.forest import forest
from learning_with_others.exhibits.drawing.rendering import put_labels, render

LABELS = {"self_efficacy": "Self-efficacy", "gpa": "Grade point average"}


def drawn():
    ends = {"estimate": [0.1, 0.2], "lower": [0.0, 0.1], "upper": [0.2, 0.3]}
    table = pd.DataFrame({"outcome": ["self_efficacy", "gpa"], "item": ["gpa gap", "gpa"], **ends})
    return forest(table, row="item", panel="outcome", label="gap of students")


def words_of(figure):
    figure.canvas.draw()
    return {text.get_text() for text in figure.findobj(Text)}


def test_titles_and_rows_that_are_keys_become_labels_and_others_stay():
    figure = drawn()
    before = words_of(figure)
    put_labels(figure, LABELS)
    said = words_of(figure)
    assert set(LABELS.values()) <= said
    assert not {"self efficacy", "self_efficacy", "gpa"} & said
    assert "gpa gap" in said  # a key within a longer name is left alone
    assert "gap of students" in before & said
    plt.close(figure)


def test_without_labels_nothing_changes():
    figure = drawn()
    before = words_of(figure)
    put_labels(figure, {})
    assert words_of(figure) == before
    plt.close(figure)


def test_the_file_has_the_words_of_the_study():
    svg = render(lambda _: drawn(), None, "children", False, "", LABELS).svg.decode()
    assert "Self-efficacy" in svg
    assert "gap of children" in svg
    assert "students" not in svg
