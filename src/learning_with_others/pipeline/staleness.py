"""Why a stage would run: the question `make explain` answers."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class StageFiles:
    """A stage's target and the files it is made from, as the Makefile names them."""

    name: str
    target: Path
    prerequisites: tuple[Path, ...]


def parse_stage(text: str) -> StageFiles:
    """Read `name:target:prerequisite prerequisite …`."""
    name, target, prerequisites = text.split(":", 2)
    return StageFiles(name, Path(target), tuple(Path(p) for p in prerequisites.split()))


def reasons(stages: list[StageFiles], changed: set[Path]) -> dict[str, list[str]]:
    """Say for each stage why Make would run it; an empty list means it is up to date.

    Parameters
    ----------
    stages : list of StageFiles
        In the order of their dependencies.
    changed : set of path
        Files that would be rewritten before the stages run, whatever their age.
    """
    stale_targets: dict[Path, str] = {}
    found: dict[str, list[str]] = {}
    for stage in stages:
        why = _reasons(stage, stale_targets, changed)
        found[stage.name] = why
        if why:
            stale_targets[stage.target] = stage.name
    return found


def _reasons(stage: StageFiles, stale_targets: dict[Path, str], changed: set[Path]) -> list[str]:
    upstream = [
        f"{stale_targets[path]} would run" for path in stage.prerequisites if path in stale_targets
    ]
    if not stage.target.exists():
        return [f"{stage.target} does not exist", *upstream]
    made = stage.target.stat().st_mtime_ns
    newer = [
        _changed(path)
        for path in stage.prerequisites
        if path not in stale_targets
        and (path in changed or (path.exists() and path.stat().st_mtime_ns > made))
    ]
    return newer + upstream


def _changed(path: Path) -> str:
    if path.name.endswith(".parameters.json"):
        return "its parameters changed"
    return f"{path} is newer"
