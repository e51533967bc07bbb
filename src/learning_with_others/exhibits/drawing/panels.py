"""A grid of panels, one for each outcome."""

from collections.abc import Sequence
from typing import Literal

import matplotlib.pyplot as plt
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure

MOST_ACROSS = LEGEND_ACROSS = 3
Shared = bool | Literal["row", "col"]


def draw_panels(
    titles: Sequence[str],
    size: tuple[float, float],
    *,
    across: int = MOST_ACROSS,
    sharex: Shared = False,
    sharey: Shared = False,
) -> tuple[Figure, list[Axes]]:
    """Make one titled panel for each name, in rows; places left over stay empty.

    Parameters
    ----------
    titles : sequence of str
    size : (float, float)
        Width and height of one panel in inches.
    across : int
        Panels in a row at most.
    """
    across = min(len(titles), across)
    down = -(-len(titles) // across)
    figure, grid = plt.subplots(
        down,
        across,
        figsize=(size[0] * across, size[1] * down),
        sharex=sharex,
        sharey=sharey,
        squeeze=False,
        layout="constrained",
    )
    axes = list(grid.flat)
    for axis in axes[len(titles) :]:
        axis.remove()
    for axis, title in zip(axes, titles, strict=False):
        axis.set_title(title.replace("_", " "))
    # The panel above an empty place is the last of its column: it keeps its numbers.
    for axis in axes[max(0, len(titles) - across) : len(titles)]:
        axis.tick_params(labelbottom=True)
    return figure, axes[: len(titles)]


def label_figure(figure: Figure, axes: list[Axes], *, x: str, y: str = "") -> None:
    """Write the axes' words once for the figure, and one legend of all panels above it."""
    figure.supxlabel(x, fontsize="medium")
    figure.supylabel(y, fontsize="medium")
    entries: dict[str, Artist] = {}
    for axis in axes:
        handles, labels = axis.get_legend_handles_labels()
        entries |= dict(zip(labels, handles, strict=True))
    if entries:
        figure.legend(
            entries.values(),
            entries.keys(),
            loc="outside upper center",
            ncols=min(len(entries), len(axes), LEGEND_ACROSS),
            frameon=False,
        )
