"""Lay out a small project of the same shape: 300 generated students, and the notebooks to run.

    python tests/notebooks/small_project.py build/small
    python -m pytest --nbval-lax build/small/notebooks

The notebooks find everything where their own defaults say that it is, as when people open them;
papermill puts in only what makes them quick. Cells tagged `nbval-check-output` hold what
`printed.json` says that they print, and nbval compares it word by word with what they do print.
"""

import json
import shutil
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import papermill
import yaml

from learning_with_others.data.synthetic.generate import as_csv, generate_with_truth
from learning_with_others.files import hash_file
from learning_with_others.pipeline.parameters import declared_parameters
from learning_with_others.study.simulation import Simulation

ROOT = Path(__file__).parents[2]
STUDY = "data/learning-with-others"
PRINTED = json.loads((Path(__file__).parent / "printed.json").read_text(encoding="utf-8"))
STUDENTS = 300
SEED = 11  # of which no sampling error brings a verdict near its bounds
CLASSROOMS = {"A": 4, "B": 4, "C": 4, "D": 3}
# Black students' own slopes, and with them benefit gaps so large (.6 of engagement) and so small
# (0 of all else) that no other seed of a sampler gives another verdict.
PLANTED = {
    "engagement": {"collaboration": 0.8, "personalization": 0.3},
    "intrinsic_motivation": {"collaboration": 0.19},
    "gpa": {"collaboration": -0.022},
}
# Log odds of passing a course, and of a better letter grade, for one SD of collaboration by group;
# the benefit gap in passing is so large that no other seed of a sampler gives another direction.
COURSES = {
    "course_passed": ("bernoulli", {"Black": 1.6, "White": 0.2}, ["not passed", "passed"], [-0.5]),
    "letter_grade": ("ordered_logistic", {}, ["D", "C", "B", "A"], [-2.0, -0.3, 1.4]),
}
SLOPE = 0.8  # of groups not named
# Every branch that the full profile takes, with few values of each.
QUICK = {
    "01-data-quality": {},
    "02-measurement-validation": {
        "resamples": 20,
        "comparison_resamples": 5,
        "plausible_values": 4,
        "scored": "roles",
        "bayesian_scale": "engagement",
    },
    "03-opportunity-to-collaborate": {"permutations": 100, "resamples": 50, "pooled_draws": 500},
    "04-collaboration-benefits": {"alternatives": "all", "left_out": "all"},
    "05-pathways": {"pathway_values": 4, "order_values": 2},
    "06-school-context": {"resamples": 50},
    "08-report": {},
}


def write_study(folder: Path) -> None:
    """Write the default study, its classrooms and students fewer, generated anew."""
    declared = yaml.safe_load((ROOT / STUDY / "study.yaml").read_text(encoding="utf-8"))
    declared["simulation"] |= {"students": STUDENTS, "seed": SEED}
    for school, classrooms in CLASSROOMS.items():
        declared["simulation"]["schools"][school]["classrooms"] = classrooms
    for outcome, slopes in PLANTED.items():
        for predictor, slope in slopes.items():
            declared["simulation"]["paths"][outcome][predictor]["Black"] = slope
    (folder / "raw").mkdir(parents=True)
    for name in ("codebook.csv", "raw/themes.csv"):
        shutil.copy(ROOT / STUDY / name, folder / name)
    simulation = Simulation(**declared["simulation"])
    tables, truth = generate_with_truth(simulation, simulation.seed)
    with (folder / "codebook.csv").open("a", encoding="utf-8") as codebook:
        for name, (family, slopes, levels, thresholds) in COURSES.items():
            tables["students"][name] = draw_course(truth.students, slopes, thresholds)
            codes = "|".join(f"{code}={level}" for code, level in enumerate(levels))
            label = name.replace("_", " ").capitalize()
            codebook.write(f"students,{name},{label},category,,{codes},\n")
            declared["roles"]["outcomes"][name] = {
                "label": label, "column": name, "family": family, "source": "school records"
            }  # fmt: skip
    for name, table in tables.items():
        path = folder / declared["tables"][name]["path"]
        path.write_bytes(as_csv(table))
        declared["tables"][name]["sha256"] = hash_file(path)
    text = yaml.safe_dump(declared, sort_keys=False, allow_unicode=True)
    (folder / "study.yaml").write_text(text, encoding="utf-8")


def draw_course(
    students: pd.DataFrame, slopes: dict[str, float], thresholds: list[float]
) -> np.ndarray:
    """Draw codes: how many thresholds a logistic variable around the planted line is above."""
    rng = np.random.default_rng(SEED)
    slope = students["group"].map(lambda group: slopes.get(group, SLOPE)).to_numpy(float)
    latent = slope * students["collaboration"].to_numpy() + 0.5 * students["prior_gpa"].to_numpy()
    latent += rng.logistic(size=len(students))
    return (latent[:, None] > thresholds).sum(axis=1)


def write_notebook(stage: str, parameters: dict[str, object], folder: Path) -> None:
    """Put parameters into a notebook, and into its tagged cells what they are to print."""
    source, path = ROOT / f"notebooks/{stage}.ipynb", folder / f"{stage}.ipynb"
    if unknown := set(parameters) - set(declared_parameters(source)):
        sys.exit(f"{stage} has no parameter {', '.join(unknown)}; mend QUICK in {__file__}")
    papermill.execute_notebook(source, path, parameters, prepare_only=True, progress_bar=False)
    notebook = json.loads(path.read_text(encoding="utf-8"))
    expected = PRINTED.get(stage, {})
    tagged = [c for c in notebook["cells"] if "nbval-check-output" in c["metadata"].get("tags", [])]
    if {cell["id"] for cell in tagged} != set(expected):
        sys.exit(f"{stage}: cells tagged nbval-check-output are not those of printed.json")
    for cell in tagged:
        text = "".join(f"{line}\n" for line in expected[cell["id"]])
        cell["outputs"] = [{"output_type": "stream", "name": "stdout", "text": text}]
        cell["execution_count"] = 1
    path.write_text(json.dumps(notebook), encoding="utf-8")


if __name__ == "__main__":
    project = Path(sys.argv[1])
    shutil.rmtree(project, ignore_errors=True)
    write_study(project / STUDY)
    shutil.copy(ROOT / "requirements.lock", project)
    (project / "notebooks").mkdir()
    for name, values in QUICK.items():
        write_notebook(name, values, project / "notebooks")
