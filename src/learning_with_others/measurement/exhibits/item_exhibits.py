"""Exhibits of the items: what they stand for, how they were answered, how they go together."""

from functools import partial

import pandas as pd

from learning_with_others.data.codebook import Codebook, Column
from learning_with_others.data.measures.opportunities import opportunity_measures
from learning_with_others.exhibits.exhibit import Count, Drawing, Exhibit, Number, exhibit
from learning_with_others.exhibits.people import recorded
from learning_with_others.exhibits.records import Records
from learning_with_others.measurement.construct_map import construct_map
from learning_with_others.measurement.exhibits.counted_people import (
    answered_item,
    gave,
    members,
    sample,
)
from learning_with_others.measurement.figures.construct_tree import draw_construct_map
from learning_with_others.measurement.figures.dimensionality import draw_correlations
from learning_with_others.measurement.figures.reshaped import draw_answers_of
from learning_with_others.study import Study

KEYS = {"outcome": "scale", "group": "group", "item": "item"}


@exhibit
def construct_maps(study: Study, codebook: Codebook) -> list[Exhibit]:
    """One map of constructs and items for each survey."""
    items = construct_map(study, codebook)
    return [
        Exhibit(
            name=f"construct-map-{survey.replace(' ', '-')}",
            table=part,
            plain=tuple(part),
            caption=f"Construct map of the {survey}; items that are reversed before scoring are"
            " marked.",
            figures=(
                Drawing(
                    f"construct-map-{survey.replace(' ', '-')}",
                    partial(draw_construct_map, title=survey),
                    alt=f"A tree from domains over constructs and elements to the items of the"
                    f" {survey}.",
                ),
            ),
        )
        for survey, part in items.groupby("survey", sort=False)
    ]


@exhibit
def answers(
    table: pd.DataFrame, rows: pd.DataFrame, study: Study, columns: dict[str, Column]
) -> Exhibit | None:
    """How each group answered every item."""
    if table.empty:
        return None
    asked = members(rows) & answered_item()
    focal, reference = study.roles.group.contrast
    opportunities = {measure.name for measure in opportunity_measures(study.design)}
    words = partial(_largest_difference, study=study, wordings=_wordings(table))
    return Exhibit(
        name="answers",
        title=partial(words, title=True),
        sentence=words,
        table=table,
        keys={"outcome": "scale", "group": "group", "item": "{item} {answer}"},
        counts=(
            Count("answered", asked),
            Count(
                "children",
                asked & gave(columns, lambda row, _: row["answer"]),
                quantity="item.answers",
                gates=False,
            ),
        ),
        numbers=(
            Number("item.share", "share", "share of answers", share_of="answered", part="children"),
        ),
        plain=("construct", "scale_label", "wording", "reversed", "label"),
        caption="Answers to every item, reversed where needed, so that a higher answer means more"
        " of the construct. Notebook 3 draws the answers on opportunities.",
        figures=tuple(
            Drawing(
                f"answers-{name}",
                partial(draw_answers_of, construct=name),
                alt=f"Stacked bars of the answers to each item of"
                f" {study.constructs[name].label}, {focal} above {reference} {study.people}.",
                caption=f"Answers to the items of {study.constructs[name].label}, by"
                f" {study.roles.group.label}. Bars to the right are answers that mean more of it,"
                " in the colour of the answer; hatched: suppressed, whose width says nothing.",
            )
            for name in dict.fromkeys(table["construct"])
            if name not in opportunities
        ),
    )


def _wordings(table: pd.DataFrame) -> dict[str, tuple[str, str]]:
    """Highest answer of each item: the two parts of its ids, its wording and its label."""
    highest = table[table["answer"] == table.groupby("item")["answer"].transform("max")]
    return {
        f"{row.scale}/{{}}/{row.item} {row.answer}": (row.wording, row.label)
        for row in highest.itertuples()
    }


