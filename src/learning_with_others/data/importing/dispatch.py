"""Choose the reader by the file's ending."""

from pathlib import Path

from learning_with_others.data.importing.columnar import read_parquet
from learning_with_others.data.importing.contents import TEXT_ENDINGS, ending_of, readable
from learning_with_others.data.importing.qualitative.coded_files import PROJECTS
from learning_with_others.data.importing.qualitative.highlight_tables import as_excerpts
from learning_with_others.data.importing.raw_table import RawTable
from learning_with_others.data.importing.spreadsheet import read_spreadsheet
from learning_with_others.data.importing.statistical import read_statistical
from learning_with_others.data.importing.text import read_text
from learning_with_others.errors import CompendiumError


def read_raw_table(path: Path, sheet: str | None = None, *, codes: bool = False) -> RawTable:
    """Read a table from a text, Excel, Parquet, SPSS, Stata or SAS file, or from coded material.

    A coded project gives one row for each passage, theme and coder, a codebook one for each
    theme; so do the tables of Taguette and Dedoose, which are known by their headings.

    Parameters
    ----------
    path : Path
        The file; its ending chooses the reader and its content must agree.
    sheet : str, optional
        Sheet of a workbook that has several.
    codes : bool
        Of a coded project its codes, and not its passages.

    Returns
    -------
    RawTable
        Every cell as a person would type it.

    Raises
    ------
    CompendiumError
        If the file cannot be read whole and unambiguously.
    """
    path = Path(path)
    ending = ending_of(path)
    if sheet is not None and ending != ".xlsx":
        raise CompendiumError(
            f"the sheet {sheet!r} is asked of a file without sheets",
            where=str(path),
            remedy="leave the sheet out",
        )
    with readable(path):
        if ending in TEXT_ENDINGS:
            return as_excerpts(read_text(path))
        if ending == ".xlsx":
            return as_excerpts(read_spreadsheet(path, sheet))
        if ending in PROJECTS:
            project = PROJECTS[ending](path)
            return project.codebook() if codes or ending == ".qdc" else project.excerpts()
        if ending == ".parquet":
            return read_parquet(path)
        return read_statistical(path, ending)
