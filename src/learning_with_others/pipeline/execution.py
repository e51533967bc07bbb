"""Execute one notebook through papermill and file what it made, or leave `NAME.failed.ipynb`."""

import json
import logging
import shutil
import signal
import sys
import time
from pathlib import Path
from typing import Any

import papermill
from nbclient.exceptions import DeadKernelError
from papermill.exceptions import PapermillExecutionError

from learning_with_others.data.codebook import read_codebook
from learning_with_others.data.disclosure.identifiers import student_identifiers
from learning_with_others.data.disclosure.notebooks import scan_notebook
from learning_with_others.errors import CompendiumError
from learning_with_others.exhibits.certificate import note_scan
from learning_with_others.exhibits.shown import name_cells, read_exhibits
from learning_with_others.exhibits.stage_files import READ
from learning_with_others.files import write_text
from learning_with_others.pipeline import progress
from learning_with_others.pipeline.freshness import Made, code_of, hash_or_none, hashes, write_made
from learning_with_others.pipeline.report_folder import (
    beside,
    check_report_folder,
    replace_folder,
    write_manifest,
)
from learning_with_others.pipeline.request import Request
from learning_with_others.study import Study, load_study

FAILED, INTERRUPTED = 1, 130
SAID = 12  # lines of an error
OF_THE_DISK = ("OSError", "PermissionError", "NotADirectoryError", "FileExistsError")


def execute(
    request: Request, stage: str, parameters: dict[str, Any], notebooks: Path, record: Path
) -> int:
    """Run a stage; forget what it kept if what it read changed meanwhile.

    See `_attempt`. An estimate that was made by code that changed during the run would be kept
    under a key that names the new code.
    """
    study = load_study(request.study_folder)
    read = hashes([*code_of(notebooks / f"{stage}.ipynb"), *_files_of(study)])
    started = time.time()
    try:
        return _attempt(request, stage, parameters, notebooks, record, study, read)
    finally:
        if _changed(read):
            for path in (request.build / "kept").glob("*"):
                if path.stat().st_mtime >= started:
                    path.unlink(missing_ok=True)


def _attempt(
    request: Request,
    stage: str,
    parameters: dict[str, Any],
    notebooks: Path,
    record: Path,
    study: Study,
    read: dict[str, str],
) -> int:
    """Execute a stage's notebook and move what it made into place.

    Parameters
    ----------
    request : Request
    stage : str
        Name of the notebook.
    parameters : dict
        Its own; those that say where things are come from the request.
    notebooks : path
        Folder of the sources.
    record : path
        Where the record of the run goes.
    study : Study
    read : dict of str to str
        Hashes of all that defines the run, taken before it.

    Returns
    -------
    int
        Exit status: 0, 1 if the stage failed or shows what it must not, 130 if interrupted.
    """
    source = notebooks / f"{stage}.ipynb"
    output = request.output(stage)
    draft = beside(output, "partial")  # on the same disk, moved as a whole when it is finished
    partial = request.build / f".{stage}.partial.ipynb"
    failed = request.build / f"{stage}.failed.ipynb"
    _check_place(request, study, output)
    shutil.rmtree(draft, ignore_errors=True)
    failed.unlink(missing_ok=True)
    # A shell starts background jobs with SIGINT ignored; a run must end cleanly there too.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.default_int_handler)
    # A kernel that dies is told below, in a sentence; nbclient would log it as well.
    logging.getLogger("traitlets").disabled = True
    started = time.monotonic()
    try:
        papermill.execute_notebook(
            source,
            partial,
            {
                "notebook": stage,
                "study": str(request.study_folder),
                "profile": request.profile,
                "project_root": ".",
                "build_folder": str(request.build),
                "output_folder": str(draft),
                **parameters,
            },
            engine_name=progress.register(),
            kernel_name="python3",
            progress_bar=False,
            notebook_label=stage,
        )
        cells = _check_finished(partial)
        if output != request.report:  # which repeats what the stages' cells have shown
            name_cells(draft, _cells_of_exhibits(cells))
        _check_what_it_shows(study, stage, cells, draft)
        read = read | hashes(_read_from_earlier_stages(draft))
        _check_unchanged(read)
        _check_place(request, study, output)
    except PapermillExecutionError as error:
        return _give_up(_failure(stage, error, parameters, partial), partial, failed, draft)
    except DeadKernelError:
        words = (
            f"{stage}: its kernel ended before the notebook did\n"
            "  remedy: it may have run out of memory, or been stopped from outside;"
            " run the same command again"
        )
        return _give_up(words, partial, failed, draft)
    except KeyboardInterrupt:
        # The interrupted cell's own error would be told once more, in a hundred lines.
        logging.getLogger("asyncio").disabled = True
        words = f"{stage}: interrupted; nothing was replaced; run the same command to go on"
        _give_up(words, partial, failed, draft)
        return INTERRUPTED
    except CompendiumError as error:
        return _give_up(f"{stage}: {error}", partial, failed, draft)
    except BaseException:
        _file_failure(partial, failed, draft)
        raise
    return _file(
        request,
        stage,
        parameters,
        study,
        partial=partial,
        draft=draft,
        record=record,
        read=read,
        started=started,
    )


