"""Words of a text as they follow each other, however it is written: what a search compares."""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from html import unescape
from urllib.parse import unquote

RUN = 6  # so many words in a row are somebody's
WHOLE = 4  # a passage of fewer words is searched for whole, down to so many

# Scripts that put no space between words: each sign stands for itself.
UNSPACED = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff"
WORD = re.compile(rf"[{UNSPACED}]|(?:(?![{UNSPACED}])[^\W_])+")
ASCII_WORD = re.compile(r"[A-Za-z0-9]+")
# Accents, apostrophes, and what is not seen: soft hyphens, joiners, marks of direction.
UNSEEN = re.compile(
    "['`\u2018\u2019\u02bc\u0300-\u036f\u00ad\u034f\u061c\u180e\u200b-\u200f\u202a-\u202e"
    "\u2060-\u2064\u2066-\u2069\ufe00-\ufe0f\ufeff\U000e0000-\U000e007f]"
)


def decoded(text: str) -> str:
    """Undo HTML's entities, twice, a web address's codes, and letters in disguise."""
    if "&" in text:
        text = unescape(unescape(text))
    if "%" in text:
        text = unquote(text)
    return text if text.isascii() else unicodedata.normalize("NFKC", text)


def running_words(text: str) -> list[str]:
    """Split into words and numbers without accents and punctuation; capitals are kept."""
    text = decoded(text)
    if not text.isascii():
        text = unicodedata.normalize("NFKD", text)
    text = UNSEEN.sub("", text)
    return (ASCII_WORD if text.isascii() else WORD).findall(text)


def folded_words(text: str) -> list[str]:
    """Split like `running_words`, in lower case."""
    return [word.casefold() for word in running_words(text)]


def runs(words: list[str], length: int) -> Iterator[int]:
    """Hashes of so many words in a row, from every place; alike within one process only."""
    for start in range(len(words) - length + 1):
        yield hash(" ".join(words[start : start + length]))


def runs_by_length(texts: Iterable[str], shortest: int = WHOLE) -> dict[int, set[int]]:
    """Runs of words by which texts are known again, by their length.

    Six words in a row, or a shorter text whole; none of a text under the shortest.
    """
    found: dict[int, set[int]] = {}
    for text in texts:
        words = folded_words(text)
        if len(words) >= shortest:
            length = min(RUN, len(words))
            found.setdefault(length, set()).update(runs(words, length))
    return found


def holds(words: list[str], found: Mapping[int, set[int]]) -> bool:
    """Whether words, in lower case, repeat any of these runs."""
    return any(not those.isdisjoint(runs(words, length)) for length, those in found.items())
