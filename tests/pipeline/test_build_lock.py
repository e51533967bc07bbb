"""One run a build folder."""

import json
import os
import subprocess
import sys
import time

import psutil
import pytest

from learning_with_others.errors import CompendiumError
from learning_with_others.pipeline.build_lock import LOCK, hold, working_in
from learning_with_others.pipeline.run import main


@pytest.fixture
def other():
    """Another process that lives until the test ends."""
    process = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    yield process
    process.kill()
    process.wait()


def test_the_same_run_holds_its_folder_for_all_its_stages(tmp_path):
    hold(tmp_path / "build")
    hold(tmp_path / "build")
    assert list(json.loads((tmp_path / "build" / LOCK).read_text())) == [str(os.getpid())]


def taken_by(build, process):
    """Take the folder as a stage of another run does, in a process that ends."""
    code = (
        "import sys; from pathlib import Path;"
        "from learning_with_others.pipeline.build_lock import hold;"
        "hold(Path(sys.argv[1]), int(sys.argv[2]))"
    )
    subprocess.run([sys.executable, "-c", code, str(build), str(process.pid)], check=True)


def test_a_second_run_is_told_who_holds_it(tmp_path, other):
    taken_by(tmp_path, other)
    with pytest.raises(CompendiumError) as told:
        hold(tmp_path)
    assert f"process {other.pid}" in str(told.value)
    assert "time.sleep(600)" in str(told.value)
    assert f"kill {other.pid}" in str(told.value)


def test_a_run_that_was_killed_holds_nothing(tmp_path, other):
    taken_by(tmp_path, other)
    other.kill()
    deadline = time.monotonic() + 30
    while other.poll() is None and time.monotonic() < deadline:
        time.sleep(0.05)
    hold(tmp_path)


def test_a_process_that_took_the_number_of_a_dead_one_holds_nothing(tmp_path, other):
    taken_by(tmp_path, other)
    noted = json.loads((tmp_path / LOCK).read_text())
    (tmp_path / LOCK).write_text(json.dumps({pid: at - 1000 for pid, at in noted.items()}))
    hold(tmp_path)


@pytest.mark.parametrize("content", ["", "{", "[]", '{"x": 1}', '{"1": null}', '{"1": 5.0}'])
def test_a_lock_that_was_cut_short_is_nobodys(tmp_path, content):
    (tmp_path / LOCK).write_text(content)
    hold(tmp_path)


def test_what_a_killed_make_left_working_still_holds_the_folder(tmp_path, other):
    make = psutil.Process(other.pid).create_time()
    (tmp_path / LOCK).write_text(json.dumps({"1": make - 5, str(other.pid): make}))
    with pytest.raises(CompendiumError, match=f"process {other.pid}"):
        hold(tmp_path)


def test_builds_are_not_removed_under_a_run(tmp_path, other, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    taken_by(tmp_path / "build/mine/quick", other)
    assert main(["clean"]) == 1
    assert f"process {other.pid}" in capsys.readouterr().err
    other.kill()
    other.wait()
    assert main(["clean"]) == 0
    assert list((tmp_path / "build").iterdir()) == []


def test_a_process_that_works_in_a_folder_holds_it_whatever_the_numbers_say(tmp_path):
    told = pytest.raises(CompendiumError, match="another run works")
    with working_in(tmp_path), told, working_in(tmp_path):
        pass
    with working_in(tmp_path):
        pass
