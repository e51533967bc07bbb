"""Exhibits of access: who has it, at which thresholds, and in which school."""

from functools import partial

import pandas as pd

from learning_with_others.data.clusters import school_names
from learning_with_others.exhibits.exhibit import Count, Drawing, Exhibit, Number, exhibit
from learning_with_others.exhibits.people import (
    Whom,
    called,
    for_rows,
    group,
    group_or_both,
    of_grade,
    of_row_grade,
)
from learning_with_others.exhibits.records import Records
from learning_with_others.exhibits.words import direction
from learning_with_others.opportunity.access.shares import (
    INTERVAL_KIND,
    SCHOOL_INTERVAL_KIND,
    margin,
)
from learning_with_others.opportunity.exhibits.differences import (
    POINTS,
    Difference,
    attended,
    in_sentence,
    mark,
)
from learning_with_others.opportunity.figures.from_tables import draw_access, draw_schools_in_order
from learning_with_others.opportunity.figures.places import MOST_PLACES, draw_thresholds
from learning_with_others.study import Study

RECORDS = {
    "share": "opportunity.share",
    "gap": "opportunity.share.gap",
    "gap_within_schools": "opportunity.share.gap.school_effects",
}


def access_words(study: Study) -> str:
    """Say what access is."""
    exposure, labels = study.roles.exposure, study.labels
    if exposure.varies_by == "classroom":
        return f"being in a {exposure.label}"
    least = study.analysis.access.items()
    parts = [f"at least {score:g} on {in_sentence(labels[name])}" for name, score in least]
    return f"scores of {' and '.join(parts)}"


def known() -> Whom:
    """Those of whom it is known whether they have access."""
    return Whom(lambda _, t, people: pd.Series(margin(t, people.study), t.index).notna())


def _with_access() -> Whom:
    """Those whose scores reach the thresholds, moved by as much as the row says."""
    return Whom(
        lambda row, t, people: pd.Series(margin(t, people.study), t.index).ge(row.get("shift", 0))
    )


@exhibit
def access(shares: pd.DataFrame, study: Study) -> Exhibit | None:
    """Share with access by group and grade, and the gap."""
    if shares.empty:
        return None
    role, words = study.roles.group, access_words(study)
    focal, reference = (f"opportunity.share/{name}" for name in role.contrast)
    whom = of_row_grade() & group_or_both() & known()
    gap = Difference(
        study,
        f"opportunity.share.gap/{study.roles.group.difference}",
        more="have access more often",
        fewer="have access less often",
        about="access",
        unit=POINTS,
    )
    return Exhibit(
        name="access",
        table=shares.assign(record=shares["quantity"].map(RECORDS)),
        keys={"group": "group", "grade": "grade"},
        counts=(Count("children", whom),),
        numbers=(
            Number(
                "{record}",
                "estimate",
                "share of students",
                interval=INTERVAL_KIND,
                share_of="children",
                part=for_rows("quantity", "share", whom & _with_access()),
            ),
        ),
        plain=("quantity", "record"),
        title=gap.title,
        sentence=partial(_access_sentence, gap=gap, ids=(focal, reference), words=words),
        caption=f"Share of {study.people} with access ({words}) by {role.label}, and the"
        f" difference, overall and within schools. Intervals: {INTERVAL_KIND}; within schools by"
        f" the lowest level of clusters.{attended(study)}",
        figures=(
            Drawing(
                "access",
                partial(draw_access, groups=role.contrast, access=words),
                alt=gap.title,
                caption=f"Share of {study.people} with access ({words}) by {role.label}: points"
                f" with intervals, one row for each grade. Intervals: {INTERVAL_KIND}.",
            ),
        ),
    )


def _access_sentence(records: Records, gap: Difference, ids: tuple[str, str], words: str) -> str:
    of_each = " and ".join(
        f"{mark('percent', id_)} of {name}" for id_, name in zip(ids, gap.groups, strict=True)
    )
    return f"{gap.sentence(records)} Access means {words}; {of_each} have it."


