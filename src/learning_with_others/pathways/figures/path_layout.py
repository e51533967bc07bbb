"""Where the boxes, arrows and numbers of a path diagram stand, in inches."""

from collections import defaultdict
from collections.abc import Sequence
from itertools import pairwise
from textwrap import wrap
from typing import NamedTuple

import numpy as np

Link = tuple[str, str]  # the variable before the arrow, and the one after it

NARROWEST, EDGE = 7.5, 0.06  # the figure, and its margin
BOX, BETWEEN = 1.08, 0.94  # width of a box, least width between two blocks
LINE, FRAME, ROOM = 0.135, 0.2, 0.36  # a line of a name, around a name, between two boxes
PORT, LANE = 0.15, 0.13  # between arrows at a box, and between those that pass a block
NAME_LINE = 15  # letters
NUMBER = np.array([0.37, 0.135])  # width and height of a number, with the paper behind it
TIE = 0.01  # inches for each link in a gap
HEAD = 0.14  # left free for an arrow's head
STEPS = 81  # points of a curve between two blocks
SWEEPS = 8  # over all numbers, each to its best place given the others


class Box(NamedTuple):
    """A variable: the middle of its box, its height, and the lines of its name."""

    x: float
    y: float
    height: float
    lines: list[str]


class Layout(NamedTuple):
    """Size of a diagram, its boxes by name, curves and places of numbers by link."""

    width: float
    height: float
    boxes: dict[str, Box]
    curves: dict[Link, np.ndarray]
    numbers: dict[Link, np.ndarray]


def lay_out(blocks: Sequence[Sequence[str]], links: Sequence[Link]) -> Layout:
    """Place blocks in columns from left to right, and route the links without touching a box.

    Parameters
    ----------
    blocks : sequence of sequences of str
        Names in causal order.
    links : sequence of (str, str)
        From variables of earlier blocks to variables of later ones.
    """
    width = max(NARROWEST, 2 * EDGE + BOX * len(blocks) + BETWEEN * (len(blocks) - 1))
    boxes, height = _boxes(blocks, links, width)
    column = {name: place for place, block in enumerate(blocks) for name in block}
    columns = [[boxes[name] for name in block] for block in blocks]
    lanes = _lanes(links, boxes, column, columns, height)
    curves = _curves(links, boxes, column, columns, lanes)
    return Layout(width, height, boxes, curves, _numbers(curves, boxes))


def _boxes(
    blocks: Sequence[Sequence[str]], links: Sequence[Link], width: float
) -> tuple[dict[str, Box], float]:
    """Spread each block over the height that the tallest needs: half a gap at top and foot."""
    lines = {
        name: wrap(name, NAME_LINE, break_on_hyphens=False) for block in blocks for name in block
    }
    heights = {}
    for name, words in lines.items():
        ports = max(sum(name == link[end] for link in links) for end in (0, 1))
        heights[name] = max(FRAME + LINE * len(words), FRAME + PORT * (ports - 1))
    place = {name: column for column, block in enumerate(blocks) for name in block}
    full = 0.0
    for column, block in enumerate(blocks):
        passing = sum(place[first] < column < place[last] for first, last in links)
        free = max(ROOM * len(block), LANE * (passing + 2 * len(block)))
        full = max(full, sum(heights[name] for name in block) + free)
    middles = np.linspace(EDGE + BOX / 2, width - EDGE - BOX / 2, len(blocks))
    boxes = {}
    for x, block in zip(middles, blocks, strict=True):
        room = (full - sum(heights[name] for name in block)) / len(block)
        top = full - room / 2
        for name in block:
            boxes[name] = Box(x, top - heights[name] / 2, heights[name], lines[name])
            top -= heights[name] + room
    return boxes, full


def _lanes(
    links: Sequence[Link],
    boxes: dict[str, Box],
    column: dict[str, int],
    columns: list[list[Box]],
    height: float,
) -> dict[tuple[Link, int], float]:
    """Height at which a link passes each block between its ends: in the nearest gap.

    Of two gaps alike near, it is the one with fewer links so far.
    """
    wanted: dict[tuple[int, int], list[tuple[float, Link]]] = defaultdict(list)
    for link in links:
        first, last = (column[name] for name in link)
        start, end = (boxes[name].y for name in link)
        for between in range(first + 1, last):
            straight = start + (end - start) * (between - first) / (last - first)
            middles = [(low + high) / 2 for low, high in _gaps(columns[between], height)]
            crowd = [TIE * len(wanted.get((between, gap), ())) for gap in range(len(middles))]
            gap = int(np.argmin(np.abs(np.subtract(middles, straight)) + crowd))
            wanted[between, gap].append((straight, link))
    lanes = {}
    for (between, gap), through in wanted.items():
        low, high = _gaps(columns[between], height)[gap]
        apart = min(LANE, (high - low) / (len(through) + 1))
        places = (low + high) / 2 + apart * (np.arange(len(through)) - (len(through) - 1) / 2)
        for place, (_, link) in zip(places, sorted(through), strict=True):
            lanes[link, between] = float(place)
    return lanes


