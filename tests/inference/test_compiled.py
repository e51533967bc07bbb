"""Machine code is never older than the functions that it calls in other files."""

import os
import subprocess
import sys

from conftest import ROOT

CALLED = """from learning_with_others.inference.compiled import compiled

@compiled
def one():
    return {}
"""
CALLING = """from learning_with_others.inference.compiled import compiled
from invented.room.called import one

@compiled
def two():
    return 2 * one()
"""


def answer(folder):
    code = (
        "from invented.room.calling import two; value = two();"
        "print(value, sum(two.stats.cache_hits.values()))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": f"{folder}{os.pathsep}{ROOT / 'src'}"},
        capture_output=True,
        text=True,
        check=True,
    )
    return [int(part) for part in done.stdout.split()]


def test_an_edit_of_a_called_function_in_another_file_is_compiled_anew(tmp_path):
    room = tmp_path / "invented/room"
    room.mkdir(parents=True)
    for path in (room, room.parent):
        (path / "__init__.py").write_text("")
    (room / "called.py").write_text(CALLED.format(1))
    (room / "calling.py").write_text(CALLING)
    assert answer(tmp_path) == [2, 0]
    assert answer(tmp_path) == [2, 1]  # from disk
    (room / "called.py").write_text(CALLED.format(5))
    assert answer(tmp_path) == [10, 0]
