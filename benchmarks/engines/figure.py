"""One figure: effective draws a second, time to the first result, cost of a gradient."""

from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from benchmarks.engines.ratios import AGAIN, COLLAPSED, CONTENDER, rates
from learning_with_others.exhibits.drawing.rendering import save_figure
from learning_with_others.exhibits.drawing.style import KINDS, MARK, NEUTRAL, PAPER, set_style

NAMES = {
    "collapsed": "collapsed",
    "explicit-nutpie": "explicit, nutpie",
    "explicit-nuts": "explicit, PyMC's NUTS",
}
STEPS = dict(zip(("import", "compile", "sampling"), KINDS, strict=False))
WORDS = {"cold": "cold", "second": "second process"}


def name_of(contender: tuple[str, str]) -> str:
    """Name an engine for a reader, with its parametrization below."""
    engine, parametrization = contender
    return f"{NAMES.get(engine, engine)}\n{parametrization}"


def draw_engines(runs: pd.DataFrame, kernel: pd.DataFrame) -> Figure:
    """Draw the four panels.

    Parameters
    ----------
    runs : pandas.DataFrame
        With the columns of `engines.csv`; the first design and, if it is there, another.
    kernel : pandas.DataFrame
        As in `kernel.csv`; may be empty.
    """
    contenders = list(dict.fromkeys(zip(runs["engine"], runs["parametrization"], strict=True)))
    figure, axes = plt.subplots(2, 2, figsize=(11, 8.6))
    figure.get_layout_engine().set(h_pad=0.12, w_pad=0.06)
    titles = {"892": "892 students", "20000": "20,000 students"}
    for axis, design in zip(axes[0], titles, strict=True):
        draw_rates(axis, rates(runs, AGAIN, design), contenders)
        axis.set_title(f"{titles[design]}: effective draws a second", loc="left", fontsize=12)
    low = min(axis.get_xlim()[0] for axis in axes[0])
    high = max(axis.get_xlim()[1] for axis in axes[0])
    for axis in axes[0]:
        axis.set_xlim(low, high)
    axes[0, 1].tick_params(labelleft=False)
    draw_times(axes[1, 0], runs, contenders)
    draw_costs(axes[1, 1], kernel)
    return figure


def draw_rates(axis: Axes, found: pd.DataFrame, contenders: list[tuple[str, str]]) -> None:
    """One dot a seed, hollow where the fit failed its diagnosis, and a line at the median."""
    for at, key in enumerate(contenders):
        mine = found[(found["engine"] == key[0]) & (found["parametrization"] == key[1])]
        colour = MARK if key == COLLAPSED else NEUTRAL
        if mine.empty:
            axis.text(
                0.02,
                at,
                "not run",
                va="center",
                color=NEUTRAL,
                backgroundcolor=PAPER,
                fontsize=10,
                transform=axis.get_yaxis_transform(),
            )
            continue
        middle = mine["rate"].median()
        axis.plot([middle] * 2, [at - 0.3, at + 0.3], color=colour, linewidth=2)
        heights = at + np.linspace(-0.18, 0.18, len(mine)) * (len(mine) > 1)
        faces = [PAPER if failed else colour for failed in mine["failed"]]
        axis.scatter(mine["rate"], heights, s=38, facecolors=faces, edgecolors=colour, zorder=3)
        axis.annotate(_number(middle), (middle, at - 0.3), ha="center", va="bottom", fontsize=9,
                      textcoords="offset points", xytext=(0, 1))  # fmt: skip
    axis.set_xscale("log")
    axis.set_yticks(range(len(contenders)), [name_of(key) for key in contenders], fontsize=10)
    axis.set_ylim(len(contenders) - 0.45, -0.65)
    axis.set_xlabel("worst bulk ESS per sampling second, later call")


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 10 else f"{value:.1f}"  # noqa: PLR2004 - two digits


