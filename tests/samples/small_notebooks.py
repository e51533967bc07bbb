"""A small project whose notebooks hold a few cells, for the runner, and what a run of it leaves."""

import json
import shutil

import pytest
from conftest import ROOT

from learning_with_others.pipeline.run import main

BUILD = "build/project-star/quick"


def cell(id_, source, tags=()):
    return {
        "cell_type": "code",
        "id": id_,
        "metadata": {"tags": list(tags)},
        "source": source,
        "outputs": [],
        "execution_count": None,
    }


PARAMETERS = cell(
    "parameters",
    'notebook: str = ""\nstudy: str = ""\nprofile: str = ""\nproject_root: str = ""\n'
    'build_folder: str = ""\noutput_folder: str = ""\n'
    'grade: str = "3"\noutcome: str = "all"\npermutations: int = 1\nresamples: int = 1\n',
    ["parameters"],
)
WRITE = cell(
    "write",
    "from pathlib import Path\n"
    "Path(output_folder).mkdir(parents=True)\n"
    "Path(output_folder, 'made.txt').write_text(grade)",
)


def lay_out(root):
    """Make a repository with one study."""
    shutil.copytree(ROOT / "data/project-star", root / "data/project-star")
    (root / "notebooks").mkdir()
    (root / "requirements.lock").touch()


def put_notebook(root, *cells, name="01-first"):
    content = {
        "cells": [PARAMETERS, *cells],
        "metadata": {
            "kernelspec": {"name": "python3", "language": "python", "display_name": "Python 3"}
        },
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    (root / f"notebooks/{name}.ipynb").write_text(json.dumps(content))
    return root


@pytest.fixture
def typed(monkeypatch):
    """Nothing is typed but what a test types."""
    for name in ("STUDY", "PROFILE", "PARAMS", "OUT", "FROM"):
        monkeypatch.delenv(name, raising=False)

    def type_(**values):
        for name, value in {"STUDY": "project-star", "PROFILE": "quick", **values}.items():
            monkeypatch.setenv(name, value)

    type_()
    return type_


@pytest.fixture
def project(tmp_path, monkeypatch, typed):  # noqa: ARG001 - nothing is typed but the study
    """A repository with one study, in whose notebooks a test puts cells."""
    lay_out(tmp_path)
    monkeypatch.chdir(tmp_path)

    def put(*cells, name="01-first"):
        return put_notebook(tmp_path, *cells, name=name)

    return put


def reproduce(stage="01-first", stages=("01-first",)):
    """Check and run one stage, as Make does."""
    return main(["check", *stages]) or main(["run", stage])


NOTES = (".lock", ".working", ".study", "parameters.json")


def left(root):
    """What a run left under build/: leading names, but for its lock and its notes."""
    names = (path.name for path in (root / BUILD).iterdir())
    return sorted(name for name in names if name not in NOTES)
