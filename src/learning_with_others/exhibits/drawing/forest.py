"""Forests: a row for each thing, a point with its interval for each estimate of it."""

from collections.abc import Mapping, Sequence
from itertools import cycle
from textwrap import fill

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import MaxNLocator

from learning_with_others.exhibits.drawing.panels import MOST_ACROSS, name_rows, panel_grid
from learning_with_others.exhibits.drawing.style import BAND, FAINT, MARK, NEUTRAL, PAPER, Look

# Looks of kinds that are no groups and have none of their own, in their order.
OTHERS = tuple(Look(MARK, marker, marker in "oD") for marker in "osD^vPXp")
FLAG = "D"  # marker of flagged estimates, hollow
# Inches: a panel, what it needs beside its rows, a row, marks of one row, lines and letters.
PANEL_WIDTH, NARROWEST, HEAD, FOOT = 2.75, 7.5, 0.65, 0.45
ROW, BETWEEN, LINE, LETTER = 0.27, 0.14, 0.155, 0.075
CORNER, KEY = 1.4, 0.5  # left free for a mark at the top right; a mark of the legend
ROW_LINE, NOTE_LINE = 34, 18  # characters
TEXT, SMALL = 10, 9  # points


def forest(  # noqa: PLR0913 - one figure for all that a forest may show
    table: pd.DataFrame,
    *,
    row: str,
    panel: str | None = None,
    hue: str | None = None,
    estimate: str = "estimate",
    lower: str = "lower",
    upper: str = "upper",
    looks: Mapping[str, Look] | None = None,
    label: str | Mapping[str, str] = "",
    lines: Sequence[float] = (0.0,),
    band: float | Mapping[str, float] | None = None,
    band_rows: Sequence[str] | None = None,
    limits: tuple[float, float] = (-np.inf, np.inf),
    flag: str | None = None,
    flagged: str = "flagged",
    missing: str | None = None,
    note: str | None = None,
    note_title: str = "",
    own_rows: bool = False,
    joined: bool = False,
    sharex: bool = True,
    across: int = MOST_ACROSS,
) -> Figure | None:
    """Draw a point for every estimate, and its interval where both ends are known.

    Rows and panels keep the order of the table. Estimates of one row in one panel stand below
    each other, in the order of `looks`.

    Parameters
    ----------
    table : pandas.DataFrame
        A row for each estimate; those without a finite one are left out.
    row, panel, hue : str
        Columns that choose the row, the panel and the look. Underscores become spaces, except in
        rows from a column `item`: names of items are codes.
    estimate, lower, upper : str
        Columns of the point and of the ends of its interval.
    looks : mapping of str to Look, optional
        Looks by value of `hue`. Values that are missing here are drawn in neutral colour, each
        with a marker of its own.
    label : str or mapping of str to str
        What is estimated, with its unit; by value of `panel` where panels differ.
    lines : sequence of float
        Values to read against: zero is drawn solid, others dotted.
    band : float or mapping of str to float, optional
        Half-width of the region of practical equivalence around zero, drawn as a grey band; by
        value of `panel` where panels differ.
    band_rows : sequence of str, optional
        Rows that the band lies behind; all without it.
    limits : (float, float)
        Intervals that reach beyond end there, in an arrow.
    flag : str, optional
        Column; where it is true or holds words, the mark is a hollow diamond.
    flagged : str
        What that diamond means.
    missing : str, optional
        Column of words that stand in the place of an estimate; none where empty.
    note : str, optional
        Column of words at the right of each row.
    note_title : str
        Words above the notes.
    own_rows : bool
        Each panel has its own rows, and panels fill columns. Otherwise all have the same.
    joined : bool
        Join the estimates of a row by a line.
    sharex : bool
        All panels have the same scale.
    across : int
        Panels beside each other at most.

    Returns
    -------
    Figure or None
        None without an estimate.
    """
    if table.empty:
        return None
    table = table.reset_index(drop=True)
    drawn = pd.DataFrame(
        {
            "panel": table[panel].map(_plain) if panel else "",
            "row": table[row] if row == "item" else table[row].map(_plain),
            "hue": table[hue].astype(str) if hue else "",
            "estimate": table[estimate].astype(float),
            "lower": table[lower].astype(float),
            "upper": table[upper].astype(float),
            "flag": table[flag].notna() & table[flag].astype(bool) if flag else False,
            "missing": table[missing].fillna("").astype(str) if missing else "",
            "note": table[note].fillna("").astype(str) if note else "",
        },
        index=table.index,
    )
    drawn = drawn[np.isfinite(drawn["estimate"]) | (drawn["missing"] != "")]
    if not np.isfinite(drawn["estimate"]).any():
        return None
    seen = _complete(looks or {}, drawn["hue"])
    drawn["place"], height = _places(drawn, list(seen), own_rows=own_rows)
    figure, axes, letters = _panels(drawn, height, own_rows=own_rows, sharex=sharex, across=across)
    for name, axis in axes.items():
        mine = drawn[drawn["panel"] == name]
        _read_against(axis, lines)
        if band is not None:
            half = band[name] if isinstance(band, Mapping) else band
            _draw_band(axis, half, mine, band_rows)
        if joined:
            for _, ends in mine.groupby("row", sort=False):
                axis.plot(ends["estimate"], ends["place"], color=NEUTRAL, lw=2, zorder=2)
        for kind, look in seen.items():
            _draw(axis, mine[mine["hue"] == kind], look, limits)
        _write_words(axis, mine, note_title)
        axis.set_title(fill(name, letters), fontsize=TEXT, loc="left")
        if not isinstance(label, str):
            axis.set_xlabel(fill(label[name], letters), fontsize=TEXT)
    if isinstance(label, str):
        figure.supxlabel(label, fontsize=TEXT)
    _add_legend(figure, seen if hue else {}, flagged if drawn["flag"].any() else "", band)
    return figure


