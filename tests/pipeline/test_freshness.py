"""Contents decide what runs, and not the time of a file."""

import os
import shutil

import pytest
from small_notebooks import BUILD, WRITE, cell, lay_out, put_notebook

from learning_with_others.pipeline.run import main

SECOND = cell(
    "second",
    "import json\n"
    "from pathlib import Path\n"
    "read = Path(build_folder, '01-first', 'made.txt')\n"
    "Path(output_folder).mkdir(parents=True)\n"
    "Path(output_folder, 'read.json').write_text(json.dumps([str(read)]))\n"
    "Path(output_folder, 'grade.txt').write_text(read.read_text())",
)
STAGES = ("01-first", "02-second")


@pytest.fixture(scope="module")
def ran_once(tmp_path_factory):
    """A project whose two stages have run."""
    root = tmp_path_factory.mktemp("project")
    lay_out(root)
    put_notebook(root, WRITE)
    put_notebook(root, SECOND, name="02-second")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(root)
        patch.setenv("STUDY", "project-star")
        patch.setenv("PROFILE", "quick")
        assert main(["check", *STAGES]) == 0
        assert main(["run", *STAGES]) == 0
    (root / BUILD / ".study").unlink()  # names the folder, of which each test has a copy
    return root


@pytest.fixture
def finished(ran_once, tmp_path, monkeypatch, typed, capfd):
    """Two stages that ran; gives the root, and what runs when everything is asked for again."""
    root = tmp_path / "copy"
    shutil.copytree(ran_once, root)
    monkeypatch.chdir(root)

    def again(**values):
        typed(**values)
        capfd.readouterr()
        status = main(["check", *STAGES]) or main(["run", *STAGES])
        told = capfd.readouterr()
        assert status == 0, told.err
        return [stage for stage in STAGES if f"[{stage}] done" in told.out], told.out

    return root, again


def test_nothing_runs_when_nothing_changed(finished):
    _, again = finished
    ran, told = again()
    assert ran == []
    assert told == f"Nothing to do: {BUILD}/report/report.html is up to date\n"


def edited(path, text="\n"):
    """Change a file and give it the time stamp it had, or an older one."""
    before = path.stat()
    path.write_text(path.read_text() + text)
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns - 10**12))


def damaged(path):
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (lambda r: edited(r / "data/project-star/study.yaml", "# more\n"), STAGES),
        (lambda r: edited(r / "data/project-star/codebook.csv"), STAGES),
        (lambda r: edited(r / "requirements.lock"), STAGES),
        (lambda r: edited(r / "notebooks/01-first.ipynb", " "), STAGES[:1]),
        (lambda r: edited(r / "notebooks/02-second.ipynb", " "), STAGES[1:]),
        (lambda r: shutil.rmtree(r / BUILD / "02-second"), STAGES[1:]),
        (lambda r: (r / BUILD / "02-second/grade.txt").unlink(), STAGES[1:]),
        (lambda r: damaged(r / BUILD / "02-second/grade.txt"), STAGES[1:]),
        (lambda r: (r / BUILD / "02-second.ipynb").unlink(), STAGES[1:]),
        (lambda r: damaged(r / BUILD / "01-first/made.txt"), STAGES[:1]),
        (lambda r: (r / BUILD / "01-first/stray.parquet").write_text(""), STAGES[:1]),
        (lambda r: (r / BUILD / "01-first.made.json").write_text('{"read": null}'), STAGES[:1]),
        (lambda r: shutil.rmtree(r / BUILD / "01-first"), STAGES[:1]),
        (lambda r: (r / BUILD / "01-first.made.json").write_text("{"), STAGES[:1]),
        (lambda r: (r / BUILD / "02-second.made.json").unlink(), STAGES[1:]),
    ],
)
def test_content_and_not_time_decides_what_runs(finished, change, expected):
    root, again = finished
    before = (root / BUILD / "02-second/grade.txt").read_text()
    change(root)
    assert again()[0] == list(expected)
    assert (root / BUILD / "02-second/grade.txt").read_text() == before
    assert again()[0] == []


def test_a_later_stage_runs_only_if_what_it_read_differs(finished):
    root, again = finished
    project_notebook = root / "notebooks/01-first.ipynb"
    text = project_notebook.read_text()
    project_notebook.write_text(text.replace("write_text(grade)", "write_text(grade  )"))
    assert again()[0] == ["01-first"]
    project_notebook.write_text(text.replace("write_text(grade)", "write_text(grade + '!')"))
    assert again()[0] == list(STAGES)
    assert (root / BUILD / "02-second/grade.txt").read_text() == "3!"


def test_a_changed_parameter_is_a_reason_that_explain_names(finished, typed, capfd):
    root, again = finished
    typed(PARAMS="grade=1")
    capfd.readouterr()
    assert main(["explain", *STAGES]) == 0
    shown = capfd.readouterr().out.splitlines()
    assert shown[0] == "01-first: would run: grade is '1', it was '3'"
    typed(PARAMS="")
    assert main(["explain", *STAGES]) == 0
    assert capfd.readouterr().out.splitlines() == [f"{stage}: up to date" for stage in STAGES]
    edited(root / "notebooks/01-first.ipynb", " ")
    assert main(["explain", *STAGES]) == 0
    assert capfd.readouterr().out.splitlines() == [
        "01-first: would run: notebooks/01-first.ipynb changed",
        "02-second: would run if 01-first hands over something else",
    ]
    assert again(PARAMS="grade=1")[0] == list(STAGES)
