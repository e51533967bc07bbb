"""Simulated studies, and the one model that every engine fits to them."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from learning_with_others.bayes.model_frame import ModelFrame, model_frame
from learning_with_others.bayes.specification import GroupingTerms, Specification

PRODUCT = "collab:black"
FIXED = ("collab", "black", PRODUCT, "female")
COEFFICIENTS = np.array([0.1, 0.2, -0.3, 0.12, 0.1])
SD_CLASSROOM, SD_SLOPE, SD_SCHOOL, SD_RESIDUAL = 0.3, 0.15, 0.2, 0.9
CORRELATION = 0.3
BLACK, FEMALE = 0.35, 0.5


@dataclass(frozen=True)
class StudyDesign:
    """Sizes of a simulated study, and whether intercepts and slopes correlate."""

    name: str
    students: int
    classrooms: int
    schools: int
    correlated: bool = False


DESIGNS = {
    design.name: design
    for design in (
        StudyDesign("892", 892, 30, 4),
        StudyDesign("20000", 20_000, 30, 4),
        StudyDesign("892-correlated", 892, 30, 4, correlated=True),
    )
}
LARGE = StudyDesign("1000000", 1_000_000, 3000, 200)


def simulate(design: StudyDesign, seed: int) -> pd.DataFrame:
    """Draw students and their outcome from the model.

    Returns
    -------
    pandas.DataFrame
        `y` and `collab` in standard deviations, `black` and `female` as 0 and 1, `classroom` and
        `school` as labels; classrooms are nested in schools, all of nearly one size.
    """
    random = np.random.default_rng([seed, design.students, design.classrooms])
    n = design.students
    classroom = np.arange(n) % design.classrooms
    school = classroom % design.schools
    collab, black, female = (
        random.normal(size=n),
        random.random(n) < BLACK,
        random.random(n) < FEMALE,
    )
    columns = np.column_stack([np.ones(n), collab, black, collab * black, female])
    correlation = CORRELATION if design.correlated else 0.0
    standard = random.normal(size=(design.classrooms, 2))
    intercept = SD_CLASSROOM * standard[:, 0]
    slope = SD_SLOPE * (correlation * standard[:, 0] + np.sqrt(1 - correlation**2) * standard[:, 1])
    outcome = columns @ COEFFICIENTS + intercept[classroom] + slope[classroom] * collab
    outcome += SD_SCHOOL * random.normal(size=design.schools)[school]
    outcome += SD_RESIDUAL * random.normal(size=n)
    return pd.DataFrame(
        {
            "y": outcome,
            "collab": collab,
            "black": black.astype(float),
            "female": female.astype(float),
            "classroom": pd.Categorical.from_codes(classroom, _labels("c", design.classrooms)),
            "school": pd.Categorical.from_codes(school, _labels("s", design.schools)),
        }
    )


def _labels(letter: str, count: int) -> list[str]:
    return [f"{letter}{k:04d}" for k in range(count)]


def specification(design: StudyDesign) -> Specification:
    """The model: y ~ collab*black + female + (1 + collab | classroom) + (1 | school)."""
    return Specification(
        outcome="y",
        family="gaussian",
        fixed=FIXED,
        groupings=(
            GroupingTerms("classroom", "classroom", ("collab",), correlated=design.correlated),
            GroupingTerms("school", "school"),
        ),
    )


def framed(design: StudyDesign, data: pd.DataFrame) -> ModelFrame:
    """Put the model, with the weakly informative priors, on simulated rows."""
    product = {PRODUCT: data["collab"] * data["black"]}
    return model_frame(specification(design), data.assign(**product))


def parameter_count(design: StudyDesign) -> int:
    """How many numbers a draw holds: coefficients, sds, correlation, all group effects."""
    sds = 4
    effects = 2 * design.classrooms + design.schools
    return len(COEFFICIENTS) + sds + int(design.correlated) + effects
