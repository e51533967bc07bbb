"""XML read without entities, every element with its line; and XML and text out of zip archives."""

import codecs
import zipfile
from pathlib import PurePosixPath
from xml.etree.ElementTree import Element, TreeBuilder
from xml.parsers import expat

from learning_with_others.errors import CompendiumError

LINE = " line"  # no attribute of a file can have this name
DEEPEST = 200
MARKS = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}


def parse_xml(data: bytes, where: str, root: str, namespace: str) -> Element:
    """Parse XML whose root has a name, in a namespace that begins as given.

    Elements of the root's namespace and all attributes lose their prefix; each element says its
    line as the attribute `LINE`. A document type, which alone could declare entities, is refused.

    Raises
    ------
    CompendiumError
        If the XML is broken, is something else, or declares a document type.
    """
    parser, builder = expat.ParserCreate(namespace_separator=" "), TreeBuilder()
    depth, home = 0, ""

    def at() -> str:
        return f"{where}, line {parser.CurrentLineNumber}"

    def start(tag: str, attributes: dict[str, str]) -> None:
        nonlocal depth, home
        space, _, name = tag.rpartition(" ")
        depth += 1
        if depth == 1 and (name != root or not space.startswith(namespace)):
            raise CompendiumError(
                f"the outermost element is {name!r} of {space or 'no namespace'!r}, not {root!r} "
                f"of {namespace!r}",
                where=at(),
                remedy="export the file again as what its ending says",
            )
        if depth > DEEPEST:
            raise CompendiumError(
                f"elements lie more than {DEEPEST} deep in one another",
                where=at(),
                remedy="export the file again; no program nests codes so deep",
            )
        home = home or space
        values = {key.rpartition(" ")[2]: value for key, value in attributes.items()}
        builder.start(
            name if space == home else tag, values | {LINE: str(parser.CurrentLineNumber)}
        )

    def end(tag: str) -> None:
        nonlocal depth
        depth -= 1
        builder.end(tag)

    def refuse(*_: object) -> None:
        raise CompendiumError(
            "declares a document type, through which a file can draw in others or swell",
            where=at(),
            remedy="export the file again; the format needs no DOCTYPE",
        )

    parser.buffer_text = True
    parser.StartElementHandler, parser.EndElementHandler = start, end
    parser.CharacterDataHandler, parser.StartDoctypeDeclHandler = builder.data, refuse
    try:
        parser.Parse(data, True)
    except expat.ExpatError as error:
        raise CompendiumError(
            f"the XML is broken: {expat.ErrorString(error.code)}",
            where=f"{where}, line {error.lineno}, column {error.offset + 1}",
            remedy="export the file again",
        ) from None
    return builder.close()


def attribute(element: Element, name: str, where: str) -> str:
    """Value of an attribute that must be there and not empty."""
    value = element.get(name, "")
    if not value.strip():
        raise CompendiumError(
            f"the element {element.tag} has no {name!r}",
            where=f"{where}, line {element.get(LINE)}",
            remedy="export the file again, or report it to the makers of the program",
        )
    return value


def part_named(archive: zipfile.ZipFile, path: str) -> str | None:
    """Find a part by the last piece of its path, whatever its folder and case.

    Programs disagree on `Sources/` or `sources/`, on `internal://`, and on folders around it all.
    """
    wanted = PurePosixPath(path.replace("\\", "/")).name.casefold()
    parts = (name for name in archive.namelist() if "__MACOSX" not in name)
    return next((name for name in parts if PurePosixPath(name).name.casefold() == wanted), None)


def decoded(data: bytes, where: str) -> str:
    """Decode text: UTF-8, or UTF-16 with its mark; the mark is no character of the text."""
    encoding = next((name for mark, name in MARKS.items() if data.startswith(mark)), "utf-8")
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        raise CompendiumError(
            f"is not {encoding.upper().removesuffix('-SIG')}",
            where=f"{where}, byte {error.start + 1}",
            remedy="export the project again with plain text in UTF-8",
        ) from None
