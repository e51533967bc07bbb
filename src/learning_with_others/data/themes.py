"""The theme codebook: what each theme means, and which way it points."""

import pandas as pd

from learning_with_others.data.importing import read_raw_table
from learning_with_others.errors import CompendiumError, suggest
from learning_with_others.study import Study

HEADINGS = ["theme", "definition", "parent", "research_question", "direction"]
HELPS, HINDERS, NEITHER = "helps", "hinders", "neither"
DIRECTIONS = (HELPS, HINDERS, NEITHER)


def read_themes(study: Study) -> pd.DataFrame:
    """Read the themes of a study, in the order of the file.

    Returns
    -------
    pandas.DataFrame
        Columns `theme, definition, parent, research_question, direction`; `parent` is another
        theme or empty, `direction` one of helps, hinders, neither. No rows for a study without
        coded material.

    Raises
    ------
    CompendiumError
        If a heading is missing, a theme is listed twice or not defined, or a parent or direction
        is unknown; with file and row.
    """
    if study.qualitative is None:
        return pd.DataFrame(columns=HEADINGS)
    path = study.folder / study.qualitative.themes
    frame = read_raw_table(path).frame
    for heading in HEADINGS:
        if heading not in frame:
            raise CompendiumError(
                f"the column {heading!r} is missing",
                where=str(path),
                remedy=f"the columns are {', '.join(HEADINGS)}",
            )
    themes = frame[HEADINGS].fillna("")
    for row, line in enumerate(themes.to_dict("records"), 2):
        problem = _problem(line, themes)
        if problem:
            raise CompendiumError(problem[0], where=f"{path}, row {row}", remedy=problem[1])
    return themes


def _problem(line: dict[str, str], themes: pd.DataFrame) -> tuple[str, str] | None:
    """What is wrong with a line, and the remedy."""
    theme, parent, direction = line["theme"], line["parent"], line["direction"]
    names = themes["theme"].tolist()
    if not theme or not line["definition"]:
        return "a theme or its definition is missing", "give both, or delete the row"
    if names.count(theme) > 1:
        return f"the theme {theme!r} is listed twice", "keep one of the rows"
    if parent and (parent == theme or parent not in names):
        others = [name for name in names if name != theme]
        return f"the parent {parent!r} of {theme!r} is no other theme", suggest(parent, others)
    if direction not in DIRECTIONS:
        return f"the direction {direction!r} is unknown", suggest(direction, DIRECTIONS)
    return None
