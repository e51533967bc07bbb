"""Coded material that must be refused: with place, value and remedy, the file left as it is."""

import io
import zipfile

import pytest
from coded_files import (
    CODES,
    WORD,
    coding,
    project_xml,
    selection,
    text_source,
    write_project,
    write_qualcoder,
    write_word,
    write_zip,
)

from learning_with_others.data.importing import read_coded_project, read_raw_table
from learning_with_others.errors import CompendiumError

WHOLE = project_xml(text_source(selection(0, 5, coding(4))))
LAUGHS = '<!DOCTYPE l [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]>'
OUTSIDE = '<!DOCTYPE l [<!ENTITY a SYSTEM "file:///etc/passwd">]>'
DEEP = "".join(f'<Code guid="{n}" name="c{n}">' for n in range(300)) + "</Code>" * 300
NAMESAKES = "".join(f'<Code guid="{n}" name="c">' for n in range(150)) + "</Code>" * 150
RECORDING = (
    '<AudioSource guid="7" name="Tape"><Transcript guid="8"><PlainTextContent>I</PlainTextContent>'
    '<TranscriptSelection guid="9" fromSyncPoint="no" toSyncPoint="no"/></Transcript></AudioSource>'
)
LATIN = "Größe".encode("latin-1")
TWICE = CODES.replace("000000000002", "000000000003")


def talk(*inside, **rest):
    return project_xml(text_source(*inside), **rest)


def archive(**parts):
    buffer = io.BytesIO()
    write_zip(buffer, {name.replace("_", "."): part for name, part in parts.items()})
    return buffer.getvalue()


def damaged(content):
    """A project whose packed bytes are overwritten."""
    at = content.find(b"project.qde") + 60
    return content[:at] + bytes(40) + content[at + 40 :]


def locked(content):
    """A project whose parts say that they are encrypted."""
    changed = bytearray(content)
    for magic, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        changed[changed.find(magic) + at] |= 1
    return bytes(changed)


def bomb():
    buffer = io.BytesIO(archive(project_qde=WHOLE))
    with zipfile.ZipFile(buffer, "a", zipfile.ZIP_DEFLATED) as more:
        more.writestr("sources/talk.txt", bytes(70 << 20))
    return buffer.getvalue()


