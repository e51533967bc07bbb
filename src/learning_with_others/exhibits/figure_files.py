"""Figures as files in two formats, with words for those who cannot see them."""

import io
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import matplotlib.pyplot as plt
from IPython.display import SVG, DisplayHandle, Markdown, display
from joblib.externals.loky.process_executor import ProcessPoolExecutor
from matplotlib.figure import Figure
from matplotlib.text import Text
from PIL import Image

from learning_with_others.errors import CompendiumError
from learning_with_others.exhibits.drawing.style import WARNING, set_style
from learning_with_others.exhibits.import_closure import code_hash
from learning_with_others.exhibits.kept import Estimate, Kept, estimate
from learning_with_others.exhibits.shown import Shown
from learning_with_others.files import write_text
from learning_with_others.study import Study

PROCESSES = 2
IDLE = 60  # seconds after which a drawing process ends by itself, should the notebook have died
DOTS_PER_INCH, PRINTED_WIDTH = 300, 7.5  # inches: wider figures are printed smaller
COLOURS = 256


class Files(NamedTuple):
    """The two files of a figure."""

    png: bytes
    svg: bytes


class _Begun(NamedTuple):
    wanted: Estimate
    files: Future
    place: DisplayHandle | None
    shown: Shown
    words: dict[str, str]


class FigureWriter:
    """Draws figures beside the notebook, keeps them by content, and shows each in its cell.

    Drawing and writing a page of small text takes as long as many of the estimates on it: what
    was drawn before from the same numbers by the same code is taken from there.

    Parameters
    ----------
    folder : pathlib.Path
        Where the files go.
    kept : Kept
        Where those drawn before are.
    study : Study
        Whose word for its people figures use, and whether its data are synthetic, which every
        figure then says.
    """

    def __init__(self, folder: Path, kept: Kept, study: Study) -> None:
        self.folder, self.kept, self.study = folder, kept, study
        self._processes: ProcessPoolExecutor | None = None
        self._begun: list[_Begun] = []

    def write(
        self,
        name: str,
        draw: Callable[[Any], Figure | None],
        data: object,
        *,
        shown: Shown,
        alt: str,
        caption: str,
    ) -> None:
        """Have one figure drawn, and keep its place in the notebook."""
        study = self.study
        wanted = estimate(render, draw, data, study.people, study.synthetic, code_of(draw))
        held = self.kept.held(self.kept.path(wanted))
        place = display(
            Markdown(f"*Figure {name}: not drawn yet.*"),
            display_id=True,
            metadata={"exhibit": shown.name},
        )
        files: Future = Future()
        if held is not None:
            files.set_result(held[0])
        else:
            files = self._pool().submit(wanted.function, *wanted.inputs)
        words = {"name": name, "alt": alt, "caption": caption}
        self._begun.append(_Begun(wanted, files, place, shown, words))

    def _pool(self) -> ProcessPoolExecutor:
        if self._processes is None:
            self._processes = ProcessPoolExecutor(
                max_workers=PROCESSES, timeout=IDLE, initializer=set_style
            )
        return self._processes

    def finish(self) -> Iterator[tuple[str, Exception]]:
        """Wait for the figures, write them, and show each in the cell that asked for it.

        Yields
        ------
        tuple of str and Exception
            Name of a figure that could not be drawn, and why.
        """
        for begun in self._begun:
            name = begun.words["name"]
            try:
                files = begun.files.result()
            except Exception as error:  # noqa: BLE001 - whatever fails, the others are drawn
                yield name, error
                continue
            self.kept.put(self.kept.path(begun.wanted), files)
            if files is None:
                if begun.place is not None:
                    begun.place.update(Markdown(""), metadata={"exhibit": begun.shown.name})
                continue
            _write_files(files, self.folder, **begun.words)
            begun.shown.figures.append(begun.words)
            if begun.place is not None:  # outside a notebook there is no place to show it
                begun.place.update(SVG(files.svg), metadata={"exhibit": begun.shown.name})
        self._begun.clear()
        if self._processes is not None:
            self._processes.shutdown()
            self._processes = None


def save_figure(figure: Figure, folder: Path, name: str, alt: str, caption: str) -> None:
    """Write a figure that belongs to no exhibit: `name.png`, `name.svg`, alt text and caption."""
    _write_files(_printed(figure), folder, name, alt, caption)


def _write_files(files: Files, folder: Path, name: str, alt: str, caption: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.png").write_bytes(files.png)
    (folder / f"{name}.svg").write_bytes(files.svg)
    write_text(folder / f"{name}.alt.txt", alt + "\n")
    write_text(folder / f"{name}.caption.txt", caption + "\n")


def code_of(draw: Callable[..., Any]) -> str:
    """Hash of the code that draws.

    Raises
    ------
    CompendiumError
        For a function without a name, whose content nobody could compare.
    """
    function = draw.func if isinstance(draw, partial) else draw
    if "<" in function.__qualname__:
        raise CompendiumError(
            f"a figure is drawn by {function.__qualname__}, whose content cannot be compared",
            remedy="give a function of a figures module, or a functools.partial of one",
        )
    return code_hash(function.__module__)


def render(
    draw: Callable[[Any], Figure | None],
    data: object,
    people: str,
    synthetic: bool,
    code: str,  # noqa: ARG001 - part of its key
) -> Files | None:
    """Draw a figure as PNG (300 dpi as printed) and SVG; None where there is nothing to draw.

    Figures call the people students; here they get the study's word. Dates are left out, so the
    same figure gives the same bytes.
    """
    figure = draw(data)
    if figure is None:
        return None
    for text in figure.findobj(Text):
        text.set_text(text.get_text().replace("students", people))
    if synthetic:
        figure.suptitle("SYNTHETIC DATA", x=1, ha="right", color=WARNING, weight="bold", size=11)
    return _printed(figure)


def _printed(figure: Figure) -> Files:
    png, svg = io.BytesIO(), io.BytesIO()
    dots = DOTS_PER_INCH * min(1, PRINTED_WIDTH / figure.get_figwidth())
    figure.savefig(png, format="png", dpi=dots, pil_kwargs={"compress_level": 1})
    figure.set_layout_engine("none")  # laid out already: the second file repeats the first
    figure.savefig(svg, format="svg", metadata={"Date": None, "Creator": None})
    plt.close(figure)
    return Files(_smaller(png, dots), svg.getvalue())


def _smaller(png: io.BytesIO, dots: float) -> bytes:
    """Keep colours in a palette: a third of the bytes, and alike to the eye."""
    with Image.open(png) as image:
        plain = image.convert("RGB")
    few = plain.quantize(COLOURS, Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    small = io.BytesIO()
    few.save(small, "png", dpi=(dots, dots))
    return small.getvalue()
