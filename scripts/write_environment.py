"""Write `environment.yml` from `pyproject.toml`, for conda, mamba and Binder.

    .venv/bin/python scripts/write_environment.py

Conda brings Python, pip, make and git; pip installs the packages of the lock file, so that every
road leads to the same versions. The package itself is installed afterwards, by `postBuild` on
Binder and by the command in the file's first lines elsewhere: pip refuses it beside hashes.
"""

import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[1]

TEMPLATE = """\
# Generated from pyproject.toml by scripts/write_environment.py; do not edit.
#   conda env create -f environment.yml && conda activate {name}
#   python -m pip install --no-deps --no-build-isolation -e .
name: {name}
channels:
  - conda-forge
  - nodefaults
dependencies:
  - python{python}
  - pip
  - make
  - git
  - pip:
      - --requirement requirements.lock
"""


def environment(pyproject: str) -> str:
    """Return the text of `environment.yml` for the text of `pyproject.toml`."""
    project = tomllib.loads(pyproject)["project"]
    return TEMPLATE.format(name=project["name"], python=project["requires-python"])


if __name__ == "__main__":
    (ROOT / "environment.yml").write_text(environment((ROOT / "pyproject.toml").read_text()))
