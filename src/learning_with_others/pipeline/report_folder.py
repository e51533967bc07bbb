"""The report's folder: nothing in it that the compendium did not write is ever deleted."""

import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from learning_with_others.errors import CompendiumError
from learning_with_others.files import hash_file, write_text
from learning_with_others.pipeline.request import REPORTS

MANIFEST = "manifest.json"
MAKER = "learning-with-others compendium"
OURS = ("build", "data", "notebooks", "src", "scripts", "tests", "benchmarks", ".git", ".venv")


def check_report_folder(report: Path, study: str, build: Path, *, committed: bool) -> None:
    """Stop unless the report may be written there.

    Parameters
    ----------
    report : path
    study : str
        Name of the study.
    build : path
        The run's build folder, whose own `report` is always a place for one.
    committed : bool
        Whether this run may write what is committed: in full, with the study's own parameters.

    Raises
    ------
    CompendiumError
        If the folder is a file or a link, lies where something else of the compendium's lies, or
        holds a file that no earlier report of this study has left.
    """
    found = next(_obstacles(report, study, build, committed=committed), None)
    if found:
        raise CompendiumError(
            f"{report} {found}", remedy="name a new or an empty folder in OUT=; nothing was changed"
        )


def _obstacles(report: Path, study: str, build: Path, *, committed: bool) -> Iterator[str]:
    if report.is_symlink():
        yield "is a link to another place"
    if report.is_mount():
        yield f"is a disk of its own; a folder in it, such as {report / 'report'}, may be replaced"
    files = (path for path in (report, *report.parents) if path.exists() and not path.is_dir())
    yield from (f"cannot be a folder, for {path} is a file" for path in files)
    place, home = report.resolve(), Path.cwd()
    if home.is_relative_to(place):
        yield "holds the compendium itself"
    if place != (build / "report").resolve():
        inside = (name for name in OURS if place.is_relative_to((home / name).resolve()))
        yield from (f"lies in {name}/, which is not for reports" for name in inside)
    reports = (home / REPORTS).resolve()
    if place == reports or (place.is_relative_to(reports) and place != reports / study):
        yield f"is not the place of a report on {study!r}; {REPORTS / study} is"
    if place == reports / study and not committed:
        yield "holds what is committed: the full profile with the study's own parameters"
    strangers = foreign_files(report, study)
    if strangers:
        named = ", ".join(strangers[:3]) + (" and more" if len(strangers) > 3 else "")  # noqa: PLR2004
        yield f"holds {named}, which no report on {study!r} has left there; move it away"


def foreign_files(report: Path, study: str) -> list[str]:
    """Files in a report's folder that no earlier report of this study has left there."""
    if not report.is_dir():
        return []
    try:
        manifest = json.loads((report / MANIFEST).read_text(encoding="utf-8"))
        own = manifest["made_by"] == MAKER and manifest["study"] == study
        known = {MANIFEST, *manifest["files"]} if own else set()
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        known = set()
    return sorted(name for name in _files(report) if name not in known)


def write_manifest(report: Path, study: str, profile: str) -> None:
    """List every file of a finished report with its hash."""
    files = {name: hash_file(report / name) for name in _files(report) if name != MANIFEST}
    content = {"made_by": MAKER, "study": study, "profile": profile, "files": files}
    write_text(report / MANIFEST, json.dumps(content, indent=1) + "\n")


def beside(target: Path, ending: str) -> Path:
    """A hidden folder next to another that only the compendium would name so."""
    return target.with_name(f".{target.name}.learning-with-others.{ending}")


def replace_folder(new: Path, target: Path) -> None:
    """Put a finished folder in the place of an older one, which is removed only then."""
    old = beside(target, "old.partial")
    target.parent.mkdir(parents=True, exist_ok=True)
    if old.exists() and not target.exists():
        old.rename(target)  # an earlier run ended between the two steps below
    if old.exists():
        shutil.rmtree(old)
    if target.exists():
        target.rename(old)
    try:
        new.rename(target)
    except BaseException:
        if old.exists():
            old.rename(target)
        raise
    shutil.rmtree(old, ignore_errors=True)


def _files(folder: Path) -> list[str]:
    """Everything in a folder but folders, links that lead elsewhere included, by its path."""

    def refuse(error: OSError) -> None:
        raise error

    found = []
    for place, folders, files in os.walk(folder, onerror=refuse):
        links = [name for name in folders if Path(place, name).is_symlink()]
        found += [Path(place, name) for name in [*files, *links]]
    return sorted(path.relative_to(folder).as_posix() for path in found)
