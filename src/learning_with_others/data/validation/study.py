"""All checks of a study's tables, in one list."""

from dataclasses import dataclass, field

import pandas as pd

from learning_with_others.data.codebook import Codebook
from learning_with_others.data.coding import key_items
from learning_with_others.data.conversion import convert
from learning_with_others.data.outcome_families import numeric_outcomes
from learning_with_others.data.validation.definition_findings import definition_findings
from learning_with_others.data.validation.excerpt_findings import excerpt_findings
from learning_with_others.data.validation.findings import Finding, errors
from learning_with_others.data.validation.keys import duplicate_keys, missing_clusters, orphan_keys
from learning_with_others.data.validation.names_in_passages import name_findings
from learning_with_others.data.validation.outcome_findings import number_findings
from learning_with_others.data.validation.responses import (
    gross_outliers,
    straight_lining,
    too_fast,
    unreversed_items,
)
from learning_with_others.data.validation.schema import schema_findings
from learning_with_others.study import Study

PARENTS = ("schools", "classrooms", "teachers", "students", "roster", "sessions", "themes")


@dataclass(frozen=True)
class RawStudy:
    """A study's tables as they are in the files, every cell text or missing.

    Frames are indexed by the row number in their file. `notes` say what a file holds and its table
    does not.
    """

    study: Study
    codebook: Codebook
    frames: dict[str, pd.DataFrame]
    notes: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def file(self, table: str) -> str:
        """How a table's file is named to people."""
        return str(self.study.path(getattr(self.study.tables, table)))

    def key(self, table: str) -> list[str]:
        """Columns that tell a table's rows apart."""
        return list(getattr(self.study.tables, table).key)


def study_findings(raw: RawStudy) -> list[Finding]:
    """Run every check; those that need valid codes run only where codes are valid."""
    findings = definition_findings(raw.study, raw.codebook)
    if errors(findings):
        return findings
    for name, frame in raw.frames.items():
        findings += schema_findings(frame, raw.codebook[name], raw.key(name), raw.file(name))
    if any(not finding.row for finding in errors(findings)):
        return findings  # a column is missing: nothing below could look at it
    findings += [
        Finding("warning", raw.file(name), "", "", "", note, "nothing is lost that a table needs")
        for name, notes in raw.notes.items()
        for note in notes
    ]
    findings += _key_findings(raw)
    if raw.study.qualitative:
        named = {
            name: convert(raw.frames[name], raw.codebook[name])
            for name in ("excerpts", "themes", "sessions")
            if name in raw.frames
        }
        findings += excerpt_findings(raw.study, named)
    if not errors(findings):
        findings += name_findings(raw.study, raw.codebook, raw.frames)
        findings += _response_findings(raw)
    return findings


def _key_findings(raw: RawStudy) -> list[Finding]:
    findings: list[Finding] = []
    for name, table in raw.study.tables.given().items():
        frame, file = raw.frames[name], raw.file(name)
        findings += duplicate_keys(frame, table.key, file)
        for parent in PARENTS:
            declared = getattr(raw.study.tables, parent)
            if declared is None or parent == name or len(declared.key) > 1:
                continue
            if (name, parent) == ("roster", "students"):
                continue  # who is on the roster and did not answer is what a roster is for
            if declared.key[0] in frame:
                findings += orphan_keys(frame, declared.key[0], raw.frames[parent], parent, file)
    clusters = raw.study.roles.clusters
    return findings + missing_clusters(raw.frames["students"], clusters, raw.file("students"))


def _few_to_compare(raw: RawStudy, students: pd.DataFrame) -> list[Finding]:
    """Columns of `analysis.also_compare` without two groups of the minimum cell."""
    least, findings = raw.study.analysis.minimum_cell, []
    for column in raw.study.analysis.also_compare:
        sizes = students[column].value_counts()
        if (sizes >= least).sum() < 2:  # noqa: PLR2004 - to compare
            rule = f"has fewer than two groups of {least} or more"
            remedy = "take it out of analysis.also_compare, or merge its groups in the codebook"
            findings.append(Finding("error", raw.file("students"), "", column, "", rule, remedy))
    return findings


def _response_findings(raw: RawStudy) -> list[Finding]:
    study, columns, file = raw.study, raw.codebook["students"], raw.file("students")
    constructs = {n: c for n, c in study.constructs.items() if c.table == "students"}
    students = convert(raw.frames["students"], columns)
    roles = study.roles
    used = [outcome.column for outcome in numeric_outcomes(study).values()]
    used += [roles.exposure.column, *roles.covariates]
    findings = number_findings(study, students, raw.codebook)
    findings += _few_to_compare(raw, students)
    for name in dict.fromkeys(used):
        if name in columns and columns[name].type == "number":
            findings += gross_outliers(students[name], file)
    if not constructs:
        return findings
    for name, construct in constructs.items():
        keyed = key_items(students, construct, columns)
        findings += unreversed_items(keyed, {name: construct}, file)
    items = [item for construct in constructs.values() for item in construct.all_items]
    formats: dict[tuple[str, ...], list[str]] = {}
    for item in items:
        formats.setdefault(tuple(columns[item].codes.items()), []).append(item)
    findings += straight_lining([students[same] for same in formats.values()], file)
    seconds = study.roles.survey_seconds
    if seconds:
        findings += too_fast(students[seconds], len(items), file)
    return findings
