"""Words that say a finding from its records, and the marks by which a text names a number."""

import re
from collections.abc import Callable

from learning_with_others.errors import FAILED_FIT
from learning_with_others.exhibits.records import Records, Result

TENS, HUNDREDS = 10, 100  # from here on, one decimal less
EXTREME = 0.01  # from none or all: shares in percent then take a decimal
MARK = re.compile(r"\{\{(\w+): ([^{}]+?)\}\}")
SUPPRESSED = "(suppressed)"
NOT_SHOWN = f"(not shown: the {FAILED_FIT})"


def absent(records: Records, id_: str) -> str:
    """Say why a number is not there: its fit failed its diagnosis, or it is suppressed."""
    return NOT_SHOWN if id_ in records.failed else SUPPRESSED


def direction(
    records: Records, id_: str, *, more: str, fewer: str, same: str, unknown: str | None = None
) -> str:
    """Give the word for a difference's direction, as far as its interval tells one.

    Parameters
    ----------
    records : Records
    id_ : str
        Of the difference.
    more, fewer, same : str
        Words for above zero, below zero, and an interval that reaches zero.
    unknown : str, optional
        Word for a number that is not there; `absent` without it.
    """
    if id_ not in records:
        return absent(records, id_) if unknown is None else unknown
    found = records[id_]
    if found.lower is not None and found.lower > 0:
        return more
    if found.upper is not None and found.upper < 0:
        return fewer
    return same


def sign(records: Records, id_: str, *, more: str, fewer: str) -> str:
    """Give the word for an estimate's direction, whatever its interval."""
    if id_ not in records:
        return absent(records, id_)
    return more if records[id_].estimate >= 0 else fewer


def resolve(
    text: str, records: Records, link: Callable[[Result, str], str] = lambda _, words: words
) -> str:
    """Fill the marks of a text from records.

    `{{number: id}}` is the estimate, `{{size: id}}` it without its sign, `{{interval: id}}` its
    ends, `{{range: id}}` the ends as sizes in the estimate's direction, `{{percent: id}}` a share
    in percent, `{{percents: id}}` its ends in percent, `{{count: id}}` the people behind it,
    `{{probability: id}}` of the interval. Of a difference between shares, `{{points: id}}`,
    `{{points_size: id}}`, `{{points_interval: id}}` and `{{points_range: id}}` are the same as
    the first four, in percentage points.

    Parameters
    ----------
    text : str
    records : Records
    link : callable
        From a record and the words for it to what is put in their place.

    Raises
    ------
    KeyError
        For a mark that has no such name.
    """

    def put(match: re.Match[str]) -> str:
        kind, id_ = match.groups()
        write = WRITTEN[kind]
        return link(records[id_], write(records[id_])) if id_ in records else absent(records, id_)

    return MARK.sub(put, text)


def outside_marks(text: str, change: Callable[[str], str]) -> str:
    """Change a text, but for the ids in its marks."""
    parts, at = [], 0
    for match in MARK.finditer(text):
        parts += [change(text[at : match.start()]), match.group()]
        at = match.end()
    return "".join([*parts, change(text[at:])])


def used_ids(text: str) -> list[str]:
    """Ids of the records that a text names."""
    return [match.group(2) for match in MARK.finditer(text)]


def format_value(value: float | str | None, digits: int | None = None) -> str:
    """Write whole numbers with thousands separators, others with so many decimals.

    Without `digits`, as many as a table needs: three under ten, two under a hundred, else one.
    """
    if value is None:
        return "–"
    if isinstance(value, str):
        return value
    if digits is None:
        digits = 3 if abs(value) < TENS else 2 if abs(value) < HUNDREDS else 1
    written = f"{int(value):,}" if float(value).is_integer() else f"{value:,.{digits}f}"
    if not written.strip("-0.,"):
        written = written.lstrip("-")  # no number is less than zero and zero
    return written.replace("-", "\N{MINUS SIGN}")


def _two(value: float | str | None) -> str:
    """Two decimals, and none where they would be lost in a large number."""
    large = isinstance(value, int | float) and abs(value) >= HUNDREDS
    return format_value(round(value) if large else value, 2)


def _points(share: float | str | None) -> str:
    """Hundredths: whole ones, and one decimal near none and near all."""
    if share is None or isinstance(share, str):
        return format_value(share)
    near = min(abs(share), abs(1 - abs(share))) < EXTREME
    return format_value(round(100 * share, 1 if near else 0), 1)


Write = Callable[[float | str | None], str]


def _size(result: Result, write: Write = _two) -> str:
    return result.estimate if isinstance(result.estimate, str) else write(abs(result.estimate))


def _interval(result: Result, write: Write = _two) -> str:
    return f"{write(result.lower)} to {write(result.upper)}"


def _range(result: Result, write: Write = _two) -> str:
    """Ends in the estimate's direction: 0.18 to 0.41 fewer, not -0.41 to -0.18 more."""
    if isinstance(result.estimate, str) or result.lower is None or result.upper is None:
        return SUPPRESSED
    if result.estimate >= 0:
        return _interval(result, write)
    return f"{write(-result.upper)} to {write(-result.lower)}"


def _percents(result: Result) -> str:
    return f"{_points(result.lower)}% to {_points(result.upper)}%"


def _percent(result: Result) -> str:
    """Whole percents; nothing that is not all is said to be 100%."""
    share = result.estimate
    if isinstance(share, str):
        return share
    if round(100 * abs(share)) in (0, 100) and share not in (0, 1, -1):
        return "under 1%" if abs(share) < 0.5 else "over 99%"  # noqa: PLR2004 - nearer to none
    return f"{100 * share:.0f}%".replace("-", "\N{MINUS SIGN}")


def _count(result: Result) -> str:
    return "–" if result.n is None else f"{result.n:,}"


def _probability(result: Result) -> str:
    return f"{result.interval.probability:.0%}" if result.interval else ""


WRITTEN: dict[str, Callable[[Result], str]] = {
    "number": lambda result: _two(result.estimate),
    "size": _size,
    "interval": _interval,
    "range": _range,
    "percent": _percent,
    "percents": _percents,
    "points": lambda result: _points(result.estimate),
    "points_size": lambda result: _size(result, _points),
    "points_interval": lambda result: _interval(result, _points),
    "points_range": lambda result: _range(result, _points),
    "count": _count,
    "probability": _probability,
}
