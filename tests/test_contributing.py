"""What CONTRIBUTING says of adding a figure and a table holds: so many files, and no more."""

import hashlib
import json
import os
import shutil
import subprocess
import sys

import pandas as pd
import pytest
from conftest import ROOT

from learning_with_others.exhibits.records import read_results
from learning_with_others.exhibits.shown import read_exhibits

NOTEBOOK = "notebooks/01-data-quality.ipynb"
EXHIBITS = "src/learning_with_others/quality/exhibits.py"
FIGURES = "src/learning_with_others/quality/figures/row_counts.py"
FIGURE = '''

def draw_cluster_numbers(clusters: pd.DataFrame) -> Figure:
    """Draw how many clusters there are of each level."""
    figure, axis = plt.subplots()
    axis.barh(clusters["level"], clusters["clusters"])
    return figure
'''
DRAWING = """
        figures=(Drawing("cluster-numbers", draw_cluster_numbers, alt="Bars of clusters."),),"""
TABLE = '''

@exhibit
def exposed(in_grade: pd.DataFrame, study: Study, grade: str) -> Exhibit:
    """How many have the exposure recorded, by group."""
    role, exposure = study.roles.group, study.roles.exposure.name
    counted = in_grade[in_grade[exposure].notna()].groupby(role.column, observed=True).size()
    return Exhibit(
        name="exposed",
        table=counted.rename("children").rename_axis("group").reset_index(),
        keys={"group": "group"},
        counts=(
            Count(
                "children",
                of_grade(grade) & group() & Whom(lambda _, t, __: t[exposure].notna()),
                quantity="flow.exposed",
            ),
        ),
        caption=f"How many have {study.roles.exposure.label} recorded, by {role.label}.",
    )
'''
RUN = """
import json
names = {}
for cell in json.load(open("notebooks/01-data-quality.ipynb"))["cells"]:
    if cell["cell_type"] == "code":
        exec("".join(cell["source"]), names)
        if cell["id"] == "parameters":
            names |= {"study": "data/project-star", "project_root": ".", "grade": "3",
                      "race_coding": "single", "build_folder": "build", "output_folder": "build/01"}
"""


@pytest.fixture
def copy(tmp_path):
    """The repository, as far as the first notebook needs it, in a copy that may be changed."""
    for name in ("src", "data/project-star"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in (NOTEBOOK, "requirements.lock"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / name)
    return tmp_path


def edit(root, name, *changes):
    path = root / name
    text = path.read_text()
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    path.write_text(text)


def run(root):
    environment = {**os.environ, "PYTHONPATH": str(root / "src")}
    subprocess.run([sys.executable, "-c", RUN], cwd=root, env=environment, check=True)
    return root / "build/01"


def differing(root):
    """Files that are not as they are here."""

    def hashed(path):
        return hashlib.sha256(path.read_bytes()).hexdigest()

    files = [*root.glob("src/**/*.py"), root / NOTEBOOK]
    return {
        name
        for path in files
        if hashed(path) != hashed(ROOT / (name := path.relative_to(root).as_posix()))
    }


def test_a_figure_takes_two_files_and_a_table_with_records_one_and_a_line(copy):
    edit(copy, FIGURES, ("\n\ndef draw_flow(", FIGURE + "\n\ndef draw_flow("))
    edit(
        copy,
        EXHIBITS,
        ("import (\n    draw_flow,", "import (\n    draw_cluster_numbers,\n    draw_flow,"),
        ('        name="clusters",', '        name="clusters",' + DRAWING),
    )
    assert differing(copy) == {FIGURES, EXHIBITS}
    (copy / EXHIBITS).write_text((copy / EXHIBITS).read_text() + TABLE)
    notebook = json.loads((copy / NOTEBOOK).read_text())
    shown = next(cell for cell in notebook["cells"] if cell["id"] == "cluster-sizes")
    line = "\nstage.show(exhibits.exposed(in_grade, stage.study, grade))"
    shown["source"] = [*shown["source"], line]
    (copy / NOTEBOOK).write_text(json.dumps(notebook))
    assert differing(copy) == {FIGURES, EXHIBITS, NOTEBOOK}
    output = run(copy)
    exhibits, failed = read_exhibits(output)
    assert not failed
    assert "cluster-numbers" in [f["name"] for one in exhibits for f in one.figures]
    assert (output / "figures/cluster-numbers.svg").is_file()
    table = pd.read_csv(output / "tables/exposed.csv")
    records = {r.id: r.n for r in read_results(output / "results.json")}
    assert len(table) > 1
    for row in table.itertuples():
        assert records[f"flow.exposed/{row.group}"] == row.children
