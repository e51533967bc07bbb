"""Write coded passages and their codebook as REFI-QDA, for NVivo, ATLAS.ti, MAXQDA and others."""

import io
import re
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from uuid import UUID, uuid5
from xml.etree import ElementTree as ET

import pandas as pd

from learning_with_others.data.importing.qualitative.coded_project import CODEBOOK_COLUMNS
from learning_with_others.data.importing.qualitative.theme_names import (
    BETWEEN,
    path_of,
    theme_names,
)
from learning_with_others.errors import CompendiumError, suggest

# Root of the GUIDs: the same project gives the same file.
GUIDS = UUID("5d0c7a1e-6a0b-4c39-9f6e-2f6f2f1f4a10")
NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
ORIGIN = "Learning With Others compendium"


def export_coding(
    excerpts: pd.DataFrame | None,
    themes: pd.DataFrame,
    path: Path,
    documents: Mapping[str, str] | None = None,
) -> None:
    """Write a REFI-QDA project (`.qdpx`), or of the themes alone a codebook (`.qdc`).

    Parameters
    ----------
    excerpts : DataFrame or None
        One row for each passage, theme and coder: `document, theme, coder, text`, and `start, end`
        where known. Nothing else is written, no speaker above all. None for a codebook.
    themes : DataFrame
        `theme, definition, parent`.
    path : Path
        Its ending chooses the format. A file that is there is replaced.
    documents : mapping of str to str, optional
        Whole texts. A document without one is made of its passages: each at its positions, blanks
        between; those without positions that count this text follow after the last.

    References
    ----------
    REFI-QDA standard 1.5 (2019), Rotterdam Exchange Format Initiative; schemas Codebook.xsd and
    Project-mrt2019.xsd.
    """
    path = Path(path)
    what, ending = ("a codebook", ".qdc") if excerpts is None else ("a project", ".qdpx")
    if path.suffix.lower() != ending:
        raise CompendiumError(
            f"{what} cannot end in {path.suffix!r}", where=str(path), remedy=f"end it in {ending}"
        )
    _need(themes, CODEBOOK_COLUMNS, "codebook")
    codes = _codes(themes)
    if excerpts is None:
        root = ET.Element("CodeBook", xmlns="urn:QDA-XML:codebook:1.0", origin=ORIGIN)
        root.append(codes)
        content = _xml(root)
    else:
        _need(excerpts, ("document", "theme", "coder", "text"), "table of excerpts")
        known = set(themes["theme"])
        unknown = next((each for each in excerpts["theme"].unique() if each not in known), None)
        if unknown is not None:
            raise CompendiumError(
                f"the theme {unknown!r} of an excerpt is not in the codebook",
                remedy=suggest(str(unknown), themes["theme"]),
            )
        content = _project(excerpts.astype("object"), codes, documents or {}, path.stem)
    beside = path.with_name(f".{path.name}.partial")
    beside.write_bytes(content)
    beside.replace(path)


def _need(frame: pd.DataFrame, columns: Sequence[str], what: str) -> None:
    missing = [column for column in columns if column not in frame]
    if missing:
        raise CompendiumError(
            f"the {what} has no column {missing[0]!r}", remedy=suggest(missing[0], frame.columns)
        )


