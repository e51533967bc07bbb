"""Exhibits of those who are missing: from the survey, and from outcomes."""

from functools import partial

import pandas as pd

from learning_with_others.data.measures.opportunities import Measure
from learning_with_others.exhibits.exhibit import Count, Drawing, Exhibit, Number, exhibit
from learning_with_others.exhibits.people import (
    Whom,
    compared,
    either,
    everyone,
    for_rows,
    group_or_both,
    has,
    index_of,
    of_grade,
)
from learning_with_others.exhibits.phrases import categories_left_out
from learning_with_others.exhibits.records import Records
from learning_with_others.exhibits.words import direction
from learning_with_others.opportunity.exhibits.answers_and_places import (
    design_interval,
    shares_apart,
)
from learning_with_others.opportunity.exhibits.differences import (
    POINTS,
    Difference,
    in_sentence,
    mark,
)
from learning_with_others.opportunity.exhibits.gaps import with_value
from learning_with_others.opportunity.figures.treatments import draw_treatments
from learning_with_others.opportunity.nonresponse import missing_outcomes as lacking
from learning_with_others.opportunity.nonresponse.outcome_treatments import (
    COMPLETE,
    IMPUTED,
    SHIFTED,
    WEIGHTED,
)
from learning_with_others.opportunity.nonresponse.rates import (
    ALL,
    RATE,
    ResponseWeights,
    could_answer,
)
from learning_with_others.opportunity.nonresponse.response_balance import EVERYBODY
from learning_with_others.opportunity.nonresponse.weighted_means import NON_RESPONSE
from learning_with_others.study import Study


def _on_roster(study: Study, roster: pd.DataFrame, students: pd.DataFrame) -> tuple[Whom, Whom]:
    """Those who could have answered, and those who did."""
    student, clusters = study.roles.student, study.roles.clusters.values()
    placed = has(*(column for column in clusters if column in roster))
    return placed, placed & index_of(roster.index[roster[student].isin(students[student])])


@exhibit
def response_rates(
    rates: pd.DataFrame,
    roster: pd.DataFrame,
    students: pd.DataFrame,
    in_grade: pd.DataFrame,
    study: Study,
) -> Exhibit | None:
    """Who answered of those who could have."""
    if rates.empty:
        return None
    school, interval = study.roles.school, design_interval(in_grade, study)
    placed, answered = _on_roster(study, roster, students)
    known = could_answer(roster, study)
    mine = known[study.roles.student].isin(students[study.roles.student])
    reached = set(known.loc[mine, school]) if school in known else set()
    in_scope = either("scope", ALL, everyone(), Whom(lambda _, t, __: t[school].isin(reached)))
    whom = placed & in_scope & group_or_both()
    gap = Difference(
        study,
        f"opportunity.response/{study.roles.group.difference}/{ALL}",
        more="answered more often",
        fewer="answered less often",
        about="how often they answered",
        unit=POINTS,
    )
    return Exhibit(
        name="response-rates",
        table=rates,
        keys={"group": "group", "item": "scope"},
        counts=(
            Count("children", whom, of="roster"),
            Count("respondents", whom & answered, of="roster", gates=False),
        ),
        numbers=(
            Number(
                "opportunity.response",
                "estimate",
                "share",
                interval=interval,
                share_of="children",
                part=for_rows("quantity", RATE, whom & answered),
            ),
        ),
        plain=("quantity",),
        title=gap.title,
        sentence=gap.sentence,
        caption=f"Share of the roster who answered, by {study.roles.group.label}. Intervals:"
        f" {interval}.",
    )