def _largest_difference(
    records: Records, study: Study, wordings: dict[str, tuple[str, str]], *, title: bool = False
) -> str:
    """Name the item whose highest keyed answer the groups gave most unequally."""
    focal, reference = study.roles.group.contrast
    pairs = {
        tail: [f"item.share/{tail.format(name)}" for name in (focal, reference)]
        for tail in wordings
    }
    known = {tail: ids for tail, ids in pairs.items() if all(id_ in records for id_ in ids)}
    if not known:
        return "Every share of the highest answers is suppressed" + "." * (not title)

    def apart(tail: str) -> float:
        first, second = (records[id_].estimate for id_ in known[tail])
        return abs(first - second)

    widest = max(known, key=apart)
    first, second = known[widest]
    wording, label = wordings[widest]
    if title:
        more = records[first].estimate >= records[second].estimate
        return (
            f"{focal} {study.people} gave the highest answer to “{wording}”"
            f" {'more' if more else 'less'} often than {reference} {study.people}"
        )
    return (
        f"{{{{percent: {first}}}}} of {focal} and {{{{percent: {second}}}}} of {reference}"
        f" {study.people} answered “{label}” to “{wording}”. No other item's highest answer differs"
        " more between the groups."
    )


@exhibit
def item_statistics(
    table: pd.DataFrame, rows: pd.DataFrame, study: Study, columns: dict[str, Column]
) -> Exhibit:
    """Mean, spread, missing answers, floor and ceiling of every item."""
    asked = members(rows)
    given = asked & answered_item()
    lowest = given & gave(columns, lambda _, codes: min(codes))
    highest = given & gave(columns, lambda _, codes: max(codes))
    of_answers = {"n": "children"}
    return Exhibit(
        name="items",
        table=table,
        keys=KEYS,
        counts=(Count("asked", asked), Count("children", given)),
        numbers=(
            Number("item.mean", "mean", "answer points", closed_form="mean", **of_answers),
            Number("item.sd", "sd", "answer points", closed_form="moment", **of_answers),
            Number("item.skewness", "skewness", "skewness", closed_form="none", **of_answers),
            Number(
                "item.missing_share",
                "missing_share",
                "share of students",
                n="asked",
                share_of="asked",
                part=asked & ~answered_item(),
            ),
            *(
                Number(
                    f"item.{end}_share",
                    f"{end}_share",
                    "share of answers",
                    n="children",
                    share_of="children",
                    part=whom,
                )
                for end, whom in (("floor", lowest), ("ceiling", highest))
            ),
        ),
        plain=("construct", "reversed"),
        caption=f"Each item by {study.roles.group.label}: mean, standard deviation and skewness of"
        " the answers (reversed where needed), and the shares of missing, lowest and highest"
        " answers.",
    )


@exhibit
def item_rest(table: pd.DataFrame, rows: pd.DataFrame) -> Exhibit:
    """How each item goes with the rest of its scale."""
    return Exhibit(
        name="item-rest",
        table=table,
        keys=KEYS,
        counts=(Count("children", members(rows) & answered_item()),),
        numbers=(
            Number("item.item_rest", "item_rest", "correlation"),
            Number("item.item_rest_corrected", "item_rest_corrected", "correlation"),
        ),
        caption="Correlation of each item with the other items of its scale, uncorrected and"
        " corrected for overlap.",
    )


@exhibit
def inter_item(table: pd.DataFrame, rows: pd.DataFrame) -> Exhibit | None:
    """How the items of each construct go with each other."""
    if table.empty:
        return None
    return Exhibit(
        name="inter-item",
        table=table,
        keys={"outcome": "construct", "item": "{item} with {other}"},
        counts=(Count("children", sample(rows) & recorded("item", "other")),),
        numbers=(
            Number("item.pearson", "pearson", "correlation"),
            Number("item.polychoric", "polychoric", "correlation"),
            Number("item.polychoric.error", "standard_error", "correlation"),
        ),
        caption="Correlations between the items of each construct, both groups together: Pearson,"
        " and polychoric with its two-step standard error.",
        figures=(
            Drawing(
                "inter-item",
                draw_correlations,
                alt="Heat maps of the polychoric correlations between the items of each construct.",
                caption="Polychoric correlations between the items of each construct, both groups"
                " together.",
            ),
        ),
    )
