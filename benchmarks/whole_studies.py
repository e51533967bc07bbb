"""Seconds of whole builds: every estimate made anew, and every estimate kept.

    .venv/bin/python -m benchmarks.whole_studies [--studies learning-with-others] [--profile quick]

Builds run in a copy of the repository, so that no build of yours is touched; the copy has the
environment and the machine code of this one. Writes `reports/benchmarks/studies.csv`, one row for
each stage, with the load of the machine before the run.
"""

import argparse
import json
import os
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

import pandas as pd

ROOT = Path(__file__).parents[1]
NEW, KEPT = "made anew", "kept"
STUDIES = ("learning-with-others", "project-star")


def clone(into: Path) -> Path:
    """Clone the last commit; environment, and machine code of the same sources, are this one's."""
    subprocess.run(["git", "clone", "--quiet", str(ROOT), str(into)], check=True)  # noqa: S603, S607
    for source in [*(ROOT / "src").rglob("*.py"), *(ROOT / "src").rglob("__pycache__/*.nb?")]:
        target = into / source.relative_to(ROOT)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(source, target)  # numba compares the times of sources
    (into / ".venv").symlink_to(ROOT / ".venv")
    for name in ("requirements.lock", "scripts/setup.sh"):  # Make does, too
        shutil.copystat(ROOT / name, into / name)
    return into


def build(folder: Path, study: str, profile: str) -> float:
    """Build a study; seconds of the whole command."""
    started = time.perf_counter()
    subprocess.run(  # noqa: S603 - our own Makefile
        ["make", "reproduce", f"STUDY={study}", f"PROFILE={profile}"],  # noqa: S607
        cwd=folder, check=True, stdout=subprocess.DEVNULL,
        env=os.environ | {"PYTHONPATH": str(folder / "src")},
    )  # fmt: skip
    return time.perf_counter() - started


def rows_of(folder: Path, study: str, profile: str, estimates: str) -> list[dict]:
    """Build once and read the seconds of each stage from its notebook; the whole comes last."""
    load = round(os.getloadavg()[0], 1)
    about = {"study": study, "profile": profile, "estimates": estimates, "load": load}
    whole = build(folder, study, profile)
    rows = []
    for path in sorted((folder / "build" / study / profile).glob("[0-9]*.ipynb")):
        seconds = json.loads(path.read_text())["metadata"]["papermill"]["duration"]
        rows.append({**about, "stage": path.stem, "seconds": round(seconds, 1)})
    return [*rows, {**about, "stage": "all", "seconds": round(whole, 1)}]


def main() -> None:
    """Build each study twice."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--studies", nargs="+", default=STUDIES)
    parser.add_argument("--profile", default="quick")
    given = parser.parse_args()
    rows = []
    with tempfile.TemporaryDirectory(prefix="studies-") as name:
        folder = clone(Path(name) / "repository")
        for study in given.studies:
            rows += rows_of(folder, study, given.profile, NEW)
            for path in (folder / "build" / study / given.profile).glob("*.made.json"):
                path.unlink()
            rows += rows_of(folder, study, given.profile, KEPT)
            print(pd.DataFrame(rows).to_string(index=False), flush=True)
    target = ROOT / "reports/benchmarks/studies.csv"
    pd.DataFrame(rows).to_csv(target, index=False, lineterminator="\n")


if __name__ == "__main__":
    main()