def _file(  # noqa: PLR0913 - all that a finished run has left
    request: Request,
    stage: str,
    parameters: dict[str, Any],
    study: Study,
    *,
    partial: Path,
    draft: Path,
    record: Path,
    read: dict[str, str],
    started: float,
) -> int:
    """Move what a finished run made into place and write its record.

    A report that lacks an exhibit stays in the build folder and is no success.
    """
    seconds = time.monotonic() - started
    output, is_report = request.output(stage), stage.endswith("-report")
    failures = _say_what_was_not_shown(stage, draft)
    if failures and is_report:
        output = request.build / "report"  # what people read stays as it was
    executed = request.build / f"{stage}.ipynb"
    text = partial.read_text(encoding="utf-8").replace(str(draft), str(output))
    write_text(partial, text.replace(partial.name, executed.name))
    (draft / READ).unlink(missing_ok=True)
    if is_report:
        write_manifest(draft, study.name, request.profile)
    record.unlink(missing_ok=True)  # until all is in place, nothing of this stage is up to date
    replace_folder(draft, output)
    partial.replace(executed)
    if failures and is_report:
        print(f"\n{stage}: the report is in {output} and was not filed", file=sys.stderr)
        return FAILED
    wrote = hashes([executed, *(path for path in output.rglob("*") if path.is_file())])
    write_made(record, Made(parameters, str(output), read, wrote, seconds, _rows(output)))
    print(f"[{stage}] done in {seconds:.0f} s", flush=True)
    return 0


def _check_place(request: Request, study: Study, output: Path) -> None:
    """Look once more whether the report may go there: a stage may be run by itself."""
    if output == request.report:
        check_report_folder(output, study.name, request.build, committed=request.committed)


def _files_of(study: Study) -> list[Path]:
    """Files that define the study and hold its data."""
    tables = [study.path(table) for table in study.tables.given().values()]
    return [study.folder / "study.yaml", study.codebook_path, *tables]


def _read_from_earlier_stages(draft: Path) -> list[Path]:
    noted = draft / READ
    return [Path(p) for p in json.loads(noted.read_text())] if noted.is_file() else []


def _rows(output: Path) -> int | None:
    """Rows of students, where a stage hands them over."""
    path = output / "students.parquet"
    if not path.is_file():
        return None
    import pyarrow.parquet as pq  # noqa: PLC0415 - one stage needs it

    return pq.read_metadata(path).num_rows


def _cells_of_exhibits(cells: list[dict[str, Any]]) -> dict[str, str]:
    """Exhibit to the id of the cell that shows it: its output is tagged with its name."""
    return {
        output["metadata"]["exhibit"]: cell["id"]
        for cell in cells
        for output in cell.get("outputs", [])
        if "exhibit" in output.get("metadata", {})
    }


