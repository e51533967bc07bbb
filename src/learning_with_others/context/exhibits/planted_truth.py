"""What the simulation planted in the teacher survey, beside the estimates."""

import pandas as pd

from learning_with_others.context.exhibits.teacher_words import RANK, SHARE, Wordings
from learning_with_others.context.exhibits.teachers import (
    LOGIT_T,
    RANK_SET,
    Columns,
    agrees,
    answered,
    worded,
)
from learning_with_others.context.figures.ranked_items import draw_ranks
from learning_with_others.context.teacher_survey import TEACHERS, ContextItems
from learning_with_others.context.theme_tables import INTERVAL_KIND as SESSIONS_T
from learning_with_others.exhibits.exhibit import Count, Drawing, Exhibit, Number, exhibit
from learning_with_others.study import Study


@exhibit
def planted_ranks(
    table: pd.DataFrame | None, items: ContextItems, columns: Columns, study: Study
) -> Exhibit | None:
    """Estimated ranks and shares beside the planted ones."""
    if table is None:
        return None
    words = Wordings(columns, study)
    inside = (table["inside"] == "yes").mean()
    how_many = "All" if inside == 1 else "Most" if inside > 0.5 else "Few"  # noqa: PLR2004 - half
    return Exhibit(
        name="planted-ranks",
        table=worded(table, words, "among"),
        keys={"outcome": "among", "item": "item"},
        counts=(Count("teachers", answered(items), of=TEACHERS, unit=TEACHERS),),
        numbers=(
            Number(f"{RANK}.planted", "planted", "rank"),
            Number(
                f"{RANK}.beside_planted",
                "rank",
                "rank",
                interval=RANK_SET,
                lower="marginal_lower",
                upper="marginal_upper",
            ),
            Number(f"{RANK}.beside_planted_highest", "simultaneous_lower", "rank"),
            Number(f"{RANK}.beside_planted_lowest", "simultaneous_upper", "rank"),
            Number(f"{SHARE}.planted", "planted_share", "share of teachers"),
            Number(
                f"{SHARE}.beside_planted",
                "share",
                "share of teachers",
                interval=LOGIT_T,
                lower="share_lower",
                upper="share_upper",
                n="teachers",
                share_of="teachers",
                part=agrees(items),
            ),
        ),
        plain=("label", "wording", "construct", "inside"),
        caption="Ranks and shares of teachers who agree that follow from what was planted in this"
        " synthetic study, beside their estimates, and whether both rank sets hold the planted"
        " rank. Where schools are taken as given, the planted values are those of these schools.",
        figures=(
            Drawing(
                "planted-ranks",
                draw_ranks,
                alt=f"{how_many} planted ranks lie inside the rank sets. Points with rank sets, and"
                " a ring at the planted rank.",
                caption="Estimated ranks with marginal (thick) and simultaneous (thin) rank sets;"
                " rings are planted ranks.",
            ),
        ),
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
