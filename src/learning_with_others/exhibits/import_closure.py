"""What code rests on: the files that a module imports, and hashes of what they do."""

import hashlib
import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from types import CodeType

from learning_with_others.errors import CompendiumError
from learning_with_others.files import hash_file

PACKAGE = "learning_with_others"
IMPORTS = re.compile(
    rf"^ *(?:from ({PACKAGE}[.\w]*) import (\([^)]*\)|.+)|import ({PACKAGE}[.\w]*))", re.MULTILINE
)
SOURCE = Path(__file__).parents[1]
# What the code was when this process loaded it: a key must not name code that was edited since.
LOADED = {path: hash_file(path) for path in SOURCE.rglob("*.py")}


@cache
def imported_modules(path: Path) -> frozenset[Path]:
    """Files of this package that a file imports, wherever in it, directly."""
    found: set[Path] = set()
    for module, names, alone in IMPORTS.findall(path.read_text(encoding="utf-8")):
        members = [name.split(" as ")[0].strip() for name in names.strip("()\n").split(",")]
        for name in (alone or module, *(f"{module}.{member}" for member in members if module)):
            found |= module_files(name)
    return frozenset(found)


def module_files(name: str) -> frozenset[Path]:
    """The file of a module of this package and those of the packages around it, if it is one."""
    return _module_files(name, SOURCE)


@cache
def _module_files(name: str, source: Path) -> frozenset[Path]:
    first, *parts = name.split(".")
    if first != PACKAGE:
        return frozenset()
    places = [source.joinpath(*parts[: end + 1]) for end in range(len(parts))]
    files = [place / "__init__.py" for place in places] + [p.with_suffix(".py") for p in places]
    return frozenset(path for path in files if path.is_file())


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
    code = compile(path.read_text(encoding="utf-8"), "", "exec", optimize=2, dont_inherit=True)
    return hashlib.sha256(repr(_meaning(code)).encode()).hexdigest()


def _meaning(code: CodeType) -> tuple:
    """All of a piece of compiled code but its place; without docstrings where Python drops them."""
    constants = [
        _meaning(one)
        if isinstance(one, CodeType)
        else sorted(map(repr, one))  # a set has no order
        if isinstance(one, frozenset)
        else one
        for one in code.co_consts
    ]
    names = (code.co_name, code.co_names, code.co_varnames, code.co_freevars, code.co_cellvars)
    counts = (code.co_argcount, code.co_posonlyargcount, code.co_kwonlyargcount, code.co_flags)
    return constants, names, counts, code.co_code, code.co_exceptiontable


@cache
def code_hash(module: str) -> str:
    """SHA-256 of a module and of all that it imports of this package."""
    lines = [
        f"{path.relative_to(SOURCE).as_posix()} {meaning_hash(path)}"
        for path in sorted(import_closure(module_files(module)))
    ]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()