@exhibit
def response_weights(
    found: ResponseWeights | None, roster: pd.DataFrame, students: pd.DataFrame, study: Study
) -> list[Exhibit] | None:
    """What weights for non-response look like, and what they do."""
    if found is None:
        return None
    _, answered = _on_roster(study, roster, students)
    whom = either("group", EVERYBODY, everyone(), group_or_both())
    return [
        Exhibit(
            name="response-weights",
            table=found.diagnosis,
            keys={"group": "group"},
            counts=(Count("respondents", answered & whom, of="roster"),),
            numbers=(
                Number("opportunity.response.largest_weight", "largest_weight", "weight"),
                Number("opportunity.response.effective_size", "effective_size", study.people),
            ),
            caption="Weights for non-response: the mean of the largest weights, and the effective"
            f" sample size (how many {study.people} would give as precise a mean without"
            " weights).",
        ),
        Exhibit(
            name="response-balance",
            table=found.balance,
            keys={"group": "group", "item": "variable"},
            numbers=(
                Number("opportunity.response.balance.before", "before", "SD"),
                Number("opportunity.response.balance.after", "after", "SD"),
            ),
            caption="Difference between those who answered and everybody on the roster, in SD,"
            " before and after weighting for non-response.",
        ),
    ]


@exhibit
def weighted_means(
    means: pd.DataFrame,
    values: pd.DataFrame,
    response: ResponseWeights | None,
    measures: list[Measure],
    in_grade: pd.DataFrame,
    study: Study,
    grade: str,
) -> list[Exhibit] | None:
    """What weights change in the mean of every opportunity."""
    if means.empty:
        return None
    student, interval = study.roles.student, design_interval(in_grade, study)
    whom = of_grade(grade) & group_or_both() & with_value(values, study)
    if response is not None:
        weighted = in_grade.index[in_grade[student].isin(response.weights.index)]
        whom &= either("weights", NON_RESPONSE, index_of(weighted), everyone())
    return [
        Exhibit(
            name=f"weighted-means{suffix}",
            table=part,
            keys={"outcome": "measure", "group": "group", "item": "{score}, {weights}"},
            counts=(Count("children", whom),),
            numbers=(
                Number(
                    "opportunity.weighted_mean",
                    "estimate",
                    "as its score",
                    interval=interval,
                    mcse="mcse",
                    share_of="children" if of_shares else None,
                    closed_form="" if of_shares else "mean",
                ),
                Number(
                    "opportunity.weighted_mean.effective_size",
                    "effective_size",
                    study.people,
                    closed_form="ratio",
                ),
            ),
            plain=("label",),
            caption="Means with and without weights for sampling or non-response, and effective"
            f" numbers of {study.people}. Weights are treated as known. Intervals: {interval}.",
        )
        for suffix, part, of_shares in shares_apart(means, measures)
    ]


@exhibit
def missing_outcomes(missing: pd.DataFrame, study: Study, grade: str) -> Exhibit:
    """Which outcomes are missing, and for whom more often."""
    outcomes = study.roles.outcomes
    lacks = Whom(lambda row, t, _: t[outcomes[row["outcome"]].name].isna())
    whom = of_grade(grade) & group_or_both()
    return Exhibit(
        name="missing-outcomes",
        table=missing.assign(treated=missing["treated"].map({True: "yes", False: "no"})),
        keys={"outcome": "outcome", "group": "group"},
        counts=(Count("children", whom), Count("missing", whom & lacks, gates=False)),
        numbers=(
            Number(
                "opportunity.outcome_missing",
                "estimate",
                "share",
                interval=lacking.INTERVAL_KIND,
                share_of="children",
                part=for_rows("quantity", lacking.SHARE, whom & lacks),
            ),
            Number("opportunity.outcome_missing.p", "p", "p-value"),
        ),
        plain=("label", "quantity", "treated"),
        caption=f"Share of {study.people} for whom each outcome is missing, by"
        f" {study.roles.group.label}. An outcome is analysed further where more than"
        f" {lacking.MOST_MISSING:.0%} of a group lack it, or the groups lack it unequally."
        f"{categories_left_out(study, 'These analyses')}"
        f" Intervals: {lacking.INTERVAL_KIND}.",
    )


