"""What the study's definition names must exist in its codebook."""

from learning_with_others.data.codebook import CODED, Codebook
from learning_with_others.data.validation.findings import Finding
from learning_with_others.errors import suggest
from learning_with_others.study import Study


def definition_findings(study: Study, codebook: Codebook) -> list[Finding]:
    """Check tables, keys, roles, items and groups against the codebook."""
    given = study.tables.given()
    for name in set(given) ^ set(codebook):
        rule = f"the table {name!r} is in the codebook or in tables:, and not in both"
        return [_finding(study, "tables", name, rule, "describe it in both or in neither")]
    students = codebook["students"]
    wanted: dict[str, tuple[str, list[str]]] = {
        f"tables.{name}.key": (name, table.key) for name, table in given.items()
    }
    roles = study.roles
    wanted["roles"] = (
        "students",
        [c for c in (roles.student, roles.school, roles.classroom, roles.grade) if c]
        + [c for c in (roles.weight, roles.survey_seconds) if c],
    )
    wanted["roles.group"] = ("students", list(roles.group.select or [roles.group.column]))
    wanted["roles.covariates"] = ("students", roles.covariates)
    wanted["roles.exposure.column"] = ("students", [c for c in (roles.exposure.column,) if c])
    for name, outcome in roles.outcomes.items():
        wanted[f"roles.outcomes.{name}"] = ("students", [c for c in (outcome.column,) if c])
    for name, construct in study.constructs.items():
        wanted[f"constructs.{name}.items"] = (construct.table, construct.all_items)
    findings = [
        _finding(
            study, key, column, "names no column of the codebook", suggest(column, codebook[table])
        )
        for key, (table, columns) in wanted.items()
        for column in columns
        if column not in codebook.get(table, {})
    ]
    if findings:
        return findings
    return [
        *_label_findings(study, codebook),
        *_roster_findings(study, codebook),
        *(
            _finding(
                study, f"constructs.{name}.items", item, "is not of type item", "change its type"
            )
            for name, construct in study.constructs.items()
            for item in construct.all_items
            if codebook[construct.table][item].type != "item"
        ),
        *(
            _finding(
                study, "roles.group.select", column, "has no code 1 for a chosen group", "add it"
            )
            for column in roles.group.select or []
            if "1" not in students[column].codes
        ),
        *(
            _finding(
                study, f"roles.outcomes.{name}", outcome.column, "is not a number", "choose another"
            )
            for name, outcome in roles.outcomes.items()
            if outcome.column and students[outcome.column].type not in ("number", "item")
        ),
    ]


def _label_findings(study: Study, codebook: Codebook) -> list[Finding]:
    """Focal and reference groups and levels are labels that exist."""
    students, roles = codebook["students"], study.roles
    labels = {
        "roles.group": list(roles.group.select.values())
        if roles.group.select
        else list(students[roles.group.column].codes.values())
    }
    named = {"roles.group": roles.group.contrast}
    exposure = roles.exposure
    if exposure.varies_by == "classroom" and exposure.column:
        column = students[exposure.column]
        labels["roles.exposure"] = list(column.codes.values()) if column.type in CODED else []
        named["roles.exposure"] = (str(exposure.focal), str(exposure.reference))
    return [
        _finding(
            study, f"{key}.{part}", value, "is no label of its column", suggest(value, labels[key])
        )
        for key, values in named.items()
        for part, value in zip(("focal", "reference"), values, strict=True)
        if value not in labels[key]
    ]


def _roster_findings(study: Study, codebook: Codebook) -> list[Finding]:
    """A roster names students as their own table does, and calls the two groups the same."""
    roster, group_role = study.tables.roster, study.roles.group
    if roster is None:
        return []
    findings = []
    if roster.key != [study.roles.student]:
        rule = f"the roster's key is not {study.roles.student!r}, which roles.student names"
        remedy = f"make the key [{study.roles.student}], and the codebook's line with it"
        findings.append(_finding(study, "tables.roster.key", ", ".join(roster.key), rule, remedy))
    if group_role.select is None and group_role.column in codebook["roster"]:
        labels = list(codebook["roster"][group_role.column].codes.values())
        findings += [
            _finding(
                study,
                f"roster, {group_role.column}",
                group,
                "is no label of this column",
                suggest(group, labels),
            )
            for group in group_role.contrast
            if group not in labels
        ]
    return findings


def _finding(study: Study, key: str, value: str, rule: str, remedy: str) -> Finding:
    return Finding("error", str(study.folder / "study.yaml"), "", key, value, rule, remedy)
