"""Machine code is kept between processes, and not longer than its sources."""

import subprocess
import sys

import numpy as np

from learning_with_others.bayes.collapsed import draw_kernel, machine_code
from learning_with_others.bayes.collapsed.accumulate import collapse
from learning_with_others.bayes.collapsed.compilation import compile_engine
from learning_with_others.bayes.collapsed.density import density_function, expand_function
from learning_with_others.bayes.collapsed.exact_draws import draw_effects
from learning_with_others.bayes.collapsed.priors import half_normal_priors
from learning_with_others.bayes.collapsed.random_structure import pose
from learning_with_others.bayes.design import Design, Grouping

SECOND_PROCESS = """
from learning_with_others.bayes.collapsed.density import density_function, expand_function
print(density_function().cache_hits, expand_function().cache_hits)
"""


def test_another_process_loads_what_this_one_compiled():
    density_function()
    expand_function()
    found = subprocess.run(
        [sys.executable, "-c", SECOND_PROCESS], capture_output=True, text=True, check=True
    )
    assert found.stdout.split() == ["1", "1"]


def test_the_sources_of_all_compiled_functions_date_the_code():
    stamps = [
        compiled._cache._cache_file._source_stamp  # noqa: SLF001 - numba's own comparison
        for compiled in (density_function(), expand_function(), draw_kernel.transform_noise)
    ]
    assert stamps == [machine_code.SOURCES] * 3


def test_an_edit_of_any_compiled_function_changes_the_stamp(tmp_path, monkeypatch):
    folder = tmp_path / "collapsed"
    folder.mkdir()
    for name in ("lanes.py", "kernel.py", "fit.py"):
        folder.joinpath(name).write_text("from machine_code import part\n" * (name != "fit.py"))
    monkeypatch.setattr(machine_code, "__file__", str(folder / "machine_code.py"))
    stamps = [machine_code._digest_of_sources()]  # noqa: SLF001
    folder.joinpath("lanes.py").write_text("from machine_code import part  # edited\n")
    stamps.append(machine_code._digest_of_sources())  # noqa: SLF001
    folder.joinpath("fit.py").write_text("# holds no compiled function\n")
    stamps.append(machine_code._digest_of_sources())  # noqa: SLF001
    assert stamps[0] != stamps[1] == stamps[2]


def test_draws_are_compiled_beforehand_for_the_arrays_that_they_meet():
    compile_engine()
    assert draw_kernel.draws_are_compiled()
    groups = Grouping("group", ("a", "b"), np.array([0, 0, 1, 1]))
    statistics = collapse(
        Design(("one",), np.ones((4, 1)), (groups,)), np.array([1.0, 2.0, 4.0, 3.0])
    )
    priors = half_normal_priors(statistics, coefficient=1, group=1, residual=1)
    draw_effects(pose(statistics, priors), np.zeros((1, 1, 2)), 1)
    assert draw_kernel.transform_noise.signatures == [draw_kernel.DRAWS]
