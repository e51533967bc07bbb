"""A pandera schema built from the codebook, and its failures as findings."""

from collections.abc import Callable, Iterator

import pandas as pd

from learning_with_others.data.codebook import CODED, Column
from learning_with_others.data.validation.findings import MAXIMUM_PER_RULE, Finding

NUMBER = r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?"


def _checks(column: Column) -> Iterator[tuple[Callable[[pd.Series], pd.Series], str]]:
    """What must hold of a column's cells, and the words where it does not."""
    if column.type in CODED:
        valid = [*column.codes, *column.missing]
        yield lambda s: s.isin(valid), f"is a code without a label; labelled: {_few(valid)}"
    if column.type == "number":
        yield lambda s: _is_number(s, column), "is not a number"
    if column.type == "date":
        yield _is_possible_date, "is not a possible date (YYYY-MM-DD)"


def _few(codes: list[str], most: int = 12) -> str:
    return ", ".join(codes[:most]) + (", …" if len(codes) > most else "")


def _is_number(values: pd.Series, column: Column) -> pd.Series:
    known = values.str.fullmatch(NUMBER).astype(bool)
    return known | values.isin(list(column.missing))


def _is_possible_date(values: pd.Series) -> pd.Series:
    parsed = pd.to_datetime(values, format="%Y-%m-%d", errors="coerce")
    today = pd.Timestamp.now()
    return parsed.between(pd.Timestamp("1900-01-01"), today)


REMEDIES = {
    "code": "label the code in the codebook (codes or missing), or correct the cell",
    "number": "correct the cell, empty it, or list the code under missing in the codebook",
    "date": "correct the cell or empty it",
    "not_nullable": "give the row its identifier",
    "column_in_dataframe": "add the column to the file or take its line out of the codebook",
    "column_in_schema": "describe the column in the codebook or leave it out of the file",
}


def schema_findings(
    table: pd.DataFrame, columns: dict[str, Column], key: list[str], file: str
) -> list[Finding]:
    """Validate a table lazily: all failures, not the first.

    Parameters
    ----------
    table : pandas.DataFrame
        Text as in the file, indexed by the row number in it.
    columns : dict of str to Column
    file : str
        How the file is named in the findings.
    """
    import pandera.pandas as pa  # noqa: PLC0415 - half a second, for whoever reads a study

    checks = {
        name: [pa.Check(holds, error=words) for holds, words in _checks(column)]
        for name, column in columns.items()
    }
    cells = {name: pa.Column(checks=c, nullable=name not in key) for name, c in checks.items()}
    try:
        pa.DataFrameSchema(cells, strict=True).validate(table, lazy=True)
    except pa.errors.SchemaErrors as broken:
        cases = broken.failure_cases
    else:
        return []
    findings = []
    empty = [name for name in key if name in table and len(table) and table[name].isna().all()]
    if empty:
        rule = "is part of the key, and no row holds it"
        remedy = "take it out of the table's key in study.yaml, or give rows their identifiers"
        findings += [Finding("error", file, "", name, "", rule, remedy) for name in empty]
        cases = cases[~((cases["check"] == "not_nullable") & cases["column"].isin(empty))]
    for (_, _), group in cases.groupby(["column", "check"], dropna=False, sort=False):
        cases_listed = group.head(MAXIMUM_PER_RULE).itertuples()
        findings += [_finding(case, file, len(group)) for case in cases_listed]
    return findings


def _finding(case: "pd.core.frame.Pandas", file: str, count: int) -> Finding:
    check = str(case.check)
    kind = next((name for name in REMEDIES if name in check), "code")
    if kind.startswith("column_in"):
        missing = kind == "column_in_dataframe"
        rule = (
            "the codebook describes a column that the file does not have"
            if missing
            else "the file has a column that the codebook does not describe"
        )
        return Finding("error", file, "", str(case.failure_case), "", rule, REMEDIES[kind])
    rule = "the identifier is missing" if kind == "not_nullable" else check
    if count > MAXIMUM_PER_RULE:
        rule += f" ({count} rows; the first {MAXIMUM_PER_RULE} are listed)"
    value = "" if pd.isna(case.failure_case) else str(case.failure_case)
    row = str(case.index)
    return Finding("error", file, row, str(case.column), value, rule, REMEDIES[kind])
