"""The certificate of disclosure control: what was checked of all that leaves, and the outcome."""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from learning_with_others.files import write_text

CERTIFICATE = Path("audit", "disclosure.json")
SCAN = "scan.json"


def note_scan(
    folder: Path, stage: str, outputs: int, words: Mapping[str, Any] | None = None
) -> None:
    """Note that so many outputs of a stage's executed notebook show no student's record.

    Parameters
    ----------
    folder : path
        What the stage left; in the report's folder the certificate takes the note.
    stage : str
    outputs : int
    words : mapping, optional
        What people's words were searched for, in a study that has any.
    """
    path = folder / CERTIFICATE
    if path.is_file():
        certificate = json.loads(path.read_text(encoding="utf-8"))
        certificate["notebooks"][stage] = outputs
        _write(path, certificate | ({"quotations": dict(words)} if words else {}))
    else:
        _write(folder / SCAN, {stage: outputs})


def write_certificate(report: Path, ledger: Mapping[str, Any], stages: Iterable[Path]) -> None:
    """Write the certificate of a report.

    Parameters
    ----------
    report : path
    ledger : mapping
        What the ledger of all counts says.
    stages : iterable of path
        Folders of the stages, with their notes of outputs without a student's record.
    """
    (report / CERTIFICATE).parent.mkdir(parents=True, exist_ok=True)
    scans: dict[str, int] = {}
    for folder in stages:
        if (folder / SCAN).is_file():  # only the runner leaves one
            scans |= json.loads((folder / SCAN).read_text(encoding="utf-8"))
    _write(report / CERTIFICATE, {**ledger, "notebooks": scans})


def _write(path: Path, content: Mapping[str, Any]) -> None:
    write_text(path, json.dumps(content, indent=1, ensure_ascii=False) + "\n")