@exhibit
def access_by_threshold(shares: pd.DataFrame, study: Study, grade: str) -> Exhibit | None:
    """The same with all thresholds moved together."""
    if shares.empty:
        return None
    role = study.roles.group
    whom = of_grade(grade) & group_or_both() & known()
    return Exhibit(
        name="access-by-threshold",
        table=shares,
        keys={"group": "group", "item": "{quantity} at {shift:+.3f}"},
        counts=(Count("children", whom),),
        numbers=(
            Number(
                "opportunity.share.by_threshold",
                "estimate",
                "share of students",
                interval=INTERVAL_KIND,
                share_of="children",
                part=for_rows("quantity", "share", whom & _with_access()),
            ),
        ),
        plain=("quantity",),
        title=partial(_threshold_title, study=study),
        sentence=partial(_threshold_sentence, study=study),
        caption="Share with access when all thresholds are raised or lowered together, by so many"
        " score points; 0 marks the declared thresholds. Thresholds that fewer than"
        f" {study.analysis.minimum_cell} {study.people} of a group reach or miss are left out."
        f" Intervals: {INTERVAL_KIND}.",
        figures=(
            Drawing(
                "access-by-threshold",
                partial(draw_thresholds, groups=role.contrast),
                alt=partial(_threshold_alt, study=study),
                caption="Share with access, and the gap, when all thresholds are raised or lowered"
                f" together; the dashed line marks the declared ones. Bands: {INTERVAL_KIND}.",
            ),
        ),
    )


def _threshold_gaps(records: Records, study: Study) -> list:
    found = records.of("opportunity.share.by_threshold", group=study.roles.group.difference)
    return [one for one in found if one.item.startswith("gap")]


def _threshold_title(records: Records, study: Study) -> str:
    focal, reference = study.roles.group.contrast
    signs = {one.estimate > 0 for one in _threshold_gaps(records, study)}
    if not signs:
        return "The difference in access at other thresholds is (suppressed)"
    if len(signs) > 1:
        return "Which group has access more often depends on the thresholds"
    often = "more" if signs == {True} else "less"
    return (
        f"{focal} {study.people} have access {often} often than {reference} {study.people}"
        " at every threshold"
    )


def _threshold_sentence(records: Records, study: Study) -> str:
    gaps = sorted(_threshold_gaps(records, study), key=lambda one: one.estimate)
    if not gaps:
        return "The difference in access at other thresholds is (suppressed)."
    ends = " to ".join(
        f"{mark('points', one.id)} ({mark('probability', one.id)} interval"
        f" {mark('points_interval', one.id)})"
        for one in (gaps[0], gaps[-1])
    )
    words = {direction(records, one.id, more="+", fewer="-", same="0") for one in gaps}
    sure = "" if len(words) == 1 and "0" not in words else " At some thresholds it is inconclusive."
    return (
        f"The difference in the share with access ({study.roles.group.difference}) ranges from"
        f" {ends} {POINTS}.{sure}"
    )


def _threshold_alt(records: Records, study: Study) -> str:
    title = _threshold_title(records, study)
    return f"{title}. Curves of each group's share with access, and of the gap, by threshold."


@exhibit
def schools(
    shares: pd.DataFrame, students: pd.DataFrame, study: Study, grade: str
) -> list[Exhibit] | None:
    """Share with access by group in every school, and how many schools show both groups."""
    if shares.empty:
        return None
    role, names = study.roles.group, school_names(students, study)
    intervals = study.in_words(SCHOOL_INTERVAL_KIND)
    at_school = called(study.roles.school, names, "place")
    whom = of_grade(grade) & group() & at_school & known()
    both = shares[shares["children"] >= study.analysis.minimum_cell].groupby("place").size()
    shown = pd.DataFrame({"grade": [grade], "schools": [int((both == len(role.contrast)).sum())]})
    return [
        Exhibit(
            name="schools",
            table=shares,
            keys={"group": "group", "item": "place"},
            counts=(Count("children", whom), Count("with_it", whom & _with_access(), gates=False)),
            numbers=(
                Number(
                    "opportunity.share.by_school",
                    "estimate",
                    "share of students",
                    interval=SCHOOL_INTERVAL_KIND,
                    share_of="children",
                    part="with_it",
                ),
            ),
            caption=f"Share with access ({access_words(study)}) by school and {role.label}, in"
            " order of the school's share. Schools have the same number in every table. Where"
            " a share is withheld, so is the number of those with access."
            f" Intervals: {intervals}.{attended(study)}",
            figures=(
                Drawing(
                    "schools",
                    partial(draw_schools_in_order, groups=role.contrast),
                    alt=f"The share of {role.focal} and of {role.reference} {study.people} with"
                    " access in each school, as points with intervals.",
                    caption=f"Share with access ({access_words(study)}) by school and"
                    f" {role.label}, schools in order of their share and numbered as in every"
                    f" table. Of more than {MOST_PLACES} schools, only those that show both groups"
                    f" are drawn. Intervals: {intervals}.{attended(study)}",
                ),
            ),
        ),
        Exhibit(
            name="schools-shown",
            table=shown,
            keys={"grade": "grade"},
            numbers=(Number("opportunity.schools_shown", "schools", "schools"),),
            caption="Number of schools with at least"
            f" {study.analysis.minimum_cell} {study.people} of each group.",
        ),
    ]
