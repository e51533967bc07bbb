"""Exhibits of agreement: between observers, and between students, observers and teachers."""

from collections.abc import Mapping
from functools import partial

import pandas as pd

from learning_with_others.exhibits.exhibit import Count, Drawing, Exhibit, Number, exhibit
from learning_with_others.exhibits.records import Records
from learning_with_others.inference.cluster_bootstrap import SAMPLED_KIND as BOOTSTRAP
from learning_with_others.measurement.exhibits.counted_people import behind_means
from learning_with_others.measurement.exhibits.finding_phrases import listed
from learning_with_others.measurement.figures.comparisons import draw_convergence
from learning_with_others.measurement.raters import OVERALL
from learning_with_others.study import Study

SINGLE, AVERAGE = "icc_agreement_single", "icc_agreement_average"
# Koo and Li (2016), Journal of Chiropractic Medicine 15, 155-163.
LEVELS = ((0.9, "excellent"), (0.75, "good"), (0.5, "moderate"), (-1.0, "poor"))


@exhibit
def raters(table: pd.DataFrame, study: Study) -> list[Exhibit]:
    """Agreement of observers: intraclass correlations, and agreement of categories."""
    leads = {"profile": {"title": _agreement, "sentence": _agreement_size}}
    return [
        Exhibit(
            name=f"raters-{kind.split()[0]}",
            table=part,
            keys={"outcome": "element", "item": "statistic"},
            numbers=(
                Number("agreement.raters", "estimate", "coefficient", interval=kind, mcse="mcse"),
                *(
                    Number(f"agreement.raters.{name}", name, name)
                    for name in ("classrooms", "raters", "ratings")
                ),
            ),
            plain=("label", "interval"),
            caption="Agreement of observers on each element of the rubric. Intervals:"
            f" {study.analysis.interval_probability:.0%} {kind}.",
            **leads.get(kind.split()[0], {}),
        )
        for kind, part in table.groupby("interval", sort=False)
    ]


def _agreement(records: Records) -> str:
    """Grade the agreement of observers on the mean of all elements."""
    id_ = f"agreement.raters/{OVERALL}/{SINGLE}"
    if id_ not in records:
        return "How far observers agree could not be estimated"
    level = next(word for least, word in LEVELS if records[id_].estimate >= least)
    return f"Agreement between single observers is {level}"


def _agreement_size(records: Records) -> str:
    """Give the intraclass correlations of one observer and of a classroom's observers."""
    one, several = (f"agreement.raters/{OVERALL}/{which}" for which in (SINGLE, AVERAGE))
    if one not in records:
        return "Observers rated too few classrooms together, or no two elements."
    return (
        "On the mean of all elements, one observer's rating has an intraclass correlation of"
        f" {{{{number: {one}}}}} ({{{{probability: {one}}}}} interval {{{{interval: {one}}}}}); the"
        f" mean of a classroom's observers has one of {{{{number: {several}}}}}"
        f" ({{{{interval: {several}}}}})."
    )


@exhibit
def convergence(
    table: pd.DataFrame, in_grade: pd.DataFrame, tables: dict[str, pd.DataFrame], study: Study
) -> Exhibit | None:
    """Whether students, observers and teachers tell the same of a classroom."""
    if table.empty:
        return None
    interval = f"{study.analysis.interval_probability:.0%} {BOOTSTRAP}"
    pairs = {
        f"{first} with {second}": f"{first} and {second}"
        for first, second in zip(table["first"], table["second"], strict=True)
    }
    title = partial(_converging, pairs=pairs)
    return Exhibit(
        name="convergence",
        title=title,
        sentence=partial(_correlations, pairs=pairs),
        table=table,
        keys={"outcome": "element", "item": "{first} with {second}"},
        counts=(Count("children", behind_means(in_grade, tables, study)),),
        numbers=(
            Number(
                "convergence.correlation",
                "correlation",
                "correlation",
                interval=BOOTSTRAP,
                mcse="mcse",
            ),
            Number(
                "convergence.disattenuated",
                "disattenuated",
                "correlation",
                interval=BOOTSTRAP,
                lower="disattenuated_lower",
                upper="disattenuated_upper",
                mcse="disattenuated_mcse",
            ),
            *(
                Number(f"convergence.reliability_{place}", f"reliability_{place}", "share")
                for place in ("first", "second")
            ),
            Number("convergence.classrooms", "classrooms", "classrooms"),
        ),
        plain=("label", "interval"),
        caption="Correlation over classrooms of what different sources say of the same element, as"
        f" observed and without measurement error (disattenuated). Intervals: {interval}.",
        figures=(
            Drawing(
                "convergence",
                draw_convergence,
                alt=lambda r: (
                    f"{title(r)}. Points with intervals for the correlation of each"
                    " element between pairs of sources, raw and disattenuated."
                ),
                caption="Correlation of each element between sources over classrooms, raw and"
                f" disattenuated, with {interval} intervals. A disattenuated"
                " estimate above 1 is no possible correlation: it shows sampling error, or"
                " reliabilities estimated too low. Markers may lie off the axis.",
            ),
        ),
    )


def _converging(records: Records, pairs: Mapping[str, str]) -> str:
    """Say whether any pair of sources correlates clearly on most elements."""
    clear, everywhere = [], True
    for pair, words in pairs.items():
        found = records.of("convergence.correlation", item=pair)
        above = [each for each in found if each.lower is not None and each.lower > 0]
        if found and len(above) > len(found) / 2:
            clear.append(f"between {words}")
            everywhere &= len(above) == len(found)
    if not records.of("convergence.correlation"):
        return "Whether sources agree could not be estimated"
    if not clear:
        return "No two sources' classroom means clearly correlate on most elements"
    return (
        f"On {'all' if everywhere else 'most'} elements, classroom means correlate {listed(clear)}"
    )


def _correlations(records: Records, pairs: Mapping[str, str]) -> str:
    """Give the lowest and the highest correlation of each pair of sources."""
    said = []
    for pair, words in pairs.items():
        found = sorted(
            records.of("convergence.correlation", item=pair), key=lambda each: each.estimate
        )
        if found:
            low, high = found[0], found[-1]
            said.append(
                f"from {{{{number: {low.id}}}}} to {{{{number: {high.id}}}}} between {words}"
            )
    if not said:
        return "Every correlation is (suppressed)."
    return f"Depending on the element, classroom means correlate {listed(said)}."
