"""Exhibits of access: who has it, in which school, how evenly, and whether it was dealt out."""

from functools import partial

import pandas as pd

from learning_with_others.data.clusters import school_names
from learning_with_others.exhibits.exhibit import Count, Drawing, Exhibit, Number, exhibit
from learning_with_others.exhibits.people import (
    Whom,
    called,
    everyone,
    for_rows,
    group,
    group_or_both,
    of_grade,
    of_row_grade,
)
from learning_with_others.exhibits.records import Records
from learning_with_others.exhibits.words import direction, sign
from learning_with_others.opportunity.access import classroom_exposure as around
from learning_with_others.opportunity.access.evenness import EVERYONE
from learning_with_others.opportunity.access.evenness import INTERVAL_KIND as CHANCE_INTERVAL
from learning_with_others.opportunity.access.shares import (
    INTERVAL_KIND,
    SCHOOL_INTERVAL_KIND,
    margin,
)
from learning_with_others.opportunity.exhibits.answers_and_places import design_interval
from learning_with_others.opportunity.exhibits.differences import (
    Difference,
    contrast_of,
    in_sentence,
    mark,
)
from learning_with_others.opportunity.figures.from_tables import (
    draw_access,
    draw_schools_in_order,
)
from learning_with_others.opportunity.figures.places import draw_thresholds
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
        return f"a {exposure.label}"
    least = study.analysis.access.items()
    parts = [f"{in_sentence(labels[name])} of {score:g} or more" for name, score in least]
    return " and ".join(parts)


def _known() -> Whom:
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
    whom = of_row_grade() & group_or_both() & _known()
    gap = Difference(
        study,
        f"opportunity.share.gap/{contrast_of(study)}",
        more="more often have access",
        fewer="less often have access",
        about="access",
        unit="in the share",
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
        " the lowest cluster.",
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
    return f"{gap.sentence(records)} Access is {words}: {of_each} have it."


@exhibit
def access_by_threshold(shares: pd.DataFrame, study: Study, grade: str) -> Exhibit | None:
    """The same with all thresholds moved together."""
    if shares.empty:
        return None
    role = study.roles.group
    whom = of_grade(grade) & group_or_both() & _known()
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
        caption="Access with all thresholds moved together by so many score points; 0 are the"
        " declared ones. Thresholds that fewer than"
        f" {study.analysis.minimum_cell} {study.people} of a group reach or miss are left out."
        f" Intervals: {INTERVAL_KIND}.",
        figures=(
            Drawing(
                "access-by-threshold",
                partial(draw_thresholds, groups=role.contrast),
                alt=partial(_threshold_alt, study=study),
                caption="Share with access and gap with all thresholds moved together; the dashed"
                f" line marks the declared ones. Bands: {INTERVAL_KIND}.",
            ),
        ),
    )


def _threshold_gaps(records: Records, study: Study) -> list:
    found = records.of("opportunity.share.by_threshold", group=contrast_of(study))
    return [one for one in found if one.item.startswith("gap")]


def _threshold_title(records: Records, study: Study) -> str:
    focal, reference = study.roles.group.contrast
    signs = {one.estimate > 0 for one in _threshold_gaps(records, study)}
    if not signs:
        return "The difference in access at other thresholds is (suppressed)"
    if len(signs) > 1:
        return "Which group has access more often depends on where the thresholds lie"
    often = "more" if signs == {True} else "less"
    return (
        f"{focal} {study.people} have access {often} often than {reference} {study.people}"
        " wherever the thresholds lie"
    )


def _threshold_sentence(records: Records, study: Study) -> str:
    gaps = sorted(_threshold_gaps(records, study), key=lambda one: one.estimate)
    if not gaps:
        return "The difference in access at other thresholds is (suppressed)."
    ends = " to ".join(
        f"{mark('number', one.id)} ({mark('probability', one.id)} interval"
        f" {mark('interval', one.id)})"
        for one in (gaps[0], gaps[-1])
    )
    words = {direction(records, one.id, more="+", fewer="-", same="0") for one in gaps}
    sure = "" if len(words) == 1 and "0" not in words else " At some thresholds it is inconclusive."
    return f"The difference in the share, {contrast_of(study)}, ranges from {ends}.{sure}"


