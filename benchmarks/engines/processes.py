"""Start workers: each a process of its own, with caches of its own, cold or filled."""

import importlib.util
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Caches:
    """A temporary folder: bytecode for all, compiled code for each contender.

    With an empty folder the first process of a contender is cold, up to bytecode.
    """

    folder: Path

    def environment(self, name: str) -> dict[str, str]:
        """Environment of a worker that compiles into the folder of that name."""
        own = self.folder / name.replace(" ", "-")
        found = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
        return found | {
            "OMP_NUM_THREADS": "1",
            "NUMBA_CACHE_DIR": str(own / "numba"),
            "PYTENSOR_FLAGS": f"base_compiledir={own / 'pytensor'}",
            "PYTHONPYCACHEPREFIX": str(self.folder / "bytecode"),
        }

    def run(self, name: str, *arguments: str) -> Any:
        """Run a worker and read what it measured; None, said loudly, if it failed."""
        command = [sys.executable, "-m", "benchmarks.engines.worker", *arguments]
        done = subprocess.run(  # noqa: S603 - this very interpreter
            command,
            env=self.environment(name),
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )
        lines = [line for line in done.stdout.splitlines() if line.startswith("RESULT ")]
        if done.returncode == 0 and lines:
            return json.loads(lines[-1].removeprefix("RESULT "))
        print(f"FAILED {' '.join(arguments)}\n{done.stderr[-2000:]}", flush=True)
        return None


def missing(engines: Iterable[str]) -> dict[str, str]:
    """Engines that are not installed here, with the reason."""
    found = {}
    rscript = shutil.which("Rscript")
    for engine in engines:
        if engine in ("numpyro", "bambi"):
            if importlib.util.find_spec(engine) is None:
                found[engine] = f"the Python package {engine} is not installed"
        elif engine in ("lme4", "rstanarm", "brms"):
            if rscript is None:
                found[engine] = "there is no Rscript"
            elif not _in_r(rscript, engine):
                found[engine] = f"R has no package {engine}"
    return found


def _in_r(rscript: str, package: str) -> bool:
    asked = f'quit(status = !requireNamespace("{package}", quietly = TRUE))'
    command = [rscript, "-e", asked]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0  # noqa: S603
