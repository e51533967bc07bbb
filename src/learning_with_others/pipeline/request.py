"""What the command line asked for: a study, a profile, values of parameters, and folders."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from learning_with_others.errors import CompendiumError, suggest

SHIPPED = Path("data")
REPORTS = Path("reports")
BUILDS = Path("build")
DEFAULT_STUDY = "learning-with-others"
PROFILES = ("full", "quick")


@dataclass(frozen=True)
class Request:
    """One run; paths are relative to the repository unless they were given otherwise.

    Attributes
    ----------
    study_folder : pathlib.Path
    profile : {'full', 'quick'}
    params : str
        Values of parameters as they were typed.
    report : pathlib.Path
        Where the report goes.
    source : str
        A path from which to take a file that the repository does not carry; may be empty.
    """

    study_folder: Path
    profile: str
    params: str
    report: Path
    source: str = ""

    @classmethod
    def typed(cls, given: Mapping[str, str]) -> "Request":
        """Read the values that Make hands over unexpanded, as they were typed.

        Parameters
        ----------
        given : mapping of str to str
            `STUDY, PROFILE, PARAMS, OUT, FROM`; those absent have their defaults.

        Raises
        ------
        CompendiumError
            If the profile is none, or a path cannot be one.
        """
        for name in ("STUDY", "OUT", "FROM"):
            if not given.get(name, "").isprintable():
                raise CompendiumError(
                    f"{name}={given[name]!r} holds characters that no path has",
                    remedy="rename the file or folder",
                )
        profile, params = given.get("PROFILE", "full"), given.get("PARAMS", "")
        if profile not in PROFILES:
            raise CompendiumError(
                f"PROFILE={profile!r} is no profile", remedy=suggest(profile, PROFILES)
            )
        study = given.get("STUDY", DEFAULT_STUDY)
        if not study.strip():
            raise CompendiumError(
                "STUDY= names no study", remedy="give a name under data/, or a path to a folder"
            )
        folder = Path(study).expanduser() if "/" in study else SHIPPED / study
        own = REPORTS if profile == "full" and not params.strip() else None
        name = folder.resolve().name
        report = own / name if own else BUILDS / name / profile / "report"
        out = given.get("OUT", "")
        if out:
            report = Path(os.path.normpath(Path(out).expanduser()))
        return cls(folder, profile, params, report, given.get("FROM", ""))

    @property
    def committed(self) -> bool:
        """Whether the run may write what is committed: in full, with the study's parameters."""
        return self.profile == "full" and not self.params.strip()

    @property
    def name(self) -> str:
        """Name of the study's folder, under which builds and reports are filed."""
        return self.study_folder.resolve().name

    @property
    def build(self) -> Path:
        """Folder of executed notebooks, what stages hand over, and kept estimates."""
        return BUILDS / self.name / self.profile

    def output(self, notebook: str) -> Path:
        """Folder that a notebook's files go to: the report's for the last, else the build's."""
        return self.report if notebook.endswith("-report") else self.build / notebook
