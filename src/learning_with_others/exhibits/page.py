"""A published table as a reader sees it: labels for keys, words for columns."""

from collections.abc import Callable, Iterable
from typing import Any

import pandas as pd
from markupsafe import Markup, escape

from learning_with_others.exhibits.words import format_value
from learning_with_others.study import Study


def rows_html(
    columns: Iterable[str],
    rows: Iterable[Iterable[Any]],
    study: Study,
    link: Callable[[int, int, Markup], Markup] = lambda _row, _column, words: words,
) -> Markup:
    """Lay a table out: numbers to the right, labels for keys, a dash for what is missing.

    Parameters
    ----------
    columns : iterable of str
    rows : iterable of iterable
        Cells: words, numbers, or nothing.
    study : Study
        Whose labels stand for keys.
    link : callable
        From the numbers of the row and the column, and the words of the cell, to what stands
        there.
    """
    labels = study.labels
    names = [str(column).replace("_", " ").replace("children", study.people) for column in columns]
    head = "".join(f"<th>{escape(name)}</th>" for name in names)
    lines = []
    for row, cells in enumerate(rows):
        line = []
        for column, value in enumerate(cells):
            if pd.isna(value) or (isinstance(value, str) and not value):
                line.append('<td class="n">–</td>')
            elif isinstance(value, str):
                line.append(f"<td>{link(row, column, escape(labels.get(value, value)))}</td>")
            else:
                words = link(row, column, escape(format_value(value)))
                line.append(f'<td class="n">{words}</td>')
        lines.append(f"<tr>{''.join(line)}</tr>")
    body = "\n".join(lines)
    table = f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
    return Markup(table)  # noqa: S704 - every word was escaped


def table_html(
    table: pd.DataFrame, study: Study, *, title: str = "", sentence: str = "", caption: str = ""
) -> str:
    """Show a published table: the finding over it, how to read it under it."""
    said = [Markup("<style>td.n {text-align: right}</style>")]
    said += [Markup("<h3>{}</h3>").format(title)] if title else []
    said += [Markup("<p>{}</p>").format(sentence)] if sentence else []
    shown = rows_html(table, table.itertuples(index=False), study)
    return str(Markup("\n").join([*said, shown + Markup("<p>{}</p>").format(caption)]))
