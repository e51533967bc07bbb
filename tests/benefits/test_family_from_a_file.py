"""A family added as CONTRIBUTING says: a file, a line, the schema; the benefit stage then runs."""

import json
import os
import re
import shutil
import subprocess
import sys

import pytest
from conftest import ROOT

from learning_with_others.exhibits.records import read_results
from learning_with_others.exhibits.shown import read_exhibits

POISSON = '''"""Counts: the logarithm of the rate is linear."""

import numpy as np

from learning_with_others.bayes.families.family import Family


class Poisson(Family):
    """y_i ~ Poisson(exp μ_i)."""

    linear = False
    scale_unit = "days"
    latent_unit = "log rate"
    practical_equivalence = 0.25
    equation = r"{y}_i &\\sim \\mathrm{{Poisson}}(e^{{\\mu_i}})"

    def declare(self, mean, outcome, frame):
        import pymc as pm

        pm.Poisson("y", pm.math.exp(mean), observed=outcome, dims="row")

    def draw_parameters(self, frame, draws, rng):
        return {}

    def simulate(self, mean, own, rng, weights=None):
        return rng.poisson(np.exp(np.minimum(mean, 15)))

    def residual_sd(self, own, draws):
        return np.ones(draws)

    def expected(self, mean, own):
        return np.exp(mean)
'''
IMPORT = "from learning_with_others.bayes.families.poisson import Poisson\n"
# A class that its students miss on 3 days, and those of one SD more collaboration on fewer.
RUN = """
import json, sys
from pathlib import Path
import numpy as np, pandas as pd, yaml
import small_project
from learning_with_others.files import hash_file

small_project.COURSES = {}
folder = Path("data/learning-with-others")
small_project.write_study(folder)
students = pd.read_csv(folder / "raw/students.csv", dtype=str)
work = students.filter(like="collab").apply(pd.to_numeric, errors="coerce").mean(axis=1)
rate = 3 * np.exp(-0.3 * ((work - work.mean()) / work.std()).fillna(0))
students["days_absent"] = np.random.default_rng(1).poisson(rate)
students.to_csv(folder / "raw/students.csv", index=False)
with (folder / "codebook.csv").open("a") as codebook:
    codebook.write("students,days_absent,Days absent,number,days,,\\n")
declared = yaml.safe_load((folder / "study.yaml").read_text())
declared["tables"]["students"]["sha256"] = hash_file(folder / "raw/students.csv")
declared["roles"]["outcomes"]["days_absent"] = {
    "label": "Days absent", "column": "days_absent", "source": "records", "family": "poisson"}
(folder / "study.yaml").write_text(yaml.safe_dump(declared, sort_keys=False))


def cells(stage, **parameters):
    names = {}
    for cell in json.load(open(f"{sys.argv[1]}/{stage}.ipynb"))["cells"]:
        if cell["cell_type"] == "code":
            exec("".join(cell["source"]), names)
            if cell["id"] == "parameters":
                names |= {"project_root": ".", **parameters}
            if cell["id"] == "open-study":
                yield names
    yield names


*_, first = cells("01-data-quality")  # runs it
from learning_with_others.measurement.comparability_verdicts import (
    comparability_table, single_releases)
names = next(cells("02-measurement-validation"))
study = names["stage"].study
untested = dict.fromkeys(study.constructs, "left out of this test")
steps = pd.DataFrame(columns=["scale", "step", "cfi", "rmsea"])
verdicts = comparability_table(untested, study, steps)
none = pd.DataFrame({"student": [], "plausible_value": []})
releases = single_releases(untested)
names["stage"].hand_over(
    comparability=verdicts, plausible_values=none, single_releases=releases)
names["stage"].close()
*_, last = cells("04-collaboration-benefits", outcome="days_absent", left_out="all")
"""


@pytest.fixture(scope="module")
def output(tmp_path_factory):
    root = tmp_path_factory.mktemp("family")
    for name in ("src", "scripts"):
        shutil.copytree(ROOT / name, root / name, ignore=shutil.ignore_patterns("__pycache__"))
    (root / "data").mkdir()
    shutil.copy(ROOT / "requirements.lock", root)
    families = root / "src/learning_with_others/bayes/families"
    (families / "poisson.py").write_text(POISSON)
    registry = (families / "registry.py").read_text()
    registry = registry.replace("\nFAMILIES", f"{IMPORT}\nFAMILIES", 1)
    registry = re.sub(r"\n}\n$", '\n    "poisson": Poisson(),\n}\n', registry)
    (families / "registry.py").write_text(registry)
    path = os.pathsep.join([str(root / "src"), str(ROOT / "tests/notebooks")])
    environment = {**os.environ, "PYTHONPATH": path}
    schema = [sys.executable, "scripts/write_schema.py"]
    subprocess.run(schema, cwd=root, env=environment, check=True)
    command = [sys.executable, "-c", RUN, str(ROOT / "notebooks")]
    subprocess.run(command, cwd=root, env=environment, check=True)
    return root


def test_contributing_says_so():
    page = (ROOT / "CONTRIBUTING.md").read_text()
    (line,) = [line for line in page.splitlines() if line.startswith("| a family of outcomes |")]
    for place in ("bayes/families/", "registry.py", "scripts/write_schema.py"):
        assert place in line


def test_the_schema_offers_it(output):
    schema = json.loads((output / "data/study.schema.json").read_text())
    assert "poisson" in schema["$defs"]["Outcome"]["properties"]["family"]["enum"]


def test_every_exhibit_of_the_benefit_stage_is_shown_in_its_words(output):
    made = output / "build/lab/04-collaboration-benefits"
    exhibits, failed = read_exhibits(made)
    assert not failed
    records = {one.id: one for one in read_results(made / "results.json")}
    for quantity in ("gap", "gap.total", "outcome_gap.low", "narrowing"):
        assert records[f"benefit.{quantity}/days_absent"].unit == "days"
    assert records["benefit.sd.classroom/days_absent"].unit == "log rate"
    assert records["benefit.equivalence.bound/days_absent"].estimate == 0.25
    benefits = next(one for one in exhibits if one.name == "benefits")
    assert "days" in benefits.sentence
    assert " SD " not in benefits.sentence
    assert "±0.25 in days" in benefits.figures[0]["caption"]
