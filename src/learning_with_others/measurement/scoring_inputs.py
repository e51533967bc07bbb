"""What the scores of every construct rest on, by the gate's verdict."""

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from learning_with_others.data.codebook import Column
from learning_with_others.data.coding import key_items
from learning_with_others.errors import CompendiumError, suggest
from learning_with_others.measurement.comparability_verdicts import scoring_fit
from learning_with_others.psychometrics.answers import Answers, grade_answers
from learning_with_others.psychometrics.response_models.item_parameters import ItemParameters
from learning_with_others.psychometrics.response_models.ladder import ResponseLadder
from learning_with_others.study import StudyDesign

ALL, ROLES = SCOPES = ("all", "roles")
MOMENT_COLUMNS = ["scale", "group", "children", "mean", "sd"]


@dataclass(frozen=True)
class ScoringInputs:
    """Answers and parameters of every construct that can be scored on a latent scale.

    Attributes
    ----------
    answers : dict of str to Answers
        All students' answers, graded as those of the two groups compared.
    parameters : dict of str to dict of str to ItemParameters
        By construct and group.
    populations : dict of str to dict of str to (float, float)
        Latent mean and sd, by construct and group.
    """

    answers: dict[str, Answers]
    parameters: dict[str, dict[str, ItemParameters]]
    populations: dict[str, dict[str, tuple[float, float]]]


def scoring_inputs(
    students: pd.DataFrame,
    study: StudyDesign,
    columns: dict[str, Column],
    ladders: Mapping[str, ResponseLadder | str],
    scope: str = ALL,
) -> ScoringInputs:
    """Collect what scores of the students' constructs need; those without a ladder are left out.

    Items that the gate released have their own parameters in each group.

    Parameters
    ----------
    students : pandas.DataFrame
        Students of all groups.
    study : StudyDesign
    columns : dict of str to Column
        The codebook of the students' table.
    ladders : mapping of str to ResponseLadder or str
    scope : {'all', 'roles'}
        All constructs, or only those that are the exposure, an outcome or on the pathway.

    Raises
    ------
    CompendiumError
        If the scope is neither.
    """
    wanted = scales_in_scope(study, scope)
    group_role = study.roles.group
    group = students[group_role.column].to_numpy(object)
    found = ScoringInputs({}, {}, {})
    for name, construct in study.constructs.items():
        ladder = ladders.get(name, "")
        if isinstance(ladder, str) or not (wanted is None or name in wanted):
            continue
        keyed = key_items(students, construct, columns).astype(float)
        fit = scoring_fit(ladder)
        found.answers[name] = grade_answers(keyed, group, group_role.contrast)
        found.parameters[name] = dict(fit.parameters)
        found.populations[name] = {
            label: (fit.means[label], fit.standard_deviations[label]) for label in fit.parameters
        }
    return found


def scales_in_scope(study: StudyDesign, scope: str) -> set[str | None] | None:
    """Name the exposure, the outcomes and what is on the pathway; None where all scales count.

    Raises
    ------
    CompendiumError
        If the scope is none of `SCOPES`.
    """
    if scope not in SCOPES:
        raise CompendiumError(
            f"{scope!r} is no scope", where="parameter scored", remedy=suggest(scope, SCOPES)
        )
    outcomes = (outcome.scale for outcome in study.roles.outcomes.values())
    columns = study.pathway_columns.values()
    return {study.roles.exposure.scale, *outcomes, *columns} if scope == ROLES else None


def latent_moments(ladders: Mapping[str, ResponseLadder | str]) -> pd.DataFrame:
    """Tabulate each group's latent mean and sd, under the model that scores rest on.

    Returns
    -------
    pandas.DataFrame
        Columns `scale, group, children, mean, sd`, in SD of the reference group; `children`
        counts those with an answer.
    """
    rows = []
    for scale, ladder in ladders.items():
        if isinstance(ladder, str):
            continue
        fit = scoring_fit(ladder)
        counts = {ladder.focal: ladder.children_focal, ladder.reference: ladder.children_reference}
        rows += [(scale, g, n, fit.means[g], fit.standard_deviations[g]) for g, n in counts.items()]
    return pd.DataFrame(rows, columns=MOMENT_COLUMNS)
