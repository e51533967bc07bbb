"""Run the stages, each if what it was made from differs; explain, trace and clean.

What people type arrives in environment variables (`STUDY, PROFILE, PARAMS, OUT, FROM, ID`), which
Make hands over unexpanded. Whatever fails leaves what was there before as it was.
"""

import argparse
import json
import os
import shutil
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from learning_with_others.errors import CompendiumError, suggest
from learning_with_others.files import about_the_disk, write_text
from learning_with_others.pipeline.build_lock import LOCK, hold, refuse_while_held, working_in
from learning_with_others.pipeline.expected_time import in_words
from learning_with_others.pipeline.freshness import Made, read_made, reasons
from learning_with_others.pipeline.request import BUILDS, SHIPPED, Request

if TYPE_CHECKING:
    from learning_with_others.study import Study

NOTEBOOKS = Path("notebooks")
NOTED, OF_STUDY = "parameters.json", ".study"
FAILED, INTERRUPTED = 1, 130
SAID = 5  # reasons of a stage that `explain` names


def check(request: Request, stages: Iterable[str]) -> tuple["Study", dict[str, dict[str, Any]]]:
    """Stop on any mistake in study, parameters or folders.

    Returns
    -------
    Study
    dict
        The parameters of each notebook.
    """
    from learning_with_others.data.fetching import fetch_missing  # noqa: PLC0415 - slow, see run
    from learning_with_others.pipeline.parameters import declared_parameters, resolve_parameters  # noqa: PLC0415
    from learning_with_others.pipeline.report_folder import check_report_folder  # noqa: PLC0415
    from learning_with_others.study import check_data_files, load_study  # noqa: PLC0415

    if not request.study_folder.is_dir():
        shipped = sorted(path.parent.name for path in SHIPPED.glob("*/study.yaml"))
        raise CompendiumError(
            f"there is no study's folder {request.study_folder}",
            remedy=suggest(request.study_folder.name, shipped) + "; or give a path to a folder",
        )
    study = load_study(request.study_folder)
    _check_names(request, study.name)
    fetch_missing(study, request.source)
    check_data_files(study)
    check_report_folder(request.report, study.name, request.build, committed=request.committed)
    declared = {stage: declared_parameters(NOTEBOOKS / f"{stage}.ipynb") for stage in stages}
    return study, resolve_parameters(declared, study, request.profile, request.params)


def _check_names(request: Request, name: str) -> None:
    if name != request.name:
        raise CompendiumError(
            f"the study is called {name!r}, its folder {request.name!r}",
            where=str(request.study_folder / "study.yaml"),
            remedy="give both the same name: builds and reports are filed under it",
        )
    noted = request.build / OF_STUDY
    other = Path(noted.read_text(encoding="utf-8")) if noted.is_file() else None
    if other and other != request.study_folder.resolve() and (other / "study.yaml").is_file():
        raise CompendiumError(
            f"the builds of another study called {name!r} are in {request.build}: {other}",
            where=str(request.study_folder),
            remedy="rename one of the two, folder and study, so that neither overwrites the other",
        )
    shipped = SHIPPED / name
    if shipped.is_dir() and shipped.resolve() != request.study_folder.resolve():
        raise CompendiumError(
            f"a study called {name!r} ships with the compendium",
            where=str(request.study_folder),
            remedy="rename your folder and the study in it, so that neither overwrites the other",
        )


def record_path(request: Request, stage: str) -> Path:
    """File of the record of a stage's last run."""
    return request.build / f"{stage}.made.json"


def why(request: Request, stage: str, parameters: dict[str, Any]) -> list[str]:
    """Say why a stage would run, looking at its own record only."""
    made = read_made(record_path(request, stage))
    return reasons(made, parameters, request.output(stage))


