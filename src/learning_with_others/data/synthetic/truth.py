"""What came true in one generated study: latent values, and what they realize."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from learning_with_others.data.synthetic.latent_traits import Traits, within_classroom
from learning_with_others.data.synthetic.roster import Roster
from learning_with_others.study.simulation import Simulation


@dataclass(frozen=True)
class Truth:
    """What nobody sees in a study, in the order of its tables.

    Attributes
    ----------
    students : pandas.DataFrame
        `classroom, school, group, focal, reference, style`, then every trait and
        element.
    quality : pandas.DataFrame
        Quality of each element (column) in each observed classroom (row).
    severity : ndarray, shape (raters,)
        How far below the quality each rater scores.
    schools : pandas.DataFrame
        What each school (row) adds to each trait and element (column).
    """

    students: pd.DataFrame
    quality: pd.DataFrame
    severity: np.ndarray
    schools: pd.DataFrame


def set_down_truth(
    simulation: Simulation,
    roster: Roster,
    traits: Traits,
    style: np.ndarray,
    severity: np.ndarray,
) -> Truth:
    """Arrange what was drawn in the order of the study's tables."""
    quality = traits.quality[roster.classroom_teacher]
    return Truth(
        students=pd.DataFrame(
            {
                "classroom": roster.classrooms[roster.classroom],
                "school": roster.schools[roster.school],
                "group": roster.group,
                "focal": roster.focal,
                "reference": roster.reference,
                "style": style,
                **traits.students,
            }
        ),
        quality=pd.DataFrame(quality, roster.classrooms, list(simulation.elements)),
        severity=severity,
        schools=pd.DataFrame(traits.schools, index=roster.schools),
    )


def realized(simulation: Simulation, truth: Truth) -> pd.DataFrame:
    """Set what was declared beside what the latent values of one study realize.

    Slopes and gaps within classrooms are least squares with a fixed effect for each classroom,
    in the rows of the focal and the reference group; deviations are from the mean of the whole
    classroom.

    Returns
    -------
    pandas.DataFrame
        One row per trait: `declared_gap`, `gap` (difference in means), `gap_within`,
        `declared_benefit_gap`, `benefit_gap`, `slope_focal`, `slope_reference`.
    """
    students, latents = truth.students, simulation.latents
    values = students[list(latents)].to_numpy()
    classroom = pd.factorize(students["classroom"])[0]
    focal, reference = students["focal"].to_numpy(), students["reference"].to_numpy()
    deviation = within_classroom(students[simulation.exposure].to_numpy(), classroom)

    used = focal | reference
    classroom = classroom[used]
    outcome = _within(values[used], classroom)
    race = _within(focal[used].astype(float), classroom)
    slopes = [_within(deviation[used] * group[used], classroom) for group in (focal, reference)]
    gap_within = _coefficients([race], outcome)[0]
    _, slope_focal, slope_reference = _coefficients([race, *slopes], outcome)

    return pd.DataFrame(
        {
            "declared_gap": [x.gaps.get(simulation.race.focal, 0.0) for x in latents.values()],
            "gap": values[focal].mean(axis=0) - values[reference].mean(axis=0),
            "gap_within": gap_within,
            "declared_benefit_gap": [x.benefit_gap for x in latents.values()],
            "benefit_gap": slope_focal - slope_reference,
            "slope_focal": slope_focal,
            "slope_reference": slope_reference,
        },
        index=pd.Index(latents, name="trait"),
    )


def _within(values: np.ndarray, classroom: np.ndarray) -> np.ndarray:
    columns = values.reshape(len(values), -1)
    return np.column_stack([within_classroom(column, classroom) for column in columns.T])


def _coefficients(columns: list[np.ndarray], outcome: np.ndarray) -> np.ndarray:
    return np.linalg.lstsq(np.hstack(columns), outcome)[0]
