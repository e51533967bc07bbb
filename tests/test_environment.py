"""The environment's three descriptions agree."""

import importlib.util
import re
import tomllib

import pytest
from conftest import ROOT
from packaging.requirements import Requirement

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
LOCK = (ROOT / "requirements.lock").read_text()
PINNED = dict(re.findall(r"^([a-z0-9-]+)==([^ \\;]+)", LOCK, flags=re.MULTILINE))
DIRECT = [*PROJECT["project"]["dependencies"], *PROJECT["dependency-groups"]["dev"]]


def test_environment_yml_is_generated_from_pyproject():
    spec = importlib.util.spec_from_file_location("w", ROOT / "scripts/write_environment.py")
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    expected = script.environment((ROOT / "pyproject.toml").read_text())
    assert (ROOT / "environment.yml").read_text() == expected, (
        "run .venv/bin/python scripts/write_environment.py"
    )


@pytest.mark.parametrize("line", [*DIRECT, *PROJECT["build-system"]["requires"]])
def test_the_lock_satisfies_every_declared_dependency(line):
    requirement = Requirement(line)
    name = requirement.name.lower().replace("_", "-")
    assert PINNED[name] in requirement.specifier


def test_every_package_is_pinned_with_hashes_and_none_with_an_address():
    blocks = re.split(r"\n(?=[a-z0-9])", LOCK.strip())
    assert len(blocks) == len(re.findall(r"^[a-z0-9-]+==", LOCK, flags=re.MULTILINE))
    for block in blocks:
        assert "--hash=sha256:" in block
    assert "://" not in LOCK
    assert "index-url" not in LOCK


def test_ci_runs_the_readmes_test_command():
    commands = [
        line
        for line in (ROOT / ".ci/run").read_text().splitlines()
        if line and not line.startswith(("#", "set ", "cd "))
    ]
    assert commands == ["make test"]
    assert "make test" in (ROOT / "README.md").read_text()
    assert "bash .ci/run" in (ROOT / ".github/workflows/test.yml").read_text()
