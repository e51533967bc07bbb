"""The words of whatever is filed: of markup with its attributes, of JSON, of plain text."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from learning_with_others.data.disclosure.people_words import Said

SEARCHED = {".html", ".svg", ".xml", ".json", ".csv", ".txt", ".md", ".yaml"}
# Tables and draws that stay in the build folder, and pixels, of which a drawing says the same.
UNREAD = {".parquet", ".npz", ".nc", ".png"}
MARKED_UP = {".html", ".svg", ".xml", "text/html", "image/svg+xml"}
TOGETHER = {"tables", "figures"}  # each file in these folders is of one exhibit
TAG = re.compile(r"<[^<>]*>")
COMMENT = re.compile(r"<!--|-->|<!\[CDATA\[|\]\]>")
# Whatever an attribute says, but for geometry.
ATTRIBUTE = re.compile(
    r"\s(?!(?:d|points|style|transform|class|viewBox)=)[\w:-]+=(\"[^\"]*\"|'[^']*')"
)


def words_in(kind: str, text: str) -> str:
    """Give all that a text says.

    Parameters
    ----------
    kind : str
        A MIME type, or the ending of a file's name.
    text : str
    """
    if kind in MARKED_UP:
        open_ = COMMENT.sub(" ", text)
        told = ATTRIBUTE.findall(" ".join(TAG.findall(open_)))
        told = [words for words in told if not words[1:].startswith("data:")]  # a picture
        return "\n".join([TAG.sub(" ", open_), *told])
    if kind.endswith("json"):
        try:
            return "\n".join(_strings(json.loads(text)))
        except ValueError:
            return text
    return text


def scan_files(folder: Path, said: Said) -> Iterator[tuple[str, str]]:
    """Look for people's words and names in everything that is filed.

    Parameters
    ----------
    folder : path
        What a stage has left, or a report.
    said : Said

    Yields
    ------
    tuple of str and str
        File and problem.
    """
    for path in sorted(folder.rglob("*")) if said else ():
        if path.is_file() and path.suffix not in UNREAD:
            name = path.relative_to(folder).as_posix()
            yield from ((name, problem) for problem in _problems(path, name, said))


def _problems(path: Path, name: str, said: Said) -> Iterator[str]:
    if path.suffix not in SEARCHED:
        yield f"cannot be searched for people's words: only {', '.join(sorted(SEARCHED))} can"
        return
    text = path.read_text(encoding="utf-8", errors="replace")
    heading = text.partition("\n")[0].split(",") if path.suffix == ".csv" else ()
    yield from (f"has the column {column!r}" for column in said.unshown if column in heading)
    words = f"{name}\n{words_in(path.suffix, text)}"
    yield from said.problems(words, together=path.parent.name in TOGETHER)


def _strings(value: Any) -> Iterator[str]:
    """Every text in a JSON value, names included."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for name, each in value.items():
            yield name
            yield from _strings(each)
    elif isinstance(value, list):
        for each in value:
            yield from _strings(each)
