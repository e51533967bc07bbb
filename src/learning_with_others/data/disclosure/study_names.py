"""Which names a study's tables hold, of people, schools, sessions and documents."""

from collections.abc import Iterable, Mapping

import pandas as pd

from learning_with_others.data.codebook import Codebook, Column
from learning_with_others.data.disclosure.names import Known
from learning_with_others.data.disclosure.running_words import folded_words
from learning_with_others.study import Study

OF_PASSAGES = ("excerpts", "sessions")
PUBLISHED = "themes"  # the researchers' own words
NOT_OF_PEOPLE = {"excerpt", "theme", "coder"}
WITHOUT_NAMES = {"session", "document"}  # only the whole name counts


def known_names(study: Study, codebook: Codebook, tables: Mapping[str, pd.DataFrame]) -> Known:
    """Collect the names of a study's tables, and words that may have a capital.

    Parameters
    ----------
    study : Study
    codebook : Codebook
    tables : mapping of str to pandas.DataFrame
        With codes as in the files; both codes and their labels are names.
    """
    people: set[str] = set()
    others: set[str] = set()
    for table, frame in tables.items():
        if table == PUBLISHED:
            continue
        for name, column in codebook.get(table, {}).items():
            if name in frame and _names_somebody(table, column, study):
                codes = frame[name].dropna().astype(str).unique()
                names = {*codes, *(column.codes.get(code, code) for code in codes)}
                (others if name in WITHOUT_NAMES else people).update(names)
    return Known(frozenset(_words_of_groups(study, codebook)), frozenset(people), frozenset(others))


def _names_somebody(table: str, column: Column, study: Study) -> bool:
    own = table in OF_PASSAGES and column.name in {"school", "speaker", *WITHOUT_NAMES}
    key = column.type == "identifier" or column.name in study.roles.clusters.values()
    return own or (key and column.name not in NOT_OF_PEOPLE)


def _words_of_groups(study: Study, codebook: Codebook) -> Iterable[str]:
    """Words of the groups' and sources' labels."""
    group = study.roles.group
    columns = {"students": {group.column, *group.select}}
    columns |= {table: {"group", "source"} for table in OF_PASSAGES}
    for table, names in columns.items():
        for name in names & set(codebook.get(table, {})):
            column = codebook[table][name]
            for text in (column.label if name in group.select else "", *column.codes.values()):
                yield from folded_words(text)
