"""Read what people said in a study: its passages, its open answers, and who they are."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import pandas as pd

from learning_with_others.data.codebook import Codebook, read_codebook
from learning_with_others.data.conversion import convert
from learning_with_others.data.disclosure.identifiers import student_identifiers
from learning_with_others.data.disclosure.ordinary_words import GENERIC, NAMES_TOO, OPENERS
from learning_with_others.data.disclosure.people_words import (
    Said,
    both_cases,
    by_length,
    without,
)
from learning_with_others.data.disclosure.quotations import COLUMNS, quotable
from learning_with_others.data.disclosure.running_words import (
    folded_words,
    running_words,
    runs_by_length,
)
from learning_with_others.data.disclosure.study_names import OF_PASSAGES, PUBLISHED, known_names
from learning_with_others.data.importing import read_raw_table
from learning_with_others.data.measures.excerpts import coded_excerpts
from learning_with_others.study import Study

WORDS = ("text", "paraphrase")  # of a passage, whatever type the codebook gives them
UNSHOWN = ("speaker", "document", *WORDS)
SHORT = 3  # letters and digits of a name that is searched for
TABLES = (*OF_PASSAGES, "schools", "teachers", "classrooms", "observations")
OF_PEOPLE = {"a speaker", "a teacher"}
SEARCHED = {"speaker": "a speaker", "session": "a session", "document": "a document"}


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
        if column.type == "text" and table != PUBLISHED
    ]
    declared = study.qualitative
    wanted = {table for table, _ in open_answers} | (set(TABLES) if declared else set())
    raw = {
        name: _described(
            read_raw_table(study.path(table), codes=name == "themes").frame, codebook.get(name, {})
        )
        for name, table in study.tables.given().items()
        if name in wanted
    }
    ours = list(_published_anyway(study, codebook))
    open_answers += [("excerpts", name) for name in WORDS if name in raw.get("excerpts", ())]
    texts = {text for table, name in open_answers for text in raw[table][name].dropna().unique()}
    spoken = without(runs_by_length(texts), ours)
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
        withheld=without(spoken, chosen["quote"]),
        quoted=without(runs_by_length(chosen["quote"]), ours),
        **_names(
            study, passages, raw, {" ".join(folded_words(text)) for text in ours} | known.words
        ),
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
        "names": by_length(words),
        "schools": by_length(schools),
        "places": frozenset().union(*held.values()) - {""},
        "unshown": {n: frozenset(filter(_is_number, held.get(n, ()))) for n in UNSHOWN},
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
    words, folded = both_cases(name)
    whole = "".join(folded)
    stem = folded[0].removesuffix("s") if folded else ""
    plain = len(folded) == 1 and (stem in GENERIC or folded[0] in OPENERS)
    if len(whole) < SHORT or whole.isdigit() or plain or " ".join(folded) in public:
        return []
    if len(words) == 1 and words[0].isalpha() and not words[0].islower():
        return [words[0], words[0].upper(), words[0].capitalize()]  # Max, but not max
    return [" ".join(folded)]


def _published_anyway(study: Study, codebook: Codebook) -> Iterator[str]:
    """Names and labels of columns, and of their codes: the wording of items is nobody's words."""
    schools = {*study.roles.clusters.values(), "school"}
    for table, columns in codebook.items():
        for name, column in columns.items():
            if table not in OF_PASSAGES:
                yield from (name, column.label, *(() if name in schools else column.codes.values()))
            elif name in {"group", "source", "sentiment"}:
                yield from column.codes.values()


def _described(frame: pd.DataFrame, columns: Iterable[str]) -> pd.DataFrame:
    return frame[[name for name in columns if name in frame]]
