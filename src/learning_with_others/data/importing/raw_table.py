"""The one object every reader returns."""

from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd


@dataclass(frozen=True)
class RawTable:
    """A table as its file holds it.

    Attributes
    ----------
    frame : pandas.DataFrame
        Every column of dtype `str`, each cell as a person would type it; the empty cell is missing.
    path : Path
        The file.
    labels : dict of str to str
        Column to the text of its question.
    value_labels : dict of str to dict of str to str
        Column to the labels of its codes.
    missing_codes : dict of str to dict of str to str
        Column to the codes the file declares missing, with their labels ('' without one). The
        codes stand in `frame` like any other.
    decimal_commas : tuple of str
        Columns whose decimal commas became points.
    notes : tuple of str
        What the file holds and the table does not, one sentence each.
    """

    frame: pd.DataFrame
    path: Path
    labels: dict[str, str] = field(default_factory=dict)
    value_labels: dict[str, dict[str, str]] = field(default_factory=dict)
    missing_codes: dict[str, dict[str, str]] = field(default_factory=dict)
    decimal_commas: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
