"""Columns of the tables, and a row of the table of runs."""

from typing import Any

from benchmarks.engines.designs import StudyDesign
from benchmarks.engines.settings import CHAINS, DRAWS

RUN_COLUMNS = (
    "engine",
    "design",
    "seed",
    "call",
    "students",
    "classrooms",
    "schools",
    "chains",
    "draws",
    "import_seconds",
    "compile_seconds",
    "sampling_seconds",
    "ess_bulk_min",
    "ess_tail_min",
    "divergences",
    "peak_mb",
    "parametrization",
    "process",
    "diagnosis",
    "cpu_seconds",
    "load",
)
PASSED = "passed"


def run_row(
    design: StudyDesign, measured: dict[str, Any], *, draws: int = DRAWS, **named: object
) -> dict[str, Any]:
    """One row of `engines.csv`, in the order of its columns.

    Parameters
    ----------
    design : StudyDesign
    measured : dict
        What a worker measured in one call: seconds, worst ESS, divergences, memory, diagnosis,
        processor seconds of the call in the worker itself.
    draws : int
        Kept draws of a chain.
    **named : str or int
        `engine`, `seed`, `call`, `parametrization`, `process`, `load` (the machine's
        load average as the process started).
    """
    row = {
        "design": design.name,
        "students": design.students,
        "classrooms": design.classrooms,
        "schools": design.schools,
        "chains": CHAINS,
        "draws": draws,
        **named,
        **measured,
    }
    return {column: row[column] for column in RUN_COLUMNS}
