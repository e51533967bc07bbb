"""Read REFI-QDA: projects (`.qdpx`) and codebooks (`.qdc`)."""

import zipfile
from pathlib import Path, PurePosixPath
from xml.etree.ElementTree import Element

from learning_with_others.data.importing.contents import refuse_bomb
from learning_with_others.data.importing.qualitative.coded_project import (
    Code,
    CodedProject,
    Coding,
    Selection,
    counted,
)
from learning_with_others.data.importing.qualitative.safe_xml import (
    LINE,
    attribute,
    decoded,
    parse_xml,
    part_named,
)
from learning_with_others.data.importing.qualitative.theme_names import apart
from learning_with_others.errors import CompendiumError

# Sources, and the texts that a source of another kind may hold.
TEXTS = ("TextSource", "Representation", "TextDescription", "Transcript")
SELECTIONS = ("PDFSelection", "PictureSelection", "AudioSelection", "VideoSelection")
PLACE = ("page", "firstX", "firstY", "secondX", "secondY", "begin", "end")
UNREAD = {
    "Notes/Note": "memo",
    "Sets/Set": "set",
    "Links/Link": "link",
    "Graphs/Graph": "graph",
    "Cases/Case": "case",
    "Cases/Case/CodeRef": "code of a case",
}


def read_refi_codebook(path: Path) -> CodedProject:
    """Read a `.qdc` codebook: codes without passages.

    References
    ----------
    REFI-QDA standard 1.5 (2019), section 5.2, Rotterdam Exchange Format Initiative.
    """
    root = parse_xml(path.read_bytes(), str(path), "CodeBook", "urn:QDA-XML:codebook:")
    sets = len(root.findall("Sets/Set"))
    notes = (f"not read: {counted(sets, 'set')} of codes",) if sets else ()
    return CodedProject(path, _codes(root, str(path)), notes=notes)


def read_refi_project(path: Path) -> CodedProject:
    """Read a `.qdpx` project: codes, documents, passages and codings of every kind of source.

    Positions count code points of the plain text from 0, the end exclusive. ATLAS.ti counts the
    two characters that end a line in Windows as one.

    References
    ----------
    REFI-QDA standard 1.5 (2019), sections 5.3, 8 and 10, Rotterdam Exchange Format Initiative.
    """
    refuse_bomb(path, "unpack it and look inside before you trust it")
    with zipfile.ZipFile(path) as archive:
        return _Reading(path, archive).project()


def guid_of(element: Element, name: str, where: str) -> str:
    """Give a GUID as all are compared: without braces, in lower case."""
    return attribute(element, name, where).strip().strip("{}").lower()


def _codes(book: Element, where: str) -> dict[str, Code]:
    codes: dict[str, Code] = {}

    def add(parent: Element, above: str | None) -> None:
        for element in parent.findall("Code"):
            guid, name = guid_of(element, "guid", where), attribute(element, "name", where)
            if guid in codes:
                raise CompendiumError(
                    f"the GUID {guid} of the code {name!r} is already that of {codes[guid].name!r}",
                    where=f"{where}, line {element.get(LINE)}",
                    remedy="give one of the codes a GUID of its own",
                )
            codable = element.get("isCodable", "true").strip() not in ("false", "0")
            definition = (element.findtext("Description") or "").strip()
            codes[guid] = Code(name, above, definition, codable)
            add(element, guid)

    for element in book.findall("Codes"):
        add(element, None)
    return codes


