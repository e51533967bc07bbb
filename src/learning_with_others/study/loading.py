"""Read `study.yaml`, say everything that is wrong with it, and check the files it names."""

from pathlib import Path
from typing import Any, get_args

import yaml
from pydantic import ValidationError

from learning_with_others.errors import CompendiumError, suggest
from learning_with_others.files import hash_file
from learning_with_others.study.definition import Study
from learning_with_others.study.tables import Download


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
    if isinstance(error["input"], dict | Study) and error["type"] == "value_error":
        problem = str(error["ctx"]["error"])  # it names the keys and values that do not agree
        return f"{place}: {problem}" if place else problem
    return f"{place}: {error['msg']} (value: {error['input']!r})"


def _valid_keys(location: tuple[Any, ...]) -> list[str]:
    """Keys that the section at `location` takes, found by walking the models."""
    section: Any = Study
    for part in location[:-1]:
        if not hasattr(section, "model_fields"):
            return []
        field = _field_called(section, part)
        if field is not None:  # else it is the free name of a dict's entry
            section = _section_of(field.annotation)
    return [name for name in getattr(section, "model_fields", {}) if name != "folder"]


def _field_called(section: Any, key: Any) -> Any:
    """The field that a key of `study.yaml` gives, by its name or another that it may have."""
    for name, field in section.model_fields.items():
        if key == name or key in getattr(field.validation_alias, "choices", ()):
            return field
    return None


def _section_of(annotation: Any) -> Any:
    """The model within `X | None`, `dict[str, X]` or `X`."""
    if isinstance(annotation, type) and hasattr(annotation, "model_fields"):
        return annotation
    found = [_section_of(part) for part in get_args(annotation)]
    return next((part for part in found if part is not None), None)


def check_data_files(study: Study) -> None:
    """Stop unless every table's file and the codebook are there and the tables are those declared.

    Raises
    ------
    CompendiumError
        If a file is absent or a table's SHA-256 differs from the one declared.
    """
    if not study.codebook_path.is_file():
        raise _missing(study.codebook_path)
    for name, table in study.tables.given().items():
        path = study.path(table)
        if not path.is_file():
            raise _missing(path, table.download)
        found = hash_file(path)
        if found != table.sha256:
            raise CompendiumError(
                f"the data file is not the one declared: SHA-256 {found}, "
                f"tables.{name}.sha256 says {table.sha256}",
                where=str(path),
                remedy="restore the file, or, if the data changed on purpose, update the hash",
            )


def _missing(path: Path, download: Download | None = None) -> CompendiumError:
    remedy = "put it back (`git checkout -- <file>` if it came with the repository)"
    if download:
        remedy = (
            "it is downloaded when first needed; without a network give "
            f"FROM=path/to/{download.filename}"
        )
    return CompendiumError(f"the file {path.name} is missing", where=str(path), remedy=remedy)
