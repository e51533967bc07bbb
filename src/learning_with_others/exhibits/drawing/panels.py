"""Grids of panels, named rows, and a legend for the whole figure."""

from collections.abc import Iterable, Sequence
from typing import Any, Literal

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure

MOST_ACROSS = LEGEND_ACROSS = 3
Shared = bool | Literal["row", "col"]


def panel_grid(
    panels: int,
    size: tuple[float, float],
    *,
    across: int = MOST_ACROSS,
    margin: tuple[float, float] = (0.0, 0.0),
    narrowest: float = 0.0,
    **options: Any,
) -> tuple[Figure, np.ndarray]:
    """Make a grid of panels, filled row by row; places left over stay empty.

    Parameters
    ----------
    panels : int
    size : (float, float)
        Width and height of one panel in inches.
    across : int
        Panels in a row at most.
    margin : (float, float)
        Width and height of the figure beyond its panels, in inches.
    narrowest : float
        The least width of a row of panels, in inches.
    **options
        Passed to `matplotlib.pyplot.subplots`.

    Returns
    -------
    figure : matplotlib.figure.Figure
    grid : ndarray of Axes, shape (down, across)
    """
    across = min(panels, across)
    down = -(-panels // across)
    width, height = max(narrowest, size[0] * across) + margin[0], size[1] * down + margin[1]
    figure, grid = plt.subplots(down, across, figsize=(width, height), squeeze=False, **options)
    for axis in grid.flat[panels:]:
        axis.remove()
    return figure, grid


def name_rows(axis: Axes, names: Sequence[str], **text: Any) -> None:
    """Name the rows of a panel, the first at the top."""
    axis.set_yticks(range(len(names)), names, **text)
    axis.set_ylim(len(names) - 0.5, -0.5)


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
    figure, grid = panel_grid(
        len(titles), size, across=across, sharex=sharex, sharey=sharey, layout="constrained"
    )
    axes = list(grid.flat[: len(titles)])
    for axis, title in zip(axes, titles, strict=True):
        axis.set_title(title.replace("_", " "))
    # The panel above an empty place is the last of its column: it keeps its numbers.
    for axis in axes[-grid.shape[1] :]:
        axis.tick_params(labelbottom=True)
    return figure, axes


def label_figure(figure: Figure, axes: list[Axes], *, x: str, y: str = "") -> None:
    """Write the axes' words once for the figure, and one legend of all panels above it."""
    figure.supxlabel(x, fontsize="medium")
    figure.supylabel(y, fontsize="medium")
    legend_above(figure, axes, min(len(axes), LEGEND_ACROSS))


def share_by_label(figure: Figure | None, along: Literal["x", "y"] = "x") -> Figure | None:
    """Give panels whose axes have one label one scale, where panels have units of their own."""
    panels = [] if figure is None else figure.axes
    ends = {axis: getattr(axis, f"get_{along}lim")() for axis in panels}
    for axis in panels:
        label = getattr(axis, f"get_{along}label")()
        alike = [ends[each] for each in panels if getattr(each, f"get_{along}label")() == label]
        lows, highs = zip(*alike, strict=True)
        getattr(axis, f"set_{along}lim")(min(lows), max(highs))
    return figure


def legend_above(figure: Figure, axes: Iterable[Axes], across: int = LEGEND_ACROSS) -> None:
    """Write one legend of all panels above the figure, if they have any."""
    entries: dict[str, Artist] = {}
    for axis in axes:
        handles, labels = axis.get_legend_handles_labels()
        entries |= dict(zip(labels, handles, strict=True))
    if entries:
        figure.legend(
            entries.values(),
            entries.keys(),
            loc="outside upper left",  # a synthetic study's mark takes the right corner
            ncols=min(len(entries), across),
            frameon=False,
        )
