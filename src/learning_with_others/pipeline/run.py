"""Run one notebook: check its parameters, execute it, file the outcome.

The Makefile is the only caller: `check` before anything runs, `run` for each stage that is not
up to date, `explain` to say why.
"""

import argparse
import json
import shutil
import signal
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from learning_with_others.data.fetching import fetch_missing
from learning_with_others.errors import CompendiumError, suggest
from learning_with_others.exhibits.records import write_text
from learning_with_others.pipeline.parameters import declared_parameters, resolve_parameters
from learning_with_others.pipeline.staleness import parse_stage, reasons
from learning_with_others.study import PROFILES, Study, check_data_files, load_study

NOTEBOOKS = Path("notebooks")
SHIPPED = Path("data")
FAILED, INTERRUPTED = 1, 130


@dataclass(frozen=True)
class Run:
    """What the command line asked for; all paths relative to the repository.

    `source` is a path from which to take a file that the repository does not carry.
    """

    study_folder: Path
    profile: str
    params: str
    build: Path
    report: Path
    source: str = ""

    def output(self, notebook: str) -> Path:
        """Folder that a notebook's files go to: the report's for the last, else the build's."""
        return self.report if notebook.endswith("-report") else self.build / notebook


def check(run: Run) -> dict[Path, str]:
    """Stop on any mistake in study, profile, parameters or folders.

    Returns
    -------
    dict
        For each notebook, the file that notes its parameters and what it should hold.
    """
    if run.profile not in PROFILES:
        raise CompendiumError(
            f"PROFILE={run.profile} is no profile", remedy=suggest(run.profile, PROFILES)
        )
    if not run.study_folder.is_dir():
        shipped = sorted(path.parent.name for path in SHIPPED.glob("*/study.yaml"))
        raise CompendiumError(
            f"there is no study's folder {run.study_folder}",
            remedy=suggest(run.study_folder.name, shipped) + "; or give a path to a folder",
        )
    study = load_study(run.study_folder)
    _check_names(run, study)
    fetch_missing(study, run.source)
    check_data_files(study)
    _check_report_folder(run.report)
    notes = {}
    for name, parameters in _resolve(run, study).items():
        noted = {
            "study": str(run.study_folder),
            "output_folder": str(run.output(name)),
            "parameters": parameters,
        }
        notes[run.build / f"{name}.parameters.json"] = json.dumps(noted, indent=1) + "\n"
    return notes


def changed_notes(notes: dict[Path, str]) -> set[Path]:
    """Files of noted parameters that are absent or hold something else."""
    return {p for p, t in notes.items() if not p.exists() or p.read_text(encoding="utf-8") != t}


def write_notes(notes: dict[Path, str]) -> None:
    """Write the files that differ and no other, so that Make sees a change and nothing else."""
    for path in changed_notes(notes):
        path.parent.mkdir(parents=True, exist_ok=True)
        write_text(path, notes[path])


def _check_names(run: Run, study: Study) -> None:
    folder = run.study_folder.resolve().name
    if study.name != folder:
        raise CompendiumError(
            f"the study is called {study.name!r}, its folder {folder!r}",
            where=str(run.study_folder / "study.yaml"),
            remedy="give both the same name: builds and reports are filed under it",
        )
    elsewhere = run.study_folder.resolve().parent != SHIPPED.resolve()
    if elsewhere and (SHIPPED / folder).is_dir():
        raise CompendiumError(
            f"a study called {folder!r} ships with the compendium",
            where=str(run.study_folder),
            remedy="rename your folder and the study in it, so that neither overwrites the other",
        )


def _check_report_folder(report: Path) -> None:
    if report.exists() and not report.is_dir():
        raise CompendiumError(f"{report} is a file", remedy="name a folder in OUT=")
    if report.is_dir() and any(report.iterdir()) and not (report / "results.json").is_file():
        raise CompendiumError(
            f"the folder {report} holds files that are no earlier report",
            remedy="name an empty or a new folder in OUT=; nothing was changed",
        )


def _resolve(run: Run, study: Study) -> dict[str, dict[str, Any]]:
    declared = {path.stem: declared_parameters(path) for path in sorted(NOTEBOOKS.glob("*.ipynb"))}
    return resolve_parameters(declared, study, run.profile, run.params)


