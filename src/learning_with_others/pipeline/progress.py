"""Progress of a running notebook: one line per cell, with the time it took."""

import sys
import threading
import time
from typing import Any, TextIO

from papermill.engines import NBClientEngine, papermill_engines

HEARTBEAT_SECONDS = 20.0
ENGINE = "progress"
# Warnings of the kernel are noise, and an interrupt is told by the runner, not by its traceback.
QUIET_KERNEL = "--IPKernelApp.log_level=50"


class CellClock:
    """Prints when a cell starts, that it still runs, and what it took."""

    def __init__(self, notebook: str, cells: int, stream: TextIO) -> None:
        self.notebook, self.cells, self.stream = notebook, cells, stream
        self._line = ""
        self._timer: threading.Timer | None = None
        self._started = 0.0

    def start(self, index: int, label: str) -> None:
        """Begin timing a cell."""
        self._started = time.monotonic()
        self._line = f"[{self.notebook}] {index + 1:>2}/{self.cells} {label}"
        self._beat()

    def _beat(self) -> None:
        self._timer = threading.Timer(HEARTBEAT_SECONDS, self._still_running)
        self._timer.daemon = True
        self._timer.start()

    def _still_running(self) -> None:
        self._write(f"{self._line} … {time.monotonic() - self._started:.0f} s")
        self._beat()

    def stop(self) -> None:
        """End timing the cell; quick cells say nothing."""
        if self._timer is None:
            return
        self._timer.cancel()
        self._timer = None
        self._write(f"{self._line}  {time.monotonic() - self._started:.1f} s")

    def _write(self, text: str) -> None:
        print(text, file=self.stream, flush=True)


def cell_label(cell: Any) -> str:
    """A cell's id: sources give every cell a telling one."""
    return cell.get("id") or "unnamed"


class ProgressEngine(NBClientEngine):
    """Papermill's own engine, with a clock around every code cell."""

    @classmethod
    def execute_managed_notebook(cls, nb_man: Any, kernel_name: str, **kwargs: Any) -> Any:
        """Execute the notebook, reporting each code cell."""
        for cell in nb_man.nb.cells:
            if "injected-parameters" in cell.metadata.get("tags", []):
                cell["id"] = "injected-parameters"  # papermill gives it a random one
        clock = CellClock(kwargs.pop("notebook_label"), len(nb_man.nb.cells), sys.stdout)
        start, complete = nb_man.cell_start, nb_man.cell_complete

        def cell_start(cell: Any, cell_index: int, **more: Any) -> None:
            if cell.cell_type == "code":
                clock.start(cell_index, cell_label(cell))
            start(cell, cell_index, **more)

        def cell_complete(cell: Any, cell_index: int, **more: Any) -> None:
            clock.stop()
            complete(cell, cell_index, **more)

        nb_man.cell_start, nb_man.cell_complete = cell_start, cell_complete
        try:
            return super().execute_managed_notebook(
                nb_man, kernel_name, extra_arguments=[QUIET_KERNEL], **kwargs
            )
        finally:
            clock.stop()


def register() -> str:
    """Make the engine known to papermill and return its name."""
    papermill_engines.register(ENGINE, ProgressEngine)
    return ENGINE
