"""Read Dedoose's Word export: a transcript whose comments are `Codes (485-522)` and codes."""

import re
import zipfile
from pathlib import Path
from xml.etree.ElementTree import Element

from learning_with_others.data.importing.contents import refuse_bomb
from learning_with_others.data.importing.qualitative.coded_project import (
    Code,
    CodedProject,
    Coding,
    Selection,
    counted,
)
from learning_with_others.data.importing.qualitative.safe_xml import attribute, parse_xml
from learning_with_others.errors import CompendiumError

WORD = "http://"  # transitional and strict documents differ from here on
HEADING = r"\s*Codes?\s*\(\s*(\d+)\s*[-–]\s*(\d+)\s*\)\s*"
NOBODY = {"", "author", "coder", "dedoose", "unknown"}
WHITE = {"tab": "\t", "br": "\n", "cr": "\n"}


def read_dedoose_word(
    path: Path, document: str | None = None, coder: str | None = None
) -> CodedProject:
    """Read the codes of each comment, one a paragraph, with Dedoose's range and Word's text.

    Parameters
    ----------
    path : Path
    document : str, optional
        Name of the transcript; the file's name without ending if not given. Transcripts that
        several people coded need one name for all their files.
    coder : str, optional
        Who coded; if not given, the author of the comment, or the file's name where the author is
        nobody ("Coder").
    """
    refuse_bomb(path, "save it as a new Word document if you trust it")
    document = document or path.stem
    with zipfile.ZipFile(path) as archive:
        if "word/comments.xml" not in archive.namelist():
            raise CompendiumError(
                "the document has no comments",
                where=str(path),
                remedy="export the document from Dedoose with its excerpts and codes",
            )
        where = f"{path}, word/comments.xml"
        comments = parse_xml(archive.read("word/comments.xml"), where, "comments", WORD)
        body = archive.read("word/document.xml")
    passages = _passages(parse_xml(body, f"{path}, word/document.xml", "document", WORD))
    codes: dict[str, Code] = {}
    selections, codings, others = [], [], 0
    for comment in comments.iter("comment"):
        heading, *names = ["".join(p.itertext()).strip() for p in comment.iter("p")] or [""]
        found = re.fullmatch(HEADING, heading)
        if not found:
            others += 1
            continue
        start, end = int(found[1]), int(found[2])
        number = attribute(comment, "id", where)
        if start > end:
            raise CompendiumError(
                f"the range of comment {number} is {start}-{end}",
                where=where,
                remedy="correct the range: the smaller number first",
            )
        author = comment.get("author", "").strip()
        who = coder or (author if author.casefold() not in NOBODY else path.stem)
        selection = Selection(document, passages.get(number, ""), start, end)
        selections.append(selection)
        for name in filter(None, names):
            codes.setdefault(name, Code(name))
            codings.append(Coding(selection, name, who))
    if others == len(list(comments.iter("comment"))):
        raise CompendiumError(
            f"none of the {others} comments begins with a range such as 'Codes (485-522)'",
            where=where,
            remedy="export the document from Dedoose with its excerpts and codes",
        )
    notes = (f"not read: {counted(others, 'comment')} without a range of codes",) if others else ()
    coders = tuple(dict.fromkeys(coding.coder for coding in codings))
    # Dedoose counts characters of its own copy of the text, which Word's need not be.
    return CodedProject(path, codes, {document: None}, selections, codings, coders, notes)


def _passages(root: Element) -> dict[str, str]:
    """Text between the marks of each comment; of its paragraph, if it has only a reference."""
    text, length, paragraph = [], 0, 0
    opened: dict[str, int] = {}
    closed: dict[str, tuple[int, int | None]] = {}
    for element in root.iter():
        piece = WHITE.get(element.tag, "")
        if element.tag == "p":
            piece = "\n" if text else ""
            paragraph = length + len(piece)
        elif element.tag == "t":
            piece = element.text or ""
        elif element.tag == "commentRangeStart":
            opened[element.get("id", "")] = length
        elif element.tag == "commentRangeEnd":
            number = element.get("id", "")
            closed[number] = (opened.pop(number, paragraph), length)
        elif element.tag == "commentReference":
            closed.setdefault(element.get("id", ""), (paragraph, None))
        text.append(piece)
        length += len(piece)
    whole = "".join(text)
    return {
        number: whole[start : end if end is not None else _line_end(whole, start)]
        for number, (start, end) in closed.items()
    }


def _line_end(text: str, start: int) -> int:
    end = text.find("\n", start)
    return len(text) if end < 0 else end
