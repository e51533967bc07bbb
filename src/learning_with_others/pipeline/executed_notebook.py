"""What an executed notebook tells: whether it finished, what it shows, and where it failed."""

import json
from pathlib import Path
from typing import Any

from learning_with_others.data.codebook import read_codebook
from learning_with_others.data.disclosure.identifiers import student_identifiers
from learning_with_others.data.disclosure.notebooks import scan_notebook
from learning_with_others.data.disclosure.passages import said_in
from learning_with_others.data.disclosure.shown_words import scan_files
from learning_with_others.errors import CompendiumError
from learning_with_others.exhibits.certificate import note_scan
from learning_with_others.study import Study

SAID = 12  # lines of an error
OF_THE_DISK = ("OSError", "PermissionError", "NotADirectoryError", "FileExistsError")
REMEDY = (
    "show counts or summaries through `stage.show`, never rows; a number that is no identifier is"
    " told apart when written as 12,345"
)
OF_WORDS = (
    "; quote only what `stage.quotations` gives, in a column that the exhibit declares in `quotes`;"
    " reword texts of study.yaml, captions and themes that repeat a passage or a speaker's name"
)
Cells = list[dict[str, Any]]


def cells_of_exhibits(cells: Cells) -> dict[str, str]:
    """Exhibit to the id of the cell that shows it: its output is tagged with its name."""
    return {
        output["metadata"]["exhibit"]: cell["id"]
        for cell in cells
        for output in cell.get("outputs", [])
        if "exhibit" in output.get("metadata", {})
    }


def _status(cell: dict[str, Any]) -> str | None:
    return cell["metadata"].get("papermill", {}).get("status")


def check_finished(executed: Path) -> Cells:
    """A kernel that was told to exit leaves cells that never ran, and no error."""
    cells = json.loads(executed.read_text(encoding="utf-8"))["cells"]
    for cell in cells:
        if cell["cell_type"] == "code" and _status(cell) != "completed":
            raise CompendiumError(
                f"it ended before cell {cell['id']} ran",
                remedy="take out what ends the notebook early, such as sys.exit()",
            )
    return cells


def check_what_it_shows(study: Study, stage: str, cells: Cells, draft: Path) -> None:
    """Look for students' records, and for anybody's words, and note that there are none."""
    columns, said = set(read_codebook(study.codebook_path)["students"]), said_in(study)
    identifiers, student = student_identifiers(study), study.roles.student
    findings = scan_notebook(cells, identifiers, student, columns, said)
    listed = [
        *(f"  cell {found.cell} {found.problem}" for found in findings),
        *(f"  {name} {problem}" for name, problem in scan_files(draft, said)),
    ]
    if listed:
        raise CompendiumError(
            "it ran, but shows what must not be shown; nothing was replaced\n" + "\n".join(listed),
            remedy=f"{REMEDY}{OF_WORDS if said else ''}",
        )
    outputs = sum(len(cell.get("outputs", [])) for cell in cells)
    note_scan(draft, stage, outputs, said.certificate())


def failure(stage: str, error: Any, parameters: dict[str, Any], executed: Path) -> str:
    """Say in which cell a notebook failed, with which parameters, and what to do."""
    cells = json.loads(executed.read_text(encoding="utf-8"))["cells"]
    broken = [cell["id"] for cell in cells if _status(cell) == "failed"]
    given = " ".join(f"{key}={value}" for key, value in parameters.items()) or "(none)"
    own_error = error.ename == CompendiumError.__name__
    remedy = "mend the cell or the code it calls"
    if error.ename in OF_THE_DISK:
        remedy = "make room on the disk, or allow writing there, and run the same command again"
    return (
        f"{stage} failed in cell {broken[0] if broken else '?'}\n"
        f"  parameters: {given}\n"
        f"  error: {'' if own_error else error.ename + ': '}{_first_lines(error.evalue)}"
        + ("" if own_error else f"\n  remedy: {remedy}")
    )


def _first_lines(text: str) -> str:
    lines = text.splitlines()
    more = [f"  … and {len(lines) - SAID} more lines in the notebook"] if len(lines) > SAID else []
    return "\n".join([*lines[:SAID], *more])
