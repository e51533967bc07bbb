"""One run a build folder."""

import json
import os
import subprocess
import sys
import time

import pytest

from learning_with_others.errors import CompendiumError
from learning_with_others.pipeline.build_lock import LOCK, hold


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
    assert json.loads((tmp_path / "build" / LOCK).read_text())["pid"] == os.getpid()


def test_a_second_run_is_told_who_holds_it(tmp_path, other):
    hold(tmp_path, other.pid)
    with pytest.raises(CompendiumError) as told:
        hold(tmp_path)
    assert f"process {other.pid}" in str(told.value)
    assert "time.sleep(600)" in str(told.value)
    assert f"kill {other.pid}" in str(told.value)


def test_a_run_that_was_killed_holds_nothing(tmp_path, other):
    hold(tmp_path, other.pid)
    other.kill()
    deadline = time.monotonic() + 30
    while other.poll() is None and time.monotonic() < deadline:
        time.sleep(0.05)
    hold(tmp_path)


def test_a_process_that_took_the_number_of_a_dead_one_holds_nothing(tmp_path, other):
    hold(tmp_path, other.pid)
    noted = json.loads((tmp_path / LOCK).read_text())
    (tmp_path / LOCK).write_text(json.dumps({**noted, "started": noted["started"] - 1000}))
    hold(tmp_path)


@pytest.mark.parametrize("content", ["", "{", "[]", '{"pid": 1}', '{"pid": "x", "started": 1}'])
def test_a_lock_that_was_cut_short_is_nobodys(tmp_path, content):
    (tmp_path / LOCK).write_text(content)
    hold(tmp_path)
