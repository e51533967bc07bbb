"""Figures of a stage: drawn side by side, kept by content, and shown each in its cell."""

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from IPython.display import DisplayHandle, Markdown, display
from matplotlib.figure import Figure

from learning_with_others.errors import CompendiumError
from learning_with_others.exhibits.drawing.rendering import Files, render, write_files
from learning_with_others.exhibits.import_closure import code_hash
from learning_with_others.exhibits.kept import Estimate, Estimates, Kept, NotMade, estimate
from learning_with_others.exhibits.phrases import short
from learning_with_others.exhibits.shown import Shown
from learning_with_others.study import Study

AT_ONCE = 4  # figures that are worth processes of their own


class _Begun(NamedTuple):
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
        self._begun: dict[str, _Begun] = {}
        self._waiting: dict[str, Estimate] = {}
        self._drawn: dict[str, Estimates] = {}
        self._missing = 0

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
        labels = {key: short(study, key) for key in study.labels}
        wanted = estimate(render, draw, data, study.people, study.synthetic, code_of(draw), labels)
        place = display(
            Markdown(f"*Figure {name}: not drawn yet.*"),
            display_id=True,
            metadata={"exhibit": shown.name},
        )
        self._begun[name] = _Begun(place, shown, {"name": name, "alt": alt, "caption": caption})
        self._waiting[name] = wanted
        self._missing += not self.kept.path(wanted).is_file()
        if self._missing >= AT_ONCE:
            self._draw()

    def _draw(self) -> None:
        """Draw those that wait, side by side in the background."""
        self._drawn |= dict.fromkeys(self._waiting, self.kept.begin(self._waiting))
        self._waiting, self._missing = {}, 0

    def finish(self) -> Iterator[tuple[str, Exception]]:
        """Wait for the figures, write them, and show each in the cell that asked for it.

        Yields
        ------
        tuple of str and Exception
            Name of a figure that could not be drawn, and why.
        """
        if self._drawn:
            self._draw()
        for name, begun in self._begun.items():
            try:
                files = self._files(name)
            except Exception as error:  # noqa: BLE001 - whatever fails, the others are drawn
                yield name, error
                continue
            place, content = begun.place, {"text/markdown": ""}
            if files is not None:
                write_files(files, self.folder, **begun.words)
                begun.shown.figures.append(begun.words)
                content = {"image/svg+xml": files.svg[files.svg.index(b"<svg") :].decode()}
            if place is not None:  # outside a notebook there is no place to show it
                place.update(content, raw=True, metadata={"exhibit": begun.shown.name})
        self._begun, self._drawn = {}, {}

    def _files(self, name: str) -> Files | None:
        """Give a figure that was drawn; few are drawn here, sooner than a process would begin."""
        if name in self._waiting:
            return self.kept.give(self._waiting.pop(name))
        files = getattr(self._drawn[name], name)
        if isinstance(files, NotMade):
            raise files.error
        return files


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
