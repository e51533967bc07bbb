"""What the simulation planted in the teacher survey and the sessions, beside the estimates."""

import pandas as pd

from learning_with_others.context.exhibits.teacher_words import RANK, SHARE, Wordings
from learning_with_others.context.exhibits.teachers import (
    Columns,
    answered,
    counted,
    ranked,
    share,
    worded,
)
from learning_with_others.context.figures.ranked_items import draw_ranks
from learning_with_others.context.teacher_survey import ContextItems
from learning_with_others.context.theme_tables import INTERVAL_KIND as SESSIONS_T
from learning_with_others.exhibits.exhibit import Drawing, Exhibit, Number, exhibit
from learning_with_others.study import Study


@exhibit
def planted_ranks(
    table: pd.DataFrame | None, items: ContextItems, columns: Columns, study: Study
) -> Exhibit | None:
    """Estimated ranks and shares beside the planted ones."""
    if table is None:
        return None
    inside = (table["inside"] == "yes").mean()
    how_many = "All" if inside == 1 else "Most" if inside > 1 / 2 else "Few"
    alt = f"{how_many} planted ranks lie inside the rank sets. Points with rank sets, and a ring at"
    beside = f"{RANK}.beside_planted"
    return Exhibit(
        name="planted-ranks",
        table=worded(table, Wordings(columns, study), "among"),
        keys={"outcome": "among", "item": "item"},
        counts=counted(answered(items)),
        numbers=(
            Number(f"{RANK}.planted", "planted", "rank"),
            *ranked(beside, f"{beside}_highest", f"{beside}_lowest"),
            Number(f"{SHARE}.planted", "planted_share", "share of teachers"),
            share(items, f"{SHARE}.beside_planted", "share"),
        ),
        plain=("label", "wording", "construct", "inside"),
        caption="Ranks, and shares of teachers who agree, as they follow from what was planted in"
        " this synthetic study (rings), beside their estimates, and whether both rank sets hold the"
        " planted rank. Where schools are taken as given, the planted values are those of these"
        " schools.",
        figures=(Drawing("planted-ranks", draw_ranks, f"{alt} the planted rank."),),
    )


@exhibit
def planted_sessions(table: pd.DataFrame) -> Exhibit | None:
    """Estimated rates of themes and agreement of coders beside the planted ones."""
    if table.empty:
        return None
    kinds = table["quantity"].map({"agreement": "percentile over documents"}).fillna(SESSIONS_T)
    return Exhibit(
        name="planted-sessions",
        table=table.assign(quantity="context." + table["quantity"], interval=kinds),
        keys={"outcome": "source", "group": "group", "item": "theme"},
        numbers=(
            Number("{quantity}.planted", "planted", "{quantity}"),
            Number("{quantity}.beside_planted", "estimate", "{quantity}", interval="{interval}"),
        ),
        plain=("quantity", "interval", "inside"),
        caption="Passages per session, favourable less unfavourable ones, and Cohen's kappa of the"
        " two coders: what was planted in this synthetic study beside its estimate, and whether the"
        " interval holds it. Some lie outside by chance.",
    )
