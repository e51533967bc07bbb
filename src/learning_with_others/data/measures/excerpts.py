"""Coded passages of focus groups and interviews, as every table of them starts."""

import pandas as pd

from learning_with_others.study.simulation import SENTIMENTS

OF_SESSIONS = ["session", "school", "source", "group"]
COLUMNS = [
    "excerpt", "document", *OF_SESSIONS, "speaker", "theme", "coder", "text", "paraphrase",
    "start", "end", "sentiment",
]  # fmt: skip
NEGATIVE, NEUTRAL, POSITIVE = SENTIMENTS
ONE_CODER = "coder"


def coded_excerpts(tables: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """Give the coded passages of a study, each document's session beside them.

    Parameters
    ----------
    tables : dict of str to pandas.DataFrame
        `excerpts`, and `sessions` where the software that coded them does not export these.

    Returns
    -------
    pandas.DataFrame
        One row a passage, theme and coder, in columns `excerpt, document, session, school, source,
        group, speaker, theme, coder, text, paraphrase, start, end, sentiment`; a column that the
        study does not have is missing throughout. Without coders there is one; without sessions
        each document is one; `start` and `end` count the document's code points from 0. No rows
        without excerpts.
    """
    excerpts = tables.get("excerpts")
    if excerpts is None:
        return pd.DataFrame(columns=COLUMNS)
    sessions = tables.get("sessions")
    if sessions is not None:
        own = ["document", *(name for name in OF_SESSIONS if name in sessions)]
        excerpts = excerpts.drop(columns=own[1:], errors="ignore").merge(
            sessions[own], on="document", how="left"
        )
    table = excerpts.reindex(columns=COLUMNS)
    named = [name for name in COLUMNS if name not in ("start", "end")]
    table = table.astype(dict.fromkeys(named, object))
    table["document"] = table["document"].fillna(table["session"])
    table["session"] = table["session"].fillna(table["document"])
    table["coder"] = table["coder"].fillna(ONE_CODER)
    return table[table["theme"].notna()].reset_index(drop=True)


def one_coding(excerpts: pd.DataFrame) -> pd.DataFrame:
    """Keep one coder's codes of each document, so that what was coded twice counts once.

    The coder of most documents is taken where they coded it, else the next one; of coders with
    as many documents the one whose name comes first.
    """
    documents = excerpts.groupby("coder")["document"].nunique()
    order = sorted(documents.index, key=lambda coder: (-documents[coder], str(coder)))
    rank = excerpts["coder"].map({coder: place for place, coder in enumerate(order)})
    first = rank.groupby(excerpts["document"]).transform("min")
    return excerpts[rank == first].reset_index(drop=True)
