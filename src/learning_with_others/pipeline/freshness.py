"""What a stage was made from, by content, and what of it differs now."""

import ast
import json
import platform
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from learning_with_others.exhibits.import_closure import SOURCE, import_closure, module_files
from learning_with_others.files import hash_file, write_text

LOCK_FILE = Path("requirements.lock")
NEVER = "it has not run yet"


@dataclass(frozen=True)
class Made:
    """The record of one finished run of a stage.

    Attributes
    ----------
    parameters : dict
        Of the notebook.
    output : str
        Folder that its files went to.
    read, wrote : dict of str to str
        Path to SHA-256 of all that it was made from, and of all that it left.
    seconds : float
        How long it took.
    rows : int or None
        Rows of students, where the stage knows them.
    python : str
        Version of Python.
    """

    parameters: dict[str, Any]
    output: str
    read: dict[str, str]
    wrote: dict[str, str]
    seconds: float
    rows: int | None = None
    python: str = platform.python_version()


def write_made(path: Path, made: Made) -> None:
    """Write a stage's record."""
    write_text(path, json.dumps(asdict(made), indent=1) + "\n")


def read_made(path: Path) -> Made | None:
    """Read a stage's record; None where there is none, or it is no record."""
    if not path.is_file():
        return None
    try:
        made = Made(**json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError, RecursionError):
        return None
    whole = all(isinstance(part, dict) for part in (made.parameters, made.read, made.wrote))
    return made if whole else None


def reasons(made: Made | None, parameters: dict[str, Any], output: Path) -> list[str]:
    """Say why a stage would run; an empty list means that nothing differs.

    Parameters
    ----------
    made : Made or None
        Of its last run.
    parameters : dict
        That it would run with.
    output : path
        Where its files would go.
    """
    if made is None:
        return [NEVER]
    found = [
        f"{name} is {parameters.get(name)!r}, it was {made.parameters.get(name)!r}"
        for name in sorted({*parameters, *made.parameters})
        if parameters.get(name) != made.parameters.get(name)
    ]
    if str(output) != made.output:
        found.append(f"its files would go to {output}, they went to {made.output}")
    if platform.python_version() != made.python:
        found.append(f"Python is {platform.python_version()}, it was {made.python}")
    found += _differing(made.read, "changed")
    found += _differing(made.wrote, "is not as it was left")
    left = {path.as_posix() for path in output.rglob("*") if path.is_file()}
    return found + [f"{name} was not left by it" for name in sorted(left - set(made.wrote))]


def _differing(noted: dict[str, str], words: str) -> list[str]:
    out = []
    for name, before in noted.items():
        now = hash_or_none(Path(name))
        if now != before:
            out.append(f"{name} {'is missing' if now is None else words}")
    return out


def hash_or_none(path: Path) -> str | None:
    """SHA-256 of a file, or None where there is none."""
    try:
        return hash_file(path) if path.is_file() else None
    except OSError:
        return None


def hashes(paths: Iterable[Path]) -> dict[str, str]:
    """Path to SHA-256 of files, in order."""
    return {path.as_posix(): hash_file(path) for path in sorted(set(paths))}


def code_of(notebook: Path) -> set[Path]:
    """The notebook, the lock, and all code and templates of this package that it runs."""
    cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    source = "\n".join("".join(c["source"]) for c in cells if c["cell_type"] == "code")
    imported: set[Path] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom) and node.module:
            for name in (node.module, *(f"{node.module}.{alias.name}" for alias in node.names)):
                imported |= module_files(name)
    closure = import_closure(imported)
    folders = {path.parent for path in closure} - {SOURCE}
    templates = {path for folder in folders for path in folder.rglob("*.jinja")}
    home = Path.cwd()
    local = {
        path.relative_to(home) if path.is_relative_to(home) else path
        for path in closure | templates
    }
    return {notebook, LOCK_FILE, *local}
