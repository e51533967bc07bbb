"""Fetching from a server on this machine that answers as a Dataverse does."""

import hashlib
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from conftest import ROOT

from learning_with_others.data.fetching import fetch_missing
from learning_with_others.errors import CompendiumError
from learning_with_others.study import load_study

CONTENT = b"the file as deposited"
LISTED = {
    "data": [
        {"dataFile": {"id": 7, "filename": "other.tab"}},
        {"dataFile": {"id": 9, "filename": "s.tab", "originalFileName": "s.sav"}},
    ]
}


class Dataverse(BaseHTTPRequestHandler):
    def do_GET(self):
        answers = {
            "/api/datasets/:persistentId/versions/:latest/files?persistentId=doi%3A10.1%2FX": (
                json.dumps(LISTED).encode()
            ),
            "/api/access/datafile/9?format=original": CONTENT,
            "/api/access/datafile/9": b"the table the server made of it",
        }
        found = answers.get(self.path)
        self.send_response(200 if found else 404)
        self.end_headers()
        self.wfile.write(found or b"")

    def log_message(self, *_):
        """Say nothing."""


@pytest.fixture(scope="module")
def server():
    httpd = ThreadingHTTPServer(("127.0.0.1", 0), Dataverse)
    threading.Thread(target=httpd.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{httpd.server_port}"
    httpd.shutdown()


@pytest.fixture
def declare(study_folder):
    """Declare the students' table as a file of a deposit."""

    def declared(server, *, content=CONTENT, filename="s.sav", doi="10.1/X"):
        path = study_folder / "study.yaml"
        path.write_text((ROOT / "data/project-star/study.yaml").read_text())
        old = load_study(study_folder).tables.students
        text = path.read_text().replace("raw/students.csv.gz", "fetched/s.sav")
        text = text.replace(old.sha256, hashlib.sha256(content).hexdigest())
        download = f'{{ server: "{server}", doi: "{doi}", filename: {filename} }}'
        text = text.replace(
            "key: [student, grade]", f"key: [student, grade]\n    download: {download}"
        )
        path.write_text(text)
        return load_study(study_folder)

    return declared


def fetched(study):
    return sorted(path.name for path in (study.folder / "fetched").glob("*"))


def test_the_file_as_deposited_is_downloaded_once(server, declare):
    study = declare(server)
    fetch_missing(study)
    assert study.path(study.tables.students).read_bytes() == CONTENT
    assert fetched(study) == ["s.sav"]
    fetch_missing(declare("http://127.0.0.1:9"))  # nothing is asked of a server any more


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"content": b"another"}, "hash"),
        ({"filename": "t.sav"}, "lists no file 't.sav'; it lists other.tab, s.sav"),
        ({"doi": "10.1/Y"}, "404"),
    ],
)
def test_what_the_server_does_not_have_leaves_nothing_behind(server, declare, changes, expected):
    study = declare(server, **changes)
    with pytest.raises(CompendiumError) as caught:
        fetch_missing(study)
    assert expected in str(caught.value)
    assert "FROM=path/to/" in str(caught.value)
    assert fetched(study) == []


def test_a_server_that_does_not_answer_is_named(declare):
    with pytest.raises(CompendiumError, match=r"could not be had from http://127\.0\.0\.1:9"):
        fetch_missing(declare("http://127.0.0.1:9"))


def test_a_path_stands_in_for_the_server(declare, tmp_path):
    mine = tmp_path / "mine.sav"
    mine.write_bytes(CONTENT)
    study = declare("http://127.0.0.1:9")
    fetch_missing(study, str(mine))
    assert study.path(study.tables.students).read_bytes() == CONTENT


def test_another_file_is_refused(declare, tmp_path):
    mine = tmp_path / "mine.sav"
    mine.write_bytes(CONTENT + b" opened and saved")
    study = declare("http://127.0.0.1:9")
    with pytest.raises(CompendiumError, match="is another file"):
        fetch_missing(study, str(mine))
    with pytest.raises(CompendiumError, match="no such file"):
        fetch_missing(study, str(tmp_path / "absent.sav"))
    assert fetched(study) == []


def test_a_study_that_keeps_its_files_takes_none_from_elsewhere(study):
    with pytest.raises(CompendiumError, match="keeps its files in its folder"):
        fetch_missing(study, "somewhere.sav")
