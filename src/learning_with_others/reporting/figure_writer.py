"""Figures written in a process of their own, while the notebook goes on counting."""

from concurrent.futures import Future
from pathlib import Path

import matplotlib.pyplot as plt
from IPython.display import SVG, DisplayHandle, Markdown, display
from joblib.externals.loky.process_executor import ProcessPoolExecutor
from matplotlib.figure import Figure

from learning_with_others.reporting.figures.style import save_figure, set_style

IDLE = 60  # seconds after which the writing process ends by itself, should the notebook have died


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
        self._process: ProcessPoolExecutor | None = None
        self._begun: list[tuple[Future, DisplayHandle, str]] = []

    def write(self, figure: Figure, name: str, *, alt: str, caption: str) -> None:
        """Hand one figure over and keep its place in the notebook."""
        if self._process is None:
            self._process = ProcessPoolExecutor(max_workers=1, timeout=IDLE, initializer=set_style)
        place = display(Markdown(f"*Figure {name}: not written yet.*"), display_id=True)
        written = self._process.submit(save_figure, figure, self.folder, name, alt, caption)
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
        if self._process is not None:
            self._process.shutdown()
            self._process = None
