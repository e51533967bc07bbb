"""Small coded projects, written piece by piece as the formats say."""

import os
import sqlite3
import zipfile
from contextlib import closing
from pathlib import Path

import pytest
from conftest import ROOT

VARIABLE = "QUALITATIVE_FILES"
WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
CODES = """
<Code guid="{A0000000-0000-0000-0000-000000000001}" name="Support" isCodable="false">
  <Description>What helps.</Description>
  <Code guid="A0000000-0000-0000-0000-000000000002" name="peers" isCodable="true"/>
  <Code guid="a0000000-0000-0000-0000-000000000003" name="time" isCodable="true"/>
</Code>
<Code guid="A0000000-0000-0000-0000-000000000004" name="Exclusion" isCodable="true">
  <Code guid="A0000000-0000-0000-0000-000000000005" name="peers" isCodable="true"/>
</Code>"""
QUALCODER = """
CREATE TABLE code_text (ctid integer primary key, cid integer, fid integer, seltext text,
  pos0 integer, pos1 integer, owner text, date text, memo text);
CREATE TABLE code_image (imid integer primary key, id integer, x1 integer, y1 integer,
  width integer, height integer, cid integer, owner text);
CREATE TABLE code_name (cid integer primary key, name text, memo text, catid integer,
  color text, supercid integer);
CREATE TABLE code_cat (catid integer primary key, name text, memo text, supercatid integer);
CREATE TABLE cases (caseid integer primary key, name text);
CREATE TABLE source (id integer primary key, name text, fulltext text, mediapath text);
INSERT INTO source VALUES (1, 'Talk', 'Hello 🙂 you', NULL);
INSERT INTO code_name VALUES (1, 'time', 'When.', 1, '', NULL);
"""
USERS = """
<User guid="B0000000-0000-0000-0000-000000000001" name="Ada"/>
<User guid="B0000000-0000-0000-0000-000000000002" name="Ben"/>"""


def shared_file(name):
    """A real export that is not shipped; the test is skipped where it is not."""
    path = Path(os.environ.get(VARIABLE, ROOT.parent / "shared/data/qualitative")) / name
    if not path.is_file():
        pytest.skip(
            f"{name} is not here: reading the real export is NOT tested. Put it into a folder "
            f"and name that folder in the variable {VARIABLE}"
        )
    return path


def coding(code, user=1, number=1):
    """A coding of the code that ends in a number, by a user (0: by nobody)."""
    by = f'creatingUser="b0000000-0000-0000-0000-00000000000{user}"' if user else ""
    return (
        f'<Coding guid="D0000000-0000-0000-0000-00000000000{number}" {by}>'
        f'<CodeRef targetGUID="{{a0000000-0000-0000-0000-00000000000{code}}}"/></Coding>'
    )


def selection(start, end, *inside, attributes=""):
    return (
        f'<PlainTextSelection guid="C0000000-0000-0000-0000-000000000001" startPosition="{start}" '
        f'endPosition="{end}" {attributes}>{"".join(inside)}</PlainTextSelection>'
    )


def text_source(*inside, name="Talk", path="internal://talk.txt", attributes=""):
    path = f'plainTextPath="{path}"' if path else ""
    return (
        f'<TextSource guid="E0000000-0000-0000-0000-000000000001" name="{name}" {path} '
        f"{attributes}>{''.join(inside)}</TextSource>"
    )


def project_xml(*sources, codes=CODES, users=USERS, more="", origin="a test"):
    return (
        f'<Project xmlns="urn:QDA-XML:project:1.0" name="small" origin="{origin}">'
        f"<Users>{users}</Users><CodeBook><Codes>{codes}</Codes></CodeBook>"
        f"<Sources>{''.join(sources)}</Sources>{more}</Project>"
    )


def write_zip(path, parts):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return path


def write_project(path, *sources, text="Hello", part="sources/talk.txt", **rest):
    """A `.qdpx` of one text."""
    return write_zip(path, {"project.qde": project_xml(*sources, **rest), part: text})


def write_word(path, comments, body):
    """A Word document; each comment is its paragraphs, or a pair of author and paragraphs."""
    written = ""
    for number, comment in enumerate(comments):
        author, paragraphs = comment if isinstance(comment, tuple) else ("Coder", comment)
        inside = "".join(f"<w:p><w:r><w:t>{p}</w:t></w:r></w:p>" for p in paragraphs)
        written += f'<w:comment w:id="{number}" w:author="{author}">{inside}</w:comment>'
    space = f'xmlns:w="{WORD}"'
    parts = {
        "word/document.xml": f"<w:document {space}><w:body>{body}</w:body></w:document>",
        "word/comments.xml": f"<w:comments {space}>{written}</w:comments>",
    }
    return write_zip(path, parts)


def write_qualcoder(path, script=""):
    """A QualCoder database of one code and one document, with what the script adds."""
    with closing(sqlite3.connect(path)) as database:
        database.executescript(QUALCODER + script)
    return path
