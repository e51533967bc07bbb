"""The runner on a small project of its own: what it leaves when things go well and when not."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time

import pytest
from conftest import ROOT

from learning_with_others.exhibits.certificate import SCAN
from learning_with_others.pipeline.run import main

BUILD = "build/project-star/quick"


def cell(id_, source, tags=()):
    return {
        "cell_type": "code",
        "id": id_,
        "metadata": {"tags": list(tags)},
        "source": source,
        "outputs": [],
        "execution_count": None,
    }


PARAMETERS = cell(
    "parameters",
    'notebook: str = ""\nstudy: str = ""\nprofile: str = ""\nproject_root: str = ""\n'
    'build_folder: str = ""\noutput_folder: str = ""\n'
    'grade: str = "3"\noutcome: str = "all"\npermutations: int = 1\nresamples: int = 1\n',
    ["parameters"],
)
WRITE = cell(
    "write",
    "from pathlib import Path\n"
    "Path(output_folder).mkdir(parents=True)\n"
    "Path(output_folder, 'made.txt').write_text(grade)",
)


@pytest.fixture
def project(tmp_path, monkeypatch):
    """A repository with one study, in whose notebooks a test puts cells."""
    shutil.copytree(ROOT / "data/project-star", tmp_path / "data/project-star")
    (tmp_path / "notebooks").mkdir()
    (tmp_path / "requirements.lock").touch()
    monkeypatch.chdir(tmp_path)

    def put(*cells, name="01-first"):
        content = {
            "cells": [PARAMETERS, *cells],
            "metadata": {
                "kernelspec": {"name": "python3", "language": "python", "display_name": "Python 3"}
            },
            "nbformat": 4,
            "nbformat_minor": 5,
        }
        (tmp_path / f"notebooks/{name}.ipynb").write_text(json.dumps(content))
        return tmp_path

    return put


@pytest.fixture(autouse=True)
def typed(monkeypatch):
    """Nothing is typed but what a test types."""
    for name in ("STUDY", "PROFILE", "PARAMS", "OUT", "FROM"):
        monkeypatch.delenv(name, raising=False)

    def type_(**values):
        for name, value in {"STUDY": "project-star", "PROFILE": "quick", **values}.items():
            monkeypatch.setenv(name, value)

    type_()
    return type_


def reproduce(stage="01-first", stages=("01-first",)):
    """Check and run one stage, as Make does."""
    return main(["check", *stages]) or main(["run", stage])


NOTES = (".lock", ".working", ".study", "parameters.json")


def left(root):
    """What a run left under build/: leading names, but for its lock and its notes."""
    names = (path.name for path in (root / BUILD).iterdir())
    return sorted(name for name in names if name not in NOTES)


def test_a_run_files_notebook_and_output(project, typed, capfd):
    root = project(WRITE)
    typed(PARAMS="grade=2")
    assert reproduce() == 0
    assert left(root) == ["01-first", "01-first.ipynb", "01-first.made.json"]
    assert (root / BUILD / "01-first/made.txt").read_text() == "2"
    executed = (root / BUILD / "01-first.ipynb").read_text()
    assert ".partial" not in executed
    assert str(root) not in executed
    shown = capfd.readouterr().out
    assert "write" in shown
    assert "done in" in shown


def test_a_failing_cell_is_named_and_nothing_looks_finished(project, typed, capfd):
    root = project(WRITE)
    assert reproduce() == 0
    before = (root / BUILD / "01-first.ipynb").read_bytes()
    project(WRITE, cell("broken-cell", "1 / 0"))
    typed(PARAMS="grade=1")
    assert reproduce() == 1
    assert left(root) == [
        "01-first",
        "01-first.failed.ipynb",
        "01-first.ipynb",
        "01-first.made.json",
    ]
    assert (root / BUILD / "01-first.ipynb").read_bytes() == before
    assert (root / BUILD / "01-first/made.txt").read_text() == "3"
    told = capfd.readouterr().err
    for part in ("01-first failed in cell broken-cell", "ZeroDivisionError", "grade=1", "remedy"):
        assert part in told
    assert "Traceback" not in told


def test_our_own_error_reaches_the_user_with_its_remedy(project, capfd):
    project(
        cell(
            "own",
            "from learning_with_others.errors import CompendiumError\n"
            "raise CompendiumError('bad row', where='file.csv, row 3', remedy='mend it')",
        )
    )
    assert reproduce() == 1
    told = capfd.readouterr().err
    assert "error: file.csv, row 3: bad row" in told
    assert "remedy: mend it" in told


def test_a_notebook_that_shows_records_leaves_a_failed_copy_only(project, capfd):
    read = "import pandas as pd\nrows = pd.read_csv('data/project-star/raw/students.csv.gz')\n"
    root = project(WRITE, cell("show-rows", read + "rows.head()"))
    assert reproduce() == 1
    assert left(root) == ["01-first.failed.ipynb"]
    told = capfd.readouterr().err
    for part in ("cell show-rows shows rows with the column 'student'", "remedy", "failed.ipynb"):
        assert part in told
    assert "1122" not in told


def test_the_scan_of_a_clean_notebook_is_noted_beside_what_its_stage_made(project):
    stage = (
        "from learning_with_others.exhibits.stage import Stage\n"
        "stage = Stage('01-first', study=study, profile=profile, project_root=project_root,\n"
        "              build_folder=build_folder, output_folder=output_folder)\n"
        "stage.close()\n"
        "'done'"
    )
    root = project(cell("close", stage))
    assert reproduce() == 0
    noted = json.loads((root / BUILD / "01-first" / SCAN).read_text())
    assert noted == {"01-first": 1}  # outputs that were looked through


def test_the_failed_copy_goes_when_the_notebook_works_again(project):
    root = project(cell("broken", "1 / 0"))
    assert reproduce() == 1
    project(WRITE)
    assert reproduce() == 0
    assert left(root) == ["01-first", "01-first.ipynb", "01-first.made.json"]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_run_leaves_a_failed_copy_only(project, number):
    root = project(cell("slow", "from concurrent.futures import Future\nFuture().result()"))
    assert main(["check", "01-first"]) == 0
    (root / BUILD / ".lock").unlink()
    run = subprocess.Popen(
        [sys.executable, "-m", "learning_with_others.pipeline.run", "run", "01-first"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    partial = root / BUILD / ".01-first.partial.ipynb"
    deadline = time.monotonic() + 60
    while not (partial.exists() and '"status": "running"' in partial.read_text().split("slow")[-1]):
        assert time.monotonic() < deadline
        time.sleep(0.2)
    time.sleep(1)
    run.send_signal(number)
    _, told = run.communicate(timeout=30)
    assert run.returncode == 130
    assert "01-first: interrupted; nothing was replaced; run the same command to go on" in told
    assert "Traceback" not in told
    assert len(told.strip().splitlines()) == 2  # what happened, and where the notebook is
    assert left(root) == ["01-first.failed.ipynb"]


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"PROFILE": "quik"}, "did you mean 'quick'"),
        ({"STUDY": "project-sta"}, "did you mean 'project-star'"),
        ({"PARAMS": "outcom=math"}, "did you mean 'outcome'"),
    ],
)
def test_check_stops_on_mistakes(project, typed, capfd, change, expected):
    root = project(WRITE)
    typed(**change)
    assert main(["check", "01-first"]) == 1
    assert expected in capfd.readouterr().err
    assert not (root / "build").exists()


def test_check_stops_when_the_data_file_is_gone(project, capfd):
    root = project(WRITE)
    (root / "data/project-star/raw/students.csv.gz").unlink()
    assert main(["check", "01-first"]) == 1
    told = capfd.readouterr().err
    assert "students.csv.gz is missing" in told
    assert "remedy" in told


def test_a_folder_of_other_files_is_no_place_for_a_report(project, capfd):
    root = project(WRITE)
    (root / BUILD / "report").mkdir(parents=True)
    (root / BUILD / "report/thesis.txt").write_text("years of work")
    assert main(["check", "01-first"]) == 1
    assert "thesis.txt, which no report on" in capfd.readouterr().err


def test_a_study_elsewhere_may_not_take_a_shipped_name(project, typed, capfd):
    root = project(WRITE)
    shutil.copytree(root / "data/project-star", root / "elsewhere/project-star")
    typed(STUDY="elsewhere/project-star")
    assert main(["check", "01-first"]) == 1
    assert "ships with the compendium" in capfd.readouterr().err


def test_two_studies_of_one_name_do_not_overwrite_each_other(project, typed, capfd):
    root = project(WRITE)
    for place in ("a", "b"):
        shutil.copytree(root / "data/project-star", root / place / "mine")
        text = (root / place / "mine/study.yaml").read_text()
        (root / place / "mine/study.yaml").write_text(
            text.replace("name: project-star", "name: mine")
        )
    typed(STUDY="a/mine")
    assert reproduce() == 0
    typed(STUDY="b/mine")
    assert main(["check", "01-first"]) == 1
    assert "another study called 'mine'" in capfd.readouterr().err
    shutil.rmtree(root / "a")
    assert reproduce() == 0  # the other is gone: nothing of anybody's is overwritten


def test_a_study_is_called_like_its_folder(project, typed, capfd):
    root = project(WRITE)
    (root / "data/project-star").rename(root / "data/renamed")
    typed(STUDY="renamed")
    assert main(["check", "01-first"]) == 1
    assert "give both the same name" in capfd.readouterr().err


# --- what is fresh -------------------------------------------------------------------------------

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


@pytest.fixture
def finished(project, typed, capfd):
    """Two stages that ran; gives the root, and what runs when everything is asked for again."""
    root = project(WRITE)
    project(SECOND, name="02-second")

    def again(**values):
        typed(**values)
        capfd.readouterr()
        status = main(["check", *STAGES]) or main(["run", *STAGES])
        told = capfd.readouterr()
        assert status == 0, told.err
        return [stage for stage in STAGES if f"[{stage}] done" in told.out], told.out

    assert again()[0] == list(STAGES)
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


def test_an_edit_during_the_run_is_noticed(project, capfd):
    edit = (
        "path = Path(study, 'study.yaml')\n"
        "path.write_text(path.read_text() + '# edited meanwhile\\n')"
    )
    root = project(WRITE, cell("edit", edit))
    assert reproduce() == 1
    assert "data/project-star/study.yaml changed while it ran" in capfd.readouterr().err
    assert left(root) == ["01-first.failed.ipynb"]
    project(WRITE)
    assert reproduce() == 0


def test_a_killed_kernel_is_one_sentence_and_the_next_run_mends_it(project, capfd):
    root = project(WRITE, cell("die", "import os, signal\nos.kill(os.getpid(), signal.SIGKILL)"))
    assert reproduce() == 1
    told = capfd.readouterr().err
    assert "its kernel ended before the notebook did" in told
    assert "Traceback" not in told
    project(WRITE)
    assert reproduce() == 0
    assert left(root) == ["01-first", "01-first.ipynb", "01-first.made.json"]


def test_a_long_error_is_cut_short(project, capfd):
    project(cell("long", "raise ValueError('\\n'.join(map(str, range(200))))"))
    assert reproduce() == 1
    told = capfd.readouterr().err
    assert "and 188 more lines in the notebook" in told
    assert len(told.splitlines()) < 20


def test_a_notebook_that_ends_itself_is_not_finished(project, capfd):
    root = project(cell("leave", "import sys\nsys.exit(0)"), WRITE)
    assert reproduce() == 1
    assert "cell" in capfd.readouterr().err
    assert left(root) == ["01-first.failed.ipynb"]


def test_a_full_disk_is_said_to_be_full(project, capfd):
    full = "raise OSError(28, 'No space left on device')"
    project(WRITE, cell("full", full))
    assert reproduce() == 1
    told = capfd.readouterr().err
    assert "No space left on device" in told
    assert "make room on the disk" in told


def test_a_second_run_is_told_who_works_in_the_folder(project, capfd):
    project(WRITE)
    other = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    try:
        checked = [sys.executable, "-m", "learning_with_others.pipeline.run", "check", "01-first"]
        subprocess.run([*checked, "--holder", str(other.pid)], check=True)
        assert reproduce() == 1
        assert f"process {other.pid}" in capfd.readouterr().err
    finally:
        other.kill()
        other.wait()
    assert reproduce() == 0


def test_a_stage_run_by_itself_deletes_nothing_of_anybodys(project, typed, capfd):
    root = project(WRITE, name="08-report")
    typed(OUT="mine")
    assert main(["check", "08-report"]) == 0
    (root / "mine").mkdir()
    (root / "mine/chapter1.docx").write_text("years of work")
    assert main(["run", "08-report"]) == 1
    assert "chapter1.docx" in capfd.readouterr().err
    assert (root / "mine/chapter1.docx").read_text() == "years of work"


def test_a_file_that_appears_in_the_report_during_the_run_stays(project, typed, capfd):
    save = "Path('mine').mkdir(exist_ok=True); Path('mine/notes.docx').write_text('mine')"
    root = project(WRITE, cell("save", save), name="08-report")
    typed(OUT="mine")
    assert reproduce("08-report", ["08-report"]) == 1
    assert "notes.docx" in capfd.readouterr().err
    assert (root / "mine/notes.docx").is_file()
