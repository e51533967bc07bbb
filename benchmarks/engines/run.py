"""Run all contenders in turn and write the tables after every process."""

import datetime as dt
import os
from collections.abc import Iterator, Sequence
from itertools import product
from pathlib import Path

import pandas as pd

from benchmarks.engines.designs import DESIGNS
from benchmarks.engines.processes import Caches
from benchmarks.engines.settings import REFIT_DRAWS, Contender
from benchmarks.engines.table import RUN_COLUMNS, run_row


def schedule(
    contenders: Sequence[Contender], designs: Sequence[str], seeds: int
) -> Iterator[tuple[Contender, str, int, str]]:
    """Contender, design, seed and process, in the order in which they run.

    Seeds in turn, within a seed the designs, within a design the engines, so that other work on
    the machine delays all alike. Contenders without a target come after those with one.

    A contender's first process is cold. A model with correlations is compiled anew, more students
    are not; the collapsed engine compiles nothing for a model, so only its very first is cold.
    """
    compiled: set[tuple[str, bool]] = set()
    for targeted in (True, False):
        chosen = [each for each in contenders if each.repeats_first == targeted]
        for seed, name, contender in product(range(1, seeds + 1), designs, chosen):
            if seed > contender.seeds.get(name, 0):
                continue
            graph = contender.label, DESIGNS[name].correlated and contender.engine != "collapsed"
            if graph not in compiled:
                compiled.add(graph)
                yield contender, name, seed, "cold"
                if not targeted:
                    continue
            yield contender, name, seed, "second"


def run_designs(
    contenders: Sequence[Contender],
    designs: Sequence[str],
    seeds: int,
    caches: Caches,
    folder: Path,
) -> None:
    """Write `engines.csv` and `refits.csv`, after every process."""
    runs: list[dict] = []
    refits: list[dict] = []
    for contender, name, seed, process in schedule(contenders, designs, seeds):
        design, label = DESIGNS[name], contender.label
        arguments = ["--parametrization", contender.parametrization]
        arguments += ["--design", name, "--seed", str(seed)]
        load = round(os.getloadavg()[0], 1)
        found = caches.run(label, contender.engine, *arguments)
        if found is None:
            continue
        named = {
            "engine": contender.engine,
            "seed": seed,
            "parametrization": contender.parametrization,
            "process": process,
            "load": load,
        }
        for call, measured in enumerate(found["calls"], start=1):
            runs.append(run_row(design, measured, call=call, **named))
        _say(name, seed, label, process, found["calls"])
        _write(runs, folder / "engines.csv")
        if "refit" in found:
            row = run_row(design, found["refit"], draws=REFIT_DRAWS, call=3, **named)
            refits.append(row)
            _write(refits, folder / "refits.csv")


def run_kernel(caches: Caches, label: str, folder: Path) -> None:
    """Write `kernel.csv`, cost of a gradient, and `national.csv`, a million students."""
    costs = caches.run(label, "kernel")
    if costs is not None:
        pd.DataFrame(costs).to_csv(folder / "kernel.csv", index=False, lineterminator="\n")
        print(pd.DataFrame(costs).to_string(index=False), flush=True)
    large = caches.run(label, "large")
    if large is not None:
        pd.DataFrame([large]).to_csv(folder / "national.csv", index=False, lineterminator="\n")
        print(large, flush=True)


def _say(design: str, seed: int, label: str, process: str, calls: list[dict]) -> None:
    now = dt.datetime.now().astimezone().strftime("%H:%M:%S")
    print(f"{now} {design} seed {seed}: {label}, {process} process, load {os.getloadavg()[0]:.1f}")
    for call in calls:
        print(
            f"  compile {call['compile_seconds']:6.1f} s, sampling {call['sampling_seconds']:6.2f}"
            f" s, worst ESS {call['ess_bulk_min']}, {call['divergences']} divergences,"
            f" {call['peak_mb']:.0f} MB",
            flush=True,
        )


def _write(rows: list[dict], path: Path) -> None:
    pd.DataFrame(rows, columns=RUN_COLUMNS).to_csv(path, index=False, lineterminator="\n")
