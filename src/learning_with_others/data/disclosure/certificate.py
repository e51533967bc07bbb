"""The rules of disclosure control, and the record of one rule applied to one output."""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from learning_with_others.errors import CompendiumError
from learning_with_others.study import Study

RULES = {
    "minimum_cell": (
        "A count of children from 1 to one below the minimum cell, and what was computed from it,"
        " is withheld."
    ),
    "minimum_behind": "No number rests on fewer children than the minimum cell.",
    "complementary_cells": (
        "In a table with totals, further cells are withheld until every small cell could hold as"
        " many values as the minimum cell, and no withheld cell is determined even for somebody"
        " who knows which are small."
    ),
    "rounded_shares": (
        "A share is rounded to the finest step at which every count under the minimum cell"
        " looks like none."
    ),
    "no_records": "No output of an executed notebook shows a student's identifier or record.",
}


@dataclass(frozen=True)
class Check:
    """One rule, applied to one output.

    Attributes
    ----------
    output : str
        What was checked: a table, the results or the notebook.
    rule : str
        Key of `RULES`.
    checked, withheld : int
        Values that the rule looked at, and that it withheld or changed.
    """

    output: str
    rule: str
    checked: int
    withheld: int


SCHEMA = 1
STAGE_LOG = "disclosure.json"
CERTIFICATE = Path("audit", "disclosure.json")


def write_stage_log(
    folder: Path, study: Study, profile: str, stage: str, checks: list[Check]
) -> None:
    """Write what one stage's gate did into its output folder."""
    rows = [{"stage": stage, **asdict(check)} for check in checks]
    _write(folder / STAGE_LOG, _content(study.name, profile, study.analysis.minimum_cell, rows))


def write_certificate(stages: Iterable[Path], report: Path) -> None:
    """Merge the logs in the stages' output folders into the report's certificate.

    Raises
    ------
    CompendiumError
        If a stage left no log.
    """
    logs = [_read_log(folder) for folder in stages]
    first, rows = logs[0], [row for log in logs for row in log["checks"]]
    (report / CERTIFICATE).parent.mkdir(parents=True, exist_ok=True)
    _write(
        report / CERTIFICATE,
        _content(first["study"], first["profile"], first["minimum_cell"], rows),
    )


def add_scan(output: Path, stage: str, outputs: int) -> None:
    """Add to the log or the certificate in `output` that the executed notebook is clean.

    Parameters
    ----------
    output : Path
        A stage's output folder, or the report's; nothing is done where it holds neither file.
    stage : str
    outputs : int
        Number of the notebook's outputs looked at.
    """
    for path in (output / STAGE_LOG, output / CERTIFICATE):
        if path.is_file():
            log = json.loads(path.read_text(encoding="utf-8"))
            row = {"stage": stage, **asdict(Check("notebook", "no_records", outputs, 0))}
            rows = [*log["checks"], row]
            _write(path, _content(log["study"], log["profile"], log["minimum_cell"], rows))


def _content(
    study: str, profile: str, minimum_cell: int, checks: list[dict[str, Any]]
) -> dict[str, Any]:
    used = {check["rule"] for check in checks}
    return {
        "schema": SCHEMA,
        "study": study,
        "profile": profile,
        "minimum_cell": minimum_cell,
        "rules": {name: text for name, text in RULES.items() if name in used},
        "withheld": sum(check["withheld"] for check in checks),
        "checks": checks,
    }


def _read_log(folder: Path) -> dict[str, Any]:
    path = folder / STAGE_LOG
    if not path.is_file():
        raise CompendiumError(
            "the stage left no log of its disclosure control",
            where=str(path),
            remedy=f"run the stage again: remove {folder}.ipynb and run `make reproduce`",
        )
    return json.loads(path.read_text(encoding="utf-8"))


def _write(path: Path, content: dict[str, Any]) -> None:
    """Write beside the target, then move into place: whole or not at all."""
    beside = path.with_name(f".{path.name}.partial")
    beside.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    beside.replace(path)
