"""Estimates kept on disk under a key of their content, so that only what changed is computed."""

import hashlib
import os
import pickle
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd

from learning_with_others.exhibits.fingerprints import estimate_key
from learning_with_others.inference.parallel import side_by_side

DIGEST_BYTES = hashlib.sha256().digest_size
DAYS_KEPT, DAYS_HALF_WRITTEN = 30, 1


class NotMade:
    """Stands for an estimate that failed: what is laid out from it is not shown, for that reason.

    Parameters
    ----------
    error : Exception
        What failed; raised anew by whoever looks into the estimate.
    """

    def __init__(self, error: Exception) -> None:
        self.error = error

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") or name == "error":  # while it is unpickled
            raise AttributeError(name)
        raise self.error

    def __iter__(self) -> Any:
        raise self.error

    def __getitem__(self, key: object) -> Any:
        raise self.error


class Estimate(NamedTuple):
    """An estimate to be made: a function of this package, and what it is called with."""

    function: Callable[..., Any]
    inputs: tuple[object, ...]
    settings: dict[str, object]

    @property
    def failed_input(self) -> NotMade | None:
        """What it would be made from and could not be made itself."""
        given = (*self.inputs, *self.settings.values())
        return next((each for each in given if isinstance(each, NotMade)), None)

    def make(self) -> Any:
        """Call the function."""
        return self.function(*self.inputs, **self.settings)


def stacked(tables: Mapping[str, Any]) -> Any:
    """Put tables below each other; what stands for one that failed stands for all."""
    failed = next((each for each in tables.values() if isinstance(each, NotMade)), None)
    return failed or pd.concat(tables.values(), ignore_index=True)


def estimate(function: Callable[..., Any], *inputs: object, **settings: object) -> Estimate:
    """Name an estimate without making it."""
    return Estimate(function, inputs, settings)


class Estimates:
    """Estimates that are being made; asking for one waits for it."""

    def __init__(self, begun: dict[str, Future]) -> None:
        self._begun = begun

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_") or name not in self._begun:
            raise AttributeError(f"no estimate {name!r}; there are {', '.join(self._begun)}")
        try:
            return self._begun[name].result()
        except Exception as error:  # noqa: BLE001 - told where it is shown
            return NotMade(error)


class Kept:
    """The folder of kept estimates.

    A file holds a digest and what it is the digest of, so that damage is noticed. joblib.Memory,
    which also keeps results of functions, does not look at the code that they call.

    Parameters
    ----------
    folder : path
    lock : str
        Hash of the locked environment.
    say : callable
        Told of every damaged file.
    """

    def __init__(self, folder: Path, lock: str, say: Callable[[str], None] = print) -> None:
        self.folder, self.lock, self.say = folder, lock, say

    def path(self, wanted: Estimate) -> Path:
        """File of an estimate."""
        key = estimate_key(*wanted, self.lock)
        return self.folder / f"{wanted.function.__name__}-{key[:32]}.pickle"

    def give(self, wanted: Estimate) -> Any:
        """Give an estimate, made now or kept from before."""
        path = self.path(wanted)
        found = self.held(path)
        return self.put(path, wanted.make()) if found is None else found[0]

    def begin(self, wanted: dict[str, Estimate]) -> Estimates:
        """Give estimates, those that are not kept side by side, while the caller goes on.

        A single one is made by a thread of this process, for it may itself run side by side.
        """
        begun: dict[str, Future] = {name: Future() for name in wanted}
        paths: dict[str, Path] = {}
        for name, each in wanted.items():
            if each.failed_input:
                begun[name].set_result(each.failed_input)
                continue
            path = self.path(each)
            held = self.held(path)
            if held is None:
                paths[name] = path
            else:
                begun[name].set_result(held[0])
        missing = list(paths)

        def make() -> None:
            try:
                tasks = [partial(_make, wanted[name]) for name in missing]
                made = [tasks[0]()] if len(tasks) == 1 else side_by_side(*tasks)
                for name, value in zip(missing, made, strict=True):
                    kept = not isinstance(value, NotMade)
                    begun[name].set_result(self.put(paths[name], value) if kept else value)
            except BaseException as error:  # noqa: BLE001 - told to whoever asks for the result
                for name in missing:
                    if not begun[name].done():
                        begun[name].set_exception(error)

        if missing:
            thread = ThreadPoolExecutor(max_workers=1)
            thread.submit(make)
            thread.shutdown(wait=False)
        return Estimates(begun)

    def forget_old(self) -> None:
        """Remove what no run used for a month, and what has been half-written for a day."""
        for path in self.folder.glob("*"):
            days = DAYS_HALF_WRITTEN if path.suffix == ".partial" else DAYS_KEPT
            with suppress(OSError):  # it may be gone, or no file
                if time.time() - path.stat().st_mtime > days * 24 * 3600:
                    path.unlink()

    def held(self, path: Path) -> tuple[Any] | None:
        """Give what a file holds, in a tuple; None where there is none, or it is damaged."""
        try:
            content = path.read_bytes()
        except FileNotFoundError:
            return None
        except OSError:
            content = b""
        digest, body = content[:DIGEST_BYTES], content[DIGEST_BYTES:]
        try:
            if _digest(path, body) != digest:
                raise ValueError("its digest is another")  # noqa: TRY301 - like any other damage
            found = (pickle.loads(body),)  # noqa: S301 - as safe as the build folder it lies in
        except Exception:  # noqa: BLE001 - whatever a file holds, it can be computed again
            self.say(f"the kept estimate {path.name} is damaged; it is computed again")
            return None
        with suppress(OSError):
            os.utime(path)
        return found

    def put(self, path: Path, value: Any) -> Any:
        """Write a value, whole or not at all, and give it back."""
        self.folder.mkdir(parents=True, exist_ok=True)
        body = pickle.dumps(value, protocol=pickle.HIGHEST_PROTOCOL)
        partial_path = path.with_suffix(".partial")
        partial_path.write_bytes(_digest(path, body) + body)
        partial_path.replace(path)
        return value


def _digest(path: Path, body: bytes) -> bytes:
    """Of an estimate under its own name: another's file in its place is noticed."""
    return hashlib.sha256(path.name.encode() + body).digest()


def _make(wanted: Estimate) -> Any:
    """Make an estimate; one that fails stops none of those beside it."""
    try:
        return wanted.make()
    except Exception as error:  # noqa: BLE001 - told to whoever asks for the result
        return NotMade(error)
