"""Keep what a restructuring must not change in a report, and compare a later report with it.

    .venv/bin/python scripts/golden_records.py keep REPORT TARGET.json.gz
    .venv/bin/python scripts/golden_records.py compare REPORT TARGET.json.gz [--tolerance 1e-9]

REPORT is a folder like `reports/project-star`. Kept are the records without their provenance, the
tables, the number of marks in each figure, and hashes of captions and alt texts. The comparison
names all that differs, and ends with status 1 if more than words does. Seconds that a clock
measured are kept as such and not as numbers. Ids that were renamed since are looked up under their
new names: `ids-*.json` beside the target holds patterns and what they became.
"""

import argparse
import csv
import gzip
import hashlib
import json
import math
import re
import sys
from collections import Counter
from collections.abc import Iterator
from itertools import zip_longest
from pathlib import Path
from typing import Any

# What is kept of a record, wherever in results.json the rest of it stands.
FIELDS = (
    "stage", "quantity", "outcome", "group", "estimate", "lower", "upper", "interval", "n", "mcse",
    "unit", "score", "flag",
)  # fmt: skip
MARKS = ("path", "use", "text", "image")
SECONDS = "seconds"

# Part of a report (record, table, figure, words), name, what is kept of it, and its value.
Kept = dict[str, dict[str, dict[str, Any]]]


def condense(report: Path) -> Kept:
    """Return what is kept of a report's folder."""
    results = json.loads((report / "results.json").read_text(encoding="utf-8"))["results"]
    return {
        "record": {record["id"]: _record(record) for record in results},
        "table": {path.stem: _table(path) for path in report.glob("tables/*.csv")},
        "figure": {path.stem: _figure(path) for path in report.glob("figures/*.svg")},
        "words": {"/".join(path.parts[-2:]): _words(path) for path in report.glob("*/*.txt")},
    }


def _record(record: dict[str, Any]) -> dict[str, Any]:
    kept = {field: record.get(field) for field in FIELDS}
    return kept | ({"estimate": SECONDS} if kept["quantity"].endswith(f".{SECONDS}") else {})


def _table(path: Path) -> dict[str, Any]:
    with path.open(encoding="utf-8", newline="") as file:
        columns, *rows = csv.reader(file)
    kept: dict[str, Any] = {"columns": columns, "rows": len(rows)}
    for number, column in enumerate(columns):
        cells = [row[number] for row in rows]
        kept[f"empty cells of {column}"] = cells.count("")
        kept[f"cells of {column}"] = SECONDS if column == SECONDS else [*map(_cell, cells)]
    return kept


def _cell(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:  # no number
        return text


def _figure(path: Path) -> dict[str, int]:
    found = Counter(re.findall(r"<(\w+)", path.read_text(encoding="utf-8")))
    return {mark: found[mark] for mark in MARKS}


def _words(path: Path) -> dict[str, str]:
    return {"hash": hashlib.sha256(path.read_bytes()).hexdigest()[:12]}


def renamed(kept: Kept, folder: Path) -> Kept:
    """Give the records that were kept under the ids that they have now."""
    patterns: dict[str, str] = {}
    for path in sorted(folder.glob("ids-*.json")):
        patterns |= json.loads(path.read_text(encoding="utf-8"))
    rules = [(re.compile(old), new) for old, new in patterns.items()]
    return {**kept, "record": {_renamed(id_, rules): r for id_, r in kept["record"].items()}}


def _renamed(id_: str, rules: list[tuple[re.Pattern[str], str]]) -> str:
    return next((rule.sub(new, id_) for rule, new in rules if rule.fullmatch(id_)), id_)


def same(old: Any, new: Any, tolerance: float) -> bool:
    """Whether two values agree: text and whole numbers exactly, other numbers within tolerance."""
    if isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        return all(same(*pair, tolerance) for pair in zip(old, new, strict=True))
    if {type(old), type(new)} in ({float}, {int, float}):
        close = math.isclose(old, new, rel_tol=tolerance, abs_tol=tolerance)
        return close or (math.isnan(old) and math.isnan(new))
    return old == new


def differences(old: Kept, new: Kept, tolerance: float = 0) -> Iterator[tuple[str, str]]:
    """Name everything that differs between two reports.

    Parameters
    ----------
    old, new : dict
        As `condense` returns them.
    tolerance : float
        Largest difference that passes; of numbers beyond 1, largest share of the number.

    Yields
    ------
    tuple of str
        What kind of difference it is, and a line with its name, what was and what is.
    """
    for part in old:
        for name in sorted(old[part].keys() | new[part].keys()):
            was, now = old[part].get(name), new[part].get(name)
            if was is None or now is None:
                yield f"{part} {'new' if was is None else 'gone'}", name
                continue
            for what in [what for what in was if what in now]:
                if not same(was[what], now[what], tolerance):
                    kind, _, column = what.partition(" of ")
                    place = f"{name}, {column}" if column else name
                    yield f"{part} {kind}", f"{place}: {_change(was[what], now[what], tolerance)}"


def _change(was: Any, now: Any, tolerance: float) -> str:
    if isinstance(was, list):
        pairs = enumerate(zip_longest(was, now), start=1)
        changed = [(row, pair) for row, pair in pairs if not same(*pair, tolerance)]
        (row, pair), others = changed[0], len(changed) - 1
        return f"at {row}: {_change(*pair, tolerance)}" + (f" and {others} more" * (others > 0))
    numbers = isinstance(was, int | float) and isinstance(now, int | float)
    return f"{was!r} -> {now!r}" + (f" (difference {now - was:.3g})" if numbers else "")


def main(arguments: list[str] | None = None) -> int:
    """Keep or compare; return 1 if more than words differs."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("command", choices=("keep", "compare"))
    parser.add_argument("report", type=Path, help="a folder like reports/project-star")
    parser.add_argument("target", type=Path, help="the kept file, which ends in .json.gz")
    parser.add_argument("--tolerance", type=float, default=0, help="largest difference that passes")
    given = parser.parse_args(arguments)
    report = condense(given.report)
    if given.command == "keep":
        text = json.dumps(report, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
        given.target.write_bytes(gzip.compress(text.encode(), mtime=0))
        return 0
    kept = json.loads(gzip.decompress(given.target.read_bytes()))
    kept = renamed(kept, given.target.parent)
    found = list(differences(kept, report, given.tolerance))
    for kind, line in found:
        print(f"{kind}: {line}")
    compared = ", ".join(f"{part} {len(report[part])}" for part in report)
    differ = ", ".join(f"{kind} {number}" for kind, number in Counter(k for k, _ in found).items())
    print(f"compared: {compared}; differ: {differ or 'none'}")
    return int(any(not kind.startswith("words") for kind, _ in found))


if __name__ == "__main__":
    sys.exit(main())
