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

from learning_with_others.errors import CompendiumError
from learning_with_others.exhibits.shown import name_cells, read_exhibits
from learning_with_others.exhibits.stage_files import READ
from learning_with_others.files import write_text
from learning_with_others.pipeline import progress
from learning_with_others.pipeline.executed_notebook import (
    cells_of_exhibits,
    check_finished,
    check_what_it_shows,
    failure,
)
from learning_with_others.pipeline.freshness import Made, code_of, hash_or_none, hashes, write_made
from learning_with_others.pipeline.report_folder import (
    beside,
    check_report_folder,
    replace_folder,
    write_manifest,
)
from learning_with_others.pipeline.request import Request
from learning_with_others.study import load_study

FAILED, INTERRUPTED = 1, 130


class Execution:
    """One run of a stage's notebook.

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
    """

    def __init__(
        self,
        request: Request,
        stage: str,
        parameters: dict[str, Any],
        notebooks: Path,
        record: Path,
    ) -> None:
        self.request, self.stage, self.parameters, self.record = request, stage, parameters, record
        self.source = notebooks / f"{stage}.ipynb"
        self.study = load_study(request.study_folder)
        self.output = request.output(stage)
        self.is_report = stage.endswith("-report")
        # On the same disk, moved as a whole when it is finished.
        self.draft = beside(self.output, "partial")
        self.partial = request.build / f".{stage}.partial.ipynb"
        self.failed = request.build / f"{stage}.failed.ipynb"
        tables = [self.study.path(table) for table in self.study.tables.given().values()]
        defined = [self.study.folder / "study.yaml", self.study.codebook_path, *tables]
        self.read = hashes([*code_of(self.source), *defined])
        self.started = time.time()

    def run(self) -> int:
        """Execute the notebook and move what it made into place.

        An estimate that was made by code that changed during the run would be kept under a key
        that names the new code: then all that it kept is forgotten.

        Returns
        -------
        int
            Exit status: 0, 1 if the stage failed or shows what it must not, 130 if interrupted.
        """
        try:
            return self._attempt()
        finally:
            if self._changed():
                for path in (self.request.build / "kept").glob("*"):
                    if path.stat().st_mtime >= self.started:
                        path.unlink(missing_ok=True)

    def _attempt(self) -> int:
        self._check_place()
        shutil.rmtree(self.draft, ignore_errors=True)
        self.failed.unlink(missing_ok=True)
        # A shell starts background jobs with SIGINT ignored; a run must end cleanly there too.
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.default_int_handler)
        # A kernel that dies is told below, in a sentence; nbclient would log it as well.
        logging.getLogger("traitlets").disabled = True
        stage = self.stage
        try:
            self._execute()
            cells = check_finished(self.partial)
            if self.output != self.request.report:  # which repeats what the cells have shown
                name_cells(self.draft, cells_of_exhibits(cells))
            check_what_it_shows(self.study, stage, cells, self.draft)
            noted = self.draft / READ
            earlier = json.loads(noted.read_text()) if noted.is_file() else []
            self.read |= hashes(map(Path, earlier))
            self._check_unchanged()
            self._check_place()
        except PapermillExecutionError as error:
            return self._give_up(failure(stage, error, self.parameters, self.partial))
        except DeadKernelError:
            return self._give_up(
                f"{stage}: its kernel ended before the notebook did\n"
                "  remedy: it may have run out of memory, or been stopped from outside;"
                " run the same command again"
            )
        except KeyboardInterrupt:
            # The interrupted cell's own error would be told once more, in a hundred lines.
            logging.getLogger("asyncio").disabled = True
            self._give_up(
                f"{stage}: interrupted; nothing was replaced; run the same command to go on"
            )
            return INTERRUPTED
        except CompendiumError as error:
            return self._give_up(f"{stage}: {error}")
        except BaseException:
            self._file_failure()
            raise
        return self._file()

    def _execute(self) -> None:
        request = self.request
        papermill.execute_notebook(
            self.source,
            self.partial,
            {
                "notebook": self.stage,
                "study": str(request.study_folder),
                "profile": request.profile,
                "project_root": ".",
                "build_folder": str(request.build),
                "output_folder": str(self.draft),
                **self.parameters,
            },
            engine_name=progress.register(),
            kernel_name="python3",
            progress_bar=False,
            notebook_label=self.stage,
        )

    def _file(self) -> int:
        """Move what a finished run made into place and write its record.

        A report that lacks an exhibit stays in the build folder and is no success.
        """
        seconds = time.time() - self.started
        not_shown = read_exhibits(self.draft)[1]
        for one in not_shown:
            words = f"\n{self.stage}: {one.name} is not shown: {one.reason}"
            print(words, file=sys.stderr, flush=True)
        output, lacking = self.output, bool(not_shown) and self.is_report
        if lacking:
            output = self.request.build / "report"  # what people read stays as it was
        executed = self.request.build / f"{self.stage}.ipynb"
        text = self.partial.read_text(encoding="utf-8").replace(str(self.draft), str(output))
        write_text(self.partial, text.replace(self.partial.name, executed.name))
        (self.draft / READ).unlink(missing_ok=True)
        if self.is_report:
            write_manifest(self.draft, self.study.name, self.request.profile)
        self.record.unlink(missing_ok=True)  # until all is in place, nothing of it is up to date
        replace_folder(self.draft, output)
        self.partial.replace(executed)
        if lacking:
            print(f"\n{self.stage}: the report is in {output} and was not filed", file=sys.stderr)
            return FAILED
        wrote = hashes([executed, *(path for path in output.rglob("*") if path.is_file())])
        made = Made(self.parameters, str(output), self.read, wrote, seconds, _rows(output))
        write_made(self.record, made)
        print(f"[{self.stage}] done in {seconds:.0f} s", flush=True)
        return 0

    def _check_place(self) -> None:
        """Look once more whether the report may go there: a stage may be run by itself."""
        request = self.request
        if self.output == request.report:
            committed = request.committed
            check_report_folder(self.output, self.study.name, request.build, committed=committed)

    def _changed(self) -> list[str]:
        return [name for name, before in self.read.items() if hash_or_none(Path(name)) != before]

    def _check_unchanged(self) -> None:
        changed = self._changed()
        if changed:
            raise CompendiumError(
                f"{', '.join(changed[:3])} changed while it ran, so nobody knows what it read",
                remedy="run the same command again; nothing was replaced",
            )

    def _give_up(self, words: str) -> int:
        """File the notebook as far as it ran, throw away what it made, and say why."""
        self._file_failure()
        ran = f"\n  the notebook as far as it ran: {self.failed}" if self.failed.exists() else ""
        print(f"\n{words}{ran}", file=sys.stderr, flush=True)
        return FAILED

    def _file_failure(self) -> None:
        if self.partial.exists():
            self.partial.replace(self.failed)
        shutil.rmtree(self.draft, ignore_errors=True)


def _rows(output: Path) -> int | None:
    """Rows of students, where a stage hands them over."""
    path = output / "students.parquet"
    if not path.is_file():
        return None
    import pyarrow.parquet as pq  # noqa: PLC0415 - one stage needs it

    return pq.read_metadata(path).num_rows
