"""What people said: the words and names that no output may hold, ready to be searched for."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from learning_with_others.data.codebook import Codebook, read_codebook
from learning_with_others.data.conversion import convert
from learning_with_others.data.disclosure.identifiers import student_identifiers
from learning_with_others.data.disclosure.ordinary_words import GENERIC, NAMES_TOO, OPENERS
from learning_with_others.data.disclosure.quotations import CELL, COLUMNS, one_line, quotable
from learning_with_others.data.disclosure.running_words import length_searched, running_words, runs
from learning_with_others.data.disclosure.study_names import OF_PASSAGES, known_names
from learning_with_others.data.importing import read_raw_table
from learning_with_others.data.measures.excerpts import coded_excerpts
from learning_with_others.study import Study
from learning_with_others.study.qualitative import NONE

WORDS = ("text", "paraphrase")  # of a passage, whatever type the codebook gives them
NUMBERED = ("speaker", "document")  # no table of outputs has such a column
SHORT = 3  # letters and digits of a name that is searched for
TABLES = (*OF_PASSAGES, "schools", "teachers", "classrooms", "observations")
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
OF_PEOPLE = {"a speaker", "a teacher"}
SEARCHED = {"speaker": "a speaker", "session": "a session", "document": "a document"}


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
    numbers : dict of str to frozenset of str
        Of speakers and documents that are numbered.
    """

    setting: str = NONE
    quotations: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=[*CELL, "quote"]))
    spoken: Mapping[int, set[int]] = field(default_factory=dict)
    withheld: Mapping[int, set[int]] = field(default_factory=dict)
    quoted: Mapping[int, set[int]] = field(default_factory=dict)
    names: Names = field(default_factory=dict)
    schools: Names = field(default_factory=dict)
    places: frozenset[str] = frozenset()
    numbers: Mapping[str, frozenset[str]] = field(default_factory=dict)

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
        words, folded = _both(text)
        if _holds(folded, self.withheld):
            yield "repeats the words of a passage that may not be quoted"
        yield from (f"names {kind}" for kind in sorted(_named(words, folded, self.names)))
        if together and _holds(folded, self.quoted) and _named(words, folded, self.schools):
            yield "names a school beside a quotation"

    def repeats_anybody(self, text: str) -> bool:
        """Whether a text repeats a passage or holds a name, even where it may be quoted."""
        if not self:
            return False
        words, folded = _both(text)
        return _holds(folded, self.spoken) or bool(_named(words, folded, self.names))


def said_in(study: Study) -> Said:
    """Read what people said in a study, and what of it may be quoted.

    Nobody's answers in their own words leave either: columns of the codebook's type `text`, in
    whatever table.
    """
    codebook = read_codebook(study.codebook_path)
    open_answers = [
        (table, name)
        for table in study.tables.given()
        for name, column in codebook.get(table, {}).items()
        if column.type == "text"
    ]
    declared = study.qualitative
    wanted = {table for table, _ in open_answers} | (set(TABLES) if declared else set())
    raw = {
        name: _described(read_raw_table(study.path(table)).frame, codebook.get(name, {}))
        for name, table in study.tables.given().items()
        if name in wanted
    }
    ours = list(_published_anyway(codebook))
    open_answers += [("excerpts", name) for name in WORDS if name in raw.get("excerpts", ())]
    texts = {text for table, name in open_answers for text in raw[table][name].dropna().unique()}
    spoken = _without(_runs(texts), ours)
    if declared is None:
        return Said(spoken=spoken, withheld=spoken)
    passages = coded_excerpts({n: convert(raw[n], codebook[n]) for n in OF_PASSAGES if n in raw})
    students = {"students": pd.DataFrame({study.roles.student: sorted(student_identifiers(study))})}
    known = known_names(study, codebook, raw | students)
    chosen = quotable(passages, study, known)[COLUMNS].drop(columns="excerpt")
    return Said(
        setting=declared.quotations,
        quotations=chosen,
        spoken=spoken,
        withheld=_without(spoken, chosen["quote"]),
        quoted=_without(_runs(chosen["quote"]), ours),
        **_names(study, passages, raw, {" ".join(_both(text)[1]) for text in ours} | known.words),
    )


