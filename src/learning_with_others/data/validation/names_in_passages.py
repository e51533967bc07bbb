"""Passages that may name a person, a place or a date, where their words might be published."""

import re
from collections.abc import Iterable, Mapping

import pandas as pd

from learning_with_others.data.codebook import Codebook
from learning_with_others.data.disclosure.names import Known, Reason, flagged
from learning_with_others.data.disclosure.quotations import PARAPHRASE, repeats
from learning_with_others.data.disclosure.running_words import folded_words
from learning_with_others.data.disclosure.study_names import known_names
from learning_with_others.data.measures.theme_codebook import theme_codebook
from learning_with_others.data.validation.findings import Finding
from learning_with_others.study import Study
from learning_with_others.study.qualitative import PARAPHRASED, VERBATIM

PUBLISHED = {VERBATIM: "text", PARAPHRASED: PARAPHRASE}
START = re.compile(r"(?:^|[.!?]\s+)[A-Z](?=[a-z ])")
RULES = {
    "name": "may name a person or a place",
    "date": "may hold a date",
    "number": "holds a long number",
    "address": "holds an address",
    "of the study": "holds a name or identifier of the study's tables",
    "script": "is in a script without capital letters, in which names cannot be found",
    "hidden signs": "holds signs that are not seen, or that a spreadsheet would run",
}
IN_VIVO = 3  # a theme of so many words may be called by what somebody said
NEVER = "it is never quoted"
REMEDY = (
    "mask it as [name], [school], [place] or [date], or write quotations: none; a name in lower"
    " case that the study's tables do not hold is not found: read what you publish"
)


def name_findings(
    study: Study, codebook: Codebook, tables: Mapping[str, pd.DataFrame]
) -> list[Finding]:
    """Warn of every passage in which something may name a person, a place or a date.

    Parameters
    ----------
    study : Study
        Where nothing may be quoted nothing is searched.
    codebook : Codebook
    tables : mapping of str to pandas.DataFrame
        Of the study, as in the files, indexed by the row numbers in them.
    """
    if study.qualitative is None or "excerpts" not in tables:
        return []
    file = str(study.path(study.tables.excerpts))
    passages, known = tables["excerpts"], known_names(study, codebook, tables)
    found: list[Finding] = []
    column = PUBLISHED.get(study.qualitative.quotations)
    if column in passages:
        texts = passages[column].dropna()
        for row, reasons in zip(texts.index, _by_text(texts, known), strict=True):
            for kind, words in _words(reasons).items():
                rule = f"{RULES[kind]}: {NEVER}"
                found.append(Finding("warning", file, str(row), column, words, rule, REMEDY))
        if column == PARAPHRASE:
            found += _repetitions(passages, file)
    return [*found, *_themes(study, tables, known)]


def _by_text(texts: "pd.Series[str]", known: Known) -> list[list[Reason]]:
    """Reasons of each text; one that several coders coded is read once."""
    once = list(dict.fromkeys(texts))
    reasons = dict(zip(once, flagged(once, known), strict=True))
    return [reasons[text] for text in texts]


def _words(reasons: list[Reason]) -> dict[str, str]:
    """Kind of reason to the words for it."""
    found: dict[str, list[str]] = {}
    for reason in reasons:
        found.setdefault(reason.kind, []).append(reason.word)
    return {kind: ", ".join(filter(None, words)) for kind, words in found.items()}


def _repetitions(passages: pd.DataFrame, file: str) -> Iterable[Finding]:
    """Paraphrases in somebody's own words."""
    theirs = passages[PARAPHRASE].dropna()
    for row in theirs.index[repeats(theirs, passages["text"])]:
        rule = f"repeats six words in a row of a passage, or a short one whole: {NEVER}"
        yield Finding("warning", file, str(row), PARAPHRASE, "", rule, "use other words")


def _themes(study: Study, tables: Mapping[str, pd.DataFrame], known: Known) -> Iterable[Finding]:
    """Themes called like somebody: they are published whatever may be quoted.

    The capital with which a name or sentence starts says nothing: only words count that passages
    use as names, or that are in the study's tables.
    """
    path, passages = study.path(study.tables.themes), tables["excerpts"]
    themes = theme_codebook(tables)[["theme", "definition"]]
    said = passages["text"].dropna().unique().tolist() if "text" in passages else []
    for column in themes:
        own = [START.sub(lambda first: first.group().lower(), text) for text in themes[column]]
        for row, reasons in enumerate(flagged([*said, *own], known)[len(said) :], 2):
            for kind, words in _words(reasons).items():
                remedy = (
                    "rename the theme, or reword it, if it names somebody: themes are published"
                )
                yield Finding("warning", str(path), str(row), column, words, RULES[kind], remedy)
    if study.qualitative.quotations != VERBATIM:
        spoken = [f" {' '.join(folded_words(text))} " for text in said]
        for row, theme in enumerate(themes["theme"], 2):
            words = folded_words(theme)
            if len(words) >= IN_VIVO and any(f" {' '.join(words)} " in text for text in spoken):
                rule = "is what somebody said, word for word, and words are not published"
                remedy = "rename the theme, or write quotations: verbatim"
                yield Finding("warning", str(path), str(row), "theme", theme, rule, remedy)
