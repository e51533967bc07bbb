"""What is written as REFI-QDA reads the same, and the standard's schema accepts it."""

import io
import zipfile
from functools import cache

import pandas as pd
import pytest
from coded_files import shared_file
from hypothesis import given, settings
from hypothesis import strategies as st

from learning_with_others.data.coding_export import NO_XML, export_coding
from learning_with_others.data.importing import read_coded_project, read_raw_table
from learning_with_others.errors import CompendiumError

COLUMNS = ["document", "theme", "coder", "text", "start", "end"]
BOOK = ["theme", "definition", "parent"]
WORDS = st.text(min_size=1, max_size=6).filter(
    lambda text: text.strip() and not NO_XML.search(text)
)
NAMES = st.one_of(st.sampled_from(["peers", "time", "a / b", "peers / time", "peers (2)"]), WORDS)


@st.composite
def codebooks(draw):
    """Nested themes named as a reader names them: their own name, or a path where names repeat."""
    codes = []
    for name in draw(st.lists(NAMES, min_size=1, max_size=8)):
        codes.append((name, draw(st.sampled_from([None, *range(len(codes))]))))
    themes = {}
    for number, (name, parent) in enumerate(codes):
        path = name if parent is None else f"{themes[parent]} / {name}"
        chosen = path if name in themes.values() or draw(st.booleans()) else name
        while chosen in themes.values():
            chosen += "'"
        themes[number] = chosen
    definitions = st.sampled_from(["", 'What <helps> & "why"\nand more'])
    rows = [
        (themes[number], draw(definitions), themes.get(parent))
        for number, (_, parent) in enumerate(codes)
    ]
    return pd.DataFrame(rows, columns=BOOK)


@st.composite
def projects(draw):
    """Documents of any characters, passages that overlap, and who coded what."""
    book = draw(codebooks())
    documents = draw(st.dictionaries(WORDS, st.text(max_size=30), min_size=1, max_size=3))
    rows = []
    for name, text in documents.items():
        for _ in range(draw(st.integers(1, 4))):
            start, end = sorted(draw(st.tuples(*[st.integers(0, len(text))] * 2)))
            theme = draw(st.sampled_from(book["theme"].tolist()))
            coder = draw(st.one_of(st.just(""), WORDS))
            rows.append((name, theme, coder, text[start:end], start, end))
    return book, documents, pd.DataFrame(rows, columns=COLUMNS)


def told(frame, columns):
    return {tuple(map(str, row)) for row in frame[columns].fillna("").to_numpy().tolist()}


@settings(max_examples=60)
@given(projects(), st.booleans())
def test_a_project_reads_as_it_was_written(tmp_path_factory, project, whole):
    book, documents, excerpts = project
    path = tmp_path_factory.mktemp("export") / "a.qdpx"
    export_coding(excerpts, book, path, documents if whole else None)
    read = read_coded_project(path)
    assert told(read.excerpts().frame, COLUMNS) == told(excerpts, COLUMNS)
    assert told(read.codebook().frame, BOOK) == told(book, BOOK)
    if whole:
        assert read.documents == documents
    export_coding(read.excerpts().frame, read.codebook().frame, path, documents if whole else None)
    again = read_coded_project(path)
    assert told(again.excerpts().frame, COLUMNS) == told(excerpts, COLUMNS)
    assert len(again.codings) == len(read.codings)


@given(codebooks())
def test_a_codebook_reads_as_it_was_written(tmp_path_factory, book):
    path = tmp_path_factory.mktemp("export") / "a.qdc"
    export_coding(None, book, path)
    assert told(read_raw_table(path).frame, BOOK) == told(book, BOOK)


@settings(max_examples=30)
@given(projects())
def test_the_schema_of_the_standard_accepts_a_project(tmp_path_factory, project):
    book, documents, excerpts = project
    path = tmp_path_factory.mktemp("export") / "a.qdpx"
    export_coding(excerpts, book, path, documents)
    accept(path)


def accept(path):
    with zipfile.ZipFile(path) as archive:
        schema().validate(io.BytesIO(archive.read("project.qde")))


@cache
def schema():
    file = shared_file("Project-mrt2019.xsd")
    told = "xmlschema is not installed: validity against the schema is NOT tested"
    return pytest.importorskip("xmlschema", reason=told).XMLSchema(file)


