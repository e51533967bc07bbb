"""Figures as files: two formats, and words for those who cannot see them."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import matplotlib as mpl
import matplotlib.pyplot as plt
from matplotlib.figure import Figure

from learning_with_others.reporting.results import write_text

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