def _project(
    rows: pd.DataFrame, codes: ET.Element, documents: Mapping[str, str], name: str
) -> bytes:
    root = ET.Element(
        "Project", xmlns="urn:QDA-XML:project:1.0", name=_legal(name, "name"), origin=ORIGIN
    )
    coders = [coder for coder in rows["coder"].dropna().unique() if coder]
    if coders:
        users = ET.SubElement(root, "Users")
        for coder in coders:
            guid = _guid("coder", coder)
            ET.SubElement(users, "User", guid=guid, name=_legal(coder, "coder"))
    ET.SubElement(root, "CodeBook").append(codes)
    parts = {}
    if len(rows):
        sources = ET.SubElement(root, "Sources")
        for document, of in rows.groupby("document", sort=False):
            parts |= _source(sources, str(document), of, documents.get(str(document)))
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for part, content in {"project.qde": _xml(root), **parts}.items():
            # A fixed date: the same project gives the same bytes.
            item = zipfile.ZipInfo(part, (1980, 1, 1, 0, 0, 0))
            archive.writestr(item, content, zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


def _source(
    sources: ET.Element, document: str, rows: pd.DataFrame, whole: str | None
) -> dict[str, bytes]:
    """Add a document and its codings; give the part that holds its text."""
    text, places = _laid_out(document, rows, whole)
    guid = _guid("document", document)
    source = ET.SubElement(
        sources,
        "TextSource",
        guid=guid,
        name=_legal(document, "document"),
        plainTextPath=f"internal://{guid}.txt",
    )
    selections: dict[tuple[int, int], ET.Element] = {}
    for place, theme, coder in dict.fromkeys(
        zip(places, rows["theme"], rows["coder"].fillna(""), strict=True)
    ):
        start, end = place
        key = f"{document}\n{start}\n{end}"
        if place not in selections:
            selections[place] = ET.SubElement(
                source,
                "PlainTextSelection",
                guid=_guid("selection", key),
                startPosition=str(start),
                endPosition=str(end),
            )
        by = {"creatingUser": _guid("coder", coder)} if coder else {}
        coding = ET.SubElement(
            selections[place], "Coding", guid=_guid("coding", f"{key}\n{theme}\n{coder}"), **by
        )
        ET.SubElement(coding, "CodeRef", targetGUID=_guid("theme", theme))
    # A mark at the start is a character of this text only if another stands before it.
    encoding = "utf-8-sig" if text.startswith("\ufeff") else "utf-8"
    return {f"sources/{guid}.txt": text.encode(encoding)}


def _laid_out(
    document: str, rows: pd.DataFrame, whole: str | None
) -> tuple[str, list[tuple[int, int]]]:
    """Text of a document, and where in it each row's passage lies."""
    passages = [_passage(row) for row in rows.to_dict("records")]
    letters = list(whole or "")
    if whole is None:
        letters = [None] * max((end for *_, end in passages if end is not None), default=0)
    for text, start, end in passages:
        if start is None or not text:
            continue
        there = letters[start:end]
        if len(there) < len(text) or any(
            old not in (None, new) for old, new in zip(there, text, strict=True)
        ):
            raise CompendiumError(
                f"the passage from {start} to {end} is not what stands there",
                where=f"document {document!r}",
                remedy="give the text that was coded, or leave `start` and `end` of it empty",
            )
        letters[start:end] = text
    joined = "".join(letter or " " for letter in letters)
    names = rows["excerpt"] if "excerpt" in rows else [text for text, *_ in passages]
    places, added = [], {}
    for name, (text, start, end) in zip(names, passages, strict=True):
        if start is not None:
            places.append((start, end))
        elif whole is not None and text in whole:
            places.append((whole.index(text), whole.index(text) + len(text)))
        else:
            if (name, text) not in added:
                joined += "\n\n" if joined else ""
                added[name, text] = (len(joined), len(joined) + len(text))
                joined += text
            places.append(added[name, text])
    return joined, places


def _passage(row: dict[str, object]) -> tuple[str, int | None, int | None]:
    """Words and positions of a row; positions that count another text than this are dropped."""
    text = "" if pd.isna(row["text"]) else str(row["text"])
    bounds = [row.get("start"), row.get("end")]
    if any(pd.isna(bound) for bound in bounds):
        return text or f"[no text: {row.get('excerpt', 'passage')}]", None, None
    start, end = (int(bound) for bound in bounds)
    if text and len(text) != end - start:
        return text, None, None
    return text, start, end


def _codes(themes: pd.DataFrame) -> ET.Element:
    """Nest the codes; a parent that is no theme becomes a category that codes nothing."""
    if not len(themes) or themes["theme"].duplicated().any() or themes["theme"].isna().any():
        raise CompendiumError(
            "the codebook is empty, or a theme has no name, or stands in it twice",
            remedy="write each theme on one row",
        )
    parents = {
        row["theme"]: None if pd.isna(row["parent"]) or not row["parent"] else row["parent"]
        for row in themes.to_dict("records")
    }
    categories = dict.fromkeys(p for p in parents.values() if p and p not in parents)
    parents = {**categories, **parents}
    names = _names(parents)
    definitions = dict(zip(themes["theme"], themes["definition"].fillna(""), strict=True))
    root = ET.Element("Codes")
    elements = {
        theme: ET.Element(
            "Code",
            guid=_guid("theme", theme),
            name=_legal(names[theme], "theme"),
            isCodable="false" if theme in categories else "true",
        )
        for theme in parents
    }
    for theme, definition in definitions.items():
        if definition:
            description = ET.SubElement(elements[theme], "Description")
            description.text = _legal(definition, "definition")
    for theme, parent in parents.items():
        (root if parent is None else elements[parent]).append(elements[theme])
    return root


def _names(parents: dict[str, str | None]) -> dict[str, str]:
    """Shorten `Parent / Child` to `Child` wherever reading gives the path back."""
    for theme in parents:
        path_of(
            theme, {key: (key, above) for key, above in parents.items()}
        )  # no theme above itself
    names = {
        theme: theme if parent is None else theme.rpartition(BETWEEN)[2].strip() or theme
        for theme, parent in parents.items()
    }
    while True:
        read = theme_names({theme: (names[theme], parent) for theme, parent in parents.items()})
        lost = {names[theme] for theme in parents if read[theme] != theme}
        longer = {theme: theme for theme, name in names.items() if name in lost and name != theme}
        if not longer:
            return names
        names |= longer


def _guid(kind: str, name: str) -> str:
    return str(uuid5(GUIDS, f"{kind}\n{name}"))


def _legal(text: object, what: str) -> str:
    """Give a text that XML can hold."""
    text = str(text)
    found = NO_XML.search(text)
    if found or not text.strip():
        raise CompendiumError(
            f"the {what} {text[:40]!r} is empty or holds a character that XML cannot",
            remedy="rename it, or delete the character"
            + (f" {found[0]!r} at position {found.start() + 1}" if found else ""),
        )
    return text


def _xml(root: ET.Element) -> bytes:
    return ET.tostring(root, encoding="utf-8", xml_declaration=True)
