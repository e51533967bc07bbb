"""The chain behind a number: its record, what made it, from what, and where it is used."""

import json
from collections.abc import Iterator
from pathlib import Path

from learning_with_others.errors import CompendiumError
from learning_with_others.exhibits.import_closure import code_hash
from learning_with_others.exhibits.records import Records, Result, read_about, read_results
from learning_with_others.exhibits.shown import Shown, read_exhibits
from learning_with_others.exhibits.words import used_ids

TEXTS = ("title", "sentence", "caption")


def trace(report: Path, id_: str) -> str:
    """Say where a number of a report comes from, and where it is used.

    Parameters
    ----------
    report : path
        Folder of a report, or of a stage.
    id_ : str

    Raises
    ------
    CompendiumError
        If there is no report, or no such record in it.
    """
    path = report / "results.json"
    if not path.is_file():
        raise CompendiumError(
            "there is no report", where=str(report), remedy="run `make reproduce` first"
        )
    result = Records(read_results(path))[id_]
    about = read_about(path)
    shown, _ = read_exhibits(report)
    lines = [
        *_record(result),
        f"exhibit     {result.exhibit}",
        f"laid out by {result.function}, line {result.line}, code {_code(result.function)}",
        f"shown by    notebook {result.notebook}, cell {result.cell}",
        f"parameters  {json.dumps(about.get('parameters', {}).get(result.notebook))}",
        *_provenance(about),
        *(f"used in     {use}" for use in uses(shown, id_)),
    ]
    return "\n".join(lines)


def uses(shown: list[Shown], id_: str) -> Iterator[str]:
    """Name every cell of a table, and every text, that a record stands in."""
    for one in shown:
        for trace_ in one.traces:
            if id_ in trace_["ids"]:
                columns = ", ".join(trace_["columns"].values())
                yield f"{one.table}, row {trace_['ids'].index(id_) + 1}, columns {columns}"
        for text in TEXTS:
            if id_ in used_ids(getattr(one, text)):
                yield f"the {text} of {one.name}"
        for figure in one.figures if any(id_ in trace_["ids"] for trace_ in one.traces) else ():
            yield f"figures/{figure['name']}"


def _record(result: Result) -> list[str]:
    skipped = {"exhibit", "notebook", "cell", "function", "line", "stage"}
    fields = result.model_dump(exclude_none=True, exclude=skipped)
    interval = fields.pop("interval", None)
    if interval:
        fields["interval"] = f"{interval['probability']:.0%} {interval['kind']}"
    return [f"{name:<11} {value}" for name, value in fields.items()]


def _provenance(about: dict) -> list[str]:
    found = about.get("provenance")
    if found is None:
        return []
    changed = ", with changes not committed" if found["modified"] else ""
    return [
        f"commit      {found['parent_commit']}{changed}",
        f"lock        {found['lock_sha256']}",
        *(f"data        {name} {hash_}" for name, hash_ in found["data"].items()),
        f"study       {found['study_sha256']}",
        f"made        {found['date']}, {found['machine']}, seed {found['seed']}",
    ]


def _code(function: str) -> str:
    module = f"learning_with_others.{function.rpartition('.')[0]}"
    return code_hash(module)[:16]
