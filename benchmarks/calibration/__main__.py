"""Simulation-based calibration of the collapsed engine, as a figure.

    PYTHONPATH=src:. .venv/bin/python -m benchmarks.calibration

Takes about two minutes; writes `reports/benchmarks/calibration.*`. The tests hold the same ranks
against the same bands.
"""

from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.calibration.figure import draw_calibration
from benchmarks.calibration.replications import (
    POSITIONS,
    SimulatedStudy,
    calibration_ranks,
    collapsed_engine,
)
from learning_with_others.bayes.collapsed.frame import design_of, priors_of
from learning_with_others.bayes.model_frame import model_frame
from learning_with_others.bayes.specification import GroupingTerms, Specification
from learning_with_others.exhibits.drawing.style import set_style
from learning_with_others.exhibits.figure_files import save_figure

REPLICATIONS, SEED = 200, 1
STUDENTS, CLASSROOMS, SCHOOLS = 892, 30, 4


def simulated_study() -> SimulatedStudy:
    """Simulate a study of the declared size: correlated slopes, weights, six coefficients."""
    rng = np.random.default_rng(20)
    classroom = np.arange(STUDENTS) % CLASSROOMS
    exposure = rng.normal(size=STUDENTS)
    exposure -= (np.bincount(classroom, exposure) / np.bincount(classroom))[classroom]
    students = pd.DataFrame(
        {
            "classroom": classroom,
            "school": classroom % SCHOOLS,
            "exposure": exposure,
            "exposure_classroom": rng.normal(scale=0.5, size=CLASSROOMS)[classroom],
            "focal": (rng.random(STUDENTS) < 0.4).astype(float),  # noqa: PLR2004 - the focal share
            "background": rng.normal(size=STUDENTS),
            "precision": rng.uniform(0.5, 1.5, size=STUDENTS),
            "outcome": rng.normal(size=STUDENTS),
        }
    )
    students["exposure:focal"] = students["exposure"] * students["focal"]
    fixed = ("exposure", "focal", "exposure:focal", "exposure_classroom", "background")
    classrooms = GroupingTerms("classroom", "classroom", ("exposure",), correlated=True)
    groupings = (classrooms, GroupingTerms("school", "school"))
    model = Specification("outcome", "gaussian", fixed, groupings, weights="precision")
    frame = model_frame(model, students)
    return SimulatedStudy(design_of(frame), priors_of(frame), frame.weights)


def main() -> None:
    """Rank, draw and write."""
    study = simulated_study()
    ranks = calibration_ranks(study, collapsed_engine(study.priors), REPLICATIONS, SEED)
    set_style()
    save_figure(
        draw_calibration(ranks, POSITIONS),
        Path("reports/benchmarks"),
        "calibration",
        "Differences between the empirical distribution of ranks and the uniform one, one panel for"
        " each quantity, each within its band.",
        f"Calibration of the collapsed engine: ranks of true values among 199 draws, {REPLICATIONS}"
        " simulated studies of 892 students; bands hold all lines together with probability .95.",
    )


if __name__ == "__main__":
    main()