def _threshold_alt(records: Records, study: Study) -> str:
    title = _threshold_title(records, study)
    return f"{title}: curves of the share with access along the thresholds, and of their gap."


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
    whom = of_grade(grade) & group() & at_school & _known()
    both = shares[shares["children"] >= study.analysis.minimum_cell].groupby("place").size()
    shown = pd.DataFrame({"grade": [grade], "schools": [int((both == len(role.contrast)).sum())]})
    return [
        Exhibit(
            name="schools",
            table=shares,
            keys={"group": "group", "item": "place"},
            counts=(
                Count("children", whom),
                Count("with_it", whom & _with_access(), gates=False),
            ),
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
            " order of the school's share. Schools have the same number in every table."
            f" Intervals: {intervals}.",
            figures=(
                Drawing(
                    "schools",
                    partial(draw_schools_in_order, groups=role.contrast),
                    alt=f"The share of {role.focal} and of {role.reference} {study.people} with"
                    " access in each school, as points with intervals.",
                    caption=f"Share with access ({access_words(study)}) by school and"
                    f" {role.label}. Intervals: {intervals}.",
                ),
            ),
        ),
        Exhibit(
            name="schools-shown",
            table=shown,
            keys={"grade": "grade"},
            numbers=(Number("opportunity.schools_shown", "schools", "schools"),),
            caption=f"Schools with at least {study.analysis.minimum_cell} {study.people} of each"
            " group.",
        ),
    ]


@exhibit
def classroom_exposure(
    found: pd.DataFrame, in_grade: pd.DataFrame, study: Study, grade: str
) -> list[Exhibit] | None:
    """What classmates report, and who sits in the classrooms with most opportunity."""
    if found.empty:
        return None
    interval, room = design_interval(in_grade, study), study.roles.classroom

    def mates(row, table, people):  # noqa: ANN001, ANN202 - a rule of Whom
        known = of_grade(grade).mask({}, people) & table[row["measure"]].notna()
        others = known.groupby(table[room]).transform("sum")
        return others.gt(known.astype(int) if row["quantity"] == around.CLASSMATES else 0)

    whom = of_grade(grade) & group_or_both() & Whom(mates)
    common = {
        "keys": {"outcome": "measure", "group": "group", "item": "quantity"},
        "counts": (Count("children", whom),),
        "plain": ("label",),
    }
    number = partial(
        Number, "opportunity.surroundings", "estimate", "score points or share", interval=interval
    )
    mean = found["quantity"] == around.CLASSMATES
    shares = found[~mean]
    out = [
        Exhibit(
            name="classroom-exposure",
            table=found[mean],
            numbers=(number(closed_form=True),),
            caption=f"What the classmates of {study.people} of each group report, in score points;"
            f" their own report is left out. Intervals: {interval}.",
            **common,
        )
    ]
    if len(shares):
        out.append(
            Exhibit(
                name="classroom-exposure-shares",
                table=shares,
                numbers=(number(share_of="children"),),
                caption=f"Share of {study.people} of each group in the third of the classrooms"
                f" with the highest means. Intervals: {interval}.",
                **common,
            )
        )
    return out


@exhibit
def evenness(found: pd.DataFrame, study: Study, grade: str, permutations: int) -> Exhibit | None:
    """Who shares a classroom or school with whom, as far as access goes, against chance."""
    if found.empty:
        return None
    some = group()
    whom = Whom(
        lambda row, t, people: (everyone() if row["group"] == EVERYONE else some).rule(
            row, t, people
        )
    )
    return Exhibit(
        name="evenness",
        table=found,
        keys={"group": "group", "item": "{level}, {quantity}"},
        counts=(Count("children", of_grade(grade) & _known() & whom),),
        numbers=(
            Number("opportunity.evenness", "estimate", "index", closed_form=True),
            Number(
                "opportunity.evenness.by_chance",
                "by_chance",
                "index",
                interval=CHANCE_INTERVAL,
                lower="chance_lower",
                upper="chance_upper",
                mcse="chance_mcse",
                closed_form=True,
            ),
            Number(
                "opportunity.evenness.beyond_chance",
                "beyond_chance",
                "index",
                mcse="beyond_mcse",
                closed_form=True,
            ),
            Number("opportunity.evenness.units", "units", "{level}s"),
        ),
        title=partial(_evenness_title, found=found),
        sentence=partial(_evenness_sentence, found=found, study=study),
        caption="How unevenly access is spread. Dissimilarity is the share of those with access"
        " who would have to move for an even spread. Small classrooms and schools are uneven by"
        " chance alone, so each index stands beside its mean and"
        f" {study.analysis.interval_probability:.0%} range when access is dealt out again"
        f" {permutations:,} times. Sampling weights are not used.",
    )


