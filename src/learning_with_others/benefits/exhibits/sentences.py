"""Words that several exhibits of benefits share: people, exposure, outcomes, cautions."""

from collections.abc import Iterable, Mapping

import pandas as pd

from learning_with_others.benefits.alternatives import (
    AS_OBSERVED,
    OPPOSITE,
    OTHER_SIGN,
    OTHER_VERDICT,
)
from learning_with_others.benefits.flags import same_source_words
from learning_with_others.exhibits.people import Whom, index_of
from learning_with_others.exhibits.phrases import Rows, by_finding, found, sentence_of, short
from learning_with_others.exhibits.populations import Population
from learning_with_others.exhibits.records import Records
from learning_with_others.models.comparability import Verdicts, comparability_words
from learning_with_others.models.few_schools import THESE_SCHOOLS, schools_are_fixed
from learning_with_others.psychometrics.comparability.decision import Verdict
from learning_with_others.study import Study


def in_every_model(rows: Rows) -> Whom:
    """Those in the models of all outcomes."""
    shared, *others = (mine.index for mine in rows.values())
    for index in others:
        shared = shared.intersection(index)
    return index_of(shared)


def in_each_arm(table: pd.DataFrame, rows: Rows, study: Study) -> pd.DataFrame:
    """Leave out other groups with fewer than the minimum cell in either of two arms compared.

    They stay in the models; their slopes would rest on a few people.
    """
    exposure, role = study.as_assigned.roles.exposure, study.roles.group
    if exposure.varies_by != "classroom" or "group" not in table:
        return table
    enough = {("", name) for name in ("", *role.contrast)}
    for outcome, mine in rows.items():
        counts = pd.crosstab(mine[role.column], mine[exposure.name])
        arms = counts.reindex(columns=[exposure.focal, exposure.reference], fill_value=0)
        large = arms.index[(arms >= study.analysis.minimum_cell).all(axis=1)]
        enough |= {(outcome, name) for name in (*large, "", *role.contrast)}
    pairs = zip(table["outcome"], table["group"].fillna(""), strict=True)
    return table[[pair in enough for pair in pairs]]


def with_more(study: Study) -> str:
    """Say the step of exposure that a slope is given for."""
    exposure = study.roles.exposure
    if exposure.assigned:
        return f"as an {exposure.relation} of {opportunity(study)}"
    if exposure.varies_by == "classroom":
        return f"in {opportunity(study)}"
    return f"with one standard deviation more {exposure.label}"


def these_schools(rows: Rows, study: Study) -> str:
    """Say in a caption that schools are too few to be a sample, where they are."""
    exposure = study.roles.exposure
    cluster = "school" if exposure.varies_by == "classroom" else next(iter(study.roles.clusters))
    few = any(schools_are_fixed(mine, study, cluster) for mine in rows.values())
    return f" {THESE_SCHOOLS[0].upper()}{THESE_SCHOOLS[1:]}." if few else ""


def in_plan(study: Study, outcomes: Iterable[str]) -> list[str]:
    """Put the outcome of the primary comparison first."""
    return sorted(outcomes, key=lambda name: name != study.analysis.primary)


def plan_words(study: Study, comparisons: int) -> str:
    """Say in a caption which comparison is primary, and how many others there are."""
    primary = study.analysis.primary
    if primary is None:
        return f" No comparison is primary. Exploratory: all gaps in this table ({comparisons})."
    return (
        f" Primary comparison, named in the plan: the benefit gap in {study.labels[primary]}."
        f" Exploratory: all other gaps in this table ({comparisons - 1})."
    )


def planned_sentence(clauses: Mapping[str, str], study: Study, population: Population) -> str:
    """Join clauses by outcome, the primary one in a sentence of its own, with their population."""
    primary, where = study.analysis.primary, population.words
    if primary not in clauses:
        return sentence_of([f"{where}, {'; '.join(clauses.values())}"])
    others = [clause for name, clause in clauses.items() if name != primary]
    said = f"Primary comparison, {where}: {clauses[primary]}."
    return f"{said} Exploratory, {where}: {'; '.join(others)}." if others else said