def _gaps(boxes: list[Box], height: float) -> list[tuple[float, float]]:
    """Free heights of a column, from the top down."""
    ends = [height, *(box.y + side * box.height / 2 for box in boxes for side in (1, -1)), 0.0]
    return [(ends[i + 1], ends[i]) for i in range(0, len(ends), 2)]


def _curves(
    links: Sequence[Link],
    boxes: dict[str, Box],
    column: dict[str, int],
    columns: list[list[Box]],
    lanes: dict[tuple[Link, int], float],
) -> dict[Link, np.ndarray]:
    """Points of each link: level beside boxes, bent between blocks."""

    def beside(link: Link, place: int, end: int) -> float:
        return lanes.get((link, place), boxes[link[end]].y)

    ports = {}
    for end, step in ((0, 1), (1, -1)):
        for name, box in boxes.items():
            mine = [link for link in links if link[end] == name]
            mine.sort(key=lambda link: beside(link, column[name] + step, 1 - end))
            apart = min(PORT, (box.height - LINE) / max(len(mine) - 1, 1))
            for rank, link in enumerate(mine):
                ports[link, end] = box.y + apart * (rank - (len(mine) - 1) / 2)
    curves = {}
    ease = np.linspace(0, 1, STEPS)
    bent = ease**2 * (3 - 2 * ease)
    for link in links:
        first, last = (column[name] for name in link)
        heights = [ports[link, 0], *(lanes[link, k] for k in range(first + 1, last))]
        heights.append(ports[link, 1])
        parts = []
        for place, (start, end) in enumerate(pairwise(heights), first):
            left = columns[place][0].x + BOX / 2
            right = columns[place + 1][0].x - BOX / 2
            across, up = left + (right - left) * ease, start + (end - start) * bent
            parts.append(np.column_stack([across, up]))
            if place + 1 < last:
                parts.append(np.array([[columns[place + 1][0].x, end]]))
        curves[link] = np.concatenate(parts)
    return curves


def _numbers(curves: dict[Link, np.ndarray], boxes: dict[str, Box]) -> dict[Link, np.ndarray]:
    """Place numbers on their curves: away from boxes and each other, on few other curves."""
    middles = np.array([(box.x, box.y) for box in boxes.values()])
    reach = np.array([(BOX, box.height) for box in boxes.values()])
    sides = middles[:, 0] + BOX / 2 * np.array([[-1], [1]])
    points = {}
    for link, curve in curves.items():
        clear = np.abs(curve[:, :1] - sides.ravel()).min(axis=1) > NUMBER[0] / 2
        points[link] = curve[clear & (curve[:, 0] < curve[-1, 0] - NUMBER[0] / 2 - HEAD)]
    costs = {}
    for link, at in points.items():
        on_boxes = _hits(at, middles, reach + NUMBER)
        others = sum(
            _hits(at, curve, NUMBER) > 0 for other, curve in curves.items() if other != link
        )
        # Of places alike, the one before the arrow's head: what arrives at a variable stands there.
        costs[link] = 1e3 * on_boxes + others + np.linspace(0.9, 0, len(at))
    chosen = {link: at[np.argmin(costs[link])] for link, at in points.items()}
    for _ in range(SWEEPS):
        for link, at in points.items():
            rest = np.array([place for other, place in chosen.items() if other != link])
            taken = _hits(at, rest, 2 * NUMBER) if len(rest) else 0
            chosen[link] = at[np.argmin(costs[link] + 1e2 * taken)]
    return chosen


def _hits(at: np.ndarray, middles: np.ndarray, reach: np.ndarray) -> np.ndarray:
    """How many of the middles lie within half a reach of each place."""
    return (np.abs(at[:, None] - middles) < reach / 2).all(axis=2).sum(axis=1)
