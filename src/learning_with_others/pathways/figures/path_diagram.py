"""Path diagram: variables in boxes, associations on the arrows between them."""

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import FancyBboxPatch
from matplotlib.patheffects import Normal, Stroke

from learning_with_others.exhibits.drawing.style import MARK, NEUTRAL, PAPER, group_looks
from learning_with_others.pathways.figures.labels import labelled_outcomes
from learning_with_others.pathways.figures.path_layout import BOX, Layout, lay_out

TITLE, KEYS, FOOT = 0.27, 0.45, 0.02  # inches: a group's title, the legend, the foot
TEXT, NAME, NUMBER, KEY = 10, 8, 7.5, 8.5  # points
THIN, WIDER = 0.7, 2.6  # points: the least line, and what the largest association adds
CASING = 1.6  # points: paper beside a line, so that crossings can be followed
SMALL = 0.05  # below it, an association whose interval holds zero has no number
DASHED = (0, (4, 2))
PALE = 0.4  # opacity of its arrow


def draw_paths(
    table: pd.DataFrame,
    blocks: Sequence[Sequence[str]],
    groups: tuple[str, str],
    labels: Mapping[str, str] | None = None,
) -> Figure | None:
    """Draw the associations along the arrows of the pathway, the focal group above the reference.

    The wider an arrow, the larger the association; it is dashed where the interval holds zero.
    Where it does and the association is smaller than 0.05, the arrow is faint and has no number,
    so that the others can be read: its number is in the table.

    Parameters
    ----------
    table : pandas.DataFrame
        Columns `quantity, outcome, via, group, estimate, lower, upper`. Arrows are the rows
        ``pathway.link``, from `via` to `outcome`, and, where there is no such row from the
        exposure to an outcome, ``pathway.direct``.
    blocks : sequence of sequences of str
        Names in causal order, the exposure first, the final outcomes last.
    groups : (str, str)
        Focal and reference group; others are not drawn.
    labels : mapping of str to str, optional
        Of outcomes, as `blocks` and `via` have them.

    Returns
    -------
    Figure or None
        None without a link.
    """
    table = labelled_outcomes(table, labels)
    shown = _links(table, blocks, groups)
    if shown.empty:
        return None
    links = list(dict.fromkeys(zip(shown["via"], shown["outcome"], strict=True)))
    layout = lay_out(blocks, links)
    there = [group for group in groups if group in set(shown["group"])]
    panel = layout.height + TITLE
    height = KEYS + panel * len(there) + FOOT
    # Sizes are inches: the letters of a diagram do not stretch with it.
    figure = plt.figure(figsize=(layout.width, height), layout="none")
    largest = shown["estimate"].abs().max()
    for place, group in enumerate(there):
        bottom = height - KEYS - panel * (place + 1)
        axis = figure.add_axes((0, bottom / height, 1, layout.height / height))
        axis.set(xlim=(0, layout.width), ylim=(0, layout.height))
        axis.set_axis_off()
        axis.set_title(group, x=0.01, loc="left", fontsize=TEXT, weight="bold")
        mine = shown[shown["group"] == group]
        _draw_arrows(axis, mine, layout, group_looks(groups)[group].colour, largest)
        _draw_boxes(axis, layout)
    _add_legend(figure)
    return figure


def _links(
    table: pd.DataFrame, blocks: Sequence[Sequence[str]], groups: tuple[str, str]
) -> pd.DataFrame:
    """Rows that are arrows, from variables of one block to those of a later one."""
    links = table[table["quantity"] == "pathway.link"]
    direct = table[table["quantity"] == "pathway.direct"].assign(via=blocks[0][0])
    shown = pd.concat([links, direct]).drop_duplicates(["via", "outcome", "group"])
    place = {name: column for column, block in enumerate(blocks) for name in block}
    forward = shown["via"].map(place) < shown["outcome"].map(place)
    known = shown[["estimate", "lower", "upper"]].notna().all(axis=1)
    return shown[forward & known & shown["group"].isin(groups)]


def _draw_arrows(
    axis: Axes, table: pd.DataFrame, layout: Layout, colour: str, largest: float
) -> None:
    for row in table.itertuples():
        link = row.via, row.outcome
        unclear = row.lower <= 0 <= row.upper
        faint = unclear and abs(row.estimate) < SMALL
        width = THIN + WIDER * abs(row.estimate) / largest
        cased = [Stroke(linewidth=width + CASING, foreground=PAPER), Normal()]
        head = 3.5 + 1.7 * width
        curve = layout.curves[link].copy()
        curve[-1, 0] -= head / 144  # the tip of the head, not its middle, touches the box
        axis.plot(
            *curve.T,
            ls=DASHED if unclear else "-",
            lw=width,
            color=colour,
            alpha=PALE if faint else None,
            marker=">",
            markevery=[-1],
            ms=head,
            mew=0,
            solid_capstyle="butt",
            path_effects=None if unclear else cased,
            zorder=1 if unclear else 2,
        )
        if not faint:
            axis.text(
                *layout.numbers[link],
                f"{row.estimate:.2f}".replace("-", "−"),
                fontsize=NUMBER,
                color=MARK,
                ha="center",
                va="center",
                bbox={"fc": PAPER, "ec": "none", "pad": 0.6},
                zorder=3,
            )


def _draw_boxes(axis: Axes, layout: Layout) -> None:
    for box in layout.boxes.values():
        corner = box.x - BOX / 2, box.y - box.height / 2
        look = {"boxstyle": "round,pad=0,rounding_size=0.07", "fc": PAPER, "ec": MARK}
        axis.add_patch(FancyBboxPatch(corner, BOX, box.height, **look, lw=1, zorder=4))
        axis.text(
            box.x, box.y, "\n".join(box.lines), ha="center", va="center", fontsize=NAME, zorder=5
        )


def _add_legend(figure: Figure) -> None:
    keys = {
        "interval excludes zero; the wider, the larger": {"lw": 2.2},
        f"interval holds zero, smaller than {SMALL}: no number": {"ls": DASHED, "alpha": PALE},
        "interval holds zero": {"lw": 1.4, "ls": DASHED},
    }
    handles = [Line2D([], [], color=NEUTRAL, label=words, **look) for words, look in keys.items()]
    figure.legend(
        handles=handles, loc="upper left", ncols=2, frameon=False, fontsize=KEY, handlelength=2.6
    )
