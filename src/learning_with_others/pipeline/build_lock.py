"""One run a build folder: who holds it, and whether that run is still alive."""

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

from learning_with_others.errors import CompendiumError

LOCK, WORKING = ".lock", ".working"


def hold(build: Path, pid: int | None = None) -> None:
    """Take the build folder for a process, or stop and say which run holds it.

    The lock names the process whose stages share the folder, and the one that works in it, with
    the time at which each started. A run that ended, however it ended, leaves a lock that nobody
    holds: the next run takes it over.

    Parameters
    ----------
    build : path
    pid : int, optional
        The process whose stages share the folder, Make's; this process without it.

    Raises
    ------
    CompendiumError
        If another run holds the folder: its Make, or what Make left working when it was killed.
    """
    own = {pid or os.getpid(), os.getpid()}
    build.mkdir(parents=True, exist_ok=True)
    with (build / LOCK).open("a+", encoding="utf-8") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        file.seek(0)
        holders = _alive(file.read())
        if holders and not holders & own:
            raise _held(build, min(holders))
        file.truncate(0)
        json.dump({str(each): _started(each) for each in sorted(own)}, file)


@contextmanager
def working_in(build: Path) -> Iterator[None]:
    """Hold a build folder while this process works in it, whatever process numbers say.

    Numbers repeat, and mean nothing in another container; the file's own lock does.

    Raises
    ------
    CompendiumError
        If another process works in it.
    """
    with (build / WORKING).open("a", encoding="utf-8") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise CompendiumError(
                "another run works in this folder",
                where=str(build),
                remedy="wait for it to end, and run the same command again",
            ) from None
        yield


def refuse_while_held(build: Path, pid: int | None = None) -> None:
    """Stop if a run other than that of a process works in a build folder."""
    path = build / LOCK
    holders = _alive(path.read_text(encoding="utf-8")) if path.is_file() else set()
    if holders - {os.getpid(), pid}:
        raise _held(build, min(holders))


def _held(build: Path, holder: int) -> CompendiumError:
    return CompendiumError(
        f"another run works in this folder: process {holder}, {_command(holder)}",
        where=str(build),
        remedy=f"wait for it to end, or stop it with `kill {holder}`",
    )


def _alive(text: str) -> set[int]:
    """Processes that a lock names, if they are still those that took it."""
    try:
        noted = {int(pid): started for pid, started in json.loads(text).items()}
    except (ValueError, AttributeError):
        return set()  # empty, or cut short: nobody's
    return {pid for pid, started in noted.items() if started and _started(pid) == started}


def _started(pid: int) -> float | None:
    try:
        process = psutil.Process(pid)
        return None if process.status() == psutil.STATUS_ZOMBIE else process.create_time()
    except psutil.Error:
        return None


def _command(pid: int) -> str:
    try:
        return "`" + " ".join(psutil.Process(pid).cmdline())[:80] + "`"
    except psutil.Error:
        return "which has just ended"
