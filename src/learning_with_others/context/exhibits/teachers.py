"""Exhibits of the teacher survey: shares who agree, and ranks."""

from functools import partial

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

LOGIT_T, RANK_SET = "logit t", "marginal rank set"
AGREE = (
    "A teacher agrees who answers above the middle of the scale; reversed items are turned round"
    " first"
)
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


@exhibit
def teacher_shares(
    table: pd.DataFrame | None, items: ContextItems, columns: Columns, study: Study
) -> Exhibit | None:
    """Share of teachers who agree with each support and hindrance."""
    if table is None:
        return None
    words = Wordings(columns, study)
    title = partial(shares_title, items=items, words=words)
    return Exhibit(
        name="teacher-shares",
        table=worded(table, words),
        keys={"outcome": "construct", "item": "item"},
        counts=(Count("teachers", answered(items), of=TEACHERS, unit=TEACHERS),),
        numbers=(
            Number(
                SHARE,
                "estimate",
                "share of teachers",
                interval=LOGIT_T,
                n="teachers",
                share_of="teachers",
                part=agrees(items),
            ),
        ),
        plain=("label", "wording"),
        title=title,
        sentence=partial(shares_sentence, items=items, words=words),
        caption=f"Share of teachers who agree with each item, of those who answered it. {AGREE}."
        f" {about_schools(items)}. Intervals: {LOGIT_T}.",
        figures=(
            Drawing(
                "teacher-shares",
                draw_shares,
                alt=after(title, "Points with intervals, from the largest share."),
                caption="Share of teachers who agree with each item, with its interval. Dotted:"
                f" half of the teachers. {about_schools(items)}. Intervals: {LOGIT_T}.",
            ),
        ),
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
    likely = f"{study.analysis.interval_probability:.0%}"
    read = (
        "Rank 1 has the largest mean answer. A marginal set holds the rank of its own item with"
        f" {likely} confidence, the simultaneous sets hold all ranks at once (Mogstad, Romano,"
        " Shaikh and Wilhelm 2024)"
    )
    return Exhibit(
        name="teacher-ranks",
        table=worded(table, words, "among"),
        keys={"outcome": "among", "item": "item"},
        counts=(Count("teachers", answered(items), of=TEACHERS, unit=TEACHERS),),
        numbers=(
            Number("context.mean", "mean", "points of the answer scale", closed_form="mean"),
            Number(
                RANK,
                "rank",
                "rank",
                interval=RANK_SET,
                lower="marginal_lower",
                upper="marginal_upper",
            ),
            Number(HIGHEST, "simultaneous_lower", "rank"),
            Number(f"{RANK}.simultaneous_lowest", "simultaneous_upper", "rank"),
            Number(
                f"{RANK}.posterior",
                "posterior_rank",
                "rank",
                interval=INTERVAL_KIND,
                lower="posterior_lower",
                upper="posterior_upper",
                mcse="posterior_mcse",
            ),
            Number(TOP_THREE, "top_three", "probability", mcse="top_three_mcse"),
        ),
        plain=("label", "wording", "construct", "could_be_top_three"),
        title=title,
        sentence=partial(ranks_sentence, items=items, words=words),
        caption=f"{read}. Posterior ranks and probabilities rest on a flat prior and the same"
        " covariance of the means: one teacher answers all items. *Could be top three*: the"
        " simultaneous set reaches rank 3 or better. Items of different answer scales are not"
        f" ranked together. {about_schools(items)}.",
        figures=(
            Drawing(
                "teacher-ranks",
                draw_ranks,
                alt=after(
                    title,
                    "Points at each item's rank, with thick lines for marginal and thin lines for"
                    " simultaneous rank sets, and the probability of being among the top three.",
                ),
                caption=f"{read}. Thick: marginal; thin: simultaneous. At the right, the posterior"
                f" probability of being among the top three. {about_schools(items)}.",
            ),
        ),
    )


def worded(table: pd.DataFrame, words: Wordings, named: str = "construct") -> pd.DataFrame:
    """Add the wording of each item, and the label of the scale."""
    label = table[named].replace({ALL_ITEMS: ALL_ITEMS.capitalize()})
    return table.assign(label=label, wording=table["item"].map(words.wording))
