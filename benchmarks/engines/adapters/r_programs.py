"""lme4, rstanarm and brms, in an R process that fits twice."""

import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import xarray as xr

from benchmarks.engines.adapters import Timed
from benchmarks.engines.designs import StudyDesign
from benchmarks.engines.settings import CHAINS, DRAWS, TARGET_ACCEPT, TUNE

SCRIPT = Path(__file__).with_name("fit.R")


def start(
    design: StudyDesign, data: pd.DataFrame, engine: str, seeds: tuple[int, int]
) -> tuple[float, Callable[[int], Timed]]:
    """Run R once for both calls; give the seconds of loading the package, and the calls' fits."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        data.to_csv(folder / "rows.csv", index=False)
        given = [engine, folder, "yes" if design.correlated else "no", *seeds]
        given += [CHAINS, TUNE, DRAWS, TARGET_ACCEPT]
        subprocess.run(  # noqa: S603 - the script beside this file
            ["Rscript", str(SCRIPT), *map(str, given)],  # noqa: S607 - wherever R is installed
            check=True,
        )
        times = pd.read_csv(folder / "seconds.csv")
        paths = [folder / f"draws_{call}.csv" for call in (1, 2)]
        fits = [read_draws(pd.read_csv(path)) if path.exists() else None for path in paths]
    compiled = [times["compile"][0], 0.0]
    calls = {
        seed: Timed(fit, float(compile_seconds), float(seconds))
        for seed, fit, compile_seconds, seconds in zip(
            seeds, fits, compiled, times["seconds"], strict=True
        )
    }
    return float(times["import"][0]), calls.__getitem__


def read_draws(table: pd.DataFrame, chains: int = CHAINS) -> xr.DataTree:
    """Read a table of one row a draw, chain after chain, with `diverging` and `energy`."""
    sampled = {
        name: (("chain", "draw"), column.to_numpy(float).reshape(chains, -1))
        for name, column in table.items()
    }
    about = {name: sampled.pop(name) for name in ("diverging", "energy")}
    length = len(table) // chains
    coords = {"chain": np.arange(chains), "draw": np.arange(length)}
    return xr.DataTree.from_dict(
        {"/posterior": xr.Dataset(sampled, coords), "/sample_stats": xr.Dataset(about, coords)}
    )
