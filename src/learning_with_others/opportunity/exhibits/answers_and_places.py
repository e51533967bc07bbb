"""Exhibits of answers and of places: how often, in which school and grade."""

from functools import partial

import pandas as pd

from learning_with_others.data.cluster_design import INTERVAL_KIND, cluster_design
from learning_with_others.data.clusters import school_names
from learning_with_others.data.codebook import Column
from learning_with_others.data.measures.opportunities import Measure
from learning_with_others.exhibits.exhibit import Count, Drawing, Exhibit, Number, exhibit
from learning_with_others.exhibits.people import (
    Whom,
    called,
    either,
    group,
    has_any,
    of_grade,
    of_row_grade,
    recorded,
)
from learning_with_others.exhibits.records import Records, Result
from learning_with_others.opportunity.distributions import NOBODY, SCHOOL, SHARE_INTERVAL_KIND
from learning_with_others.opportunity.exhibits.differences import attended, mark
from learning_with_others.opportunity.figures.from_tables import draw_construct
from learning_with_others.opportunity.figures.places import draw_places
from learning_with_others.study import Study


def design_interval(rows: pd.DataFrame, study: Study) -> str:
    """Kind of the intervals from the design of a study."""
    return f"{INTERVAL_KIND} ({cluster_design(rows, study).level})"


@exhibit
def opportunity_answers(
    answers: pd.DataFrame, columns: dict[str, Column], study: Study, grade: str
) -> Exhibit | None:
    """Every answer to every question on opportunities, by group."""
    if answers.empty:
        return None
    role, people = study.roles.group, study.people
    asked = of_grade(grade) & group() & recorded("item")
    share = Number(
        "opportunity.answer",
        "share",
        "share of answers",
        interval=SHARE_INTERVAL_KIND,
        share_of="answered",
        part="children",
    )
    numbers = (share,)
    if "weighted_share" in answers:
        plain = Number("opportunity.answer.unweighted", "share", share.unit, share_of="answered")
        weighted = Number(share.quantity, "weighted_share", share.unit, interval=share.interval)
        numbers = (weighted, plain)
    return Exhibit(
        name="opportunity-answers",
        table=answers,
        keys={"outcome": "scale", "group": "group", "item": "{item} {answer}"},
        counts=(Count("answered", asked), Count("children", asked & _gave(columns), gates=False)),
        numbers=numbers,
        plain=("construct", "scale_label", "wording", "reversed", "label"),
        title=partial(_answers_title, answers=answers, study=study),
        sentence=partial(_answers_sentence, answers=answers, study=study),
        caption="Answers to every question on opportunities. A higher answer always means more of"
        f" the opportunity. Intervals account for clustering: {SHARE_INTERVAL_KIND}.",
        figures=tuple(
            Drawing(
                f"opportunity-{construct}",
                partial(draw_construct, construct=construct),
                alt=f"How {role.focal} and {role.reference} {people} answered each question on"
                f" {study.labels[construct]}: stacked bars, one for each question and group.",
                caption=f"{study.labels[construct]}: answers by {role.label}. Bars to the right"
                " are answers that mean more of it, in the colour of the answer; neutral answers"
                " are halved around zero. Hatched: suppressed; its width says nothing.",
            )
            for construct in dict.fromkeys(answers["construct"])
        ),
    )


