"""Command line: run the engines, write tables and figure, say what was skipped and missed."""

import argparse
import subprocess
import tempfile
from pathlib import Path

import pandas as pd

from benchmarks.engines.designs import DESIGNS
from benchmarks.engines.figure import save_engine_figure
from benchmarks.engines.processes import ROOT, Caches, missing
from benchmarks.engines.ratios import ratio_table
from benchmarks.engines.run import run_designs, run_kernel
from benchmarks.engines.settings import CONTENDERS, DEFAULT_DESIGNS, ENGINES, SEEDS


def arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.engines",
        description=__doc__,
        epilog="The default run took 38 minutes on two cores with other work beside it.",
    )
    parser.add_argument("--designs", nargs="+", choices=DESIGNS, default=DEFAULT_DESIGNS)
    parser.add_argument("--engines", nargs="+", choices=ENGINES, default=ENGINES)
    parser.add_argument("--seeds", type=int, default=SEEDS, help="default %(default)s")
    parser.add_argument("--quick", action="store_true", help="one seed of the design 892")
    parser.add_argument(
        "--tables-only", action="store_true", help="ratios and figure from earlier runs"
    )
    parser.add_argument(
        "--folder", type=Path, help="default reports/benchmarks, or build/benchmarks if restricted"
    )
    return parser.parse_args()


def main() -> None:
    """Run what is asked for."""
    given = arguments()
    designs, seeds = (("892",), 1) if given.quick else (given.designs, given.seeds)
    whole = (tuple(designs), seeds, tuple(given.engines)) == (DEFAULT_DESIGNS, SEEDS, ENGINES)
    # Only the whole run writes what is committed.
    home = "reports" if whole or given.tables_only else "build"
    folder = given.folder or ROOT / home / "benchmarks"
    folder.mkdir(parents=True, exist_ok=True)
    if not given.tables_only:
        measure(designs, seeds, given.engines, folder)
    tables(folder)


def measure(designs: list[str], seeds: int, engines: list[str], folder: Path) -> None:
    """Run the engines that are installed; say which are not."""
    absent = missing(engines)
    for engine, reason in absent.items():
        print(f"SKIPPED {engine}: {reason}", flush=True)
    wanted = [c for c in CONTENDERS if c.engine in engines and c.engine not in absent]
    with tempfile.TemporaryDirectory(prefix="engines-") as name:
        caches = Caches(Path(name))
        caches.run("imports", "imports")  # writes bytecode, compiles nothing that is measured
        run_designs(wanted, designs, seeds, caches, folder)
        if "collapsed" in engines:
            run_kernel(caches, wanted[0].label, folder)


def tables(folder: Path) -> None:
    """Write `ratios.csv` and the figure from the tables of runs, and print the ratios."""
    names = ("engines", "refits", "kernel", "national")
    found = {
        name: pd.read_csv(path, dtype={"design": str}) if path.exists() else pd.DataFrame()
        for name in names
        for path in [folder / f"{name}.csv"]
    }
    ratios = ratio_table(found["engines"], found["refits"], found["kernel"], found["national"])
    ratios.to_csv(folder / "ratios.csv", index=False, lineterminator="\n")
    print(ratios.drop(columns="note").to_string(index=False))
    save_engine_figure(found["engines"], found["kernel"], folder)
    print(f"Tables and figure are in {folder}")


if __name__ == "__main__":
    try:
        main()
    except subprocess.SubprocessError as error:
        raise SystemExit(str(error)) from error