def _plain(name: object) -> str:
    return str(name).replace("_", " ")


def _complete(looks: Mapping[str, Look], kinds: pd.Series) -> dict[str, Look]:
    """Looks of the kinds that are there, those without one in neutral colour."""
    there = list(dict.fromkeys(kinds))
    known = {kind: look for kind, look in looks.items() if kind in there}
    used = {look.marker for look in known.values()}
    free = cycle(look for look in OTHERS if look.marker not in used)
    return known | {kind: next(free) for kind in there if kind not in known}


def _places(drawn: pd.DataFrame, kinds: list[str], *, own_rows: bool) -> tuple[pd.Series, float]:
    """Heights of all marks, in rows, and the height of a row in inches."""
    place = drawn.groupby("panel", sort=False) if own_rows else [("", drawn)]
    rows = pd.concat([pd.Series(pd.factorize(part["row"])[0], part.index) for _, part in place])
    by_row = [drawn["panel"], drawn["row"]]
    rank = drawn["hue"].map(kinds.index).groupby(by_row).rank(method="first")
    words = max(_in_lines(name).count("\n") for name in drawn["row"])
    noted = max(fill(words, NOTE_LINE).count("\n") for words in drawn["note"])
    height = max(ROW + BETWEEN * (rank.max() - 1), 0.1 + LINE * (1 + max(words, noted)))
    middle = rank.groupby(by_row).transform("mean")
    return rows + (rank - middle) * BETWEEN / height, height


def _in_lines(name: str) -> str:
    return fill(str(name), ROW_LINE)


def _panels(
    drawn: pd.DataFrame, height: float, *, own_rows: bool, sharex: bool, across: int
) -> tuple[Figure, dict[str, Axes], int]:
    """Make the panels with their rows named, by name; the letters that are as wide as one."""
    every = list(dict.fromkeys(drawn["row"]))
    rows = {
        name: list(dict.fromkeys(part["row"])) if own_rows else every
        for name, part in drawn.groupby("panel", sort=False)
    }
    longest = max(len(line) for name in drawn["row"] for line in _in_lines(name).split("\n"))
    beside = LETTER * longest + LETTER * NOTE_LINE * (drawn["note"] != "").any()
    across = min(across, len(rows))
    if own_rows:
        counts = [len(names) for names in rows.values()]
        width = max(NARROWEST, (PANEL_WIDTH + beside) * across)
        figure, axes = _stacked(counts, width, height, sharex=sharex, across=across)
        inside = width / across - beside
    else:
        across = 2 if len(rows) == 4 else across  # noqa: PLR2004 - two and two, not three and one
        size = PANEL_WIDTH, HEAD + height * len(every)
        figure, grid = panel_grid(
            len(rows),
            size,
            across=across,
            margin=(beside, FOOT),
            narrowest=NARROWEST - beside,
            sharex=sharex,
            sharey=True,
        )
        axes = list(grid.flat[: len(rows)])
        inside = (figure.get_figwidth() - beside) / across
        # The panel above an empty place is the last of its column: it keeps its numbers.
        for axis in axes[-grid.shape[1] :]:
            axis.tick_params(labelbottom=True)
    for axis, names in zip(axes, rows.values(), strict=True):
        if own_rows or axis is axes[0]:
            name_rows(axis, [_in_lines(name) for name in names], fontsize=SMALL)
        axis.tick_params(labelsize=SMALL)
        axis.xaxis.set_major_locator(MaxNLocator(6, steps=[1, 2, 5, 10]))
        axis.grid(visible=False, axis="y")
        if (drawn["hue"] != drawn["hue"].iloc[0]).any():
            for between in range(1, len(names)):
                axis.axhline(between - 0.5, color=FAINT, lw=0.8, zorder=0)
    return figure, dict(zip(rows, axes, strict=True)), int(inside / LETTER)


