"""Exhibits of classrooms: as students, teachers and observers see them."""

from functools import partial

import numpy as np
import pandas as pd

from learning_with_others.data.clusters import school_names
from learning_with_others.data.measures.opportunities import Measure
from learning_with_others.data.measures.sources import OBSERVERS, STUDENTS, TEACHERS, VIEW
from learning_with_others.exhibits.exhibit import Count, Drawing, Exhibit, Number, exhibit
from learning_with_others.exhibits.people import Whom, called, has, of_grade
from learning_with_others.exhibits.records import Records
from learning_with_others.inference.cluster_bootstrap import SAMPLED_KIND
from learning_with_others.opportunity.classrooms.classroom_means import ClassroomMap
from learning_with_others.opportunity.classrooms.compare_sources import (
    THIRDS,
    map_by_thirds,
    thirds_of,
)
from learning_with_others.opportunity.classrooms.pooled_means import SHARE
from learning_with_others.opportunity.exhibits.differences import in_sentence, mark
from learning_with_others.opportunity.figures.from_tables import draw_map
from learning_with_others.opportunity.figures.source_views import draw_views
from learning_with_others.study import Study

CREDIBLE = "equal-tailed credible"
# Of a map without sizes: a raw mean of whole answers would tell how many gave them.
DIGITS = {"shrinkage": 1, "raw_mean": 2, "estimate": 2, "lower": 2, "upper": 2}


@exhibit
def views(found: pd.DataFrame) -> list[Exhibit]:
    """How often teachers report, and observers see, each element."""
    return [_view(part, str(source)) for source, part in found.groupby("source", sort=False)]


def _view(part: pd.DataFrame, source: str) -> Exhibit:
    name, interval = f"views-{source.replace(' ', '-')}", part["interval"].iloc[0]
    of_people = source == TEACHERS  # ratings count no people
    asked = Whom(lambda row, t, _: t[VIEW + row["element"]].notna())
    gave = Whom(lambda row, t, _: t[VIEW + row["element"]].astype(float).eq(row["answer"]))
    share = partial(Number, "opportunity.view", "share", "share of reports", interval=interval)
    counts = (
        Count("total", asked, of="teachers"),
        Count("count", gave, of="teachers", gates=False),
    )
    ratings = (
        Number("opportunity.view.ratings", "count", "ratings"),
        Number("opportunity.view.rated", "total", "ratings"),
    )
    return Exhibit(
        name=name,
        table=part,
        keys={"outcome": "element", "item": "{source} {answer}"},
        counts=counts if of_people else (),
        numbers=(share(share_of="total", part="count"),) if of_people else (share(), *ratings),
        plain=("label", "answer_label", "interval"),
        caption=f"How often each element occurs, by the {source}. Intervals: {interval}.",
        figures=(
            Drawing(
                name,
                draw_views,
                alt=f"Stacked bars of how often each element occurs, by the {source}.",
                caption=f"How often each element occurs, by the {source}.",
            ),
        ),
    )


@exhibit
def view_agreement(
    profile: pd.DataFrame, ranks: pd.DataFrame, study: Study
) -> list[Exhibit] | None:
    """Whether students, teachers and observers find the same elements frequent."""
    if ranks.empty and profile.empty:
        return None
    return [
        Exhibit(
            name="view-agreement",
            table=profile,
            keys={"outcome": "element", "item": "source"},
            numbers=(
                Number("opportunity.view.classrooms", "classrooms", "classrooms"),
                Number("opportunity.view.mean", "mean", "points of the source's scale"),
                Number("opportunity.view.standardized", "standardized", "SD over elements"),
                Number(
                    "opportunity.view.standardized_students",
                    "standardized_students",
                    "SD over elements",
                ),
                Number("opportunity.view.difference", "difference", "SD over elements"),
                Number(
                    "opportunity.view.correlation",
                    "correlation",
                    "correlation",
                    interval=SAMPLED_KIND,
                    mcse="mcse",
                ),
            ),
            plain=("label",),
            caption="How frequent each source reports each element to be, compared with the other"
            " elements (in SD over elements), and how the source's reports correlate with"
            f" those of {study.people} over classrooms. Intervals:"
            f" {SAMPLED_KIND}.",
        ),
        Exhibit(
            name="view-ranks",
            table=ranks,
            keys={"item": "{first} with {second}"},
            numbers=(
                Number("opportunity.view.rank_correlation", "rank_correlation", "correlation"),
                Number("opportunity.view.elements", "elements", "elements"),
            ),
            title=partial(_ranks_title, people=study.people),
            sentence=partial(_ranks_sentence, people=study.people),
            caption="Rank correlation of the elements' mean frequencies between sources: 1 where"
            " both put the elements in the same order.",
        ),
    ]