def run_notebook(run: Run, name: str) -> int:
    """Execute one notebook and move what it made into place, or leave `NAME.failed.ipynb`.

    Returns
    -------
    int
        Exit status: 0, 1 if a cell failed or shows what it must not, 130 if interrupted.
    """
    import papermill  # noqa: PLC0415 - a second of import that checking does without
    from papermill.exceptions import PapermillExecutionError  # noqa: PLC0415

    from learning_with_others.data.disclosure.certificate import add_scan  # noqa: PLC0415
    from learning_with_others.pipeline import progress  # noqa: PLC0415

    study = load_study(run.study_folder)
    own = _resolve(run, study)[name]
    output = run.output(name)
    partial_output = output.with_name(f".{output.name}.partial")
    partial = run.build / f".{name}.partial.ipynb"
    failed = run.build / f"{name}.failed.ipynb"
    shutil.rmtree(partial_output, ignore_errors=True)
    failed.unlink(missing_ok=True)
    run.build.mkdir(parents=True, exist_ok=True)
    parameters = {
        "study": str(run.study_folder),
        "profile": run.profile,
        "project_root": ".",
        "build_folder": str(run.build),
        "output_folder": str(partial_output),
        **own,
    }
    # A shell starts background jobs with SIGINT ignored; a run must end cleanly there too.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.default_int_handler)
    started = time.monotonic()
    try:
        papermill.execute_notebook(
            NOTEBOOKS / f"{name}.ipynb",
            partial,
            parameters,
            engine_name=progress.register(),
            kernel_name="python3",
            progress_bar=False,
            notebook_label=name,
        )
    except PapermillExecutionError as error:
        _file_failure(partial, failed, partial_output)
        _say_failure(name, error, own, failed)
        return FAILED
    except KeyboardInterrupt:
        _file_failure(partial, failed, partial_output)
        _complain(f"\n{name}: interrupted; nothing was replaced. So far: {failed}")
        return INTERRUPTED
    except BaseException:
        _file_failure(partial, failed, partial_output)
        raise
    findings, outputs = _scan(study, partial)
    if findings:
        _file_failure(partial, failed, partial_output)
        _say_disclosure(name, findings, failed)
        return FAILED
    add_scan(partial_output, name, outputs)
    text = partial.read_text(encoding="utf-8").replace(str(partial_output), str(output))
    write_text(partial, text)
    _replace_folder(partial_output, output)
    partial.replace(run.build / f"{name}.ipynb")
    print(f"[{name}] done in {time.monotonic() - started:.0f} s", flush=True)
    return 0


def _scan(study: Study, executed: Path) -> tuple[list[Any], int]:
    """Look for students' records in an executed notebook; count the outputs looked at."""
    from learning_with_others.data.codebook import read_codebook  # noqa: PLC0415
    from learning_with_others.data.disclosure.identifiers import student_identifiers  # noqa: PLC0415
    from learning_with_others.data.disclosure.notebooks import scan_notebook  # noqa: PLC0415

    notebook = json.loads(executed.read_text(encoding="utf-8"))
    columns = set(read_codebook(study.codebook_path)["students"])
    found = scan_notebook(notebook, student_identifiers(study), study.roles.student, columns)
    return found, sum(len(cell.get("outputs", [])) for cell in notebook["cells"])


def _replace_folder(new: Path, target: Path) -> None:
    """Put a finished folder in the place of an older one."""
    old = target.with_name(f".{target.name}.old.partial")
    shutil.rmtree(old, ignore_errors=True)
    if target.exists():
        target.rename(old)
    new.rename(target)
    shutil.rmtree(old, ignore_errors=True)


def _file_failure(partial: Path, failed: Path, partial_output: Path) -> None:
    if partial.exists():
        partial.replace(failed)
    shutil.rmtree(partial_output, ignore_errors=True)


def _say_failure(name: str, error: Any, parameters: dict[str, Any], failed: Path) -> None:
    notebook = json.loads(failed.read_text(encoding="utf-8"))
    broken = [
        cell["id"]
        for cell in notebook["cells"]
        if cell["metadata"].get("papermill", {}).get("status") == "failed"
    ]
    given = " ".join(f"{key}={value}" for key, value in parameters.items()) or "(none)"
    own_error = error.ename == CompendiumError.__name__
    _complain(
        f"\n{name} failed in cell {broken[0] if broken else '?'}\n"
        f"  parameters: {given}\n"
        f"  error: {'' if own_error else error.ename + ': '}{error.evalue}\n"
        + ("" if own_error else "  remedy: mend the cell or the code it calls\n")
        + f"  the notebook as far as it ran: {failed}"
    )


def _say_disclosure(name: str, findings: list[Any], failed: Path) -> None:
    listed = "\n".join(f"  cell {found.cell} {found.problem}" for found in findings)
    _complain(
        f"\n{name} ran, but shows what must not be shown; nothing was replaced\n{listed}\n"
        "  remedy: show counts or summaries through `stage.table`, never rows; a number that is no"
        " identifier is told apart when written as 12,345\n"
        f"  the notebook as it ran: {failed}"
    )


def _complain(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def explain(run: Run, stages: list[str]) -> None:
    """Print for each stage why it would run."""
    found = reasons([parse_stage(text) for text in stages], changed_notes(check(run)))
    for name, why in found.items():
        print(f"{name}: " + ("would run: " + "; ".join(why) if why else "up to date"))


def main(arguments: list[str] | None = None) -> int:
    """Parse the command line and do what it asks."""
    parser = argparse.ArgumentParser(prog="python -m learning_with_others.pipeline.run")
    commands = parser.add_subparsers(dest="command", required=True)
    for command in ("check", "run", "explain"):
        sub = commands.add_parser(command)
        for option in ("study", "build", "report"):
            sub.add_argument(f"--{option}", type=Path, required=True)
        sub.add_argument("--profile", required=True)
        sub.add_argument("--params", default="")
        sub.add_argument("--source", default="")
        if command == "run":
            sub.add_argument("notebook")
        if command == "explain":
            sub.add_argument("stages", nargs="+")
    given = parser.parse_args(arguments)
    run = Run(given.study, given.profile, given.params, given.build, given.report, given.source)
    try:
        if given.command == "run":
            return run_notebook(run, given.notebook)
        if given.command == "explain":
            explain(run, given.stages)
        else:
            write_notes(check(run))
    except CompendiumError as error:
        _complain(f"\n{error}")
        return FAILED
    return 0


if __name__ == "__main__":
    sys.exit(main())
