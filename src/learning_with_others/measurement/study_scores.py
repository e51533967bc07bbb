"""All scores of a study's students: of every kind, and the values that later stages read."""

from dataclasses import dataclass

import pandas as pd

from learning_with_others.data.measures.opportunities import NUMBER
from learning_with_others.measurement.plausible_values import PlausibleValues, draw_plausible_values
from learning_with_others.measurement.score_kinds import ScoreKinds, score_kinds
from learning_with_others.measurement.scoring_inputs import ScoringInputs
from learning_with_others.psychometrics.scores.plausible.chains import Schedule
from learning_with_others.study import StudyDesign


@dataclass(frozen=True)
class StudyScores:
    """Scores of every construct that has a latent scale.

    Attributes
    ----------
    kinds : dict of str to ScoreKinds
        Empty for a study without items.
    plausible : PlausibleValues or None
        None for a study without items.
    """

    kinds: dict[str, ScoreKinds]
    plausible: PlausibleValues | None

    @property
    def flags(self) -> tuple[str, ...]:
        """What must stand beside every number that rests on plausible values."""
        return () if self.plausible is None else self.plausible.flags


def score_students(
    rows: pd.DataFrame, study: StudyDesign, inputs: ScoringInputs, schedule: Schedule
) -> StudyScores:
    """Score all students in every way.

    Parameters
    ----------
    rows : pandas.DataFrame
        Students of all groups.
    study : StudyDesign
    inputs : ScoringInputs
        From the same rows.
    schedule : Schedule
    """
    if not inputs.answers:
        return StudyScores({}, None)
    plausible = draw_plausible_values(rows, study, inputs.answers, inputs.parameters, schedule)
    kinds = score_kinds(
        rows, study, inputs.answers, inputs.parameters, plausible, inputs.populations
    )
    return StudyScores(kinds, plausible)


def plausible_frame(rows: pd.DataFrame, study: StudyDesign, scores: StudyScores) -> pd.DataFrame:
    """Lay the plausible values out for later stages; they must never leave the build folder.

    Returns
    -------
    pandas.DataFrame
        One row for each student and value: the student's identifier, `plausible_value` (its
        number, from 0) and one column for each construct; no rows for a study without items.
    """
    if scores.plausible is None:
        return pd.DataFrame({study.roles.student: [], NUMBER: []})
    values = scores.plausible
    parts = [
        pd.DataFrame(
            {
                study.roles.student: rows[study.roles.student].to_numpy(),
                NUMBER: number,
                **{name: values.of(name)[number] for name in values.constructs},
            }
        )
        for number in range(len(values.draws))
    ]
    return pd.concat(parts, ignore_index=True)