@exhibit
def outcome_treatments(
    treated: pd.DataFrame, in_grade: pd.DataFrame, study: Study, grade: str
) -> Exhibit | None:
    """The gap in outcomes that are partly missing, by treatment of the missing."""
    if treated.empty:
        return None
    interval, contrast = design_interval(in_grade, study), study.roles.group.difference
    shift = treated["delta"].map(" {:+.2f}".format).where(treated["treatment"] == SHIFTED, "")
    table = treated.assign(
        item=(treated["treatment"] + " " + treated["shifted"]).str.strip() + shift
    )
    outcomes = study.roles.outcomes

    def enters(row, t, _):  # noqa: ANN001, ANN202 - a rule of Whom
        seen = t[outcomes[row["outcome"]].name].notna()
        return seen if row["treatment"] in (COMPLETE, WEIGHTED) else seen | True

    lacks = Whom(lambda row, t, _: t[outcomes[row["outcome"]].name].isna())
    whom = of_grade(grade) & compared()
    words = partial(_treatment_words, study=study, outcomes=list(dict.fromkeys(treated["outcome"])))
    return Exhibit(
        name="outcome-treatments",
        table=table,
        keys={"outcome": "outcome", "item": "item"},
        counts=(
            Count("children", whom & Whom(enters)),
            Count("missing", whom & lacks, gates=False),
        ),
        numbers=(
            Number(
                "opportunity.outcome_gap",
                "estimate",
                "SD",
                interval=interval,
                mcse="mcse",
                closed_form="mean",  # shifted, it falls by the share that is missing
            ),
            Number("opportunity.outcome_gap.delta", "delta", "SD", mcse="delta_mcse"),
        ),
        plain=("treatment", "shifted"),
        title=words,
        sentence=partial(words, sentence=True),
        caption=f"{contrast} in outcomes that are partly missing, in pooled within-group SD, by"
        f" how missing values are treated, among {study.people} who have a row{_in_grade(study)}"
        + (": whoever had left before is not among them" * bool(_in_grade(study)))
        + ". Shifted values are imputed values made higher or lower"
        " by so many SD; the tipping point is the smallest shift at which the interval begins, or"
        " ceases, to include zero. Intervals:"
        f" {interval}, pooled over imputations.",
        figures=(
            Drawing(
                "outcome-treatments",
                partial(draw_treatments, groups=study.roles.group.contrast),
                alt=words,
                caption=f"{contrast} in outcomes that are partly missing, by how missing values are"
                " treated (points), and with imputed values made higher or lower (lines).",
            ),
        ),
    )


def _in_grade(study: Study) -> str:
    """Say where people have a row in each grade that values of one grade are meant."""
    return " in the grade" if study.roles.grade is not None else ""


def _treatment_words(
    records: Records, study: Study, outcomes: list[str], *, sentence: bool = False
) -> str:
    """Say of the outcome that imputation moves most whether the gap keeps its direction."""
    kinds = (COMPLETE, WEIGHTED, IMPUTED)
    found = {
        outcome: [f"opportunity.outcome_gap/{outcome}/{kind}" for kind in kinds]
        for outcome in outcomes
    }
    found = {outcome: ids for outcome, ids in found.items() if all(id_ in records for id_ in ids)}
    if not found:
        return "How missing outcomes change the gaps is (suppressed)" + "." * sentence
    moved = {
        outcome: abs(records[ids[2]].estimate - records[ids[0]].estimate)
        for outcome, ids in found.items()
    }
    outcome = max(moved, key=moved.get)
    ids, label = found[outcome], study.labels[outcome].split(",")[0]
    focal, reference = study.roles.group.contrast
    given = [
        f"{mark('number', id_)} SD ({mark('probability', id_)} interval {mark('interval', id_)})"
        for id_ in ids
    ]
    words = {direction(records, id_, more="higher", fewer="lower", same="unclear") for id_ in ids}
    if sentence:
        most = " Imputation changes the gap in no other outcome more." if len(found) > 1 else ""
        return (
            f"The gap in {in_sentence(label)} ({study.roles.group.difference}) is {given[0]} among"
            f" {study.people} with the outcome, {given[1]} with weights for non-response, and"
            f" {given[2]} with imputed values.{most}"
        )
    if words == {"unclear"}:
        return (
            f"There is no clear gap in {in_sentence(label)}, however values missing"
            f"{_in_grade(study)} are treated"
        )
    if len(words) > 1:
        return (
            f"The gap in {in_sentence(label)} depends on how values missing{_in_grade(study)} are"
            " treated"
        )
    return (
        f"{label} is {words.pop()} for {focal} than for {reference} {study.people}, however values"
        f" missing{_in_grade(study)} are treated"
    )
