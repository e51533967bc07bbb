"""What a stage keeps, and what it hands over to later stages."""

import json
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from learning_with_others.errors import CompendiumError
from learning_with_others.exhibits.kept import Estimate, Estimates, Kept, estimate
from learning_with_others.exhibits.records import Result, read_results
from learning_with_others.files import write_text

READ = "read.json"


class StageFiles:
    """The folders of one notebook's run.

    Parameters
    ----------
    root, build, output : path
        The repository, the build and what this stage leaves in it.
    lock : str
        Hash of the locked environment.
    """

    def __init__(self, root: Path, build: Path, output: Path, lock: str) -> None:
        self.root, self.build, self.output = root, build, output
        (self.output / "tables").mkdir(parents=True, exist_ok=True)
        self._kept = Kept(build / "kept", lock)
        self._read: set[Path] = set()

    def keep(self, function: Callable[..., Any], *inputs: object, **settings: object) -> Any:
        """Make an estimate, or give the one that is kept from the same inputs and code.

        One that fails is `NotMade`: exhibits of it are not shown, and the rest of the stage is.

        Parameters
        ----------
        function : callable
            A function of this package, in a module that draws and captions nothing.
        *inputs, **settings
            What it is called with; `study.design`, never the whole study.
        """
        return self.keep_all(it=estimate(function, *inputs, **settings)).it

    def keep_all(self, **wanted: Estimate) -> Estimates:
        """Make several estimates side by side, those that are kept aside; asking waits for each.

        Parameters
        ----------
        **wanted : Estimate
            By name, from `estimate(function, *inputs, **settings)`.
        """
        return self._kept.begin(wanted)

    def keep_each(
        self, function: Callable[..., Any], each: Mapping[str, object], *inputs: object
    ) -> dict[str, Any]:
        """Make an estimate for each name, side by side: `function(name, each[name], *inputs)`."""
        wanted = {name: estimate(function, name, one, *inputs) for name, one in each.items()}
        begun = self._kept.begin(wanted)
        return {name: getattr(begun, name) for name in each}

    def hand_over(self, **tables: pd.DataFrame) -> None:
        """Write tables for later stages; they never leave the build folder."""
        for name, table in tables.items():
            table.to_parquet(self.output / f"{name}.parquet")

    def handed_over(self, stage: str) -> dict[str, pd.DataFrame]:
        """Read the tables that an earlier stage handed over, by name.

        Raises
        ------
        CompendiumError
            If there are none, or one cannot be read.
        """
        found = sorted((self.build / stage).glob("*.parquet"))
        if not found:
            raise CompendiumError(
                f"notebook {stage} has left no tables",
                where=str(self.build / stage),
                remedy=f"run notebook {stage} first, or `make reproduce`, which runs all in order",
            )
        self._read |= set(found)
        try:
            return {path.stem: pd.read_parquet(path) for path in found}
        except (OSError, ValueError) as error:
            raise CompendiumError(
                f"a table of notebook {stage} is damaged: {error}",
                where=str(self.build / stage),
                remedy=f"run notebook {stage} again; `make reproduce` does so by itself",
            ) from None

    def results_of(self, *stages: str) -> list[Result]:
        """Read the numbers that earlier stages published; none of a stage that has not run."""
        paths = [self.build / stage / "results.json" for stage in stages]
        found = [path for path in paths if path.is_file()]
        self._read |= set(found)
        return [result for path in found for result in read_results(path)]

    def earlier_stages(self) -> list[Path]:
        """Folders of the stages that have left results, in the order of the notebooks.

        All that they show is taken as read. A folder that no notebook leaves is no stage's.
        """
        notebooks = {path.stem for path in (self.root / "notebooks").glob("*.ipynb")}
        left = sorted(path.parent for path in self.build.glob("[0-9]*/results.json"))
        folders = [folder for folder in left if folder.name in notebooks]
        for folder in folders:
            shown = (path for path in folder.rglob("*") if path.suffix != ".parquet")
            self._read |= {path for path in shown if path.is_file()}
        self.note_what_was_read()
        return folders

    def note_what_was_read(self) -> None:
        """Write which files of earlier stages were read, for the runner to compare next time."""
        self._kept.forget_old()
        read = sorted(os.path.relpath(path, self.root) for path in self._read)
        write_text(self.output / READ, json.dumps(read, indent=1) + "\n")