class _Reading:
    """One pass over a project."""

    def __init__(self, path: Path, archive: zipfile.ZipFile) -> None:
        self.path, self.archive = path, archive
        part = self._project_part()
        self.where = f"{path}, {part}"
        self.root = parse_xml(archive.read(part), self.where, "Project", "urn:QDA-XML:project:")
        self.codes: dict[str, Code] = {}
        for book in self.root.findall("CodeBook"):
            self.codes |= _codes(book, self.where)
        self.coders: dict[str, str] = {}
        used: set[str] = set()
        for user in self.root.findall("Users/User"):
            guid = guid_of(user, "guid", self.where)
            self.coders[guid] = apart(user.get("name") or user.get("id") or guid, used)
        self.documents: dict[str, str | None] = {}
        self.names: set[str] = set()
        self.selections: list[Selection] = []
        self.codings: list[Coding] = []
        self.absent: list[str] = []
        self.read = 0

    def project(self) -> CodedProject:
        for source in (each for group in self.root.findall("Sources") for each in group):
            self._source(source)
        unread = {word: len(self.root.findall(each)) for each, word in UNREAD.items()}
        told = ", ".join(counted(number, word) for word, number in unread.items() if number)
        notes = [f"not read: {told}"] if told else []
        lost = sum(1 for _ in self.root.iter("Coding")) - self.read
        if lost:
            notes.append(f"not read: {counted(lost, 'coding')} where the standard knows none")
        if self.absent:
            notes.append(f"plain text that lies outside the archive: {', '.join(self.absent)}")
        return CodedProject(
            self.path,
            self.codes,
            self.documents,
            self.selections,
            self.codings,
            tuple(self.coders.values()),
            tuple(notes),
        )

    def _project_part(self) -> str:
        parts = [
            name
            for name in self.archive.namelist()
            if name.lower().endswith(".qde") and "__MACOSX" not in name
        ]
        if len(parts) != 1:
            raise CompendiumError(
                f"the archive holds {len(parts)} projects: {', '.join(parts) or 'no .qde file'}",
                where=str(self.path),
                remedy="export one project as REFI-QDA",
            )
        return parts[0]

    def _source(self, source: Element) -> None:
        path = source.get("plainTextPath") or source.get("path") or ""
        name = source.get("name") or PurePosixPath(path.replace("\\", "/")).name
        document = apart(name or guid_of(source, "guid", self.where), self.names)
        self.documents[document] = None
        texts = [source] if source.tag == "TextSource" else [e for e in source if e.tag in TEXTS]
        for number, text in enumerate(texts):
            # Several transcripts of one recording count their positions each on their own.
            self._text(text, document if not number else apart(document, self.names))
        for element in source:
            if element.tag in SELECTIONS:
                held = element.find("Representation")
                place = ", ".join(element.get(key, "") for key in PLACE if key in element.keys())  # noqa: SIM118
                text = "" if held is None else self._plain(held) or ""
                where = place or guid_of(element, "guid", self.where)
                self._select(Selection(document, text, place=where), element)
        if source.find("Coding") is not None:
            self._select(Selection(document), source)

    def _text(self, source: Element, document: str) -> None:
        plain = self.documents[document] = self._plain(source)
        points = {
            guid_of(point, "guid", self.where): point for point in source.findall("SyncPoint")
        }
        for element in source:
            if element.tag == "PlainTextSelection":
                start, end = (
                    self._whole(element, "startPosition"),
                    self._whole(element, "endPosition"),
                )
            elif element.tag == "TranscriptSelection":
                start, end = (
                    self._whole(self._known(points, element, name, "sync point"), "position")
                    for name in ("fromSyncPoint", "toSyncPoint")
                )
            else:
                continue
            self._check(element, start, end, plain)
            text = "" if plain is None else plain[start:end]
            self._select(Selection(document, text, start, end), element)

    def _check(self, element: Element, start: int, end: int, plain: str | None) -> None:
        length = end if plain is None else len(plain)
        if not 0 <= start <= end <= length:
            raise CompendiumError(
                f"the passage {element.get('guid')} goes from {start} to {end}, "
                + (f"the text from 0 to {length}" if plain is not None else "backwards or below 0"),
                where=f"{self.where}, line {element.get(LINE)}",
                remedy="export the project again with the text that was coded; positions count "
                "Unicode code points from 0",
            )

    def _select(self, selection: Selection, element: Element) -> None:
        self.selections.append(selection)
        for coding in element.findall("Coding"):
            self.read += 1
            user = coding.get("creatingUser") or element.get("creatingUser") or ""
            user = user.strip().strip("{}").lower()
            coder = self.coders.get(user, user)
            references = coding.findall("CodeRef")
            if not references:
                raise CompendiumError(
                    f"the coding {coding.get('guid')} names no code",
                    where=f"{self.where}, line {coding.get(LINE)}",
                    remedy="export the project again",
                )
            for reference in references:
                self._known(self.codes, reference, "targetGUID", "code")
                code = guid_of(reference, "targetGUID", self.where)
                self.codings.append(Coding(selection, code, coder))

    def _known[T](self, known: dict[str, T], element: Element, name: str, what: str) -> T:
        guid = guid_of(element, name, self.where)
        if guid not in known:
            raise CompendiumError(
                f"there is no {what} with the GUID {guid}",
                where=f"{self.where}, line {element.get(LINE)}",
                remedy=f"export the project again with every {what}",
            )
        return known[guid]

    def _whole(self, element: Element, name: str) -> int:
        value = attribute(element, name, self.where)
        try:
            return int(value)
        except ValueError:
            raise CompendiumError(
                f"{name} of {element.tag} {element.get('guid')} is {value!r}, no whole number",
                where=f"{self.where}, line {element.get(LINE)}",
                remedy="export the project again",
            ) from None

    def _plain(self, source: Element) -> str | None:
        """Text that positions count, None if it is not in the archive."""
        text = source.findtext("PlainTextContent")
        path = source.get("plainTextPath")
        if text is None and path is None:
            return None
        if text is None:
            part = part_named(self.archive, path or "")
            if part is None:
                self._outside(source, path or "")
                return None
            text = decoded(self.archive.read(part), f"{self.path}, {part}")
        if "ATLAS" in self.root.get("origin", "").upper():
            text = text.replace("\r\n", "\n")
        return text

    def _outside(self, source: Element, path: str) -> None:
        """Note that a text lies elsewhere; inside the archive it has to be."""
        if not path.startswith(("relative:", "absolute:", "file:")):
            raise CompendiumError(
                f"there is no {path!r}, the plain text of {source.get('name')!r}",
                where=f"{self.where}, line {source.get(LINE)}",
                remedy="export the project again with its sources",
            )
        self.absent.append(path)
