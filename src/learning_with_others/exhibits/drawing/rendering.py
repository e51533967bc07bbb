"""A figure as two files: PNG as printed, and SVG whose words can be read and searched."""

import io
from collections.abc import Callable
from pathlib import Path
from textwrap import fill
from typing import Any, NamedTuple

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.text import Text
from matplotlib.ticker import FixedLocator
from PIL import Image

from learning_with_others.exhibits.drawing.style import WARNING, set_style
from learning_with_others.files import write_text

DOTS_PER_INCH, PRINTED_WIDTH = 300, 7.5  # inches: wider figures are printed smaller
COLOURS = 256
LINE = 34  # characters of a label's line


class Files(NamedTuple):
    """The two files of a figure."""

    png: bytes
    svg: bytes


def render(
    draw: Callable[[Any], Figure | None],
    data: object,
    people: str,
    synthetic: bool,
    code: str,  # noqa: ARG001 - part of its key
    labels: dict[str, str] | None = None,
) -> Files | None:
    """Draw a figure as PNG (300 dpi as printed) and SVG; None where there is nothing to draw.

    Figures call the people students, and outcomes and scales by their keys; here they get the
    study's words. Dates are left out, so the same figure gives the same bytes.
    """
    with mpl.rc_context():
        set_style()
        figure = draw(data)
        if figure is None:
            return None
        for text in figure.findobj(Text):
            text.set_text(text.get_text().replace("students", people))
        put_labels(figure, labels or {})
        if synthetic:
            mark = {"ha": "right", "color": WARNING, "weight": "bold", "size": 11}
            figure.suptitle("SYNTHETIC DATA", x=1, **mark)
        return printed(figure)


def put_labels(figure: Figure, labels: dict[str, str]) -> None:
    """Put labels where a panel's title or a row's name is a key, also one without underscores."""
    known = {key.replace("_", " "): fill(words, LINE) for key, words in labels.items()}

    def named(words: str) -> str:
        return known.get(words.replace("_", " ").replace("\n", " "), words)

    for panel in figure.axes:
        for place in ("left", "center"):
            title = panel.get_title(loc=place)
            if named(title) != title:
                panel.set_title(named(title), loc=place)
        if isinstance(panel.yaxis.get_major_locator(), FixedLocator):
            names = [tick.get_text() for tick in panel.yaxis.get_ticklabels()]
            if list(map(named, names)) != names:
                panel.yaxis.set_ticklabels(list(map(named, names)))


def printed(figure: Figure) -> Files:
    """Write a figure in both formats; the PNG with a palette: a third of the bytes, and alike."""
    png, svg = io.BytesIO(), io.BytesIO()
    dots = DOTS_PER_INCH * min(1, PRINTED_WIDTH / figure.get_figwidth())
    drawn = figure.dpi
    figure.set_dpi(dots)
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    plain = Image.fromarray(np.asarray(canvas.buffer_rgba())).convert("RGB")
    few = plain.quantize(COLOURS, Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE)
    few.save(png, "png", dpi=(dots, dots), optimize=True)
    figure.set_dpi(drawn)
    figure.set_layout_engine("none")  # laid out already: the second file repeats the first
    figure.savefig(svg, format="svg", metadata={"Date": None, "Creator": None})
    plt.close(figure)
    return Files(png.getvalue(), svg.getvalue())


def write_files(files: Files, folder: Path, name: str, alt: str, caption: str) -> None:
    """Write `name.png`, `name.svg`, alternative text and caption."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.png").write_bytes(files.png)
    (folder / f"{name}.svg").write_bytes(files.svg)
    write_text(folder / f"{name}.alt.txt", alt + "\n")
    write_text(folder / f"{name}.caption.txt", caption + "\n")


def save_figure(figure: Figure, folder: Path, name: str, alt: str, caption: str) -> None:
    """Write a figure that belongs to no exhibit."""
    write_files(printed(figure), folder, name, alt, caption)