def _stacked(
    counts: list[int], width: float, height: float, *, sharex: bool, across: int
) -> tuple[Figure, list[Axes]]:
    """Make a panel for each number of rows, each in the column that is shortest so far."""
    columns: list[list[int]] = [[] for _ in range(across)]
    tall = [0.0] * len(columns)
    for panel, count in enumerate(counts):
        shortest = tall.index(min(tall))
        columns[shortest].append(panel)
        tall[shortest] += HEAD + height * count
    figure = plt.figure(figsize=(width, max(tall) + FOOT))
    grid = figure.add_gridspec(1, len(columns))
    places = {}
    for outer, column, used in zip(grid, columns, tall, strict=True):
        ratios = [*(height * counts[panel] for panel in column), max(tall) - used + 1e-3]
        inner = outer.subgridspec(len(ratios), 1, height_ratios=ratios)
        places |= dict(zip(column, inner, strict=False))
    axes: list[Axes] = []
    for panel in range(len(counts)):
        same = axes[0] if sharex and axes else None
        axes.append(figure.add_subplot(places[panel], sharex=same))
    return figure, axes


def _draw_band(axis: Axes, band: float, mine: pd.DataFrame, rows: Sequence[str] | None) -> None:
    """Draw the region of practical equivalence behind all rows, or some."""
    if rows is None:
        axis.axvspan(-band, band, color=BAND, lw=0, zorder=0)
        return
    for place in mine.loc[mine["row"].isin([_plain(row) for row in rows]), "place"]:
        middle = round(place)
        axis.fill_between([-band, band], middle - 0.5, middle + 0.5, color=BAND, lw=0, zorder=0)


def _read_against(axis: Axes, lines: Sequence[float]) -> None:
    for line in lines:
        axis.axvline(line, color=NEUTRAL, lw=1, ls="-" if line == 0 else ":", zorder=1)


def _draw(axis: Axes, part: pd.DataFrame, look: Look, limits: tuple[float, float]) -> None:
    """Draw the estimates of one kind in one panel."""
    known = part[np.isfinite(part["lower"]) & np.isfinite(part["upper"])]
    ends = known[["lower", "upper"]].clip(*limits)
    axis.hlines(known["place"], ends["lower"], ends["upper"], color=look.colour, lw=1.5, zorder=2)
    for beyond, cut, arrow in (
        (known["lower"] < limits[0], limits[0], "<"),
        (known["upper"] > limits[1], limits[1], ">"),
    ):
        if beyond.any():
            at = known.loc[beyond, "place"]
            axis.plot(np.full(len(at), cut), at, arrow, color=look.colour, ms=6, zorder=3)
    shown = part[part["estimate"].between(*limits) & np.isfinite(part["estimate"])]
    for flagged, mine in shown.groupby("flag"):
        axis.plot(mine["estimate"], mine["place"], **_mark(look, flagged=flagged), zorder=3)


def _mark(look: Look, *, flagged: bool = False) -> dict[str, object]:
    return {
        "marker": FLAG if flagged else look.marker,
        "ls": "",
        "color": look.colour,
        "mfc": look.colour if look.filled and not flagged else PAPER,
        "ms": 5.5,
        "mew": 1.6 if flagged else 1.2,
    }


def _write_words(axis: Axes, mine: pd.DataFrame, note_title: str) -> None:
    """Write why an estimate is missing in its place, and the notes at the right."""
    for gone in mine[~np.isfinite(mine["estimate"])].itertuples():
        across = axis.get_yaxis_transform()
        axis.text(
            0.02, gone.place, gone.missing, transform=across, va="center", size=8, color=NEUTRAL
        )
    look = {"xycoords": ("axes fraction", "data"), "va": "center", "fontsize": SMALL}
    notes = mine[mine["note"] != ""].drop_duplicates("row")
    for noted in notes.itertuples():
        at = 1.03, round(noted.place)
        axis.annotate(fill(noted.note, NOTE_LINE), at, **look, annotation_clip=False)
    if len(notes):
        axis.annotate(note_title, (1.03, -0.75), **look, style="italic", annotation_clip=False)


def _add_legend(
    figure: Figure,
    looks: Mapping[str, Look],
    flagged: str,
    band: float | Mapping[str, float] | None,
) -> None:
    handles = [Line2D([], [], **_mark(look), label=_plain(kind)) for kind, look in looks.items()]
    if flagged:
        colour = MARK if len(looks) != 1 else next(iter(looks.values())).colour
        handles.append(Line2D([], [], **_mark(Look(colour, FLAG), flagged=True), label=flagged))
    if band is not None:
        width = "" if isinstance(band, Mapping) else f", ±{band:.2f} SD"
        handles.append(Patch(color=BAND, label=f"region of practical equivalence{width}"))
    if handles:
        columns = _columns([len(str(handle.get_label())) for handle in handles], figure)
        lines = -(-len(handles) // columns)
        figure.set_figheight(figure.get_figheight() + LINE * 1.2 * lines)
        figure.legend(
            handles=handles, loc="outside upper left", ncols=columns, frameon=False, fontsize=SMALL
        )


def _columns(letters: list[int], figure: Figure) -> int:
    """As many columns of a legend as the figure is wide, its corner left free."""
    for columns in range(len(letters), 1, -1):
        parts = np.array_split(letters, columns)  # as matplotlib fills them
        if sum(LETTER * max(part) + KEY for part in parts) < figure.get_figwidth() - CORNER:
            return columns
    return 1