LINE = "project.qde, line 1"
PROJECTS = {
    "text": (b"hello", ["ends in .qdpx", "seems to be text", "rename"]),
    "empty": (b"", ["ends in .qdpx", "seems to be text"]),
    "other archive": (archive(a_txt="x"), ["ends in .qdpx", "a zip archive"]),
    "Word inside": (archive(**{"word/document_xml": "<a/>"}), ["Word document", "end in .docx"]),
    "cut short": (archive(project_qde=WHOLE)[:-30], ["ends in .qdpx", "damaged zip archive"]),
    "damaged": (damaged(archive(project_qde=WHOLE)), ["cannot be read", "save it again"]),
    "encrypted": (locked(archive(project_qde=WHOLE)), ["cannot be read", "encrypted"]),
    "two projects": (archive(a_qde=WHOLE, b_qde=WHOLE), ["2 projects: a.qde, b.qde"]),
    "only a Mac's copy": (archive(**{"__MACOSX/_qde": WHOLE}), ["seems to be a zip archive"]),
    "bomb": (bomb(), ["unpacks to", "more than 67,108,864"]),
    "no XML": (archive(project_qde="hello"), [LINE, "column 1", "broken"]),
    "empty XML": (archive(project_qde=""), [LINE, "broken", "no element"]),
    "cut XML": (archive(project_qde=WHOLE[:-5]), [LINE, "broken"]),
    "NUL": (archive(project_qde=WHOLE + "\0"), [LINE, "broken"]),
    "not UTF-8": (archive(project_qde=b"<Project name='\xff'/>"), [LINE, "broken"]),
    "unknown entity": (archive(project_qde=talk("&nbsp;")), [LINE, "undefined entity"]),
    "laughs": (archive(project_qde=LAUGHS + WHOLE), [LINE, "document type", "DOCTYPE"]),
    "other file": (archive(project_qde=OUTSIDE + WHOLE), [LINE, "document type"]),
    "too deep": (archive(project_qde=talk(codes=DEEP)), ["more than 200 deep"]),
    "codes too deep": (
        archive(project_qde=talk(selection(0, 0, coding(4)), codes=CODES + NAMESAKES), talk_txt=""),
        ["'c' lies more than 100 codes deep"],
    ),
    "other root": (archive(project_qde="<Html/>"), [LINE, "'Html' of 'no namespace'"]),
    "other namespace": (
        archive(project_qde=WHOLE.replace("QDA-XML", "QDA")),
        [LINE, "'Project' of 'urn:QDA:project:1.0'"],
    ),
    "code without GUID": (
        archive(project_qde=talk(codes='<Code name="x"/>')),
        ["line 3: ", "'guid'"],
    ),
    "code without name": (archive(project_qde=talk(codes='<Code guid="1"/>')), ["no 'name'"]),
    "code of blanks": (archive(project_qde=talk(codes='<Code guid="1" name=" "/>')), ["no 'name'"]),
    "GUID twice": (archive(project_qde=talk(codes=TWICE)), ["'time'", "already that of 'peers'"]),
    "unknown code": (
        archive(project_qde=talk(selection(0, 5, coding(9))), talk_txt="Hello"),
        [LINE, "no code with the GUID a0000000-0000-0000-0000-000000000009"],
    ),
    "no code": (
        archive(project_qde=talk(selection(0, 5, '<Coding guid="d"/>')), talk_txt="Hello"),
        [LINE, "the coding d names no code"],
    ),
    "beyond the text": (
        archive(project_qde=talk(selection(2, 6, coding(4))), talk_txt="Hello"),
        ["C0000000-0000-0000-0000-000000000001", "from 2 to 6", "text from 0 to 5"],
    ),
    "UTF-16 positions": (
        archive(project_qde=talk(selection(2, 7, coding(4))), talk_txt="🙂Hello"),
        ["from 2 to 7", "from 0 to 6", "code points"],
    ),
    "below 0": (
        archive(project_qde=talk(selection(-1, 5, coding(4))), talk_txt="Hello"),
        ["from -1 to 5"],
    ),
    "backwards": (
        archive(project_qde=talk(selection(5, 2, coding(4))), talk_txt="Hello"),
        ["from 5 to 2"],
    ),
    "no number": (
        archive(project_qde=talk(selection("2.5", 5, coding(4))), talk_txt="Hello"),
        [LINE, "startPosition", "'2.5'", "whole number"],
    ),
    "no position": (
        archive(project_qde=talk('<PlainTextSelection guid="c"/>'), talk_txt="Hello"),
        ["PlainTextSelection has no 'startPosition'"],
    ),
    "no text": (archive(project_qde=WHOLE), [LINE, "no 'internal://talk.txt'", "'Talk'"]),
    "text not UTF-8": (archive(project_qde=WHOLE, talk_txt=LATIN), ["talk.txt, byte 3", "UTF-8"]),
    "sync point": (archive(project_qde=project_xml(RECORDING)), ["no sync point", "GUID no"]),
    "nothing coded": (
        archive(project_qde=talk(selection(0, 5)), talk_txt="Hello"),
        ["nothing is coded", "5 codes, 1 document and 1 passage", "themes:"],
    ),
}


def refused(path, content, expected, read=read_raw_table):
    path.write_bytes(content)
    with pytest.raises(CompendiumError) as caught:
        read(path)
    for part in [str(path), *expected]:
        assert part in str(caught.value)
    assert caught.value.remedy
    assert path.read_bytes() == content
    assert list(path.parent.iterdir()) == [path]


@pytest.mark.parametrize(("content", "expected"), PROJECTS.values(), ids=PROJECTS.keys())
def test_a_faulty_project_is_refused(tmp_path, content, expected):
    refused(tmp_path / "study.qdpx", content, expected)


BOOK = '<CodeBook xmlns="urn:QDA-XML:codebook:1.0"><Codes>{}</Codes></CodeBook>'
BOOKS = {
    "text": (b"hello", ["ends in .qdc", "seems to be text"]),
    "project": (WHOLE.encode(), ["line 1", "'Project'"]),
    "page": (b"<!DOCTYPE html><html/>", ["ends in .qdc", "a web page or XML"]),
    "laughs": ((LAUGHS + BOOK.format("")).encode(), ["document type"]),
    "no codes": (BOOK.format("").encode(), ["no code in the file"]),
    "broken": (BOOK.format("<Code>").encode(), ["line 1, column 59", "broken"]),
}


