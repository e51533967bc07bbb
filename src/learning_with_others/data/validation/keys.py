"""Keys: no row twice, no row that belongs to nothing, no student without a classroom.

Tables are indexed by the row number in their file.
"""

import pandas as pd

from learning_with_others.data.validation.findings import MAXIMUM_PER_RULE, Finding


def duplicate_keys(table: pd.DataFrame, key: list[str], file: str) -> list[Finding]:
    """Rows that repeat the key of an earlier row."""
    repeated = table.index[table.duplicated(key, keep="first")]
    return [
        Finding(
            "error",
            file,
            str(row),
            ", ".join(key),
            " / ".join(str(value) for value in table.loc[row, key]),
            "repeats the key of an earlier row",
            "remove the row, or name in the table's key the columns that tell rows apart",
        )
        for row in repeated[:MAXIMUM_PER_RULE]
    ]


def orphan_keys(
    table: pd.DataFrame, column: str, parent: pd.DataFrame, parent_name: str, file: str
) -> list[Finding]:
    """Rows whose key is not among the keys of the table they refer to."""
    orphan = table.index[table[column].notna() & ~table[column].isin(parent[column])]
    return [
        Finding(
            "error",
            file,
            str(row),
            column,
            str(table.loc[row, column]),
            f"is not in the table {parent_name}",
            f"correct the code or add the row to {parent_name}",
        )
        for row in orphan[:MAXIMUM_PER_RULE]
    ]


def missing_clusters(table: pd.DataFrame, clusters: dict[str, str], file: str) -> list[Finding]:
    """Find students whose classroom or school is empty; the flow counts where they leave."""
    return [
        Finding(
            "warning",
            file,
            str(row),
            column,
            "",
            f"no {level} is given",
            f"give the {level}; no model uses a row without it",
        )
        for level, column in clusters.items()
        for row in table.index[table[column].isna()][:MAXIMUM_PER_RULE]
    ]
