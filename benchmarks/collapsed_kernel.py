"""Time and memory of the collapsed engine: evaluations, compilation, sampling, a national file.

    OMP_NUM_THREADS=1 .venv/bin/python benchmarks/collapsed_kernel.py

Evaluations are the best of many short runs, taken in turn, so that other work on the machine
delays all alike; compilation is timed in processes of its own, with an empty and a filled cache.
"""

import os
import resource
import subprocess
import sys
import tempfile
import time

import numba
import numpy as np

from learning_with_others.bayes.collapsed.accumulate import collapse
from learning_with_others.bayes.collapsed.density import density_function
from learning_with_others.bayes.collapsed.draws import draw_effects
from learning_with_others.bayes.collapsed.fit import fit_collapsed
from learning_with_others.bayes.collapsed.priors import half_normal_priors
from learning_with_others.bayes.collapsed.problem import Problem, pose
from learning_with_others.bayes.collapsed.sampler import sample_points
from learning_with_others.bayes.design import Design, Grouping
from learning_with_others.bayes.diagnosis import diagnose
from learning_with_others.bayes.sampler import Sampler

COMPILE = """
import time, numpy as np
import nutpie, pandas
from learning_with_others.bayes.collapsed import draws, problem, sampler, sums
from learning_with_others.bayes.collapsed.density import density_function, expand_function
started = time.perf_counter()
density_function(); expand_function()
density = time.perf_counter() - started
import learning_with_others.bayes.collapsed.accumulate as accumulate
from learning_with_others.bayes.collapsed.priors import half_normal_priors
from learning_with_others.bayes.design import Design, Grouping
group = Grouping("g", ("a", "b"), np.array([0, 0, 1, 1]))
design = Design(("one",), np.ones((4, 1)), (group,))
statistics = accumulate.collapse(design, np.array([1.0, 2, 4, 3]))
posed = problem.pose(statistics, half_normal_priors(statistics, coefficient=1, group=1, residual=1))
draws.draw_effects(posed, np.zeros((1, 1, 2)), 1)
print(f"density {density:.2f} s, with statistics and draws {time.perf_counter() - started:.2f} s")
"""


def study(rows: int, classrooms: int, schools: int, terms: int) -> tuple[Design, np.ndarray]:
    """A design with a random slope by classroom, and an outcome with effects at both levels."""
    rng = np.random.default_rng(rows + terms)
    columns = np.column_stack([np.ones(rows), rng.normal(size=(rows, terms - 1))])
    classroom = np.arange(rows) % classrooms
    school = classroom % schools
    effects = rng.normal(size=(classrooms, 2)) * [0.3, 0.15]
    outcome = rng.normal(size=rows) + (effects[classroom] * columns[:, :2]).sum(axis=1)
    outcome += 0.2 * rng.normal(size=schools)[school]
    names = ("intercept", *(f"x{k}" for k in range(1, terms)))
    groupings = (
        Grouping("classroom", tuple(f"c{k}" for k in range(classrooms)), classroom, ("x1",)),
        Grouping("school", tuple(f"s{k}" for k in range(schools)), school),
    )
    return Design(names, columns, groupings), outcome


def posed(rows: int, classrooms: int, schools: int, terms: int) -> Problem:
    """Lay out such a study's posterior."""
    statistics = collapse(*study(rows, classrooms, schools, terms))
    return pose(
        statistics, half_normal_priors(statistics, coefficient=1.0, group=0.5, residual=1.0)
    )


@numba.njit
def repeat(count, function, size, point, gradient, value, header):  # noqa: ANN001, ANN201
    """Call the C function many times without Python in between."""
    for _ in range(count):
        function(size, point.ctypes, gradient.ctypes, value.ctypes, header.ctypes)


def time_evaluations(seconds: float = 30.0) -> None:
    """Print the microseconds of one value and gradient."""
    sizes = [
        (892, 30, 4),
        (20_000, 30, 4),
        (1_000_000, 30, 4),
        (9_000, 300, 20),
        (90_000, 3000, 200),
    ]
    cases = {(terms, *size): posed(*size, terms) for terms in (5, 12) for size in sizes}
    best = dict.fromkeys(cases, np.inf)
    function = density_function().ctypes
    stop = time.perf_counter() + seconds
    while time.perf_counter() < stop:
        for case, problem in cases.items():
            size, count = problem.dimensions, max(3000 // case[2], 2)
            arrays = np.full(size, -0.5), np.empty(size), np.empty(1), problem.header
            repeat(1, function, size, *arrays)
            started = time.perf_counter()
            repeat(count, function, size, *arrays)
            best[case] = min(best[case], (time.perf_counter() - started) / count * 1e6)
    for (terms, rows, classrooms, schools), microseconds in best.items():
        print(
            f"{terms:>3} terms, {rows:>9,} students, {classrooms:>5,} classrooms,"
            f" {schools:>3} schools: {microseconds:8.2f} µs"
        )


def time_compilation() -> None:
    """Print the seconds of compiling, in a process with an empty cache and in the next one."""
    with tempfile.TemporaryDirectory() as folder:
        environment = os.environ | {"NUMBA_CACHE_DIR": folder}
        for name in ("cold", "second process", "third process"):
            found = subprocess.run(  # noqa: S603 - this very interpreter
                [sys.executable, "-c", COMPILE], env=environment, capture_output=True, text=True,
                check=True,
            )  # fmt: skip
            print(f"{name}: {found.stdout.strip()}")


def time_sampling() -> None:
    """Print sampling seconds at 892 students, first and again, and of refits."""
    for terms in (5, 12):
        statistics = collapse(*study(892, 30, 4, terms))
        priors = half_normal_priors(statistics, coefficient=1.0, group=0.5, residual=1.0)
        for draws in (1000, 1000, 1000, 500, 500, 500):
            sampler = Sampler(seed=1, chains=4, tune=draws, draws=draws, target_accept=0.9)
            fit = fit_collapsed(statistics, priors, sampler)
            found = diagnose(fit)
            print(
                f"{terms} terms, 4 × ({draws} + {draws}): {found.seconds:.2f} s, worst bulk ESS"
                f" {found.ess_bulk:,.0f}, tail {found.ess_tail:,.0f},"
                f" {found.divergences} divergences"
            )


def time_large() -> None:
    """Print seconds of each step at 1,000,000 students, and this process's peak memory."""
    design, outcome = study(1_000_000, 3000, 200, 12)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2
    started = time.perf_counter()
    statistics = collapse(design, outcome)
    problem = pose(
        statistics, half_normal_priors(statistics, coefficient=1.0, group=0.5, residual=1.0)
    )
    summed = time.perf_counter()
    sampled = sample_points(problem, chains=4, tune=1000, draws=1000, target_accept=0.9, seed=1)
    drawn_from = time.perf_counter()
    draw_effects(problem, sampled.points, 1)
    ended = time.perf_counter()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2
    print(
        f"statistics {summed - started:.2f} s, sampling {drawn_from - summed:.1f} s,"
        f" draws {ended - drawn_from:.1f} s, {int(sampled.statistics['diverging'].sum())}"
        f" divergences, peak {peak:.2f} GB, of which {before:.2f} GB before"
    )


if __name__ == "__main__":
    time_evaluations()
    time_compilation()
    time_sampling()
    time_large()