def _ranks(records: Records) -> list[str]:
    ids = [
        f"opportunity.view.rank_correlation/{STUDENTS} with {other}"
        for other in (TEACHERS, OBSERVERS)
    ]
    return [id_ for id_ in ids if id_ in records]


def _ranks_title(records: Records, people: str) -> str:
    found = {records[id_].estimate > 0 for id_ in _ranks(records)}
    if not found:
        return f"Whether {people}, teachers and observers agree is (suppressed)"
    if found == {True}:
        return f"Elements that {people} report as frequent tend to be so in other sources, too"
    if found == {False}:
        return f"Elements that {people} report as frequent tend to be rare in other sources"
    return f"Other sources differ in how their order of elements relates to that of {people}"


def _ranks_sentence(records: Records, people: str) -> str:
    ids = _ranks(records)
    if not ids:
        return f"Whether {people}, teachers and observers agree is (suppressed)."
    found = " and ".join(
        f"{mark('number', id_)} with that in the {id_.split(' with ')[1]}" for id_ in ids
    )
    return (
        f"The rank order of elements by their frequency in the {STUDENTS} correlates {found}. There"
        " are no intervals, because the elements are not a sample."
    )


@exhibit
def classroom_maps(
    maps: dict[str, ClassroomMap],
    measures: list[Measure],
    students: pd.DataFrame,
    study: Study,
    grade: str,
) -> list[Exhibit]:
    """The shares of variance, and every classroom's mean, of each opportunity."""
    named = {measure.name: measure for measure in measures}
    out = []
    for name, found in maps.items():
        out += [
            _variances(found, named[name], study),
            _map(found, named[name], students, study, grade),
        ]
    return out


def _variances(found: ClassroomMap, measure: Measure, study: Study) -> Exhibit:
    return Exhibit(
        name=f"classroom-shares-{measure.name}",
        table=found.shares,
        keys={"item": "{quantity} {level}"},
        numbers=(
            Number(
                f"opportunity.classrooms.{measure.name}",
                "estimate",
                "share of variance",
                interval=CREDIBLE,
                mcse="mcse",
            ),
        ),
        caption=f"{study.labels[measure.name]}: share of the variance between clusters, and"
        f" reliability of raw means. Intervals: {CREDIBLE}.",
    )


def _map(
    found: ClassroomMap, measure: Measure, students: pd.DataFrame, study: Study, grade: str
) -> Exhibit:
    """Classrooms are numbered by their estimates; schools have their number of every table."""
    level, label, roles = found.level, study.labels[measure.name], study.roles
    clusters = found.names[found.order]
    places = dict(zip(clusters, found.table["place"], strict=True))
    if level == "school":
        places = school_names(students, study)
    table = found.table.assign(place=clusters.map(places))
    counts = (
        Count(
            "children",
            of_grade(grade) & has(measure.name) & called(roles.clusters[level], places, "place"),
        ),
    )
    if study.disclosure.protected:  # a size would tell a teacher which classroom is whose
        table, counts = table.drop(columns="children").round(DIGITS), ()
    about = f"opportunity.classrooms.{measure.name}"
    words = partial(
        _map_words, id_=f"{about}/{SHARE} {level}", label=in_sentence(label), level=level
    )
    return Exhibit(
        name=f"classroom-map-{measure.name}",
        table=table,
        keys={"item": "place"},
        counts=counts,
        numbers=(
            Number(f"{about}.mean", "estimate", "score points", interval=CREDIBLE, mcse="mcse"),
            Number(f"{about}.raw_mean", "raw_mean", "score points", closed_form="mean"),
            Number(f"{about}.shrinkage", "shrinkage", "share", mcse="shrinkage_mcse"),
            Number(f"{about}.grand_mean", "grand_mean", "score points", mcse="grand_mcse"),
        ),
        title=words,
        sentence=partial(words, sentence=True),
        caption=f"{label}: mean of every {level}, raw and partially pooled, in score points;"
        " shrinkage is how far pooling moved the raw mean towards the school's (as a share)."
        f" Intervals: {CREDIBLE}. {study.in_words(found.words)}",
        figures=(
            Drawing(
                f"classroom-map-{measure.name}",
                partial(draw_map, label=label, level=level),
                alt=words,
                caption=f"{label} in every {level}, in order of the partially pooled mean (filled,"
                f" with its interval: {CREDIBLE}); hollow marks are raw means.",
            ),
        ),
    )


