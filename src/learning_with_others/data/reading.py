"""Read a study's table: types from the codebook, no code unlabelled, no key twice."""

import pandas as pd

from learning_with_others.data.codebook import Column, read_codebook
from learning_with_others.errors import CompendiumError, suggest
from learning_with_others.study import Study, check_data_file

FIRST_DATA_LINE = 2


def read_students(study: Study) -> pd.DataFrame:
    """Read the study's table, one row per value of its key.

    Categories carry the codebook's labels; identifiers are text; an empty cell is missing.

    Returns
    -------
    pandas.DataFrame
        The codebook's columns, in its order.

    Raises
    ------
    CompendiumError
        If the file differs from the declared hash, lacks a column, holds one the codebook does
        not know, or holds an unlabelled code, a number that is none, or a key twice.
    """
    check_data_file(study)
    codebook = read_codebook(study.codebook_path)
    path = study.table_path
    try:
        raw = pd.read_csv(path, dtype=str, keep_default_na=False, na_values=[""])
    except (UnicodeDecodeError, pd.errors.ParserError, pd.errors.EmptyDataError, OSError) as error:
        raise CompendiumError(
            f"cannot be read as CSV: {error}", where=str(path), remedy="save it as UTF-8 CSV"
        ) from None
    _check_roles(codebook, study)
    _check_columns(raw, codebook, study)
    table = pd.DataFrame(
        {name: _typed(raw[name], column, str(path)) for name, column in codebook.items()}
    )
    repeated = table.duplicated(study.table.key, keep="first")
    if repeated.any():
        key = ", ".join(study.table.key)
        raise CompendiumError(
            f"{int(repeated.sum())} rows repeat an earlier key ({key})",
            where=f"{path}, row {_lines(repeated)[0]}",
            remedy="remove the repeated rows or name the columns that tell rows apart in table.key",
        )
    return table


def _check_columns(raw: pd.DataFrame, codebook: dict[str, Column], study: Study) -> None:
    for name in codebook:
        if name not in raw:
            raise CompendiumError(
                f"the codebook lists the column {name!r}, the file has none",
                where=str(study.table_path),
                remedy=suggest(name, raw.columns),
            )
    for name in raw:
        if name not in codebook:
            raise CompendiumError(
                f"the file has a column {name!r} that the codebook does not describe",
                where=str(study.codebook_path),
                remedy="describe the column or leave it out of the file",
            )


def _check_roles(codebook: dict[str, Column], study: Study) -> None:
    roles = study.roles
    named = {
        "table.key": study.table.key,
        "roles": [roles.student, roles.classroom, roles.school, roles.grade],
        "roles.race.column": [roles.race.column],
        "roles.exposure.column": [roles.exposure.column],
        "roles.outcomes": list(roles.outcomes),
    }
    for key, names in named.items():
        for name in names:
            if name not in codebook:
                raise CompendiumError(
                    f"{key} names the column {name!r}, which the codebook does not describe",
                    where=str(study.folder / "study.yaml"),
                    remedy=suggest(name, codebook),
                )
    for key, role in (("race", roles.race), ("exposure", roles.exposure)):
        labels = list(codebook[role.column].codes.values())
        for part in ("focal", "reference"):
            if getattr(role, part) not in labels:
                raise CompendiumError(
                    f"roles.{key}.{part}: {getattr(role, part)!r} is no label of {role.column}",
                    where=str(study.folder / "study.yaml"),
                    remedy=suggest(getattr(role, part), labels),
                )


def _typed(values: pd.Series, column: Column, path: str) -> pd.Series:
    if column.type == "identifier":
        return values
    if column.type == "number":
        numbers = pd.to_numeric(values, errors="coerce")
        _stop_at(values, values.notna() & numbers.isna(), column, path, "is not a number", "")
        return numbers.astype(float)
    _stop_at(
        values,
        values.notna() & ~values.isin(list(column.codes)),
        column,
        path,
        "is a code without a label",
        f"label it in the codebook or correct it; {suggest('', column.codes)}",
    )
    return pd.Categorical(values.map(column.codes), categories=list(column.codes.values()))


def _stop_at(
    values: pd.Series, wrong: pd.Series, column: Column, path: str, problem: str, remedy: str
) -> None:
    if wrong.any():
        raise CompendiumError(
            f"{values[wrong].iloc[0]!r} {problem} ({int(wrong.sum())} such rows)",
            where=f"{path}, row {_lines(wrong)[0]}, column {column.name!r}",
            remedy=remedy or "correct the cell or empty it if the value is missing",
        )


def _lines(wrong: pd.Series) -> list[int]:
    """Line numbers in the file, as an editor shows them."""
    return [position + FIRST_DATA_LINE for position, bad in enumerate(wrong) if bad]