def _dissimilarity(records: Records, found: pd.DataFrame) -> tuple[str, str, str] | None:
    """The lowest level, and the ids of its index and of what chance would do."""
    for level in dict.fromkeys(found["level"]):
        item = f"{EVERYONE}/{level}, dissimilarity"
        ids = f"opportunity.evenness/{item}", f"opportunity.evenness.by_chance/{item}"
        if all(id_ in records for id_ in ids):
            return level, *ids
    return None


def _evenness_title(records: Records, found: pd.DataFrame) -> str:
    known = _dissimilarity(records, found)
    if known is None:
        return "How evenly access is spread is (suppressed)"
    level, index, chance = known
    seen, dealt = records[index].estimate, records[chance]
    if seen > dealt.upper:
        return f"Access is spread over {level}s less evenly than chance would spread it"
    if seen < dealt.lower:
        return f"Access is spread over {level}s more evenly than chance would spread it"
    return f"Access is spread over {level}s about as evenly as chance would spread it"


def _evenness_sentence(records: Records, found: pd.DataFrame, study: Study) -> str:
    known = _dissimilarity(records, found)
    if known is None:
        return "How evenly access is spread is (suppressed)."
    level, index, chance = known
    return (
        f"{mark('percent', index)} of the {study.people} with access would have to change their"
        f" {level} for an even spread; if access were dealt out at random it would be"
        f" {mark('percent', chance)} ({mark('probability', chance)} range"
        f" {mark('interval', chance)} as a share)."
    )


@exhibit
def randomization(checks: pd.DataFrame, study: Study, permutations: int) -> Exhibit | None:
    """Whether the composition of classes is what dealing them out at random would give."""
    if checks.empty:
        return None
    exposure, role = study.roles.exposure, study.roles.group
    shown = checks.loc[checks["p_value"].notna(), "grade"].astype(str).tolist()
    words = partial(_check_words, study=study, grades=shown)
    return Exhibit(
        name="randomization",
        table=checks,
        keys={"grade": "grade"},
        numbers=(
            Number(
                "opportunity.randomization.difference",
                "difference",
                f"share of {role.focal} {study.people}",
            ),
            Number("opportunity.randomization.p_value", "p_value", "p-value", mcse="p_mcse"),
            Number("opportunity.randomization.classes", "classes", "classrooms"),
        ),
        title=words,
        sentence=partial(words, sentence=True),
        caption=f"Share of {role.focal} {study.people} in classes of the type"
        f" “{exposure.focal}” minus other classes of the same school, and how often dealing out"
        f" the class types again gives as large a difference ({permutations:,} permutations"
        " within schools, two-sided).",
    )


def _check_words(
    records: Records, study: Study, grades: list[str], *, sentence: bool = False
) -> str:
    """Say for the headline grade, or the first that was checked, what was found."""
    role, exposure = study.roles.group, study.roles.exposure
    endings = ["", *(f"/grade-{grade}" for grade in grades)]
    known = [end for end in endings if f"opportunity.randomization.p_value{end}" in records]
    if not known:
        return "Whether classes were composed at random is (suppressed)" + "." * sentence
    p, difference = (
        f"opportunity.randomization.{name}{known[0]}" for name in ("p_value", "difference")
    )
    random = records[p].estimate >= 1 - study.analysis.interval_probability
    if not sentence:
        rest = "is compatible with" if random else "departs from"
        return f"The composition of classes {rest} random assignment"
    where = f" in grade {records[p].grade}" if records[p].grade else ""
    shares = f"The share of {role.focal} {study.people} in classes of the type “{exposure.focal}”"
    if random:
        return (
            f"{shares} and in other classes of the same school differs by"
            f" {mark('size', difference)}{where} (p = {mark('number', p)}): dealing out class types"
            " at random often gives as large a difference."
        )
    higher = sign(records, difference, more="higher", fewer="lower")
    return (
        f"{shares} is {mark('size', difference)} {higher} than in other classes of the same"
        f" school{where} (p = {mark('number', p)}): dealing out class types at random seldom gives"
        " as large a difference."
    )
