import json

import pytest

from learning_with_others.errors import CompendiumError
from learning_with_others.pipeline.parameters import (
    Parameter,
    declared_parameters,
    parse_assignments,
    resolve_parameters,
)

DECLARED = {
    "one": {
        "study": Parameter("study", str, "x"),
        "grade": Parameter("grade", str, "3"),
        "share": Parameter("share", float, 0.5),
        "verbose": Parameter("verbose", bool, False),
    },
    "two": {
        "outcome": Parameter("outcome", str, "all"),
        "permutations": Parameter("permutations", int, 10),
        "resamples": Parameter("resamples", int, 10),
        "alternatives": Parameter("alternatives", str, "shape"),
        "left_out": Parameter("left_out", str, "none"),
    },
}


def resolve(study, params="", profile="quick"):
    return resolve_parameters(DECLARED, study, profile, params)


def notebook(tmp_path, source, tags=("parameters",)):
    path = tmp_path / "n.ipynb"
    cell = {"cell_type": "code", "metadata": {"tags": list(tags)}, "source": source}
    path.write_text(json.dumps({"cells": [cell]}))
    return path


def test_sources_override_each_other_in_order(study):
    quick, full = resolve(study), resolve(study, profile="full")
    assert quick["one"] == {"grade": "3", "share": 0.5, "verbose": False}
    assert quick["two"]["permutations"] == study.parameters.quick["permutations"]
    assert full["two"]["permutations"] == study.parameters.full["permutations"]
    assert resolve(study, "permutations=7 outcome=math")["two"]["permutations"] == 7


def test_values_take_the_declared_type(study):
    given = resolve(study, "share=1 verbose=true grade=2")["one"]
    assert given == {"grade": "2", "share": 1.0, "verbose": True}


@pytest.mark.parametrize(
    ("params", "expected"),
    [
        ("outcom=math", "did you mean 'outcome'"),
        ("outcome=maths", "did you mean 'math'"),
        ("grade=9", "valid: K, 1, 2, 3"),
        ("permutations=many", "is not of type int"),
        ("permutations=1.5", "is not of type int"),
        ("permutations=0", "under 1"),
        ("share=half", "is not of type float"),
        ("verbose=1", "is not of type bool"),
        ("study=other", "set by the runner"),
        ("outcome", "no name=value"),
        ("=math", "no name=value"),
        ("grade=1 grade=2", "given twice"),
        ("grade='1", "close the quotes"),
    ],
)
def test_a_wrong_parameter_stops_with_the_remedy(study, params, expected):
    with pytest.raises(CompendiumError, match=expected):
        resolve(study, params)


def test_assignments_are_split_as_a_shell_would():
    assert parse_assignments("a=1 b='two words' c=x=y") == {"a": "1", "b": "two words", "c": "x=y"}


def test_the_cell_is_read(tmp_path):
    path = notebook(tmp_path, ['a: str = "x"\n', "b: int = -2  # why\n"])
    found = declared_parameters(path)
    assert found == {"a": Parameter("a", str, "x"), "b": Parameter("b", int, -2)}


@pytest.mark.parametrize("source", ["a = 1", "a: list = []", "a: int", "a: int = f()", "a: int ="])
def test_a_cell_that_is_no_declaration_is_refused(tmp_path, source):
    with pytest.raises(CompendiumError, match="parameters cell cannot be read"):
        declared_parameters(notebook(tmp_path, source))


def test_a_notebook_without_the_cell_or_that_is_none_is_refused(tmp_path):
    with pytest.raises(CompendiumError, match="0 cells carry the tag"):
        declared_parameters(notebook(tmp_path, "a: int = 1", tags=()))
    (tmp_path / "n.ipynb").write_text("{")
    with pytest.raises(CompendiumError, match="not readable as a notebook"):
        declared_parameters(tmp_path / "n.ipynb")