@pytest.mark.parametrize(("content", "expected"), BOOKS.values(), ids=BOOKS.keys())
def test_a_faulty_codebook_is_refused(tmp_path, content, expected):
    refused(tmp_path / "study.qdc", content, expected)


def word(comments, body=""):
    buffer = io.BytesIO()
    write_word(buffer, comments, body)
    return buffer.getvalue()


WORDS = {
    "text": (b"hello", ["ends in .docx", "seems to be text"]),
    "no comments": (archive(**{"word/document_xml": "<a/>"}), ["no comments", "Dedoose"]),
    "other comments": (word([["Well said"]]), ["none of the 1 comments", "Codes (485-522)"]),
    "backwards": (word([["Codes (9-3)", "x"]]), ["comment 0 is 9-3", "smaller number first"]),
    "no codes": (word([["Codes (3-9)"]]), ["nothing is coded", "1 passage"]),
    "laughs": (
        archive(
            **{
                "word/document_xml": f'{LAUGHS}<w:document xmlns:w="{WORD}"/>',
                "word/comments_xml": f'<w:comments xmlns:w="{WORD}"/>',
            }
        ),
        ["word/document.xml", "document type"],
    ),
}


@pytest.mark.parametrize(("content", "expected"), WORDS.values(), ids=WORDS.keys())
def test_a_faulty_word_export_is_refused(tmp_path, content, expected):
    refused(tmp_path / "talk.docx", content, expected)


CODED = "INSERT INTO code_text (cid, fid, seltext, pos0, pos1, owner) VALUES "
ITSELF = "INSERT INTO code_cat VALUES (1, 'time', '', 1);"
DATABASES = {
    "other": ("DROP TABLE code_text;", ["'code_text' lacks cid", "highlights as CSV"]),
    "nothing coded": ("", ["nothing is coded", "1 code, 1 document and 0 passages"]),
    "unknown code": (f"{CODED}(7, 1, 'He', 0, 2, 'Ada');", ["code_text, row 1", "no code 7"]),
    "unknown document": (f"{CODED}(1, 7, 'He', 0, 2, '');", ["code_text, row 1", "no document 7"]),
    "backwards": (f"{CODED}(1, 1, 'He', 2, 0, 'Ada');", ["row 1", "from 2 to 0"]),
    "no number": (f"{CODED}(1, 1, 'He', 'a', 2, 'Ada');", ["row 1", "from 'a' to 2"]),
    "in itself": (
        f"{ITSELF}{CODED}(1, 1, 'He', 0, 2, 'Ada');",
        ["'time' lies more than 100 codes deep, or in itself"],
    ),
}


def database(tmp_path, script=""):
    content = write_qualcoder(tmp_path / "made.db", script).read_bytes()
    (tmp_path / "made.db").unlink()
    return content


@pytest.mark.parametrize(("script", "expected"), DATABASES.values(), ids=DATABASES.keys())
def test_a_faulty_database_is_refused(tmp_path, script, expected):
    refused(tmp_path / "data.qda", database(tmp_path, script), expected)


def test_a_damaged_database_is_refused(tmp_path):
    content = database(tmp_path)
    refused(tmp_path / "data.qda", content[:2000] + bytes(3000), ["cannot be read"])


def test_an_open_project_and_its_folder_are_refused(tmp_path):
    folder = tmp_path / "mine.qda"
    folder.mkdir()
    (folder / "data.qda").write_bytes(database(tmp_path))
    with pytest.raises(CompendiumError, match=r"is a folder\n.*mine.qda/data.qda"):
        read_raw_table(folder)
    (folder / "data.qda-wal").write_bytes(b"changes")
    with pytest.raises(CompendiumError, match="close the project in QualCoder"):
        read_raw_table(folder / "data.qda")


def test_a_table_is_no_project(tmp_path):
    refused(tmp_path / "a.csv", b"a,b\n1,2\n", ["is a table", ".qdpx"], read_coded_project)


def test_an_archive_is_never_unpacked_to_disk(tmp_path):
    source = text_source(selection(0, 5, coding(4)), path="internal://../../talk.txt")
    path = write_project(tmp_path / "a.qdpx", source, part="../../talk.txt")
    assert read_raw_table(path).frame["text"].tolist() == ["Hello"]
    assert list(tmp_path.iterdir()) == [path]
