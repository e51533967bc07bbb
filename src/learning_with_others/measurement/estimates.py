"""Which estimates the stage makes: those that wait for nothing, and the scores, after them."""

import pandas as pd

from learning_with_others.data.codebook import Codebook, without_words
from learning_with_others.data.measures.answer_counts import answer_table, item_table
from learning_with_others.data.measures.scale_scores import score_comparability, wave_reliability
from learning_with_others.exhibits.kept import Estimate, Estimates, estimate
from learning_with_others.measurement.bayesian_scale import bayesian_items
from learning_with_others.measurement.dimensionality_tables import adequacy_table, parallel_table
from learning_with_others.measurement.factor_tables import (
    invariance_table,
    loading_table,
    partial_invariance_tables,
    structure_table,
)
from learning_with_others.measurement.item_association import (
    inter_item_table,
    item_association_table,
)
from learning_with_others.measurement.multilevel_reliability import multilevel_table
from learning_with_others.measurement.other_groupings import verdicts_by_other_groupings
from learning_with_others.measurement.raters import rater_table
from learning_with_others.measurement.reliability_tables import (
    dropped_item_table,
    reliability_table,
    teacher_reliability_table,
)
from learning_with_others.measurement.response_invariance import ladders_and_differences
from learning_with_others.measurement.response_model_tables import response_tables
from learning_with_others.measurement.scoring_inputs import scoring_inputs
from learning_with_others.measurement.source_convergence import convergence_table
from learning_with_others.measurement.study_scores import score_study
from learning_with_others.psychometrics.scores.plausible.chains import Schedule
from learning_with_others.study import StudyDesign

Parameters = dict[str, int | str]


def measurement_estimates(
    rows: pd.DataFrame,
    in_grade: pd.DataFrame,
    tables: dict[str, pd.DataFrame],
    study: StudyDesign,
    codebook: Codebook,
    parameters: Parameters,
) -> dict[str, Estimate]:
    """Name every estimate that rests on the rows alone.

    Parameters
    ----------
    rows, in_grade : pandas.DataFrame
        Students of the two groups compared, and all students of the grade.
    tables : dict of str to pandas.DataFrame
        As data quality hands them over.
    study : StudyDesign
    codebook : dict of str to dict of str to Column
    parameters : dict
        The notebook's.
    """
    words, resamples = codebook["students"], parameters["resamples"]
    columns = without_words(words)
    compared = (rows, study, columns)
    return {
        "ladders": estimate(ladders_and_differences, *compared),
        "responses": estimate(response_tables, *compared),
        "eigenvalues": estimate(parallel_table, *compared, parameters["comparison_resamples"]),
        "by_others": estimate(
            verdicts_by_other_groupings, in_grade, study, columns, parameters["scored"]
        ),
        "steps": estimate(invariance_table, *compared),
        "releases": estimate(partial_invariance_tables, *compared),
        "structures": estimate(structure_table, *compared),
        "loadings": estimate(loading_table, *compared),
        "reliability": estimate(reliability_table, *compared),
        "dropped": estimate(dropped_item_table, *compared),
        "teachers": estimate(
            teacher_reliability_table,
            tables.get("teachers"),
            study,
            without_words(codebook.get("teachers", {})),
        ),
        "multilevel": estimate(multilevel_table, in_grade, study, columns),
        "answers": estimate(answer_table, rows, study, words),
        "items": estimate(item_table, *compared),
        "item_rest": estimate(item_association_table, *compared),
        "inter_item": estimate(inter_item_table, *compared),
        "adequacy": estimate(adequacy_table, *compared),
        "bayesian": estimate(bayesian_items, *compared, parameters["bayesian_scale"]),
        "raters": estimate(rater_table, tables.get("observations"), in_grade, study, resamples),
        "convergence": estimate(convergence_table, in_grade, tables, study, resamples),
        "waves": estimate(wave_reliability, tables["students"], study, resamples),
        "spread": estimate(score_comparability, rows, study, resamples),
    }


def score_estimates(
    in_grade: pd.DataFrame,
    study: StudyDesign,
    codebook: Codebook,
    found: Estimates,
    parameters: Parameters,
) -> dict[str, Estimate]:
    """Name the estimate of all scores, which rest on the ladders that were climbed.

    Parameters
    ----------
    in_grade, study, codebook, parameters
        As for `measurement_estimates`.
    found : Estimates
        What came of those.
    """
    climbed, _ = found.ladders
    columns = without_words(codebook["students"])
    inputs = scoring_inputs(in_grade, study, columns, climbed, parameters["scored"])
    count, again = parameters["plausible_values"], parameters["chains_again"]
    schedule = Schedule.of(count, study.analysis.seed, again)
    return {"scores": estimate(score_study, in_grade, study, inputs, schedule)}
