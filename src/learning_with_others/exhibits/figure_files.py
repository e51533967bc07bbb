"""Figures as files in two formats, with words for those who cannot see them."""

from collections.abc import Mapping
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import matplotlib as mpl
import matplotlib.pyplot as plt
from IPython.display import SVG, DisplayHandle, Markdown, display
from joblib.externals.loky.process_executor import ProcessPoolExecutor
from matplotlib.figure import Figure

from learning_with_others.files import write_text

PROCESSES = 2
IDLE = 60  # seconds after which a writing process ends by itself, should the notebook have died


class FigureWriter:
    """Writes figures beside the notebook, and shows each in its cell once all are written.

    Laying out and writing a page of small text takes as long as many of the estimates on it.

    Parameters
    ----------
    folder : pathlib.Path
        Where the files go.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._processes: ProcessPoolExecutor | None = None
        self._begun: list[tuple[Future, DisplayHandle, str]] = []

    def write(self, figure: Figure, name: str, *, alt: str, caption: str) -> None:
        """Hand one figure over and keep its place in the notebook."""
        if self._processes is None:
            self._processes = ProcessPoolExecutor(
                max_workers=PROCESSES,
                timeout=IDLE,
                initializer=take_settings,
                initargs=(_look(),),
            )
        place = display(Markdown(f"*Figure {name}: not written yet.*"), display_id=True)
        written = self._processes.submit(save_figure, figure, self.folder, name, alt, caption)
        self._begun.append((written, place, name))
        plt.close(figure)

    def finish(self) -> None:
        """Wait for the figures, and show each in the cell that drew it.

        Raises
        ------
        Exception
            Whatever writing a figure raised.
        """
        for written, place, name in self._begun:
            written.result()
            if place is not None:  # outside a notebook there is no place to show it
                place.update(SVG(filename=self.folder / f"{name}.svg"))
        self._begun.clear()
        if self._processes is not None:
            self._processes.shutdown()
            self._processes = None


def _look() -> dict[str, Any]:
    """Settings as they are here; how figures are shown is each process's own."""
    return {key: value for key, value in mpl.rcParams.items() if not key.startswith("backend")}


DOTS_PER_INCH, PRINTED_WIDTH = 300, 7.5  # inches: wider figures are printed smaller
COMPRESSION = 1  # of 9: a little larger, much sooner written


def take_settings(settings: Mapping[str, Any]) -> None:
    """Take over another process's look, without the libraries that made it."""
    mpl.rcParams.update(settings)


def save_figure(figure: Figure, folder: Path, name: str, alt: str, caption: str) -> None:
    """Write `name.png` (300 dpi as printed), `name.svg`, and beside them alt text and caption.

    Dates are left out, so the same figure gives the same bytes.
    """
    folder.mkdir(parents=True, exist_ok=True)
    figure.savefig(
        folder / f"{name}.png",
        dpi=DOTS_PER_INCH * min(1, PRINTED_WIDTH / figure.get_figwidth()),
        metadata={"Software": None},
        pil_kwargs={"compress_level": COMPRESSION},
    )
    figure.set_layout_engine("none")  # laid out already: the second file repeats the first
    figure.savefig(folder / f"{name}.svg", metadata={"Date": None, "Creator": None})
    write_text(folder / f"{name}.alt.txt", alt + "\n")
    write_text(folder / f"{name}.caption.txt", caption + "\n")
    plt.close(figure)
