"""Exhibits of agreement between coders."""

from functools import partial

import pandas as pd

from learning_with_others.context.coder_agreement import (
    ALL,
    COEFFICIENTS,
    RELIABLE,
    TENTATIVE,
    UNDER,
    UNKNOWN,
)
from learning_with_others.context.figures.agreement_forest import draw_agreement
from learning_with_others.exhibits.exhibit import Drawing, Exhibit, Number, exhibit
from learning_with_others.exhibits.phrases import after, listed
from learning_with_others.exhibits.records import Records, Result
from learning_with_others.exhibits.words import SUPPRESSED
from learning_with_others.study import Study

AGREEMENT = "context.agreement"
UNITS = ("documents", "segments", "coders")


@exhibit
def agreement(table: pd.DataFrame, study: Study) -> Exhibit | None:
    """Agreement of coders on each theme; a lead exhibit."""
    if table.empty:
        return None
    quantities = dict(zip(COEFFICIENTS, (AGREEMENT, f"{AGREEMENT}.kappa"), strict=True))
    title = partial(_title, themes=tuple(table["theme"][table["theme"] != ALL]))
    return Exhibit(
        name="coder-agreement",
        table=table,
        keys={"item": "theme"},
        numbers=(
            *(
                Number(
                    quantity,
                    name,
                    "coefficient",
                    interval="{interval}",
                    lower=f"{name}_lower",
                    upper=f"{name}_upper",
                    mcse=f"{name}_mcse",
                )
                for name, quantity in quantities.items()
            ),
            Number(f"{AGREEMENT}.share", "share", "share of decisions"),
            *(Number(f"{AGREEMENT}.{name}", name, name) for name in UNITS),
        ),
        plain=("kappa_of", "interval", "reason"),
        title=title,
        sentence=_sentence,
        caption=_caption(study),
        figures=(
            Drawing(
                "coder-agreement",
                partial(draw_agreement, thresholds=(TENTATIVE, RELIABLE), last=ALL),
                alt=after(
                    title,
                    "A row for each theme, with points and intervals of alpha and kappa, and"
                    f" dotted lines at {TENTATIVE:g} and {RELIABLE:g}.",
                ),
            ),
        ),
    )


@exhibit
def coder_use(table: pd.DataFrame) -> Exhibit | None:
    """How often each coder used each theme in the segments that several coders judged."""
    if table.empty:
        return None
    return Exhibit(
        name="coder-use",
        table=table,
        keys={"group": "coder", "item": "theme"},
        numbers=(
            Number(f"{AGREEMENT}.use", "share_used", "share of segments"),
            Number(f"{AGREEMENT}.used", "used", "segments"),
            Number(f"{AGREEMENT}.judged", "segments", "segments"),
        ),
        caption="How often each coder found each theme in the segments that several coders judged;"
        " few such segments are left out (–): they may be the words of one person."
        " Where one coder uses a theme more often than another, a sharper definition helps.",
    )


def _caption(study: Study) -> str:
    return (
        "Agreement of coders on whether a theme is present in a segment. Marked stretches of a"
        " document that overlap, whoever marked them, are one segment; a theme is judged in the"
        " sources in which anybody ever found it, and who coded the document but not the segment"
        " said that it is absent. Kappa (Cohen's of two coders, Fleiss' of more) and"
        " Krippendorff's alpha are 1 where coders always agree and 0 where they agree as by"
        f" chance. Krippendorff (2004, p. 241) calls alpha of {RELIABLE:g} or more reliable and"
        f" asks for at least {TENTATIVE:g} for tentative conclusions; themes below carry the flag"
        f" “{UNDER}” wherever they appear. Intervals resample documents, because the decisions on"
        " one document resemble each other, and single segments only where very few documents were"
        " coded twice (column *interval*;"
        f" {study.analysis.interval_probability:.0%}). Where coders never disagreed, or one of them"
        " never or always used a theme, the column *reason* says what cannot be known; it also says"
        " where few documents leave an interval too narrow."
    )


def _known(records: Records) -> dict[str, Result]:
    return {str(one.item): one for one in records.of(AGREEMENT)}


def _title(records: Records, themes: tuple[str, ...]) -> str:
    if not records.of(f"{AGREEMENT}.segments"):
        return f"Agreement between coders is {SUPPRESSED}"
    known = _known(records)
    if not known:
        return "How far coders agree is not known"
    enough = [name for name in themes if name in known and known[name].estimate >= TENTATIVE]
    return f"Coders agree well enough on {_how_many(len(enough), len(themes))}"


def _how_many(some: int, every: int) -> str:
    if some == every:
        return "all themes" if every > 1 else "the theme"
    return f"{some or 'none'} of {every} themes"


def _sentence(records: Records) -> str:
    counted = records.of(f"{AGREEMENT}.segments", item=ALL)
    if not counted:
        return f"How far coders agree is {SUPPRESSED}."
    if not counted[0].estimate:
        return (
            "No document was coded by two people, so that nobody can say how far another coder"
            f" would find the same; every theme carries the flag “{UNKNOWN}”."
        )
    known = _known(records)
    under = [name for name, one in known.items() if name != ALL and one.flag == UNDER]
    unknown = [
        str(one.item)
        for one in records.of(f"{AGREEMENT}.segments")
        if one.item not in known and one.item != ALL
    ]
    documents, segments = (f"{{{{number: {AGREEMENT}.{name}/{ALL}}}}}" for name in UNITS[:2])
    (of_all,) = records.of(f"{AGREEMENT}.documents", item=ALL)
    documents += " document" if of_all.estimate == 1 else " documents"
    parts = [f"{segments} segments of {documents} were coded by several people"]
    if ALL in known:
        id_ = known[ALL].id
        parts[0] = (
            f"Over all themes, alpha is {{{{number: {id_}}}}}{_interval(known[ALL])}, from"
            f" {segments} segments of {documents}"
        )
    if under:
        said = [f"{name} ({{{{number: {known[name].id}}}}})" for name in under]
        parts.append(f"it is under {TENTATIVE:g} for {listed(said)}")
    if unknown:
        parts.append(f"it is not known for {listed(unknown)}")
    return f"{'; '.join(parts)}."


def _interval(one: Result) -> str:
    if one.lower is None:
        return ""
    return f" ({{{{probability: {one.id}}}}} interval {{{{interval: {one.id}}}}})"