def draw_times(axis: Axes, runs: pd.DataFrame, contenders: list[tuple[str, str]]) -> None:
    """Seconds to the first result with 892 students, in a cold process and in the second."""
    first = runs[(runs["call"] == 1) & (runs["design"] == "892")]
    columns = [f"{step}_seconds" for step in STEPS]
    middle = first.groupby([*CONTENDER, "process"])[columns].median()
    for at, key in enumerate(contenders):
        for shift, process in ((-0.19, "cold"), (0.19, "second")):
            if (*key, process) not in middle.index:
                continue
            start = 0.0
            for (step, colour), column in zip(STEPS.items(), columns, strict=True):
                width = middle.loc[(*key, process), column]
                label = step if (at, process) == (0, "cold") else None
                axis.barh(at + shift, width, 0.34, start, color=colour, label=label)
                start += width
            axis.text(
                start + 0.8, at + shift, f"{start:.0f} s {WORDS[process]}", va="center", fontsize=9
            )
    axis.set_yticks(range(len(contenders)), [name_of(key) for key in contenders], fontsize=10)
    axis.set_ylim(len(contenders) - 0.5, -0.5)
    axis.margins(x=0.26)
    axis.set_xlabel("seconds")
    axis.grid(visible=False, axis="y")
    axis.set_title("892 students: time to the first result", loc="left", fontsize=12)
    axis.legend(
        loc="upper center", bbox_to_anchor=(0.5, -0.15), ncols=3, fontsize=10, frameon=False
    )


def draw_costs(axis: Axes, kernel: pd.DataFrame) -> None:
    """Microseconds of a value and gradient by students, at each number of classrooms."""
    axis.set_title("Collapsed: one value and gradient", loc="left", fontsize=12)
    axis.set(xlabel="students", ylabel="microseconds")
    if kernel.empty:
        return
    for classrooms, part in kernel.groupby("classrooms"):
        axis.plot(part["students"], part["microseconds"], "o-", color=MARK)
        last = part.iloc[-1]
        axis.annotate(f"{classrooms:,} classrooms: {last['microseconds']:.1f} µs",
                      (last["students"], last["microseconds"]), textcoords="offset points",
                      xytext=(0, 8), ha="right" if len(part) > 1 else "center",
                      fontsize=10)  # fmt: skip
    axis.set(xscale="log", yscale="log", ylim=(1, kernel["microseconds"].max() * 3))


def save_engine_figure(runs: pd.DataFrame, kernel: pd.DataFrame, folder: Path) -> None:
    """Write `engines.png`, `engines.svg`, alt text and caption."""
    set_style()
    alt = "Four panels. " + ". ".join(_spoken(runs, design) for design in ("892", "20000"))
    alt += ". Below, stacked bars of import, compile and sampling seconds for each engine, cold"
    alt += " and in the second process, and a line of microseconds that does not rise with the"
    alt += " number of students and rises with the number of classrooms."
    caption = (
        "Engines on the same simulated studies, 4 chains of 1,000 + 1,000 draws (collapsed: 4,000"
        " independent ones), target acceptance .9, same priors, engines in turn on two cores"
        " that did other work too. Above: worst bulk"
        " effective sample size over every parameter a second of sampling, later call in a"
        " process, one dot a seed, hollow where the fit failed its own diagnosis, line and number"
        " at the median; log scale. Below left: medians of the first call in a process with empty"
        " caches (cold) and in later processes (second). Below right: cost of one evaluation of"
        " the collapsed log density and its gradient; log scales."
    )
    save_figure(draw_engines(runs, kernel), folder, "engines", alt, caption)


def _spoken(runs: pd.DataFrame, design: str) -> str:
    found = rates(runs, AGAIN, design)
    parts = [
        f"{' '.join(key)} {_number(part['rate'].median())}"
        for key, part in found.groupby(CONTENDER, sort=False)
    ]
    found = ", ".join(parts) or "not run"
    return f"Median effective draws a second at {int(design):,} students: {found}"
