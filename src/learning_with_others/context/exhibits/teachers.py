"""Exhibits of the teacher survey: shares who agree, and ranks."""

from functools import partial
from typing import Any

import pandas as pd

from learning_with_others.bayes.summary import INTERVAL_KIND
from learning_with_others.context.exhibits.teacher_words import (
    HIGHEST,
    RANK,
    SHARE,
    TOP_THREE,
    Wordings,
    about_schools,
    ranks_sentence,
    ranks_title,
    shares_sentence,
    shares_title,
)
from learning_with_others.context.figures.ranked_items import draw_ranks
from learning_with_others.context.figures.teacher_items import draw_shares
from learning_with_others.context.teacher_survey import ALL_ITEMS, TEACHERS, ContextItems
from learning_with_others.data.codebook import Column
from learning_with_others.exhibits.exhibit import Count, Drawing, Exhibit, Number, exhibit
from learning_with_others.exhibits.people import Whom
from learning_with_others.exhibits.phrases import after
from learning_with_others.study import Study

LOGIT_T, RANK_SET, UNIT = "logit t", "marginal rank set", "points of the answer scale"
Columns = dict[str, Column]


def answered(items: ContextItems) -> Whom:
    """Teachers with a school who answered the item of the row."""
    return Whom(
        lambda row, table, _: table[row["item"]].notna() & table.index.isin(items.keyed.index),
        ("item",),
    )


def agrees(items: ContextItems) -> Whom:
    """Those of them who agree with it."""
    given = items.agrees
    return Whom(
        lambda row, table, _: given[row["item"]].eq(1).reindex(table.index, fill_value=False),
        ("item",),
    )


def counted(whom: Whom) -> tuple[Count, ...]:
    """Count teachers in the column of that name."""
    return (Count("teachers", whom, of=TEACHERS, unit=TEACHERS),)


def share(items: ContextItems, quantity: str = SHARE, column: str = "estimate") -> Number:
    """Share of teachers who agree; its interval has the usual names, or the column's."""
    own = "" if column == "estimate" else f"{column}_"
    ends: dict[str, Any] = {end: f"{own}{end}" for end in ("lower", "upper")}
    whom = {"n": "teachers", "share_of": "teachers", "part": agrees(items)}
    return Number(quantity, column, "share of teachers", interval=LOGIT_T, **ends, **whom)


def ranked(quantity: str, highest: str, lowest: str) -> tuple[Number, ...]:
    """Rank of an item with its marginal set, and the ends of its simultaneous set."""
    ends = {"lower": "marginal_lower", "upper": "marginal_upper"}
    return (
        Number(quantity, "rank", "rank", interval=RANK_SET, **ends),
        Number(highest, "simultaneous_lower", "rank"),
        Number(lowest, "simultaneous_upper", "rank"),
    )


@exhibit
def teacher_shares(
    table: pd.DataFrame | None, items: ContextItems, columns: Columns, study: Study
) -> Exhibit | None:
    """Share of teachers who agree with each support and hindrance."""
    if table is None:
        return None
    words = Wordings(columns, study)
    title = partial(shares_title, items=items, words=words)
    alt = after(title, "Points with intervals, from the largest share.")
    return Exhibit(
        name="teacher-shares",
        table=worded(table, words),
        keys={"outcome": "construct", "item": "item"},
        counts=counted(answered(items)),
        numbers=(share(items),),
        plain=("label", "wording"),
        title=title,
        sentence=partial(shares_sentence, items=items, words=words),
        caption="Share of teachers who agree with each item, of those who answered it. Who answers"
        " above the middle of the scale agrees; reversed items are turned round first. Dotted in"
        f" the figure: half of the teachers. {about_schools(items)}. Intervals: {LOGIT_T}.",
        figures=(Drawing("teacher-shares", draw_shares, alt),),
    )


@exhibit
def teacher_ranks(
    table: pd.DataFrame | None, items: ContextItems, columns: Columns, study: Study
) -> Exhibit | None:
    """Rank supports and hindrances, with what the data leave open."""
    if table is None:
        return None
    words = Wordings(columns, study)
    title = partial(ranks_title, items=items, words=words)
    form = (
        "Points at each item's rank, with thick lines for marginal and thin lines for simultaneous"
        " rank sets, and the probability of being among the top three."
    )
    posterior = {end: f"posterior_{end}" for end in ("lower", "upper", "mcse")}
    return Exhibit(
        name="teacher-ranks",
        table=worded(table, words, "among"),
        keys={"outcome": "among", "item": "item"},
        counts=counted(answered(items)),
        numbers=(
            Number("context.mean", "mean", UNIT, closed_form="mean"),
            *ranked(RANK, HIGHEST, f"{RANK}.simultaneous_lowest"),
            Number(
                f"{RANK}.posterior", "posterior_rank", "rank", interval=INTERVAL_KIND, **posterior
            ),
            Number(TOP_THREE, "top_three", "probability", mcse="top_three_mcse"),
        ),
        plain=("label", "wording", "construct", "could_be_top_three"),
        title=title,
        sentence=partial(ranks_sentence, items=items, words=words),
        caption="Rank 1 has the largest mean answer. A marginal set (thick) holds the rank of its"
        f" own item with {study.analysis.interval_probability:.0%} confidence, the simultaneous"
        " sets (thin) hold all ranks at once (Mogstad, Romano, Shaikh and Wilhelm 2024). P(top 3):"
        " posterior probability of being among the top three, under a flat prior. *Could be top"
        " three*: the simultaneous set reaches rank 3 or better. Items of different answer scales"
        f" are not ranked together. {about_schools(items)}.",
        figures=(Drawing("teacher-ranks", draw_ranks, after(title, form)),),
    )


def worded(table: pd.DataFrame, words: Wordings, named: str = "construct") -> pd.DataFrame:
    """Add the wording of each item, and the label of the scale."""
    label = table[named].replace({ALL_ITEMS: ALL_ITEMS.capitalize()})
    return table.assign(label=label, wording=table["item"].map(words.wording))
