"""Whether the column of each outcome is of the kind that its family takes."""

from collections.abc import Iterator

import pandas as pd

from learning_with_others.bayes.families.family import Family
from learning_with_others.bayes.families.registry import FAMILIES
from learning_with_others.data.codebook import CODED, Codebook, Column
from learning_with_others.data.validation.findings import Finding
from learning_with_others.errors import suggest
from learning_with_others.study import Study
from learning_with_others.study.roles import Outcome

Found = Iterator[tuple[str, str | None, str, str]]  # key, value, rule, remedy
YES_OR_NO, SHOWN = 2, 5


def family_findings(study: Study, codebook: Codebook) -> Found:
    """Check every outcome's family against the codebook, and against the pathway."""
    for name, outcome in study.roles.outcomes.items():
        key = f"roles.outcomes.{name}"
        if outcome.family not in FAMILIES:
            remedy = suggest(outcome.family, FAMILIES)
            yield f"{key}.family", outcome.family, "is no family of outcomes", remedy
            continue
        if outcome.column:
            column = codebook["students"][outcome.column]
            yield from _column_findings(key, outcome, column)
        elif _levels(outcome):
            rule = f"is a scale, whose scores are numbers, and family is {outcome.family}"
            yield key, outcome.scale, rule, "take out family, or name a column of categories"
        if study.roles.pathway and name in study.roles.pathway.names:
            yield from _pathway_findings(name, outcome)


def _levels(outcome: Outcome) -> tuple[int, int] | None:
    return FAMILIES[outcome.family].levels


def _pathway_findings(name: str, outcome: Outcome) -> Found:
    if not FAMILIES[outcome.family].collapses:
        rule = f"has the family {outcome.family}, and equations of a pathway have normal errors"
        yield (
            "roles.pathway.blocks",
            name,
            rule,
            f"take {name} out of blocks, or take out its family",
        )


def _column_findings(key: str, outcome: Outcome, column: Column) -> Found:
    levels, labels = _levels(outcome), list(dict.fromkeys(column.codes.values()))
    if levels is None:
        if column.type not in ("number", "item"):
            fitting = [name for name, each in FAMILIES.items() if _holds(each, len(labels))]
            rule = f"is not a number, which family {outcome.family} takes"
            other = f"write family: {' or '.join(fitting)}, or " if fitting else ""
            yield key, column.name, rule, f"{other}choose another column"
        return
    if column.type not in (*CODED, "number"):
        rule = f"is of type {column.type}, and family {outcome.family} takes categories"
        yield key, column.name, rule, "make it a category in the codebook, with its codes in order"
    if column.type not in CODED:
        return  # whether numbers are of the kind, their cells tell
    if not _holds(FAMILIES[outcome.family], len(labels)):
        rule = f"has {_counted(len(labels))}; family {outcome.family} takes {_wanted(levels)}"
        yield key, column.name, rule, _remedy(len(labels))
    codes = list(column.codes)
    numbers = [float(code) for code in codes if code.lstrip("-").isdigit()]
    if len(numbers) == len(codes) and numbers != sorted(numbers):
        rule = (
            f"has the codes {', '.join(codes)}, which do not rise: which value is more is unclear"
        )
        rising = "|".join(f"{code}={column.codes[code]}" for code in sorted(codes, key=float))
        yield key, column.name, rule, f"write them in the codebook as {rising}"


def number_findings(study: Study, students: pd.DataFrame, codebook: Codebook) -> list[Finding]:
    """Check the cells of outcomes of categories that are recorded as numbers.

    Parameters
    ----------
    students : pandas.DataFrame
        Converted.
    """
    findings = []
    for name, outcome in study.roles.outcomes.items():
        levels = _levels(outcome)
        if levels is None or codebook["students"][outcome.column].type != "number":
            continue
        values = sorted(students[outcome.column].dropna().unique())
        shown = ", ".join(f"{value:g}" for value in values[:SHOWN])
        shown += ", …" * (len(values) > SHOWN)
        whole = all(float(value).is_integer() for value in values)
        if levels == (YES_OR_NO, YES_OR_NO):
            fine, wanted = set(values) <= {0, 1}, "0 for no and 1 for yes"
        else:
            fine = whole and _holds(FAMILIES[outcome.family], len(values))
            wanted = f"whole numbers, {_wanted(levels)} of them"
        if not fine:
            rule = f"roles.outcomes.{name} has the family {outcome.family}, which takes {wanted}"
            remedy = f"recode it, or {_remedy(len(values))}"
            place = (str(study.path(study.tables.students)), "", outcome.column, shown)
            findings.append(Finding("error", *place, rule, remedy))
    return findings


def _holds(family: Family, count: int) -> bool:
    return family.levels is not None and family.levels[0] <= count <= family.levels[1]


def _counted(count: int) -> str:
    return f"{count} level" + "s" * (count != 1)


def _wanted(levels: tuple[int, int]) -> str:
    return str(levels[0]) if levels[0] == levels[1] else f"{levels[0]} to {levels[1]}"


def _remedy(count: int) -> str:
    fitting = [name for name, each in FAMILIES.items() if _holds(each, count)]
    if fitting:
        return f"write family: {' or '.join(fitting)}"
    return "join levels by giving their codes one label, or choose another column"
