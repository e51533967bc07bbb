"""Time and memory of reading and validating a large survey: students × items, as CSV.

    .venv/bin/python benchmarks/read_and_validate.py 1000000 60

Writes an invented study into a temporary folder, then reads, validates and converts it in a
process of its own, whose peak memory is reported.
"""

import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd

from learning_with_others.data.new_study import new_study
from learning_with_others.files import hash_file
from learning_with_others.study import load_study

CODES = "1=never|2=rarely|3=sometimes|4=often"


def write_study(folder: Path, students: int, items: int) -> None:
    """Write a valid study of that size; answers share a latent mean, so items hang together."""
    new_study(folder)
    rng = np.random.default_rng(1)
    names = [f"item_{k}" for k in range(items)]
    latent = rng.normal(size=(students, 1))
    answers = np.clip(np.round(2.5 + latent + rng.normal(size=(students, items))), 1, 4)
    table = pd.DataFrame(answers.astype(np.int8), columns=names)
    table.insert(0, "race", rng.integers(1, 4, students))
    table.insert(0, "school", rng.integers(0, students // 500 + 1, students))
    table.insert(0, "classroom", table["school"] * 20 + rng.integers(0, 20, students))
    table.insert(0, "student", np.arange(students))
    table["grade_points"] = np.round(rng.uniform(0, 4, students), 2)
    table.to_csv(folder / "raw/students.csv", index=False)

    lines = (folder / "codebook.csv").read_text().splitlines()
    lines = [line for line in lines if ",work_" not in line]
    lines += [f"students,{name},{name},item,,{CODES}," for name in names]
    (folder / "codebook.csv").write_text("\n".join(lines) + "\n")
    text = (folder / "study.yaml").read_text()
    text = text.replace("items: [work_1, work_2]", f"items: [{', '.join(names)}]")
    text = text.replace("    reversed: [work_2]          #", "    #")
    declared = next(line.split()[1] for line in text.splitlines() if "sha256:" in line)
    new = hash_file(folder / "raw/students.csv")
    (folder / "study.yaml").write_text(text.replace(declared, new))


def measure(folder: Path) -> None:
    """Read, validate and convert; print seconds and peak memory of this process."""
    from learning_with_others.data.reading import read_study  # noqa: PLC0415 - its import is timed

    started = time.perf_counter()
    data = read_study(load_study(folder))
    seconds = time.perf_counter() - started
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2
    print(f"{data.students.shape[0]:,} rows: {seconds:.1f} s, peak {peak:.2f} GB")


if __name__ == "__main__":
    if sys.argv[1] == "measure":
        measure(Path(sys.argv[2]))
    else:
        with tempfile.TemporaryDirectory() as temporary:
            target = Path(temporary) / "large"
            write_study(target, int(sys.argv[1]), int(sys.argv[2]))
            subprocess.run([sys.executable, __file__, "measure", str(target)], check=True)  # noqa: S603