def _say_what_was_not_shown(stage: str, draft: Path) -> bool:
    """Name exhibits that failed; whether there are any."""
    failed = read_exhibits(draft)[1]
    for one in failed:
        print(f"\n{stage}: {one.name} is not shown: {one.reason}", file=sys.stderr, flush=True)
    return bool(failed)


def _check_finished(executed: Path) -> list[dict[str, Any]]:
    """A kernel that was told to exit leaves cells that never ran, and no error."""
    cells = json.loads(executed.read_text(encoding="utf-8"))["cells"]
    for cell in cells:
        ran = cell["metadata"].get("papermill", {}).get("status") == "completed"
        if cell["cell_type"] == "code" and not ran:
            raise CompendiumError(
                f"it ended before cell {cell['id']} ran",
                remedy="take out what ends the notebook early, such as sys.exit()",
            )
    return cells


def _changed(read: dict[str, str]) -> list[str]:
    return [name for name, before in read.items() if hash_or_none(Path(name)) != before]


def _check_unchanged(read: dict[str, str]) -> None:
    changed = _changed(read)
    if changed:
        raise CompendiumError(
            f"{', '.join(changed[:3])} changed while it ran, so nobody knows what it read",
            remedy="run the same command again; nothing was replaced",
        )


def _check_what_it_shows(
    study: Study, stage: str, cells: list[dict[str, Any]], draft: Path
) -> None:
    """Look for students' records in an executed notebook, and note that there are none."""
    columns = set(read_codebook(study.codebook_path)["students"])
    findings = scan_notebook(cells, student_identifiers(study), study.roles.student, columns)
    if findings:
        listed = "\n".join(f"  cell {found.cell} {found.problem}" for found in findings)
        raise CompendiumError(
            f"it ran, but shows what must not be shown; nothing was replaced\n{listed}",
            remedy="show counts or summaries through `stage.show`, never rows; a number that is"
            " no identifier is told apart when written as 12,345",
        )
    note_scan(draft, stage, sum(len(cell.get("outputs", [])) for cell in cells))


def _failure(stage: str, error: Any, parameters: dict[str, Any], executed: Path) -> str:
    cells = json.loads(executed.read_text(encoding="utf-8"))["cells"]
    broken = [
        cell["id"]
        for cell in cells
        if cell["metadata"].get("papermill", {}).get("status") == "failed"
    ]
    given = " ".join(f"{key}={value}" for key, value in parameters.items()) or "(none)"
    own_error = error.ename == CompendiumError.__name__
    remedy = "mend the cell or the code it calls"
    if error.ename in OF_THE_DISK:
        remedy = "make room on the disk, or allow writing there, and run the same command again"
    return (
        f"{stage} failed in cell {broken[0] if broken else '?'}\n"
        f"  parameters: {given}\n"
        f"  error: {'' if own_error else error.ename + ': '}{_first_lines(error.evalue)}"
        + ("" if own_error else f"\n  remedy: {remedy}")
    )


def _first_lines(text: str) -> str:
    lines = text.splitlines()
    more = [f"  … and {len(lines) - SAID} more lines in the notebook"] if len(lines) > SAID else []
    return "\n".join([*lines[:SAID], *more])


def _give_up(words: str, partial: Path, failed: Path, draft: Path) -> int:
    """File the notebook as far as it ran, throw away what it made, and say why."""
    _file_failure(partial, failed, draft)
    ran = f"\n  the notebook as far as it ran: {failed}" if failed.exists() else ""
    print(f"\n{words}{ran}", file=sys.stderr, flush=True)
    return FAILED


def _file_failure(partial: Path, failed: Path, draft: Path) -> None:
    if partial.exists():
        partial.replace(failed)
    shutil.rmtree(draft, ignore_errors=True)