@exhibit
def opportunity_places(
    places: pd.DataFrame, students: pd.DataFrame, measures: list[Measure], study: Study, grade: str
) -> list[Exhibit]:
    """Means of each opportunity in every school and grade, scores and shares apart."""
    role, names = study.roles, school_names(students, study)
    over = cluster_design(students.dropna(subset=list(role.clusters.values())), study).level
    kind = f"jackknife over a school's classrooms, over a grade's {over}"
    interval = {False: f"t, {kind}", True: f"t on the logit scale, {kind}"}
    here = called(role.school, names, "place") & of_grade(grade)
    there = either("place_kind", SCHOOL, here, of_row_grade("place"))
    whom = group() & there & has_any(*(measure.name for measure in measures))
    return [
        Exhibit(
            name=f"opportunity-places{suffix}",
            table=part.assign(flag=_of_category(part["flag"], study)) if of_shares else part,
            keys={"outcome": "measure", "group": "group", "item": "{place_kind} {place}"},
            counts=(Count("children", whom),),
            numbers=(
                Number(
                    "opportunity.mean",
                    "mean",
                    "score points or share",
                    interval=interval[of_shares],
                    share_of="children" if of_shares else None,
                    closed_form="" if of_shares else "mean",
                ),
                Number("opportunity.mean.sd", "sd", "score points or share", closed_form="mean"),
            ),
            plain=("label",),
            caption=(
                f"Share in each category by school and grade, with the number of {study.people} of"
                " whom it is recorded."
                if of_shares
                else "Mean of each opportunity by school and grade, with the number of"
                f" {study.people} who answered any question on it."
            )
            + f" Intervals: {interval[of_shares]}. Schools are numbered, not named, and have the"
            f" same number in every table.{attended(study)}",
            figures=tuple(
                Drawing(
                    f"opportunity-by-{kind}{suffix}",
                    partial(draw_places, groups=role.group.contrast, place_kind=kind),
                    alt=f"Means of each opportunity in every {kind}: points with intervals,"
                    f" {role.group.focal} above {role.group.reference} {study.people}.",
                    caption=f"{'Share in' if of_shares else 'Mean of'} each"
                    f" {'category' if of_shares else 'opportunity'} by {kind} and"
                    f" {role.group.label}. Intervals: {interval[of_shares]}."
                    + " One school has few classrooms: its intervals are wide." * (kind == SCHOOL)
                    + attended(study),
                )
                for kind in dict.fromkeys(part["place_kind"])
            ),
        )
        for suffix, part, of_shares in shares_apart(places, measures)
    ]


def _of_category(flags: pd.Series, study: Study) -> pd.Series:
    """Say of a category that nobody is there, not that nobody answered."""
    none = flags.replace(NOBODY, f"no such {study.people}")
    return none.str.replace(r"^(fewer than \d+) answered$", rf"\1 {study.people}", regex=True)


def shares_apart(
    table: pd.DataFrame, measures: list[Measure]
) -> list[tuple[str, pd.DataFrame, bool]]:
    """Split a table of measures where it holds scores and shares, which are rounded differently.

    Returns
    -------
    list of (str, pandas.DataFrame, bool)
        What to add to the exhibit's name, the rows, and whether they hold shares.
    """
    categories = [measure.name for measure in measures if measure.kind == "category"]
    shares = table["measure"].isin(categories)
    parts = [
        (part, of) for part, of in ((table[~shares], False), (table[shares], True)) if len(part)
    ]
    return [("-shares" if k else "", part, of) for k, (part, of) in enumerate(parts)]


def _gave(columns: dict[str, Column]) -> Whom:
    """Those who gave the answer that the row names, keyed as it is."""

    def rule(row, table, _):  # noqa: ANN001, ANN202 - a rule of Whom
        codes = [float(code) for code in columns[row["item"]].codes]
        answer = min(codes) + max(codes) - row["answer"] if row["reversed"] else row["answer"]
        return table[row["item"]].eq(answer)

    return Whom(rule)


def _most_apart(
    records: Records, answers: pd.DataFrame, study: Study
) -> tuple[Result, Result, str] | None:
    """Both groups' shares, and the wording, where the highest answers differ most."""
    highest = answers.loc[answers.groupby("item", sort=False)["answer"].idxmax()]
    found = []
    for row in highest.to_dict("records"):
        ids = [
            f"opportunity.answer/{row['scale']}/{name}/{row['item']} {row['answer']}"
            for name in study.roles.group.contrast
        ]
        if all(id_ in records for id_ in ids):
            found.append((records[ids[0]], records[ids[1]], row["wording"]))
    return max(found, key=lambda one: abs(one[0].estimate - one[1].estimate), default=None)


def _answers_title(records: Records, answers: pd.DataFrame, study: Study) -> str:
    focal, reference = study.roles.group.contrast
    found = _most_apart(records, answers, study)
    if found is None:
        return f"Answers of {focal} and {reference} {study.people} are (suppressed)"
    often = "more" if found[0].estimate >= found[1].estimate else "less"
    return (
        f"{focal} {study.people} gave the highest answer to “{found[2]}” {often} often than"
        f" {reference} {study.people}"
    )


def _answers_sentence(records: Records, answers: pd.DataFrame, study: Study) -> str:
    found = _most_apart(records, answers, study)
    if found is None:
        return f"Shares of the highest answers ({study.roles.group.difference}) are (suppressed)."
    shares = " and ".join(
        f"{mark('percent', one.id)} of {one.group} {study.people}"
        f" ({mark('probability', one.id)} interval {mark('percents', one.id)})"
        for one in found[:2]
    )
    return (
        f"{shares} gave the highest answer to “{found[2]}”. Of all questions, this is the one"
        " where these shares differ most."
    )