def begin(request: Request, stages: Iterable[str], holder: int | None) -> None:
    """Check everything, take the build folder, note the parameters, and say how long it takes."""
    study, parameters = check(request, stages)
    hold(request.build, holder)
    write_text(request.build / OF_STUDY, str(request.study_folder.resolve()))
    write_text(request.build / NOTED, json.dumps(parameters, indent=1) + "\n")
    records: dict[str, Made | None] = {}
    changed = False
    for stage in stages:
        changed = changed or bool(why(request, stage, parameters[stage]))
        if changed:
            records[stage] = read_made(record_path(request, stage))
    if records:
        known = [read_made(path) for path in request.build.glob("*.made.json")]
        rows = next((made.rows for made in known if made and made.rows), None)
        items = bool(study.constructs)
        print(in_words(records, request.profile, items=items, rows=rows), flush=True)
    else:
        print(f"Nothing to do: {request.report / 'report.html'} is up to date")


def run(request: Request, stage: str) -> int:
    """Run a stage if anything that it was made from differs.

    What runs it is imported only then: it takes seconds, and most often nothing differs.
    """
    noted = json.loads((request.build / NOTED).read_text(encoding="utf-8"))
    parameters = noted[stage]
    if not why(request, stage, parameters):
        return 0
    from learning_with_others.pipeline.execution import Execution  # noqa: PLC0415
    from learning_with_others.pipeline.restamp import restamp  # noqa: PLC0415

    if stage.endswith("-report"):
        for earlier in noted:
            if earlier != stage and not why(request, earlier, noted[earlier]):
                restamp(request.output(earlier), record_path(request, earlier))
    return Execution(request, stage, parameters, NOTEBOOKS, record_path(request, stage)).run()


def explain(request: Request, stages: Iterable[str]) -> None:
    """Print for each stage why it would run."""
    _, parameters = check(request, stages)
    first: str | None = None
    for stage in stages:
        found = why(request, stage, parameters[stage])
        if found:
            more = f"; and {len(found) - SAID} more" if len(found) > SAID else ""
            print(f"{stage}: would run: " + "; ".join(found[:SAID]) + more)
        elif first:
            print(f"{stage}: would run if {first} hands over something else")
        else:
            print(f"{stage}: up to date")
        first = first or (stage if found else None)


def print_trace(request: Request, id_: str) -> None:
    """Print where a number of the report comes from, and where it is used."""
    from learning_with_others.exhibits.trace import trace  # noqa: PLC0415

    if not id_:
        raise CompendiumError(
            "ID= names no record", remedy="make trace ID=benefit.gap/gpa; results.json lists all"
        )
    folders = (request.report, request.build / "report")
    found = next((path for path in folders if (path / "results.json").is_file()), request.report)
    print(trace(found, id_))


def clean(holder: int | None) -> None:
    """Remove all builds, unless a run works in one."""
    for lock in BUILDS.glob(f"*/*/{LOCK}"):
        refuse_while_held(lock.parent, holder)
    for path in BUILDS.glob("*"):
        shutil.rmtree(path)


def main(arguments: list[str] | None = None) -> int:
    """Parse the command line and do what it asks."""
    parser = argparse.ArgumentParser(prog="python -m learning_with_others.pipeline.run")
    commands = parser.add_subparsers(dest="command", required=True)
    for command in ("check", "run", "explain", "trace", "clean"):
        sub = commands.add_parser(command)
        if command not in ("trace", "clean"):
            sub.add_argument("stages", nargs="+")
        sub.add_argument("--holder", type=int, help="process that all stages of a run belong to")
    given = parser.parse_args(arguments)
    try:
        if given.command == "clean":
            clean(given.holder)
            return 0
        request = Request.typed(os.environ)
        if given.command == "trace":
            print_trace(request, os.environ.get("ID", ""))
        elif given.command == "check":
            begin(request, given.stages, given.holder)
        elif given.command == "explain":
            explain(request, given.stages)
        else:
            hold(request.build, given.holder)
            with working_in(request.build):
                return next(filter(None, (run(request, s) for s in given.stages)), 0)
    except CompendiumError as error:
        print(f"\n{error}", file=sys.stderr, flush=True)
        return FAILED
    except OSError as error:
        print(f"\n{about_the_disk(error)}", file=sys.stderr, flush=True)
        return FAILED
    except KeyboardInterrupt:
        print("\ninterrupted; nothing was changed", file=sys.stderr, flush=True)
        return INTERRUPTED
    return 0


if __name__ == "__main__":
    sys.exit(main())
