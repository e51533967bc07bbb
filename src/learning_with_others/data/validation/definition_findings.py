"""What the study's definition names must exist in its codebook."""

from collections.abc import Iterator

from learning_with_others.data.codebook import CODED, Codebook
from learning_with_others.data.validation.findings import Finding
from learning_with_others.data.validation.outcome_findings import family_findings
from learning_with_others.errors import suggest
from learning_with_others.study import Study

Found = Iterator[tuple[str, str | None, str, str]]  # key, value, rule, remedy


def definition_findings(study: Study, codebook: Codebook) -> list[Finding]:
    """Check tables, keys, roles, items and groups against the codebook."""
    for checks in (
        (_tables,),
        (_columns,),
        (_labels, _roster, _items, _selected, family_findings, _described),
    ):
        findings = [
            Finding("error", str(study.folder / "study.yaml"), "", *found)
            for check in checks
            for found in check(study, codebook)
        ]
        if findings:
            break  # what comes next would look into what is not there
    return findings


def _tables(study: Study, codebook: Codebook) -> Found:
    for name in set(study.tables.given()) ^ set(codebook):
        rule = f"the table {name!r} is in the codebook or in tables:, and not in both"
        yield "tables", name, rule, "describe it in both or in neither"


def _columns(study: Study, codebook: Codebook) -> Found:
    roles = study.roles
    single = (roles.student, roles.school, roles.classroom, roles.grade, roles.weight)
    wanted: dict[str, tuple[str, list[str | None]]] = {
        **{f"tables.{name}.key": (name, t.key) for name, t in study.tables.given().items()},
        "roles": ("students", [*single, roles.survey_seconds]),
        "roles.group": ("students", list(roles.group.select or [roles.group.column])),
        "roles.covariates": ("students", roles.covariates),
        "sample.by": ("students", study.sample.by),
        "analysis.also_compare": ("students", study.analysis.also_compare),
        **{
            f"roles.pathway.covariates.{n}": ("students", columns)
            for n, columns in (roles.pathway.covariates if roles.pathway else {}).items()
        },
        "roles.exposure.column": ("students", [roles.exposure.column]),
        **{f"roles.outcomes.{n}": ("students", [o.column]) for n, o in roles.outcomes.items()},
        **{f"constructs.{n}.items": (c.table, c.all_items) for n, c in study.constructs.items()},
    }
    for key, (table, columns) in wanted.items():
        known = codebook.get(table, {})
        for column in columns:
            if column and column not in known:
                yield key, column, "names no column of the codebook", suggest(column, known)


def _items(study: Study, codebook: Codebook) -> Found:
    for name, construct in study.constructs.items():
        for item in construct.all_items:
            if codebook[construct.table][item].type != "item":
                yield f"constructs.{name}.items", item, "is not of type item", "change its type"


def _selected(study: Study, codebook: Codebook) -> Found:
    for column in study.roles.group.select or []:
        if "1" not in codebook["students"][column].codes:
            yield "roles.group.select", column, "has no code 1 for a chosen group", "add it"


def _described(study: Study, codebook: Codebook) -> Found:
    named = {"sample.by": study.sample.by, "analysis.also_compare": study.analysis.also_compare}
    for key, columns in named.items():
        for column in columns:
            if codebook["students"][column].type not in CODED:
                yield key, column, "has no labels to count", "choose a category"


def _labels(study: Study, codebook: Codebook) -> Found:
    """Focal and reference groups and levels are labels that exist."""
    students, group, exposure = codebook["students"], study.roles.group, study.roles.exposure
    recorded = group.select or students[group.column].codes
    named = {"roles.group": (group.contrast, list(recorded.values()))}
    if exposure.varies_by == "classroom" and exposure.column:
        column = students[exposure.column]
        labels = list(column.codes.values()) if column.type in CODED else []
        named["roles.exposure"] = (str(exposure.focal), str(exposure.reference)), labels
    for key, (values, labels) in named.items():
        for part, value in zip(("focal", "reference"), values, strict=True):
            if value not in labels:
                remedy = suggest(value, labels)
                yield f"{key}.{part}", value, "is no label of its column", remedy


def _roster(study: Study, codebook: Codebook) -> Found:
    """A roster names students as their own table does, and calls the two groups the same."""
    roster, group, student = study.tables.roster, study.roles.group, study.roles.student
    if roster is None:
        return
    if roster.key != [student]:
        rule = f"the roster's key is not {student!r}, which roles.student names"
        remedy = f"make the key [{student}], and the codebook's line with it"
        yield "tables.roster.key", ", ".join(roster.key), rule, remedy
    if group.select is None and group.column in codebook["roster"]:
        labels = list(codebook["roster"][group.column].codes.values())
        for name in group.contrast:
            if name not in labels:
                rule, remedy = "is no label of this column", suggest(name, labels)
                yield f"roster, {group.column}", name, rule, remedy
