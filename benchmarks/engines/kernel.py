"""The collapsed kernel by itself: cost of a value and gradient, and a national study."""

import time
from dataclasses import replace
from typing import Any

import numba
import numpy as np

from benchmarks.engines.adapters.collapsed import compile_all
from benchmarks.engines.designs import DESIGNS, LARGE, StudyDesign, framed, simulate
from benchmarks.engines.judge import figures, judge
from benchmarks.engines.settings import CHAINS, DRAWS, TARGET_ACCEPT, TUNE
from benchmarks.engines.worker import peak_mb
from learning_with_others.bayes.collapsed.accumulate import collapse
from learning_with_others.bayes.collapsed.density import density_function
from learning_with_others.bayes.collapsed.fit import fit_collapsed
from learning_with_others.bayes.collapsed.frame import design_of, priors_of
from learning_with_others.bayes.collapsed.random_structure import Problem, pose
from learning_with_others.bayes.specification import Sampler

SECONDS = 12.0  # long enough for quiet moments between other work on the machine
COST_DESIGNS = (
    *(replace(DESIGNS["892"], name=str(n), students=n) for n in (892, 20_000, 1_000_000)),
    StudyDesign("9000", 9_000, 300, 20),
    StudyDesign("90000", 90_000, 3000, 200),
)


def problem_of(design: StudyDesign) -> Problem:
    """Lay out the posterior of a simulated study."""
    frame = framed(design, simulate(design, 1))
    return pose(collapse(design_of(frame), frame.outcome), priors_of(frame))


@numba.njit
def repeat(count, function, size, point, gradient, value, header):  # noqa: ANN001, ANN201
    """Call the C function many times without Python in between."""
    for _ in range(count):
        function(size, point.ctypes, gradient.ctypes, value.ctypes, header.ctypes)


def evaluation_costs(seconds: float = SECONDS) -> list[dict[str, Any]]:
    """Microseconds of one value and gradient.

    The best of many short runs, designs in turn, so that other work delays all alike.
    """
    problems = {design: problem_of(design) for design in COST_DESIGNS}
    best = dict.fromkeys(problems, np.inf)
    function = density_function().ctypes
    stop = time.perf_counter() + seconds
    while time.perf_counter() < stop:
        for design, problem in problems.items():
            size, count = problem.dimensions, max(3000 // design.classrooms, 2)
            arrays = np.full(size, -0.5), np.empty(size), np.empty(1), problem.header
            repeat(1, function, size, *arrays)
            started = time.perf_counter()
            repeat(count, function, size, *arrays)
            best[design] = min(best[design], (time.perf_counter() - started) / count * 1e6)
    return [
        {
            "students": design.students,
            "classrooms": design.classrooms,
            "schools": design.schools,
            "microseconds": round(cost, 3),
        }
        for design, cost in best.items()
    ]


def large_study() -> dict[str, Any]:
    """Seconds and peak memory of a study of a million students, and its diagnosis."""
    compiled = compile_all()
    frame = framed(LARGE, simulate(LARGE, 1))
    arrays, priors = design_of(frame), priors_of(frame)
    started = time.perf_counter()
    statistics = collapse(arrays, frame.outcome)
    summed = time.perf_counter()
    fit = fit_collapsed(statistics, priors, Sampler(1, CHAINS, TUNE, DRAWS, TARGET_ACCEPT))
    ended = time.perf_counter()
    peak = peak_mb()
    return {
        "compile_seconds": round(compiled, 2),
        "statistics_seconds": round(summed - started, 2),
        "sampling_seconds": round(ended - summed, 2),
        "peak_mb": peak,
        **figures(judge(fit, LARGE, ended - summed)),
    }
