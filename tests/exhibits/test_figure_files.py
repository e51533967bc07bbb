"""Figures are written beside the notebook, shown in their place, and their failures are told."""

import matplotlib.pyplot as plt
import pytest
from IPython.display import SVG

from learning_with_others.exhibits import figure_files
from learning_with_others.exhibits.figure_files import FigureWriter


class Place:
    """Stands in for a notebook's output, which only a kernel has."""

    def __init__(self):
        self.shown = []

    def update(self, shown):
        self.shown.append(shown)


@pytest.fixture
def places(monkeypatch):
    made = []
    monkeypatch.setattr(figure_files, "display", lambda *_, **__: made.append(Place()) or made[-1])
    return made


def line(last):
    figure, axis = plt.subplots()
    axis.plot([0, last])
    return figure


def test_every_figure_is_shown_in_its_own_place(tmp_path, places):
    writer, open_before = FigureWriter(tmp_path), set(plt.get_fignums())
    for last in (1, 2):
        writer.write(line(last), f"line-{last}", alt="A line.", caption="A line.")
    assert not any(place.shown for place in places)
    writer.finish()
    drawn = [place.shown[0].data for place in places]
    assert drawn == [SVG(filename=tmp_path / f"line-{last}.svg").data for last in (1, 2)]
    assert not open_before.symmetric_difference(plt.get_fignums())


def test_what_went_wrong_in_writing_is_told(tmp_path, places):
    (tmp_path / "figures").write_text("a file where the folder should be")
    writer = FigureWriter(tmp_path / "figures")
    writer.write(line(1), "line", alt="A line.", caption="A line.")
    with pytest.raises(FileExistsError):
        writer.finish()
    assert not places[0].shown
