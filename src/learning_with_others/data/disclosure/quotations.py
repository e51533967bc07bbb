"""Which passages may be quoted, and as what: one a theme, source and group at most."""

import pandas as pd

from learning_with_others.data.disclosure.names import Known, flagged
from learning_with_others.data.disclosure.running_words import (
    WHOLE,
    folded_words,
    holds,
    runs_by_length,
)
from learning_with_others.data.measures.excerpts import one_coding
from learning_with_others.study import Study
from learning_with_others.study.qualitative import NONE, PARAPHRASED

CELL = ["theme", "source", "group"]
COLUMNS = [*CELL, "excerpt", "quote"]
WHO = ["source", "group"]
PARAPHRASE = "paraphrase"
VOICES = 3  # a theme of which one or two people speak is theirs


def quotable(segments: pd.DataFrame, study: Study, known: Known) -> pd.DataFrame:
    """Choose one passage of each cell of themes, sources and groups that may be quoted.

    Parameters
    ----------
    segments : pandas.DataFrame
        All of the study, as `coded_excerpts` gives them.
    study : Study
        `qualitative.quotations` says what may leave, `qualitative.quoted` which passage is
        preferred; else the first in the file that speaks of this theme alone, or of the fewest.
    known : Known
        Names of the study's tables.

    Returns
    -------
    pandas.DataFrame
        Columns `theme, source, group, excerpt, quote`; no rows if nothing may be quoted. `excerpt`
        is for the researcher and leaves with no quote.

    Notes
    -----
    A cell must hold `analysis.minimum_cell` passages. Whoever reads a quote knows from the cell
    only the source and the group: anybody who took part in such sessions may have said it. So the
    same minimum holds for the distinct speakers of all of these sessions, whatever they spoke of.
    At least three of them must speak of the theme in that cell: with two, each knows the other's
    words (the minimum frequency of Hundepool et al., 2012, Statistical Disclosure Control, Wiley,
    section 4.2). Where speakers are not recorded a session counts as one person, and speakers of
    one name in several sessions count once: number them throughout the study.

    Never quoted are passages in which anything is flagged (`names.flagged`), that have fewer than
    four words, and paraphrases that repeat six words in a row of any passage, or a shorter one
    whole.
    """
    declared = study.qualitative
    if declared is None or declared.quotations == NONE:
        return pd.DataFrame(columns=COLUMNS)
    column = PARAPHRASE if declared.quotations == PARAPHRASED else "text"
    words = segments[column].fillna("").astype(str)
    segments = segments.assign(**{name: segments[name].fillna("") for name in CELL})
    may = _may_leave(words, known)
    if column == PARAPHRASE:
        may &= ~repeats(words, segments["text"])
    coded = one_coding(segments.assign(quote=words.map(one_line), may=may))
    takers = {who: fewest_people(rows) for who, rows in segments.groupby(WHO)}
    rank = {name: place for place, name in enumerate(declared.quoted)}
    themes = coded.groupby("excerpt")["theme"].nunique()
    minimum, chosen = study.analysis.minimum_cell, []
    for cell, rows in coded.groupby(CELL, sort=False):
        enough = (
            rows["excerpt"].nunique() >= minimum
            and takers[cell[1:]] >= minimum
            and fewest_people(rows) >= VOICES
        )
        fit = rows[rows["may"]]
        if enough and len(fit):
            place = fit["excerpt"].map(lambda name: rank.get(name, len(rank)))
            order = pd.DataFrame({"place": place, "themes": themes[fit["excerpt"]].to_numpy()})
            chosen.append(
                fit.loc[order.sort_values(["place", "themes"], kind="stable").index[0], COLUMNS]
            )
    found = pd.DataFrame(chosen, columns=COLUMNS).reset_index(drop=True)
    return found.mask(found == "")


def one_line(text: str) -> str:
    """Write a passage in one line, as it is quoted."""
    return " ".join(text.split())


def repeats(paraphrases: "pd.Series[str]", passages: "pd.Series[str]") -> "pd.Series[bool]":
    """Whether each paraphrase repeats six words in a row of a passage, or a shorter one whole."""
    theirs = runs_by_length(passages.dropna().unique(), shortest=1)
    return paraphrases.map(lambda text: holds(folded_words(text), theirs)).astype(bool)


def _may_leave(words: "pd.Series[str]", known: Known) -> "pd.Series[bool]":
    texts = list(dict.fromkeys(words))
    clear = {
        text: not reasons and len(folded_words(text)) >= WHOLE
        for text, reasons in zip(texts, flagged(texts, known), strict=True)
    }
    return words.map(clear).astype(bool)


def fewest_people(rows: pd.DataFrame) -> int:
    """Give the fewest people who can have spoken in passages.

    Distinct speakers, and one for each session without recorded ones.
    """
    named = rows["speaker"].notna()
    without = set(rows["session"]) - set(rows.loc[named, "session"])
    return rows.loc[named, "speaker"].nunique() + len(without)
