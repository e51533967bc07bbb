"""What code rests on: the files that a module imports, and hashes of what they do."""

import ast
import hashlib
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from learning_with_others.errors import CompendiumError
from learning_with_others.files import hash_file

PACKAGE = "learning_with_others"
SOURCE = Path(__file__).parents[1]
# What the code was when this process loaded it: a key must not name code that was edited since.
LOADED = {path: hash_file(path) for path in SOURCE.rglob("*.py")}


@cache
def imported_modules(path: Path) -> frozenset[Path]:
    """Files of this package that a file imports, wherever in it, directly."""
    found: set[Path] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        names = []
        if isinstance(node, ast.ImportFrom) and node.module:
            names = [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
        elif isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        for name in names:
            found |= module_files(name)
    return frozenset(found)


def module_files(name: str) -> set[Path]:
    """The file of a module of this package and those of the packages around it, if it is one."""
    first, *parts = name.split(".")
    if first != PACKAGE:
        return set()
    places = [SOURCE.joinpath(*parts[: end + 1]) for end in range(len(parts))]
    files = [place / "__init__.py" for place in places] + [p.with_suffix(".py") for p in places]
    return {path for path in files if path.is_file()}


def import_closure(paths: Iterable[Path]) -> set[Path]:
    """Those files and all of this package that they import in turn."""
    reached: set[Path] = set()
    waiting = set(paths)
    while waiting:
        path = waiting.pop()
        reached.add(path)
        waiting |= imported_modules(path) - reached
    return reached


@cache
def meaning_hash(path: Path) -> str:
    """SHA-256 of what a file does: comments, layout and docstrings aside.

    Raises
    ------
    CompendiumError
        If the file was edited after this process loaded it.
    """
    if path in LOADED and hash_file(path) != LOADED[path]:
        raise CompendiumError(
            f"{path.relative_to(SOURCE)} was edited while this notebook runs",
            remedy="run it again from its first cell",
        )
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        first = body[0] if isinstance(body, list) and body else None
        if (
            isinstance(first, ast.Expr)
            and isinstance(first.value, ast.Constant)
            and isinstance(first.value.value, str)
        ):
            body[0] = ast.Pass()
    return hashlib.sha256(ast.dump(tree).encode()).hexdigest()


@cache
def code_hash(module: str) -> str:
    """SHA-256 of a module and of all that it imports of this package."""
    lines = [
        f"{path.relative_to(SOURCE).as_posix()} {meaning_hash(path)}"
        for path in sorted(import_closure(module_files(module)))
    ]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()
