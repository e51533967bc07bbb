"""Draws of the models, drawn by ArviZ: chains, their ranks, and coefficients."""

from collections.abc import Mapping
from math import ceil

import numpy as np
import xarray as xr
from matplotlib.figure import Figure

from learning_with_others.exhibits.drawing.style import KINDS, NEUTRAL

WIDTH, ROW = 9.0, 1.7  # inches
LINES_DPI = 200
IN_A_ROW = 4  # panels of ranks, as ArviZ lays them out


def draw_traces(chains: Mapping[str, np.ndarray]) -> Figure:
    """Draw the density of each chain of a few quantities, and the draws in their order.

    Parameters
    ----------
    chains : mapping of str to ndarray, shape (chains, draws)
    """
    from arviz_plots import plot_trace_dist  # noqa: PLC0415 - it takes a second to import

    drawn = plot_trace_dist(
        _tree(chains), backend="matplotlib", figure_kwargs={"figsize": (WIDTH, ROW * len(chains))}
    )
    figure = drawn.viz["figure"].item()
    for name, density, axis in zip(chains, figure.axes[::2], figure.axes[1::2], strict=True):
        density.set_title(name)
        density.set_xlabel("benefit gap")
        axis.set_ylabel("benefit gap")
    return _with_drawn_lines(figure)


def draw_ranks(chains: Mapping[str, np.ndarray]) -> Figure:
    """Draw how the ranks of each chain among all draws differ from level, with ArviZ's test.

    Parameters
    ----------
    chains : mapping of str to ndarray, shape (chains, draws)

    References
    ----------
    Säilynoja, T., Bürkner, P.-C. and Vehtari, A. (2022). Graphical test for discrete uniformity and
    its applications in goodness-of-fit evaluation and multiple sample comparison. Statistics and
    Computing 32, 32.
    """
    from arviz_plots import plot_rank  # noqa: PLC0415 - it takes a second to import

    rows = ceil(len(chains) / IN_A_ROW)
    drawn = plot_rank(
        _tree(chains), backend="matplotlib", figure_kwargs={"figsize": (WIDTH, 2.2 * rows)}
    )
    return _with_drawn_lines(drawn.viz["figure"].item())


def draw_coefficients(
    posterior: xr.Dataset, probability: float, unit: str = "outcome SD"
) -> Figure:
    """Draw every coefficient's mean, with its 50% interval and a wider one.

    Parameters
    ----------
    posterior : xarray.Dataset
        With the variable `coefficient` by term.
    probability : float
        Of the wider interval, equal-tailed.
    unit : str
        Of the coefficients.
    """
    from arviz_plots import plot_forest  # noqa: PLC0415 - it takes a second to import

    terms = posterior.sizes["term"]
    drawn = plot_forest(
        xr.DataTree.from_dict({"/posterior": posterior}),
        combined=True,
        point_estimate="mean",
        ci_kind="eti",
        ci_probs=[0.5, probability],
        labels=["term"],
        backend="matplotlib",
        visuals={each: {"color": KINDS[0]} for each in ("trunk", "twig", "point_estimate")},
        figure_kwargs={"figsize": (1.15 * WIDTH, 1.0 + 0.28 * terms)},
    )
    figure = drawn.viz["figure"].item()
    names, values = figure.axes
    names.set_axis_off()
    values.axvline(0, color=NEUTRAL, lw=1, zorder=0)
    values.set_xlabel(f"coefficient, {unit}")
    return figure


def _with_drawn_lines(figure: Figure) -> Figure:
    """Have lines of thousands of points stand in an SVG as a picture: a tenth of the bytes."""
    figure.set_dpi(LINES_DPI)
    for axis in figure.axes:
        for line in axis.lines:
            line.set_rasterized(True)
    return figure


def _tree(chains: Mapping[str, np.ndarray]) -> xr.DataTree:
    from arviz_base import from_dict  # noqa: PLC0415 - it takes a second to import

    return from_dict({"posterior": dict(chains)})
