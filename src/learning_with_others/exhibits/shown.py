"""What a stage has shown: `exhibits.json`, from which documents and traces are made."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from learning_with_others.exhibits.records import read_about, read_results, write_results
from learning_with_others.files import write_text

EXHIBITS = "exhibits.json"


@dataclass
class Shown:
    """An exhibit as it was shown. Texts keep their marks; documents fill them.

    Attributes
    ----------
    name, title, sentence, caption : str
    function : str
    line : int
        What laid it out.
    traces : list of dict
        For each kind of number: field of the record to column, and the record of each row.
    table : str
        Path of its file; empty without one.
    figures : list of dict
        Name, alt text and caption of each.
    cell : str
        Of the notebook; the runner fills it in.
    """

    name: str
    title: str
    sentence: str
    caption: str
    function: str
    line: int
    traces: list[dict[str, Any]]
    table: str = ""
    figures: list[dict[str, str]] = field(default_factory=list)
    cell: str = ""


@dataclass(frozen=True)
class NotShown:
    """An exhibit, or a figure, that failed, and why."""

    name: str
    reason: str


def write_exhibits(
    folder: Path, about: Mapping[str, Any], shown: list[Shown], not_shown: list[NotShown]
) -> None:
    """List what a stage has shown, and what it could not."""
    content = {
        **about,
        "exhibits": [asdict(one) for one in shown],
        "not_shown": [asdict(one) for one in not_shown],
    }
    write_text(folder / EXHIBITS, json.dumps(content, indent=1, ensure_ascii=False) + "\n")


def read_exhibits(folder: Path) -> tuple[list[Shown], list[NotShown]]:
    """Read what `write_exhibits` wrote; nothing where a notebook has shown nothing."""
    if not (folder / EXHIBITS).is_file():
        return [], []
    content = json.loads((folder / EXHIBITS).read_text(encoding="utf-8"))
    return (
        [Shown(**one) for one in content["exhibits"]],
        [NotShown(**one) for one in content["not_shown"]],
    )


def name_cells(folder: Path, cells: Mapping[str, str]) -> None:
    """Note in a stage's results and exhibits which cell of the notebook shows them.

    Parameters
    ----------
    folder : path
        What the stage left.
    cells : mapping of str to str
        Exhibit to the id of its cell.
    """
    if not (folder / EXHIBITS).is_file():
        return
    content = json.loads((folder / EXHIBITS).read_text(encoding="utf-8"))
    for one in content["exhibits"]:
        one["cell"] = cells.get(one["name"], "")
    write_text(folder / EXHIBITS, json.dumps(content, indent=1, ensure_ascii=False) + "\n")
    path = folder / "results.json"
    results = read_results(path)
    named = [r.model_copy(update={"cell": cells.get(r.exhibit, "")}) for r in results]
    write_results(path, read_about(path), named)
