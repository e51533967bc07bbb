"""One run a build folder: who holds it, and whether that run is still alive."""

import fcntl
import json
import os
from pathlib import Path

import psutil

from learning_with_others.errors import CompendiumError

LOCK = ".lock"


def hold(build: Path, pid: int | None = None) -> None:
    """Take the build folder for a process, or stop and say which run holds it.

    The lock names a process and when it started. A run that ended, however it ended, leaves a
    lock that nobody holds: the next run takes it over.

    Parameters
    ----------
    build : path
    pid : int, optional
        The process whose stages share the folder, Make's; this process without it.

    Raises
    ------
    CompendiumError
        If another process that still runs holds the folder.
    """
    wanted = pid or os.getpid()
    build.mkdir(parents=True, exist_ok=True)
    with (build / LOCK).open("a+", encoding="utf-8") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        file.seek(0)
        holder = _holder(file.read())
        if holder not in (None, wanted):
            raise CompendiumError(
                f"another run works in this folder: process {holder}, {_command(holder)}",
                where=str(build),
                remedy=f"wait for it to end, or stop it with `kill {holder}`",
            )
        file.truncate(0)
        json.dump({"pid": wanted, "started": _started(wanted)}, file)


def _holder(text: str) -> int | None:
    """Process that a lock names, if it is still the one that took it."""
    try:
        noted = json.loads(text)
        alive = _started(noted["pid"]) == noted["started"]
    except (ValueError, KeyError, TypeError):
        return None  # empty, or cut short: nobody's
    return noted["pid"] if alive else None


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
