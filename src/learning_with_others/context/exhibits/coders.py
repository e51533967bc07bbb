"""Exhibits of agreement between coders."""

from functools import partial

import pandas as pd

from learning_with_others.context.coder_agreement import ALL, RELIABLE, TENTATIVE, UNDER, UNKNOWN
from learning_with_others.context.figures.coder_figure import draw_agreement
from learning_with_others.exhibits.exhibit import Drawing, Exhibit, Number, exhibit
from learning_with_others.exhibits.phrases import after, listed, with_interval
from learning_with_others.exhibits.records import Records
from learning_with_others.exhibits.words import SUPPRESSED
from learning_with_others.study import Study

AGREEMENT = "context.agreement"
DOCUMENTS, SEGMENTS, CODERS = UNITS = ("documents", "segments", "coders")


@exhibit
def coder_agreement(table: pd.DataFrame, study: Study) -> Exhibit | None:
    """Agreement of coders on each theme; a lead exhibit."""
    if table.empty:
        return None
    title = partial(_title, themes=tuple(table["theme"][table["theme"] != ALL]))
    form = (
        "A row for each theme, with points and intervals of alpha and kappa, and dotted lines at"
        f" {TENTATIVE:g} and {RELIABLE:g}."
    )
    coefficients = [
        Number(
            quantity,
            name,
            "coefficient",
            interval="{interval}",
            lower=f"{name}_lower",
            upper=f"{name}_upper",
            mcse=f"{name}_mcse",
        )
        for name, quantity in (("alpha", AGREEMENT), ("kappa", f"{AGREEMENT}.kappa"))
    ]
    return Exhibit(
        name="coder-agreement",
        table=table,
        keys={"item": "theme"},
        numbers=(
            *coefficients,
            Number(f"{AGREEMENT}.share", "share", "share of decisions"),
            *(Number(f"{AGREEMENT}.{name}", name, name) for name in UNITS),
        ),
        plain=("kappa_of", "interval", "reason"),
        title=title,
        sentence=_sentence,
        caption="Agreement on whether a theme is present in a segment: 1 where coders always agree,"
        " 0 where they agree as by chance. Alpha is Krippendorff's, kappa Cohen's of two coders and"
        f" Fleiss' of more. Alpha of {RELIABLE:g} or more is reliable, from {TENTATIVE:g} on"
        f" conclusions are tentative (Krippendorff 2004, p. 241); themes below carry the flag"
        f" “{UNDER}” in every table. A segment is a stretch of text that any coder marked;"
        " stretches that overlap are one, and a coder of the document who did not mark it found no"
        " theme there. A theme is judged in the sources in which anybody found it. Intervals"
        f" ({study.analysis.interval_probability:.0%}) resample documents, or segments where very"
        " few documents were coded twice (*interval*); *reason* says what cannot be known.",
        figures=(
            Drawing(
                "coder-agreement",
                partial(draw_agreement, thresholds=(TENTATIVE, RELIABLE), last=ALL),
                alt=after(title, form),
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


def _title(records: Records, themes: tuple[str, ...]) -> str:
    if not records.of(f"{AGREEMENT}.segments"):
        return f"Agreement between coders is {SUPPRESSED}"
    known = {one.item: one.estimate for one in records.of(AGREEMENT)}
    if not known:
        return "How far coders agree is not known"
    some, every = sum(known.get(name, 0) >= TENTATIVE for name in themes), len(themes)
    which = f"{some or 'none'} of {every} themes" if some < every else "every theme"
    return f"Coders agree sufficiently on {which} (alpha of at least {TENTATIVE:g})"


def _sentence(records: Records) -> str:
    counted = records.of(f"{AGREEMENT}.segments", item=ALL)
    if not counted:
        return f"How far coders agree is {SUPPRESSED}."
    if not counted[0].estimate:
        return (
            "No document was coded by two people, so that nobody can say how far another coder"
            f" would find the same; every theme carries the flag “{UNKNOWN}”."
        )
    known = {str(one.item): one for one in records.of(AGREEMENT)}
    judged = [str(one.item) for one in records.of(f"{AGREEMENT}.segments")]
    segments, documents = (
        f"{{{{number: {AGREEMENT}.{name}/{ALL}}}}} {name}" for name in (SEGMENTS, DOCUMENTS)
    )
    (of_all,) = records.of(f"{AGREEMENT}.{DOCUMENTS}", item=ALL)
    documents = documents.removesuffix("s") if of_all.estimate == 1 else documents
    said = [f"{segments} of {documents} were coded by several people"]
    if ALL in known:
        whole = f"{{{{number: {known[ALL].id}}}}}{with_interval(known[ALL])}"
        said = [f"Over all themes, alpha is {whole}, from {segments} of {documents}"]
    under = [
        f"{name} ({{{{number: {one.id}}}}})"
        for name, one in known.items()
        if name != ALL and one.flag == UNDER
    ]
    unknown = [name for name in judged if name not in known and name != ALL]
    said += [f"it is under {TENTATIVE:g} for {listed(under)}"] if under else []
    said += [f"it is not known for {listed(unknown)}"] if unknown else []
    return f"{'; '.join(said)}."
