"""What people said: the words and names that no output may hold, ready to be searched for."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

import pandas as pd

from learning_with_others.data.disclosure.quotations import CELL
from learning_with_others.data.disclosure.running_words import (
    folded_words,
    holds,
    running_words,
    runs,
)
from learning_with_others.study.qualitative import NONE

Names = Mapping[int, Mapping[str, str]]
SAYS = (
    "Executed notebooks, tables, drawings, pages and records hold no six words in a row of any"
    " passage that is not quoted, no passage of four or five words, and no name of a speaker,"
    " session, document or teacher; no exhibit with a quotation names a school."
)
LIMITS = [
    "Passages of fewer than four words are not searched for: anybody may have said them.",
    "Names of one or two signs, plain numbers and words such as teacher are not searched for.",
    "Numbered speakers and documents are searched for as students' numbers are.",
    "What is written in lower case and is no name of the study's tables is not known as a name.",
    "Pixels are not read: each figure is searched as a drawing.",
]


@dataclass(frozen=True)
class Said:
    """Words and names of people, prepared once for all outputs; nothing for most studies.

    Attributes
    ----------
    setting : str
        `qualitative.quotations` of the study.
    quotations : pandas.DataFrame
        What may be quoted: `theme, source, group, quote`.
    spoken, withheld : dict of int to set of int
        Runs of words by their length: of all passages, and of those that are not quoted.
    quoted : dict of int to set of int
        Runs of words of what is quoted.
    names, schools : dict of int to dict of str to str
        By their number of words, names of speakers, sessions, documents and teachers, and of
        schools, to which of these they are.
    places : frozenset of str
        Every name of a school, session, document or speaker as it stands in the tables.
    unshown : dict of str to frozenset of str
        Columns that no output has, and of those that identify somebody the plain numbers in them.
    """

    setting: str = NONE
    quotations: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=[*CELL, "quote"]))
    spoken: Mapping[int, set[int]] = field(default_factory=dict)
    withheld: Mapping[int, set[int]] = field(default_factory=dict)
    quoted: Mapping[int, set[int]] = field(default_factory=dict)
    names: Names = field(default_factory=dict)
    schools: Names = field(default_factory=dict)
    places: frozenset[str] = frozenset()
    unshown: Mapping[str, frozenset[str]] = field(default_factory=dict)

    def __bool__(self) -> bool:
        """Whether anybody was recorded."""
        return bool(self.spoken or self.names)

    def certificate(self) -> dict[str, object]:
        """Say what was looked for in all that leaves, and what cannot be looked for."""
        if not self:
            return {}
        return {"setting": self.setting, "searched": SAYS, "limits": LIMITS}

    def problems(self, text: str, *, together: bool = False) -> Iterator[str]:
        """Say what a text holds that must not leave, without repeating it.

        Parameters
        ----------
        text : str
            What a reader sees.
        together : bool
            Whether it is one exhibit, in which no school may stand beside a quote.
        """
        if not self:
            return
        words, folded = both_cases(text)
        if holds(folded, self.withheld):
            yield "repeats the words of a passage that may not be quoted"
        yield from (f"names {kind}" for kind in sorted(_named(words, folded, self.names)))
        if together and holds(folded, self.quoted) and _named(words, folded, self.schools):
            yield "names a school beside a quotation"

    def repeats_anybody(self, text: str) -> bool:
        """Whether a text repeats a passage or holds a name, even where it may be quoted."""
        if not self:
            return False
        words, folded = both_cases(text)
        return holds(folded, self.spoken) or bool(_named(words, folded, self.names))


def both_cases(text: str) -> tuple[list[str], list[str]]:
    """Words of a text as they are written, and in lower case."""
    words = running_words(text)
    return words, [word.casefold() for word in words]


def without(found: Mapping[int, set[int]], texts: Iterable[str]) -> dict[int, set[int]]:
    """Leave out what other texts say as well."""
    words = [folded_words(text) for text in texts]
    return {
        length: those - {run for text in words for run in runs(text, length)}
        for length, those in found.items()
    }


def _named(words: list[str], folded: list[str], names: Names) -> set[str]:
    """Whose names stand alone in a text."""
    found: set[str] = set()
    for length, wanted in names.items():
        for said in (words, folded):
            rows = (said[start:] for start in range(length))
            stretches = said if length == 1 else map(" ".join, zip(*rows, strict=False))
            found |= {wanted[name] for name in wanted.keys() & set(stretches)}
    return found


def by_length(names: Mapping[str, str]) -> Names:
    """Names by their number of words."""
    found: dict[int, dict[str, str]] = {}
    for name, kind in names.items():
        found.setdefault(name.count(" ") + 1, {})[name] = kind
    return found
