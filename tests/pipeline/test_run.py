"""The runner on a small project of its own: what it leaves when things go well and when not."""

import json
import shutil
import signal
import subprocess
import sys
import time

import pytest
from small_notebooks import (
    BUILD,
    WRITE,
    cell,
    left,
    reproduce,
)

from learning_with_others.exhibits.certificate import SCAN
from learning_with_others.pipeline.run import main


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
