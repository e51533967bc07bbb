"""The theme codebook: what each theme means, and which way it points."""

import pandas as pd

COLUMNS = ["theme", "definition", "parent", "research_question", "direction"]
HELPS, HINDERS, NEITHER = "helps", "hinders", "neither"
DIRECTIONS = (HELPS, HINDERS, NEITHER)


def theme_codebook(tables: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """Give a study's themes, in the order of the file.

    Parameters
    ----------
    tables : dict of str to pandas.DataFrame
        `themes`, if the study has any.

    Returns
    -------
    pandas.DataFrame
        Columns `theme, definition, parent, research_question, direction`; what a file does not
        hold, such as one of REFI-QDA, is empty, and a direction `neither`.
    """
    given = tables.get("themes", pd.DataFrame(columns=COLUMNS))
    themes = given.reindex(columns=COLUMNS).astype(object)
    return themes.fillna({"direction": NEITHER}).fillna("")
