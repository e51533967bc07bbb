"""What came true in one generated study: latent values, and what they realize."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from learning_with_others.data.synthetic.latent_traits import Traits
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
    varying : pandas.DataFrame
        What each observed classroom (row) adds to each slope that varies (column: predictor,
        outcome).
    teacher_schools : pandas.DataFrame
        What each school (row) adds to its teachers' answers on each of their scales (column).
    """

    students: pd.DataFrame
    quality: pd.DataFrame
    severity: np.ndarray
    schools: pd.DataFrame
    varying: pd.DataFrame
    teacher_schools: pd.DataFrame


def set_down_truth(
    simulation: Simulation,
    roster: Roster,
    traits: Traits,
    style: np.ndarray,
    severity: np.ndarray,
    teacher_schools: np.ndarray,
) -> Truth:
    """Arrange what was drawn in the order of the study's tables."""
    quality = traits.quality[roster.classroom_teacher]
    links = simulation.varying.links if simulation.varying else []
    slopes = pd.MultiIndex.from_tuples(links, names=["predictor", "outcome"])
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
        varying=pd.DataFrame(traits.varying, roster.classrooms, slopes),
        teacher_schools=pd.DataFrame(
            teacher_schools, roster.schools, list(simulation.teachers.scales)
        ),
    )
