"""Exhibits of how evenly access is spread, and whether it was dealt out at random."""

from functools import partial

import pandas as pd

from learning_with_others.exhibits.exhibit import Count, Exhibit, Number, exhibit
from learning_with_others.exhibits.people import (
    Whom,
    either,
    everyone,
    group,
    group_or_both,
    of_grade,
)
from learning_with_others.exhibits.records import Records
from learning_with_others.exhibits.words import sign
from learning_with_others.opportunity.access import classroom_exposure as around
from learning_with_others.opportunity.access.evenness import EVERYONE
from learning_with_others.opportunity.access.evenness import INTERVAL_KIND as CHANCE_INTERVAL
from learning_with_others.opportunity.exhibits.access import known
from learning_with_others.opportunity.exhibits.answers_and_places import design_interval
from learning_with_others.opportunity.exhibits.differences import POINTS, mark
from learning_with_others.study import Study


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
            numbers=(number(closed_form="mean"),),
            caption=f"Mean report of the classmates of {study.people} of each group, in score"
            f" points; their own report is left out. Intervals: {interval}.",
            **common,
        )
    ]
    if len(shares):
        out.append(
            Exhibit(
                name="classroom-exposure-shares",
                table=shares,
                numbers=(number(share_of="children"),),
                caption=f"Share of {study.people} of each group who are in the third of"
                f" classrooms with the highest means. Intervals: {interval}.",
                **common,
            )
        )
    return out


@exhibit
def evenness(found: pd.DataFrame, study: Study, grade: str, permutations: int) -> Exhibit | None:
    """Who shares a classroom or school with whom, as far as access goes, against chance."""
    if found.empty:
        return None
    whom = either("group", EVERYONE, everyone(), group())
    return Exhibit(
        name="evenness",
        table=found,
        keys={"group": "group", "item": "{level}, {quantity}"},
        counts=(Count("children", of_grade(grade) & known() & whom),),
        numbers=(
            Number("opportunity.evenness", "estimate", "index", closed_form="ratio"),
            Number(
                "opportunity.evenness.by_chance",
                "by_chance",
                "index",
                interval=CHANCE_INTERVAL,
                lower="chance_lower",
                upper="chance_upper",
                mcse="chance_mcse",
                closed_form="ratio",
            ),
            Number(
                "opportunity.evenness.beyond_chance",
                "beyond_chance",
                "index",
                mcse="beyond_mcse",
                closed_form="ratio",
            ),
            Number("opportunity.evenness.units", "units", "{level}s"),
        ),
        title=partial(_evenness_title, found=found),
        sentence=partial(_evenness_sentence, found=found, study=study),
        caption="How unevenly access is distributed. Dissimilarity is the share of those with"
        " access who would have to move for an even distribution. Small classrooms and schools are"
        " uneven by chance alone, so the table also gives each index's mean and"
        f" {study.analysis.interval_probability:.0%} range if {_dealt(study)}"
        f" ({permutations:,} random assignments). Sampling weights are not used.",
    )


def _dealt(study: Study) -> str:
    """Say what is dealt out at random: an assignment within schools is already random there."""
    exposure = study.roles.exposure
    if exposure.varies_by == "classroom":
        return f"{exposure.focal} classes were drawn from all classes, regardless of school"
    return "access were assigned at random"


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
        return "How evenly access is distributed is (suppressed)"
    level, index, chance = known
    seen, dealt = records[index].estimate, records[chance]
    if seen > dealt.upper:
        return f"Access is less evenly distributed over {level}s than chance alone would make it"
    if seen < dealt.lower:
        return f"Access is more evenly distributed over {level}s than chance alone would make it"
    return f"Access is about as evenly distributed over {level}s as chance alone would make it"


def _evenness_sentence(records: Records, found: pd.DataFrame, study: Study) -> str:
    known = _dissimilarity(records, found)
    if known is None:
        return "How evenly access is distributed is (suppressed)."
    level, index, chance = known
    return (
        f"{mark('percent', index)} of the {study.people} with access would have to change their"
        f" {level} for an even distribution; if {_dealt(study)}, it would be"
        f" {mark('percent', chance)} ({mark('probability', chance)} range"
        f" {mark('percents', chance)})."
        + " Assignment within schools makes it even by design."
        * bool(study.roles.exposure.assigned)
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
        caption=f"Share of {role.focal} {study.people} in {exposure.focal} classes minus that in"
        " other classes of the same school, and how often assigning the class types again at"
        f" random gives at least as large a difference ({permutations:,} permutations within"
        " schools, two-sided)."
        + (f" Only {study.people} who entered in the grade." if exposure.assigned else ""),
    )


def _words_of_all(
    records: Records, study: Study, known: list[str], grades: list[str], *, sentence: bool
) -> str:
    """Say of all grades together what was found: Bonferroni's rule, as each deals out others."""
    role, exposure = study.roles.group, study.roles.exposure
    error = (1 - study.analysis.interval_probability) / len(known)
    p = {end: records[f"opportunity.randomization.p_value{end}"] for end in known}
    departs = any(one.estimate < error for one in p.values())
    if not sentence:
        found = (
            "departs from random assignment in at least one"
            if departs
            else ("is compatible with random assignment in every")
        )
        return f"The composition of classes {found} grade"
    headline = next((grade for grade in grades if f"/grade-{grade}" not in known), "")
    each = []
    for end in sorted(known, key=lambda end: grades.index(p[end].grade or headline)):
        difference = f"opportunity.randomization.difference{end}"
        each.append(
            f"{mark('points', difference)} in grade {p[end].grade or headline}"
            f" (p = {mark('number', p[end].id)})"
        )
    share = f"share of {role.focal} {study.people}"
    if exposure.assigned:
        share += " among those who entered"
    rest = "at least one is" if departs else "none is"
    return (
        f"The {share} in {exposure.focal} classes minus that in other classes of the same school,"
        f" in {POINTS}: {', '.join(each)}. Allowing for {len(known)} tests (Bonferroni), {rest}"
        " larger than random assignment would give."
    )


def _check_words(
    records: Records, study: Study, grades: list[str], *, sentence: bool = False
) -> str:
    """Say for the headline grade, or the first that was checked, what was found."""
    role, exposure = study.roles.group, study.roles.exposure
    endings = ["", *(f"/grade-{grade}" for grade in grades)]
    known = [end for end in endings if f"opportunity.randomization.p_value{end}" in records]
    if len(known) > 1:
        return _words_of_all(records, study, known, grades, sentence=sentence)
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
    share = f"the share of {role.focal} {study.people}"
    places = f"{exposure.focal} classes", "other classes of the same school"
    if exposure.assigned:
        share += " among those who entered"
    if random:
        return (
            f"Between {places[0]} and {places[1]}, {share} differs by"
            f" {mark('points_size', difference)} {POINTS}{where} (p = {mark('number', p)}); random"
            " assignment would often give as large a difference."
        )
    higher = sign(records, difference, more="higher", fewer="lower")
    return (
        f"In {places[0]}, {share} is {mark('points_size', difference)} {POINTS} {higher} than in"
        f" {places[1]}{where} (p = {mark('number', p)}); random assignment would seldom give as"
        " large a difference."
    )
