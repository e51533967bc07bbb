"""The two rows that Qualtrics puts between the header and the answers."""

from collections.abc import Sequence

EXTRA_ROWS = 2
IMPORT_ID = '{"ImportId"'


def question_texts(rows: Sequence[Sequence[str]]) -> dict[str, str] | None:
    """Give column to question text if the first three rows are those of a Qualtrics export.

    Parameters
    ----------
    rows : sequence of sequence of str
        The file's first rows, the header first.

    Returns
    -------
    dict of str to str or None
        None if the file is no such export.
    """
    if len(rows) <= EXTRA_ROWS:
        return None
    names, texts, ids = rows[: EXTRA_ROWS + 1]
    if not (len(names) == len(texts) == len(ids)):
        return None
    if not all(cell.replace(" ", "").startswith(IMPORT_ID) for cell in ids):
        return None
    return {name: text for name, text in zip(names, texts, strict=True) if text}