def _names(
    study: Study, passages: pd.DataFrame, raw: Mapping[str, pd.DataFrame], public: set[str]
) -> dict[str, Any]:
    """Names to search for; those without a letter are searched for as numbers are."""
    held = {column: set(passages[column].dropna().astype(str)) for column in (*SEARCHED, "school")}
    school, teachers = study.roles.school, study.tables.teachers
    for frame in raw.values():
        held["school"] |= set(frame[school].dropna()) if school in frame else set()
    kinds = [(kind, held[column]) for column, kind in SEARCHED.items()]
    if teachers is not None and len(teachers.key) == 1:
        kinds.append(("a teacher", set(raw["teachers"][teachers.key[0]].dropna())))
    words = {
        form: kind
        for kind, names in kinds
        for name in names
        for whole in (name, *(_parts(name) if kind in OF_PEOPLE else ()))
        for form in _forms(whole, public)
    }
    schools = {form: "a school" for name in held["school"] for form in _forms(name, public)}
    return {
        "names": _by_length(words),
        "schools": _by_length(schools),
        "places": frozenset().union(*held.values()),
        "numbers": {n: frozenset(filter(_is_number, held[n])) for n in NUMBERED},
    }


def _parts(name: str) -> list[str]:
    """First and last names, each by itself; not those that are words, such as Will or May."""
    words = running_words(name)
    return [w for w in words if w.isalpha() and w[:1].isupper() and w.casefold() not in NAMES_TOO]


def _is_number(name: str) -> bool:
    return name.isascii() and name.isdigit()


def _forms(name: str, public: set[str]) -> list[str]:
    """How a name is written where it stands in a text; none for one that says nothing.

    Left out are names of one or two signs and those without a letter, which stand in any table,
    and words that the codebook publishes, that name a part ("teacher") or begin sentences.
    """
    words, folded = _both(name)
    whole = "".join(folded)
    stem = folded[0].removesuffix("s") if folded else ""
    plain = len(folded) == 1 and (stem in GENERIC or folded[0] in OPENERS)
    if len(whole) < SHORT or whole.isdigit() or plain or " ".join(folded) in public:
        return []
    if len(words) == 1 and words[0].isalpha() and not words[0].islower():
        return [words[0], words[0].upper(), words[0].capitalize()]  # Max, but not max
    return [" ".join(folded)]


def _published_anyway(codebook: Codebook) -> Iterator[str]:
    """Names and labels of columns, and of their codes: the wording of items is nobody's words."""
    for table, columns in codebook.items():
        for name, column in columns.items():
            if table not in OF_PASSAGES:
                yield from (name, column.label, *column.codes.values())
            elif name in {"group", "source", "sentiment"}:
                yield from column.codes.values()


def _described(frame: pd.DataFrame, columns: Iterable[str]) -> pd.DataFrame:
    return frame[[name for name in columns if name in frame]]


def _both(text: str) -> tuple[list[str], list[str]]:
    words = running_words(text)
    return words, [word.casefold() for word in words]


def _runs(texts: Iterable[str]) -> dict[int, set[int]]:
    """Runs of words by which texts are known again, by their length."""
    found: dict[int, set[int]] = {}
    for text in texts:
        words = _both(one_line(text))[1]
        length = length_searched(words)
        if length:
            found.setdefault(length, set()).update(runs(words, length))
    return found


def _without(found: Mapping[int, set[int]], texts: Iterable[str]) -> dict[int, set[int]]:
    """Leave out what other texts say as well."""
    words = [_both(text)[1] for text in texts]
    return {
        length: those - {run for text in words for run in runs(text, length)}
        for length, those in found.items()
    }


def _holds(words: list[str], found: Mapping[int, set[int]]) -> bool:
    return any(not those.isdisjoint(runs(words, length)) for length, those in found.items())


def _named(words: list[str], folded: list[str], names: Names) -> set[str]:
    """Whose names stand alone in a text."""
    found: set[str] = set()
    for length, wanted in names.items():
        for said in (words, folded):
            rows = (said[start:] for start in range(length))
            stretches = said if length == 1 else map(" ".join, zip(*rows, strict=False))
            found |= {wanted[name] for name in wanted.keys() & set(stretches)}
    return found


def _by_length(names: Mapping[str, str]) -> Names:
    found: dict[int, dict[str, str]] = {}
    for name, kind in names.items():
        found.setdefault(name.count(" ") + 1, {})[name] = kind
    return found
