"""All scores of a study's students: tables of every kind, and the values that later stages read."""

from dataclasses import dataclass

import pandas as pd

from learning_with_others.data.measures.opportunities import NUMBER
from learning_with_others.measurement.plausible_values import PlausibleValues, draw_plausible_values
from learning_with_others.measurement.score_kinds import ScoreKinds, score_kinds
from learning_with_others.measurement.score_table import (
    score_gap_table,
    score_table,
    standard_error_table,
)
from learning_with_others.measurement.scoring_inputs import ScoringInputs
from learning_with_others.psychometrics.scores.plausible.chains import Schedule
from learning_with_others.study import StudyDesign


@dataclass(frozen=True)
class StudyScores:
    """Scores of every construct that has a latent scale; no rows for a study without items.

    Attributes
    ----------
    table, gaps, standard_errors : pandas.DataFrame
        As `score_table`, `score_gap_table` and `standard_error_table` make them; the first two
        with what must stand beside plausible values in `flag`.
    plausible : pandas.DataFrame
        As `plausible_frame` makes it. It must never leave the build folder.
    """

    table: pd.DataFrame
    gaps: pd.DataFrame
    standard_errors: pd.DataFrame
    plausible: pd.DataFrame


def score_study(
    rows: pd.DataFrame, study: StudyDesign, inputs: ScoringInputs, schedule: Schedule
) -> StudyScores:
    """Score all students in every way, and set the kinds of scores side by side.

    Parameters
    ----------
    rows : pandas.DataFrame
        Students of all groups.
    study : StudyDesign
    inputs : ScoringInputs
        From the same rows.
    schedule : Schedule
    """
    kinds: dict[str, ScoreKinds] = {}
    values, flag = None, ""
    if inputs.answers:
        values = draw_plausible_values(rows, study, inputs.answers, inputs.parameters, schedule)
        kinds = score_kinds(
            rows, study, inputs.answers, inputs.parameters, values, inputs.populations
        )
        flag = "; ".join(values.flags)
    return StudyScores(
        score_table(rows, study, kinds).assign(flag=flag),
        score_gap_table(rows, study, kinds).assign(flag=flag),
        standard_error_table(rows, study, kinds),
        plausible_frame(rows, study, values),
    )


def plausible_frame(
    rows: pd.DataFrame, study: StudyDesign, values: PlausibleValues | None
) -> pd.DataFrame:
    """Lay the plausible values out for later stages.

    Returns
    -------
    pandas.DataFrame
        One row for each student and value: the student's identifier, `plausible_value` (its
        number, from 0) and one column for each construct; no rows without values.
    """
    if values is None:
        return pd.DataFrame({study.roles.student: [], NUMBER: []})
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
