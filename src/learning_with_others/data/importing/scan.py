"""One pass over a text table's bytes, to learn what the fast reader may take for granted."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

QUOTE, LINE_FEED, CARRIAGE_RETURN = b'"\n\r'


@dataclass(frozen=True)
class Scan:
    """What the bytes show.

    Attributes
    ----------
    quoted : bool
        A quotation mark occurs.
    doubtful : bool
        A quotation mark stands where none should, or two line ends follow one another.
    """

    quoted: bool
    doubtful: bool


def scan(blocks: Iterable[bytes], delimiter: str) -> Scan:
    """Look for quotation marks out of place and for blank rows.

    Marks open and close cells in turn, a doubled mark inside a cell closing and opening it again.
    """
    opens_after = _table(delimiter)
    closes_before = opens_after.copy()
    closes_before[QUOTE] = True
    seen, doubtful = 0, False
    carried = b"\n"
    for block in _with_end(blocks):
        window = carried + block
        doubtful |= b"\n\n" in window or b"\n\r\n" in window or b"\r\r" in window
        if b'"' in window:
            data = np.frombuffer(window, np.uint8)
            marks = np.flatnonzero(data[1:-1] == QUOTE) + 1
            opening, closing = marks[seen % 2 :: 2], marks[(seen + 1) % 2 :: 2]
            before = data[opening - 1]
            doubtful |= not (opens_after[before] | (before == QUOTE)).all()
            doubtful |= not closes_before[data[closing + 1]].all()
            seen += len(marks)
        carried = window[-2:]
    return Scan(quoted=seen > 0, doubtful=bool(doubtful or seen % 2))


def _table(delimiter: str) -> np.ndarray:
    table = np.zeros(256, dtype=bool)
    table[[ord(delimiter), LINE_FEED, CARRIAGE_RETURN]] = True
    return table


def _with_end(blocks: Iterable[bytes]) -> Iterable[bytes]:
    """Add what the last mark needs after it, without making a blank row."""
    yield from (block for block in blocks if block)
    yield b"\r"