def _map_words(
    records: Records, id_: str, label: str, level: str, *, sentence: bool = False
) -> str:
    if id_ not in records:
        return f"How far {level}s differ in {label} is (suppressed)" + "." * sentence
    if not sentence:
        return f"{mark('percent', id_)} of the variance of {label} lies between {level}s"
    return (
        f"Of the variance in {label}, {mark('percent', id_)} lies between"
        f" {level}s ({mark('probability', id_)} interval {mark('percents', id_)})."
    )


@exhibit
def map_against(
    against: pd.DataFrame,
    maps: dict[str, ClassroomMap],
    measures: list[Measure],
    reports: pd.DataFrame,
    study: Study,
) -> list[Exhibit] | None:
    """The map against what observers and teachers say of the same classrooms."""
    if against.empty:
        return None
    mapped = [measure for measure in measures if measure.name in maps]
    thirds = [map_by_thirds(maps[m.name], m, reports, study) for m in mapped]
    rooms = {m.name: _rooms(maps[m.name], m, reports, study) for m in mapped}
    lowest = study.roles.lowest_cluster
    in_third = Whom(lambda row, t, _: t[lowest].isin(rooms[row["measure"]][row["third"]]))
    answered = Whom(lambda row, t, _: t[row["measure"]].notna())
    correlation = partial(Number, unit="correlation", interval=SAMPLED_KIND)
    return [
        Exhibit(
            name="map-against",
            table=against,
            keys={"outcome": "measure", "item": "source"},
            numbers=(
                correlation(
                    "opportunity.classrooms.correlation_raw",
                    "correlation_raw",
                    lower="raw_lower",
                    upper="raw_upper",
                    mcse="raw_mcse",
                ),
                correlation(
                    "opportunity.classrooms.correlation_pooled",
                    "correlation_pooled",
                    lower="pooled_lower",
                    upper="pooled_upper",
                    mcse="pooled_mcse",
                ),
                Number("opportunity.classrooms.compared", "classrooms", "classrooms"),
            ),
            plain=("interval",),
            caption=f"Correlation over classrooms of the means of {study.people}, raw and partially"
            f" pooled, with observers' and teachers' reports. Intervals: {SAMPLED_KIND}.",
        ),
        Exhibit(
            name="map-by-thirds",
            table=pd.concat(thirds, ignore_index=True),
            keys={"outcome": "measure", "item": "{source} {third}"},
            counts=(Count("children", in_third & answered),),
            numbers=(
                Number(
                    "opportunity.classrooms.third",
                    "estimate",
                    "score points",
                    interval=CREDIBLE,
                    mcse="mcse",
                ),
                Number("opportunity.classrooms.third.classrooms", "classrooms", "classrooms"),
            ),
            caption="Partially pooled means of students' reports in the thirds of classrooms with"
            f" the lowest, middle and highest observers' ratings. Intervals: {CREDIBLE}.",
        ),
    ]


def _rooms(
    found: ClassroomMap, measure: Measure, reports: pd.DataFrame, study: Study
) -> dict[str, pd.Index]:
    """Names of the clusters in each third; never to be shown."""
    third = thirds_of(found, measure, reports, study)
    third = np.full(len(found.names), -1) if third is None else third
    return {name: found.names[third == k] for k, name in enumerate(THIRDS)}
