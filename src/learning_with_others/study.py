"""The study definition: read from `study.yaml` once, validated, then trusted."""

import hashlib
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from learning_with_others.errors import CompendiumError, suggest

PROFILES = ("full", "quick")
Scalar = bool | int | float | str


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Provenance(_Section):
    """Where the data come from and under which licence."""

    source: str
    doi: str | None = None
    licence: str
    extracted_by: str | None = None
    caution: str | None = None


class Table(_Section):
    """The file that holds the rows, its hash and its codebook."""

    path: str
    sha256: Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
    codebook: str
    key: Annotated[list[str], Field(min_length=1)]

    @field_validator("path", "codebook")
    @classmethod
    def _inside_the_study(cls, value: str) -> str:
        if Path(value).is_absolute() or ".." in Path(value).parts:
            raise ValueError(f"{value!r} leaves the study's folder; name a file inside it")
        return value


class Race(_Section):
    """The column that holds race, and the two groups of the main contrast."""

    column: str
    focal: str
    reference: str


class Exposure(_Section):
    """The opportunity whose benefit is studied, and the level at which it varies."""

    column: str
    label: str
    varies_by: Literal["classroom"]
    focal: str
    reference: str


class Roles(_Section):
    """Which column plays which part."""

    student: str
    classroom: str
    school: str
    grade: str
    race: Race
    exposure: Exposure
    outcomes: Annotated[dict[str, str], Field(min_length=1)]


class Priors(_Section):
    """Scales of the priors, in standard deviations of the outcome."""

    coefficient_sd: Annotated[float, Field(gt=0)]
    group_sd: Annotated[float, Field(gt=0)]
    residual_sd: Annotated[float, Field(gt=0)]


class Analysis(_Section):
    """Decisions fixed before the data are seen."""

    minimum_cell: Annotated[int, Field(ge=1)]
    interval_probability: Annotated[float, Field(gt=0, lt=1)]
    practical_equivalence: Annotated[float, Field(gt=0)]
    seed: int
    priors: Priors


class Parameters(_Section):
    """Values for the notebooks' parameters, for every profile and for each."""

    every: dict[str, Scalar] = {}
    full: dict[str, Scalar] = {}
    quick: dict[str, Scalar] = {}


class Study(_Section):
    """One study, as `study.yaml` declares it."""

    name: Annotated[str, Field(pattern="^[a-z0-9][a-z0-9-]*$")]
    title: str
    question: str
    synthetic: bool
    provenance: Provenance
    table: Table
    roles: Roles
    analysis: Analysis
    parameters: Parameters = Parameters()
    folder: Path = Field(default=Path(), exclude=True)

    @property
    def table_path(self) -> Path:
        """Path of the data file."""
        return self.folder / self.table.path

    @property
    def codebook_path(self) -> Path:
        """Path of the codebook."""
        return self.folder / self.table.codebook


class _UniqueKeys(yaml.SafeLoader):
    """YAML without code, in which a key given twice is an error and not the last one."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen: set[Any] = set()
        for key_node, _ in node.value:
            key = self.construct_object(key_node, deep=True)
            if key in seen:
                raise yaml.constructor.ConstructorError(
                    None, None, f"the key {key!r} is given twice", key_node.start_mark
                )
            seen.add(key)
        return super().construct_mapping(node, deep)


def load_study(folder: Path | str) -> Study:
    """Read and validate `study.yaml` in `folder`.

    Parameters
    ----------
    folder : path
        The study's folder.

    Returns
    -------
    Study

    Raises
    ------
    CompendiumError
        If the file is absent, is not YAML, or breaks the definition; every broken key is
        listed with its path, its value and the valid choices.
    """
    folder = Path(folder)
    path = folder / "study.yaml"
    if not path.is_file():
        raise CompendiumError(
            "no study.yaml here",
            where=str(folder),
            remedy="give STUDY= the name of a folder in data/ or a path to a study's folder",
        )
    try:
        content = yaml.load(path.read_text(encoding="utf-8"), Loader=_UniqueKeys)  # noqa: S506
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise CompendiumError(
            f"not readable as YAML: {error}", where=str(path), remedy="mend the line named"
        ) from None
    if not isinstance(content, dict):
        raise CompendiumError("holds no keys", where=str(path), remedy="see data/project-star")
    if "folder" in content:
        raise CompendiumError("folder: unknown key", where=str(path), remedy="remove the key")
    try:
        return Study(**content, folder=folder)
    except ValidationError as error:
        lines = [_describe(item) for item in error.errors()]
        raise CompendiumError(
            "the study definition is not valid\n  " + "\n  ".join(lines),
            where=str(path),
            remedy="mend the keys listed; data/project-star/study.yaml is a complete example",
        ) from None


def _describe(error: Any) -> str:
    place = ".".join(str(part) for part in error["loc"])
    if error["type"] == "extra_forbidden":
        return f"{place}: unknown key; {suggest(error['loc'][-1], _valid_keys(error['loc']))}"
    if error["type"] == "missing":
        return f"{place}: missing"
    return f"{place}: {error['msg']} (value: {error['input']!r})"


def _valid_keys(location: tuple[Any, ...]) -> list[str]:
    section: Any = Study
    for part in location[:-1]:
        section = section.model_fields[part].annotation
    return [name for name in section.model_fields if name != "folder"]


def hash_file(path: Path) -> str:
    """SHA-256 of a file's bytes, read in pieces."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def check_data_file(study: Study) -> None:
    """Stop unless the data file and its codebook are there and are the ones declared.

    Raises
    ------
    CompendiumError
        If a file is absent or the data file's SHA-256 differs from `table.sha256`.
    """
    for path in (study.table_path, study.codebook_path):
        if not path.is_file():
            raise CompendiumError(
                f"the file {path.name} is missing",
                where=str(path),
                remedy="put it back (`git checkout -- <file>` if it came with the repository)",
            )
    found = hash_file(study.table_path)
    if found != study.table.sha256:
        raise CompendiumError(
            f"the data file is not the one declared: SHA-256 {found}, "
            f"table.sha256 says {study.table.sha256}",
            where=str(study.table_path),
            remedy="restore the file, or, if the data changed on purpose, update table.sha256",
        )
