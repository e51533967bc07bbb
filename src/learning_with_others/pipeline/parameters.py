"""Parameters of the notebooks: declared in each, valued by the study, checked before a run."""

import ast
import json
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from learning_with_others.data.codebook import read_codebook
from learning_with_others.errors import CompendiumError, suggest
from learning_with_others.study import Study

# Set by the runner from STUDY, PROFILE and OUT; never by PARAMS or a study.
RUNNER_PARAMETERS = (
    "notebook",
    "study",
    "profile",
    "project_root",
    "build_folder",
    "output_folder",
)
TYPES: dict[str, type] = {"str": str, "int": int, "float": float, "bool": bool}


@dataclass(frozen=True)
class Parameter:
    """One line of a notebook's `parameters` cell: `name: type = default`."""

    name: str
    type: type
    default: Any


def declared_parameters(notebook: Path) -> dict[str, Parameter]:
    """Read a notebook's `parameters` cell.

    Raises
    ------
    CompendiumError
        If the notebook is not readable, has no such cell, or a line of it is not of the form
        `name: type = literal`.
    """
    try:
        cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise CompendiumError(
            f"not readable as a notebook: {error}",
            where=str(notebook),
            remedy="restore it with `git checkout -- <notebook>`",
        ) from None
    tagged = [c for c in cells if "parameters" in c.get("metadata", {}).get("tags", [])]
    if len(tagged) != 1:
        raise CompendiumError(
            f"{len(tagged)} cells carry the tag 'parameters'",
            where=str(notebook),
            remedy="tag exactly one cell",
        )
    try:
        lines = ast.parse("".join(tagged[0]["source"])).body
        return {p.name: p for p in map(_parameter, lines)}
    except (SyntaxError, ValueError, KeyError, AttributeError) as error:
        raise CompendiumError(
            f"the parameters cell cannot be read: {error}",
            where=str(notebook),
            remedy=f"write each parameter as name: type = literal; types: {', '.join(TYPES)}",
        ) from None


def _parameter(line: ast.stmt) -> Parameter:
    if not (isinstance(line, ast.AnnAssign) and line.value is not None):
        raise ValueError(ast.unparse(line))
    return Parameter(line.target.id, TYPES[line.annotation.id], ast.literal_eval(line.value))


def parse_assignments(text: str) -> dict[str, str]:
    """Split `PARAMS` into names and values, as a shell would split words.

    Raises
    ------
    CompendiumError
        If a word is not `name=value` or a name is given twice.
    """
    try:
        words = shlex.split(text)
    except ValueError as error:
        raise CompendiumError(f"PARAMS={text!r}: {error}", remedy="close the quotes") from None
    given: dict[str, str] = {}
    for word in words:
        name, equals, value = word.partition("=")
        if not (name and equals) or name in given:
            raise CompendiumError(
                f"PARAMS: {word!r} " + ("is given twice" if name in given else "is no name=value"),
                remedy="write PARAMS='outcome=math grade=2'",
            )
        given[name] = value
    return given


def resolve_parameters(
    notebooks: Mapping[str, Mapping[str, Parameter]], study: Study, profile: str, params: str
) -> dict[str, dict[str, Any]]:
    """Give every notebook's parameters their values.

    Later sources win: the notebook's default, the study's `parameters.every`, the study's
    values for the profile, `PARAMS`.

    Parameters
    ----------
    notebooks : mapping
        Notebook name to its declared parameters.
    study : Study
    profile : {'full', 'quick'}
    params : str
        As written on the command line.

    Returns
    -------
    dict
        Notebook name to parameter name to value, without those the runner sets.

    Raises
    ------
    CompendiumError
        If a name is declared by no notebook, or a value has the wrong type or is no valid
        choice; with the nearest valid name.
    """
    settable = {
        name: parameter
        for declared in notebooks.values()
        for name, parameter in declared.items()
        if name not in RUNNER_PARAMETERS
    }
    choices = study_choices(study)
    where = str(study.folder / "study.yaml")
    values = {name: parameter.default for name, parameter in settable.items()}
    for section, given in (
        ("every", study.parameters.every),
        (profile, getattr(study.parameters, profile)),
    ):
        for name, value in given.items():
            _known(name, settable, f"{where}: parameters.{section}")
            values[name] = _typed(value, settable[name], f"{where}: parameters.{section}.{name}")
    for name, text in parse_assignments(params).items():
        _known(name, settable, "PARAMS")
        values[name] = _typed(text, settable[name], f"PARAMS: {name}")
    given_somewhere = {*study.parameters.every, *getattr(study.parameters, profile)}
    given_somewhere |= set(parse_assignments(params))
    for name, valid in choices.items():
        if name in values and name not in given_somewhere and values[name] not in valid:
            values[name] = valid[0]  # a notebook's default that this study does not know
        if name in values and values[name] not in valid:
            raise CompendiumError(
                f"{values[name]!r} is no valid value",
                where=f"parameter {name}",
                remedy=suggest(values[name], valid),
            )
    return {
        notebook: {name: values[name] for name in declared if name in values}
        for notebook, declared in notebooks.items()
    }


def study_choices(study: Study) -> dict[str, list[str]]:
    """Valid values of the parameters whose choices the study fixes, its own choice first."""
    group_role, grades = study.roles.group, ["all"]
    if study.roles.grade is not None:
        students = read_codebook(study.codebook_path).get("students", {})
        if study.roles.grade in students:
            grades = list(students[study.roles.grade].codes.values())
    return {
        "outcome": ["all", *study.roles.outcomes],
        "grade": grades,
        "race_coding": [
            group_role.coding,
            *(c for c in group_role.codings if c != group_role.coding),
        ],
    }


def _known(name: str, settable: Mapping[str, Parameter], where: str) -> None:
    if name in RUNNER_PARAMETERS:
        raise CompendiumError(
            f"{name!r} is set by the runner", where=where, remedy="use STUDY=, PROFILE= or OUT="
        )
    if name not in settable:
        raise CompendiumError(
            f"no notebook has a parameter {name!r}", where=where, remedy=suggest(name, settable)
        )


def _typed(value: Any, parameter: Parameter, where: str) -> Any:
    wanted = parameter.type
    converted = _from_text(value, wanted) if isinstance(value, str) else value
    if wanted is float and type(converted) is int:
        converted = float(converted)
    if type(converted) is not wanted:
        raise CompendiumError(
            f"{value!r} is not of type {wanted.__name__}",
            where=where,
            remedy=f"give a value like {parameter.default!r}",
        )
    if wanted is int and converted < 1:
        raise CompendiumError(
            f"{value!r} is under 1", where=where, remedy="give a count of 1 or more"
        )
    return converted


def _from_text(text: str, wanted: type) -> Any:
    if wanted is bool:
        return {"true": True, "false": False}.get(text.lower(), text)
    try:
        return wanted(text)
    except ValueError:
        return text