def planned_finding(findings: Mapping[str, str], study: Study) -> str:
    """Say the primary finding alone where one was named; else each with its outcomes."""
    primary = study.analysis.primary
    if primary not in findings:
        return by_finding(findings, study)
    return f"{short(study, primary)} (primary comparison): {findings[primary]}"


def step_unit(study: Study) -> str:
    """Name the unit of slopes and gaps: for one sd of an exposure, or for its contrast."""
    exposure = study.roles.exposure
    if exposure.varies_by == "classroom":
        return f"outcome SD, {exposure.focal} or {exposure.reference} class"
    return "outcome SD for one SD of the exposure"


def opportunity(study: Study) -> str:
    """Name what groups benefit from."""
    exposure = study.roles.exposure
    if exposure.varies_by == "classroom":
        return f"{exposure.focal} rather than {exposure.reference} classes"
    return exposure.label


def low_and_high(study: Study) -> tuple[str, str]:
    """Say where exposure is low and where it is high, one after the other."""
    exposure = study.roles.exposure
    if exposure.varies_by == "classroom":
        return high(study).replace(str(exposure.focal), str(exposure.reference)), high(study)
    return f"where {exposure.label} is low", "where it is high"


def high(study: Study) -> str:
    """Say where exposure is high."""
    exposure = study.roles.exposure
    if exposure.varies_by == "classroom":
        place = "after assignment to" if exposure.assigned else "in"
        return f"{place} {exposure.focal} classes"
    return f"where {exposure.label} is high"


def qualified(finding: str, records: Records, id_: str) -> str:
    """Say with a finding what takes belief from it: its measures, or another model's answer."""
    one = found(records, id_)
    flag = (one.flag or "") if one is not None else ""
    if f": {Verdict.NOT_COMPARABLE}" in flag:
        finding = f"{finding}, on measures that are not comparable"
    if any(words in flag for words in (OTHER_SIGN, OTHER_VERDICT, OPPOSITE)):
        finding = f"{finding} (other models give another answer)"
    return finding


def comparability(verdicts: Verdicts, study: Study, outcomes: Iterable[str]) -> str:
    """Say in a caption what the comparison of groups rests on."""
    return comparability_words(verdicts, study, list(outcomes))


def same_source(study: Study, outcomes: Iterable[str]) -> str:
    """Say in a caption which outcomes share the exposure's source."""
    words = same_source_words(study, list(outcomes))
    return f" {words}" if words else ""


def relation(study: Study) -> str:
    """Say in a caption what slopes and gaps are: effects of what chance assigned, or associations.

    References
    ----------
    VanderWeele, T. J. (2009). On the distinction between interaction and effect modification.
    Epidemiology 20, 863-871: effects that differ between groups are no effects of the group.
    """
    exposure, role = study.roles.exposure, study.roles.group
    if exposure.assigned is None:
        return (
            f" Slopes are {exposure.relation}s with {exposure.label}, and a benefit gap is a"
            " difference between two of them. Neither says what would happen if somebody were given"
            " more of it."
        )
    return (
        f" {exposure.focal.capitalize()} and {exposure.reference} classes were assigned at random"
        f" within entry cohorts, the {study.people} who entered the same school in the same grade:"
        f" a slope is the {exposure.relation} of having been assigned, whatever class came later,"
        f" and a benefit gap is a difference in {exposure.relation}s between groups (heterogeneity"
        f" of the {exposure.relation}, not an {exposure.relation} of {role.label})."
    )


def as_observed(study: Study) -> str:
    """Say in a caption what the alternative to an assignment is; nothing where there was none."""
    if study.roles.exposure.assigned is None:
        return ""
    return (
        f" “{AS_OBSERVED}” takes the class of the grade analysed, within schools: an association,"
        " for who changes class is not left to chance."
    )