def test_the_demo_project_goes_back_as_it_came(tmp_path):
    came = read_coded_project(shared_file("qc-demo.qdpx"))
    texts = {name: text for name, text in came.documents.items() if text is not None}
    path = tmp_path / "back.qdpx"
    export_coding(came.excerpts().frame, came.codebook().frame, path, texts)
    back = read_coded_project(path)
    assert back.excerpts().frame.equals(came.excerpts().frame)
    assert back.codebook().frame.equals(came.codebook().frame)
    assert [code.name for code in back.codes.values()] == [c.name for c in came.codes.values()]
    accept(path)


ROW = {"document": "T", "theme": "time", "coder": "Ada", "text": "Hi", "start": 0, "end": 2}
THEMES = pd.DataFrame([("peers", "", "Support"), ("time", None, None)], columns=BOOK)


def test_passages_without_positions_follow_one_another(tmp_path):
    rows = [("peers", "yes", "1"), ("time", "yes", "1"), ("time", "yes", "2"), ("time", None, "3")]
    excerpts = pd.DataFrame(rows, columns=["theme", "text", "excerpt"])
    excerpts[["document", "coder"]] = "Talk", None
    export_coding(excerpts, THEMES, tmp_path / "a.qdpx")
    read = read_coded_project(tmp_path / "a.qdpx")
    assert read.documents == {"Talk": "yes\n\nyes\n\n[no text: 3]"}
    assert [len(read.selections), len(read.codings)] == [3, 4]
    assert [code.codable for code in read.codes.values()] == [False, True, True]


def test_positions_that_count_another_text_are_dropped(tmp_path):
    excerpts = pd.DataFrame([("Talk", "time", "Ada", "Hello", 485, 522)], columns=COLUMNS)
    export_coding(excerpts, THEMES, tmp_path / "a.qdpx", {"Talk": "So: Hello"})
    assert read_raw_table(tmp_path / "a.qdpx").frame["start"].tolist() == ["4"]


def test_the_same_project_gives_the_same_bytes_and_no_speaker(tmp_path):
    excerpts = pd.DataFrame([ROW | {"speaker": "Zoe"}])
    for name in ("a", "b"):
        folder = tmp_path / name
        folder.mkdir()
        export_coding(excerpts, THEMES, folder / "same.qdpx")
    first, second = ((tmp_path / name / "same.qdpx").read_bytes() for name in ("a", "b"))
    assert first == second
    with zipfile.ZipFile(tmp_path / "a/same.qdpx") as archive:
        assert not any(b"Zoe" in archive.read(part) for part in archive.namelist())


FAULTS = {
    "ending": ({}, {}, "a.csv", "cannot end in '.csv'"),
    "unknown theme": ({"theme": "tme"}, {}, "a.qdpx", "did you mean 'time'"),
    "other words": ({"start": 1, "end": 3}, {"T": "Hello"}, "a.qdpx", "from 1 to 3 is not what"),
    "beyond": ({"start": 4, "end": 6}, {"T": "Hello"}, "a.qdpx", "from 4 to 6 is not what"),
    "coder": ({"coder": "A\x0bda"}, {}, "a.qdpx", "(?s)coder 'A.*at position 2"),
    "document": ({"document": " "}, {}, "a.qdpx", "document ' ' is empty"),
}


@pytest.mark.parametrize(("change", "texts", "name", "expected"), FAULTS.values(), ids=FAULTS)
def test_what_cannot_be_written_is_refused(tmp_path, change, texts, name, expected):
    with pytest.raises(CompendiumError, match=expected):
        export_coding(pd.DataFrame([ROW | change]), THEMES, tmp_path / name, texts)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("themes", "expected"),
    [
        ([("a", "", "b"), ("b", "", "a")], "deep, or in itself"),
        ([("a", "", ""), ("a", "", "")], "stands in it twice"),
        ([], "empty"),
    ],
)
def test_a_codebook_that_is_no_tree_is_refused(tmp_path, themes, expected):
    with pytest.raises(CompendiumError, match=expected):
        export_coding(None, pd.DataFrame(themes, columns=BOOK), tmp_path / "a.qdc")
    with pytest.raises(CompendiumError, match="no column 'parent'"):
        export_coding(None, pd.DataFrame({"theme": ["a"], "definition": [""]}), tmp_path / "a.qdc")


def test_two_passages_that_disagree_on_a_place_are_refused(tmp_path):
    excerpts = pd.DataFrame([ROW, ROW | {"text": "Ho"}])
    with pytest.raises(CompendiumError, match="document 'T': the passage from 0 to 2"):
        export_coding(excerpts, THEMES, tmp_path / "a.qdpx")
