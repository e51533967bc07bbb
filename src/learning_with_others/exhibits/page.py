"""A published table as a reader sees it: labels for keys, words for columns."""

import pandas as pd
from markupsafe import Markup

from learning_with_others.exhibits.words import format_value
from learning_with_others.study import Study


def heading(column: str, study: Study) -> str:
    """Words over a column."""
    words = column.replace("_", " ")
    return words.replace("children", study.people)


def table_html(
    table: pd.DataFrame, study: Study, *, title: str = "", sentence: str = "", caption: str = ""
) -> str:
    """Lay a table out: the finding over it, how to read it under it.

    Parameters
    ----------
    table : pandas.DataFrame
        As it may be published.
    study : Study
        Whose labels stand for keys.
    title, sentence, caption : str
    """
    labels = study.labels
    said = [Markup("<h3>{}</h3>").format(title)] if title else []
    said += [Markup("<p>{}</p>").format(sentence)] if sentence else []
    head = Markup("").join(Markup("<th>{}</th>").format(heading(c, study)) for c in table)
    body = Markup("\n").join(
        Markup("<tr>{}</tr>").format(Markup("").join(_cell(value, labels) for value in row))
        for row in table.itertuples(index=False)
    )
    said.append(
        Markup("<table><thead><tr>{}</tr></thead><tbody>{}</tbody></table><p>{}</p>").format(
            head, body, caption
        )
    )
    return str(Markup("\n").join(said))


def _cell(value: object, labels: dict[str, str]) -> Markup:
    if isinstance(value, str):
        return Markup("<td>{}</td>").format(labels.get(value, value))
    if value is None or pd.isna(value):
        return Markup("<td>–</td>")
    return Markup('<td style="text-align:right">{}</td>').format(format_value(value))
