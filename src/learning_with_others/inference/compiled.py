"""Compiled loops whose machine code is kept on disk, and never longer than any of its sources."""

import hashlib
from collections.abc import Callable
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

import numba


def compiled(function: Callable | None = None, **options: Any) -> Any:
    """Compile a function with numba and keep its machine code.

    numba notices an edit of the file that a kept function stands in, but not of the functions of
    other files that it calls: here every file of the room that holds compiled functions dates the
    machine code, so that no edit runs old code.

    Parameters
    ----------
    function : callable
        Compiled when it is first called.
    **options
        As `numba.njit` takes them.
    """
    if function is None:
        return lambda given: compiled(given, **options)
    found = numba.njit(cache=True, nogil=True, **options)(function)
    package, room, *_ = function.__module__.split(".")
    stamp = _date_of_sources(f"{package}.{room}")
    found._cache._cache_file._source_stamp = stamp  # noqa: SLF001 - no public way
    return found


@cache
def _date_of_sources(room: str) -> str:
    """SHA-256 of all files of a room that hold compiled functions."""
    folder = Path(import_module(room).__file__).parent
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*.py")):
        source = path.read_bytes()
        if b"compiled" in source:
            digest.update(source)
    return digest.hexdigest()
