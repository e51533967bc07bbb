"""The runner on a small project of its own: what it leaves when things go well and when not."""

import json
import shutil
import signal
import subprocess
import sys
import time

import pytest
from conftest import ROOT

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
    'study: str = ""\nprofile: str = ""\nproject_root: str = ""\n'
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


def arguments(command, *more, study="data/project-star", profile="quick", params=""):
    options = {"study": study, "profile": profile, "params": params, "build": BUILD}
    options["report"] = f"{BUILD}/report"
    return [command, *(f"--{key}={value}" for key, value in options.items()), *more]


def left(root):
    """What a run left under build/, leading names only."""
    return sorted(path.name for path in (root / BUILD).iterdir())


def test_a_run_files_notebook_and_output(project, capfd):
    root = project(WRITE)
    assert main(arguments("run", "01-first", params="grade=2")) == 0
    assert left(root) == ["01-first", "01-first.ipynb"]
    assert (root / BUILD / "01-first/made.txt").read_text() == "2"
    executed = (root / BUILD / "01-first.ipynb").read_text()
    assert ".partial" not in executed
    assert str(root) not in executed
    shown = capfd.readouterr().out
    assert "write" in shown
    assert "done in" in shown


def test_a_failing_cell_is_named_and_nothing_looks_finished(project, capfd):
    root = project(WRITE)
    assert main(arguments("run", "01-first")) == 0
    before = (root / BUILD / "01-first.ipynb").read_bytes()
    project(WRITE, cell("broken-cell", "1 / 0"))
    assert main(arguments("run", "01-first", params="grade=1")) == 1
    assert left(root) == ["01-first", "01-first.failed.ipynb", "01-first.ipynb"]
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
    assert main(arguments("run", "01-first")) == 1
    told = capfd.readouterr().err
    assert "error: file.csv, row 3: bad row" in told
    assert "remedy: mend it" in told


def test_a_notebook_that_shows_records_leaves_a_failed_copy_only(project, capfd):
    read = "import pandas as pd\nrows = pd.read_csv('data/project-star/raw/students.csv.gz')\n"
    root = project(WRITE, cell("show-rows", read + "rows.head()"))
    assert main(arguments("run", "01-first")) == 1
    assert left(root) == ["01-first.failed.ipynb"]
    told = capfd.readouterr().err
    for part in ("cell show-rows shows rows with the column 'student'", "remedy", "failed.ipynb"):
        assert part in told
    assert "1122" not in told


def test_the_scan_of_a_clean_notebook_is_noted_in_the_log_of_its_stage(project):
    stage = (
        "from learning_with_others.reporting.stage import Stage\n"
        "stage = Stage('01-first', study=study, profile=profile, project_root=project_root,\n"
        "              build_folder=build_folder, output_folder=output_folder)\n"
        "stage.close()\n"
        "'done'"
    )
    root = project(cell("close", stage))
    (root / "requirements.lock").touch()
    assert main(arguments("run", "01-first")) == 0
    log = json.loads((root / BUILD / "01-first/disclosure.json").read_text())
    assert log["checks"][-1] == {
        "stage": "01-first",
        "output": "notebook",
        "rule": "no_records",
        "checked": 1,
        "withheld": 0,
    }


def test_the_failed_copy_goes_when_the_notebook_works_again(project):
    root = project(cell("broken", "1 / 0"))
    assert main(arguments("run", "01-first")) == 1
    project(WRITE)
    assert main(arguments("run", "01-first")) == 0
    assert left(root) == ["01-first", "01-first.ipynb"]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_run_leaves_a_failed_copy_only(project, number):
    root = project(cell("slow", "import time\ntime.sleep(60)"))
    run = subprocess.Popen(
        [sys.executable, "-m", "learning_with_others.pipeline.run", *arguments("run", "01-first")],
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
    assert "interrupted; nothing was replaced" in told
    assert "Traceback" not in told
    assert left(root) == ["01-first.failed.ipynb"]


def test_check_notes_parameters_and_touches_nothing_unchanged(project):
    root = project(WRITE)
    assert main(arguments("check")) == 0
    note = root / BUILD / "01-first.parameters.json"
    assert json.loads(note.read_text())["parameters"]["grade"] == "3"
    before = note.stat().st_mtime_ns
    assert main(arguments("check")) == 0
    assert note.stat().st_mtime_ns == before
    assert main(arguments("check", params="grade=1")) == 0
    assert note.stat().st_mtime_ns > before


def test_explain_sees_changed_parameters_without_noting_them(project, capfd):
    root = project(WRITE)
    assert main(arguments("check")) == 0
    assert main(arguments("run", "01-first")) == 0
    note = root / BUILD / "01-first.parameters.json"
    stage = f"01-first:{BUILD}/01-first.ipynb:{BUILD}/01-first.parameters.json"
    before = note.read_text()
    capfd.readouterr()
    assert main(arguments("explain", stage)) == 0
    assert main(arguments("explain", stage, params="grade=1")) == 0
    shown = capfd.readouterr().out.splitlines()
    assert shown == ["01-first: up to date", "01-first: would run: its parameters changed"]
    assert note.read_text() == before


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"profile": "quik"}, "did you mean 'quick'"),
        ({"study": "data/project-sta"}, "did you mean 'project-star'"),
        ({"params": "outcom=math"}, "did you mean 'outcome'"),
    ],
)
def test_check_stops_on_mistakes(project, capfd, change, expected):
    root = project(WRITE)
    assert main(arguments("check", **change)) == 1
    assert expected in capfd.readouterr().err
    assert not (root / "build").exists()


def test_check_stops_when_the_data_file_is_gone(project, capfd):
    root = project(WRITE)
    (root / "data/project-star/raw/students.csv.gz").unlink()
    assert main(arguments("check")) == 1
    told = capfd.readouterr().err
    assert "students.csv.gz is missing" in told
    assert "remedy" in told


def test_a_folder_of_other_files_is_no_place_for_a_report(project, capfd):
    root = project(WRITE)
    (root / BUILD / "report").mkdir(parents=True)
    (root / BUILD / "report/thesis.txt").write_text("years of work")
    assert main(arguments("check")) == 1
    assert "no earlier report" in capfd.readouterr().err


def test_a_study_elsewhere_may_not_take_a_shipped_name(project, capfd):
    root = project(WRITE)
    shutil.copytree(root / "data/project-star", root / "elsewhere/project-star")
    assert main(arguments("check", study="elsewhere/project-star")) == 1
    assert "ships with the compendium" in capfd.readouterr().err


def test_a_study_is_called_like_its_folder(project, capfd):
    root = project(WRITE)
    (root / "data/project-star").rename(root / "data/renamed")
    assert main(arguments("check", study="data/renamed")) == 1
    assert "give both the same name" in capfd.readouterr().err
