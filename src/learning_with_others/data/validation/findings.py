"""One thing that is wrong, or looks wrong, and how it is told."""

import csv
from collections import Counter
from dataclasses import astuple, dataclass, fields
from pathlib import Path

import pandas as pd

from learning_with_others.files import harmless

MAXIMUM_PER_RULE = 1000  # a rule broken by every row of a large file is told this often


@dataclass(frozen=True)
class Finding:
    """One failure or one suspicion.

    Attributes
    ----------
    severity : {'error', 'warning'}
        An error stops every stage; a warning is shown and nothing is dropped.
    file, row, column, value : str
        The place; empty where it does not apply.
    rule, remedy : str
        What should hold, and what to do.
    """

    severity: str
    file: str
    row: str
    column: str
    value: str
    rule: str
    remedy: str

    def __str__(self) -> str:
        """Write the finding on one line."""
        place = ", ".join(
            part
            for part in (
                self.file,
                f"row {self.row}" if self.row else "",
                f"column {self.column}" if self.column else "",
            )
            if part
        )
        value = f" (value {self.value!r})" if self.value else ""
        return f"{self.severity}: {place}: {self.rule}{value}; {self.remedy}"


def errors(findings: list[Finding]) -> list[Finding]:
    """Findings that stop a run."""
    return [finding for finding in findings if finding.severity == "error"]


def summarize(findings: list[Finding], shown: int = 20) -> str:
    """Say how often each rule is broken, and show the first findings."""
    counts = Counter((f.severity, f.file, f.column, f.rule) for f in findings)
    lines = [
        f"  {count:>6} × {severity}: {file}{f', column {column}' if column else ''}: {rule}"
        for (severity, file, column, rule), count in counts.most_common()
    ]
    first = [f"  {finding}" for finding in findings[:shown]]
    return "\n".join(["by rule:", *lines, f"the first {len(first)}:", *first])


def count_by_rule(findings: list[Finding]) -> pd.DataFrame:
    """Count the rows flagged under each rule.

    Returns
    -------
    pandas.DataFrame
        Columns `rule, column, rows`.
    """
    counts = Counter((finding.rule, finding.column) for finding in findings)
    rows = [(rule, column, count) for (rule, column), count in counts.items()]
    return pd.DataFrame(rows, columns=["rule", "column", "rows"])


def write_findings(findings: list[Finding], path: Path) -> None:
    """Write the findings as CSV, beside the target and then moved into place."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.partial")
    with beside.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(field.name for field in fields(Finding))
        writer.writerows(map(harmless, astuple(finding)) for finding in findings)
    beside.replace(path)
