"""Whether the errors are what the models assume, and the gap without that assumption."""

from functools import partial

import pandas as pd

from learning_with_others.bayes.summary import INTERVAL_KIND
from learning_with_others.benefits.classical_gap import INTERVAL_KIND as ROBUST
from learning_with_others.benefits.exhibits.sentences import relation
from learning_with_others.benefits.exhibits.units import not_shown
from learning_with_others.benefits.residual_sds import DIFFER
from learning_with_others.data.outcome_families import family_of
from learning_with_others.exhibits.exhibit import Exhibit, Number, exhibit
from learning_with_others.exhibits.phrases import by_finding, found, listed, sentence_of, short
from learning_with_others.exhibits.populations import Population
from learning_with_others.exhibits.records import Records, Result
from learning_with_others.exhibits.words import SUPPRESSED
from learning_with_others.study import Study

CLASSICAL, RATIO, GAP = "benefit.gap.classical", "benefit.residual_ratio", "benefit.gap"
SD, RATIOS = "outcome sd", "A comparison of residual standard deviations"


@exhibit
def residual_ratios(table: pd.DataFrame, study: Study) -> Exhibit | None:
    """Ratios of residual standard deviations between groups, and along the exposure."""
    left_out = not_shown(study, dict.fromkeys(table["outcome"]), RATIOS, needs="collapses")
    table = table[table["outcome"].map(lambda name: family_of(study, name).collapses)]
    if table.empty:
        return None
    outcomes = list(dict.fromkeys(table["outcome"]))
    return Exhibit(
        name="residual-ratios",
        table=table,
        keys={"outcome": "outcome", "item": "comparison"},
        numbers=(
            Number(RATIO, "estimate", "ratio", interval=INTERVAL_KIND, mcse="mcse"),
            Number(f"{RATIO}.verdict", "differ", "verdict"),
        ),
        title=partial(_ratio_title, study=study, outcomes=outcomes),
        sentence=partial(_ratio_sentence, study=study, outcomes=outcomes),
        caption="Ratios of residual standard deviations, from a model with one for each group and"
        " part of the range of the exposure. The main model takes them to be equal: every ratio"
        f" would be 1. Intervals: {study.analysis.interval_probability:.0%} {INTERVAL_KIND}."
        " Where they differ, read the gap of the alternative with residual standard deviations by"
        f" group and exposure.{left_out}",
    )


@exhibit
def classical_gaps(table: pd.DataFrame, study: Study) -> Exhibit | None:
    """The benefit gap by least squares with cluster-robust intervals."""
    left_out = not_shown(study, table["outcome"], "A gap by least squares", needs="linear")
    table = table[table["outcome"].map(lambda name: family_of(study, name).linear)]
    if table.empty:
        return None
    outcomes = list(table["outcome"])
    return Exhibit(
        name="classical-gaps",
        table=table,
        keys={"outcome": "outcome"},
        numbers=(
            Number(CLASSICAL, "estimate", SD, interval=ROBUST, mcse="mcse"),
            Number(f"{CLASSICAL}.error", "error", SD),
            Number(f"{CLASSICAL}.degrees", "degrees", "degrees of freedom"),
            Number(f"{CLASSICAL}.clusters", "clusters", "clusters"),
            Number(f"{GAP}.false_call_rate.unequal_errors", "false_call_rate", "probability"),
        ),
        plain=("level",),
        title=partial(_classical_title, study=study, outcomes=outcomes),
        sentence=partial(_classical_sentence, study=study, outcomes=outcomes),
        caption=f"The benefit gap {Population.POOLED.words} by ordinary least squares: the columns"
        " and plausible values of the main model, without its priors, and without its assumption"
        " that errors are equally large for everyone. Intervals:"
        f" {study.analysis.interval_probability:.0%} t intervals from"
        " cluster-robust (CR2) standard errors, pooled by Rubin's rules, with degrees of freedom"
        " of Bell and McCaffrey. `false_call_rate` is how often the main model would call a gap"
        " supported where there is none, were its estimate to vary as this standard error says: it"
        f" holds for errors of unequal size, and for gaps that vary between clusters.{left_out}"
        f"{relation(study)}",
    )


def _ratio_title(records: Records, study: Study, outcomes: list[str]) -> str:
    findings = {}
    for name in outcomes:
        shown = records.of(f"{RATIO}.verdict", outcome=name)
        if not shown:
            findings[name] = "Whether residuals vary equally is not known"
        elif any(one.estimate == DIFFER for one in shown):
            findings[name] = "Residuals vary unequally, which the main model does not allow"
        else:
            findings[name] = "Nothing shows that residuals vary unequally"
    return by_finding(findings, study)


def _ratio_sentence(records: Records, study: Study, outcomes: list[str]) -> str:
    clauses = []
    for name in outcomes:
        apart = [
            f"{{{{number: {RATIO}/{name}/{one.item}}}}} ({one.item};"
            f" {{{{interval: {RATIO}/{name}/{one.item}}}}})"
            for one in records.of(f"{RATIO}.verdict", outcome=name)
            if one.estimate == DIFFER and f"{RATIO}/{name}/{one.item}" in records
        ]
        if apart:
            clauses.append(
                f"the ratio of residual standard deviations of {short(study, name)} is"
                f" {listed(apart)}"
            )
    if not clauses:
        return "The interval of every ratio of residual standard deviations that is shown holds 1."
    return sentence_of(clauses)


def _opposite(one: Result, other: Result) -> bool:
    """Whether two numbers have clear directions, and these differ."""
    ends = (one.lower, one.upper, other.lower, other.upper)
    if None in ends:
        return False
    return one.upper < 0 < other.lower or other.upper < 0 < one.lower


def _classical_title(records: Records, study: Study, outcomes: list[str]) -> str:
    findings = {}
    for name in outcomes:
        one, other = (found(records, f"{of}/{name}") for of in (CLASSICAL, GAP))
        if one is None or one.estimate is None:
            findings[name] = f"The benefit gap by least squares is {SUPPRESSED}"
        elif other is not None and _opposite(one, other):
            findings[name] = "Least squares turn the benefit gap round"
        elif one.lower is None or one.upper is None:
            findings[name] = "Least squares give the benefit gap no interval"
        elif one.lower <= 0 <= one.upper:
            findings[name] = "By least squares, the direction of the benefit gap remains open"
        else:
            findings[name] = "By least squares, too, the benefit gap has a direction"
    return by_finding(findings, study)


def _classical_sentence(records: Records, study: Study, outcomes: list[str]) -> str:
    clauses, whole = [], False  # once one clause is whole, the others are short
    for name in outcomes:
        id_ = f"{CLASSICAL}/{name}"
        one = found(records, id_)
        if one is None:
            clauses.append(f"{short(study, name)} {SUPPRESSED}")
            continue
        ends = f" ({{{{interval: {id_}}}}})" if one.lower is not None else ""
        lead = short(study, name)
        if not whole:
            lead = f"by least squares, the benefit gap {Population.POOLED.words} in {lead} is"
        whole = True
        clauses.append(f"{lead} {{{{number: {id_}}}}} SD{ends}")
    return sentence_of(clauses)
