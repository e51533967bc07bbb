"""What may name a person, a place or a date in a passage: a search that flags when in doubt.

Programs that recognize names well (spaCy, Stanza, Presidio) need models of hundreds of megabytes,
which cannot be had without a network. This search needs nothing and errs on the safe side: it flags
whatever has a capital for which it knows no reason. It cannot see a name that is always written in
lower case and is none of the study's own, nor what tells somebody apart without a name ("the only
girl who uses a wheelchair"): a person reads what is to be quoted.
"""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Literal

from learning_with_others.data.disclosure.ordinary_words import (
    CAPITAL,
    GENERIC,
    MASKS,
    MONTHS,
    MONTHS_ONLY,
    NAMES_TOO,
    OPENERS,
    TITLES,
    WEEKDAYS,
)
from learning_with_others.data.disclosure.running_words import UNSEEN, decoded, folded_words

Kind = Literal["name", "date", "number", "address", "of the study", "script", "hidden signs"]
SHORT, LONG = 3, 4  # a name of the study has so many letters, or so many digits, to be searched for
DIGITS = 5  # a longer number may be somebody's

MASK = re.compile(rf"\[(?:{'|'.join(sorted(MASKS))})(?: ?\d{{1,2}})?\]|\[(?:\.{{3}}|…)\]")
TOKEN = re.compile(r"[^\W\d_](?:[\w'’]*\w)?")
# Nothing of the sentence stands before it: its start, or after its end and an opening quote.
STARTS = re.compile(r"(?:^|[.!?…\n\r]|[“\"«„]|(?<=\s)['‘])[\s\"“”«»„'‘’()\[\]*–—-]*$")
HIDDEN = re.compile(
    f"(?:(?!['`\u2018\u2019\u02bc\u0300-\u036f]){UNSEEN.pattern})|[\x00-\x08\x0b-\x1f]"
)
SPOKEN_FORM = re.compile(
    r"^\s*[=+@\t]|^\s*-\w|\{\{"
)  # a formula in a spreadsheet, a mark in a text
ADDRESS = re.compile(
    r"@\S*|https?:|www\.|\w\.(?:com|org|edu|net|gov|us|uk|io|co|de|me|tv|info)\b"
    r"|\bdot (?:com|org|edu|net|gov)\b",
    re.IGNORECASE,
)
NUMBER = re.compile(r"\d(?:[\s().,/-]{0,2}\d)*")
TITLED = re.compile(rf"\b(?:{TITLES})\b\.?\s+\w+|\bmiss\s+[A-Z]\w*", re.IGNORECASE)
DATE = re.compile(
    rf"\b(?:{WEEKDAYS})s?\b|\b(?:{MONTHS_ONLY})\b"
    rf"|\b(?:{MONTHS})\.?\s+(?:the\s+)?\d{{1,4}}(?:st|nd|rd|th)?\b"
    rf"|\b\d{{1,2}}(?:st|nd|rd|th)?\s+(?:of\s+)?(?:{MONTHS})\b"
    r"|\b(?:1[89]|20)\d\d\b|\b\d{1,4}([/.-])\d{1,2}\1\d{1,4}\b|\b\d{1,2}/\d{1,2}\b",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Reason:
    """Why a passage is flagged, and the word that did it."""

    kind: Kind
    word: str


@dataclass(frozen=True)
class Known:
    """What is known of a study's words.

    Attributes
    ----------
    words : frozenset of str
        In lower case: those that may have a capital, such as the groups' labels.
    people : frozenset of str
        Names and identifiers of schools, teachers, students and speakers.
    others : frozenset of str
        Names of sessions, documents and whatever else has one: only the whole name counts.
    """

    words: frozenset[str] = frozenset()
    people: frozenset[str] = frozenset()
    others: frozenset[str] = frozenset()


def flagged(texts: Iterable[str], known: Known) -> list[list[Reason]]:
    """Find what may name a person, a place or a date.

    Parameters
    ----------
    texts : iterable of str
        All passages of a study together: a word that they write in lower case as well is no name
        where it starts a sentence; one that they write with a capital within sentences is a name
        in lower case, too, unless lower case is the more common.
    known : Known

    Returns
    -------
    list of list of Reason
        For each text; empty where nothing was found. Words masked as `[name]` are passed over.
    """
    read = [_Text(text) for text in texts]
    corpus = _Corpus(read, known)
    return [list(dict.fromkeys(corpus.reasons(text))) for text in read]


class _Text:
    """A passage, read once."""

    def __init__(self, text: str) -> None:
        self.raw = text
        self.plain = UNSEEN.sub(
            lambda sign: sign.group() if sign.group() in "'’" else "",
            MASK.sub(" … ", decoded(text)),
        )
        self.words = [(found.group(), self._starts(found)) for found in TOKEN.finditer(self.plain)]

    def _starts(self, found: re.Match[str]) -> bool:
        """Whether a word with a capital starts a sentence."""
        word, place = found.group(), found.start()
        return word != word.lower() and bool(STARTS.search(self.plain, max(0, place - 8), place))


@dataclass
class _Corpus:
    """What all passages together tell of their words."""

    read: list[_Text]
    known: Known
    lower: Counter = field(default_factory=Counter)
    names: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        capital: Counter = Counter()
        for text in self.read:
            for word, starts in text.words:
                if word == word.lower():
                    self.lower[_bare(word)] += 1
                elif not starts and not self._ordinary(word) and word[1:] == word[1:].lower():
                    capital[_bare(word)] += 1
        self.names = frozenset(w for w, times in capital.items() if times >= self.lower[w])
        self.singles, self.phrases = _searched(self.known)

    def _ordinary(self, word: str) -> bool:
        bare = _bare(word)
        return bare in OPENERS or bare in CAPITAL or bare in self.known.words

    def reasons(self, text: _Text) -> Iterable[Reason]:
        """Say why a passage is flagged."""
        if HIDDEN.search(decoded(text.raw)) or SPOKEN_FORM.search(text.raw):
            yield Reason("hidden signs", "")
        signs = "" if text.plain.isascii() else text.plain
        if any(sign.isalpha() and sign.lower() == sign.upper() for sign in signs):
            yield Reason("script", "")  # without capitals no name can be told
        taken: set[str] = set()
        for pattern, kind in ((ADDRESS, "address"), (DATE, "date"), (TITLED, "name")):
            for found in pattern.finditer(text.plain):
                taken.update(TOKEN.findall(found.group()))
                yield Reason(kind, found.group())
        for found in NUMBER.finditer(text.plain):
            if sum(sign.isdigit() for sign in found.group()) >= DIGITS:
                yield Reason("number", found.group())
        for word, starts in text.words:
            if word not in taken and self._names(word, starts):
                yield Reason("name", word)
        yield from self._of_the_study(text)

    def _names(self, word: str, starts: bool) -> bool:
        bare = _bare(word)
        if word == word.lower():
            return bare in self.names
        if word[1:] != word[1:].lower() and word != word.upper():
            return not self._ordinary(word)  # a capital within: McKay, iPad
        if bare in NAMES_TOO or (len(word) == 1 and not starts and bare != "i"):
            return True  # a single letter is somebody's initial
        if self._ordinary(word):
            return False
        return not starts or bare in self.names or not self.lower[bare]

    def _of_the_study(self, text: _Text) -> Iterable[Reason]:
        words = folded_words(MASK.sub(" … ", text.raw))
        for start, word in enumerate(words):
            if word in self.singles or word.removesuffix("s") in self.singles:  # Maria's: marias
                yield Reason("of the study", word)
            for phrase in self.phrases.get(word, ()):
                if tuple(words[start : start + len(phrase)]) == phrase:
                    yield Reason("of the study", " ".join(phrase))


def _searched(known: Known) -> tuple[frozenset[str], dict[str, list[tuple[str, ...]]]]:
    """Single words that are names of the study, and names of several words by their first."""
    singles: set[str] = set()
    phrases: dict[str, list[tuple[str, ...]]] = {}
    for names, apart in ((known.people, True), (known.others, False)):
        for name in names:
            words = tuple(folded_words(name))
            if len(words) > 1 and sum(map(len, words)) >= SHORT:
                phrases.setdefault(words[0], []).append(words)
            alone = words if apart or len(words) == 1 else ()
            singles |= {word for word in alone if _distinctive(word)}
    return frozenset(singles - known.words - OPENERS), phrases


def _distinctive(word: str) -> bool:
    if word.isdigit():
        return len(word) >= LONG
    stem = word.rstrip("0123456789").removesuffix("s")
    if word[-1].isdigit():
        return len(word) >= SHORT and stem not in GENERIC
    return len(word) >= SHORT and word not in GENERIC and stem not in GENERIC


@lru_cache(maxsize=100_000)
def _bare(word: str) -> str:
    """In lower case, without a possessive."""
    return re.sub(r"['’]s$", "", word.casefold().replace("’", "'"))
