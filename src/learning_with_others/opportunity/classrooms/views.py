"""How often teachers report, and observers see, each element of the opportunity."""

import numpy as np
import pandas as pd
from statsmodels.stats.proportion import proportion_confint

from learning_with_others.data.clusters import sampled_rooms
from learning_with_others.data.codebook import Codebook
from learning_with_others.data.measures.answer_counts import answer_table
from learning_with_others.data.measures.opportunities import DOMAIN
from learning_with_others.data.measures.sources import (
    OBSERVERS,
    RUBRIC,
    TEACHERS,
    VIEW,
    rubric_elements,
)
from learning_with_others.inference.cluster_robust import least_squares_cr2
from learning_with_others.opportunity.contrast import ROUNDING
from learning_with_others.study import StudyDesign

WILSON, CR2 = "Wilson", "CR2 t (schools if ten or more, else classrooms)"
COUNT_COLUMNS = (
    "element label source answer answer_label count total share lower upper interval flag"
).split()


def view_counts(
    tables: dict[str, pd.DataFrame], study: StudyDesign, codebook: Codebook
) -> pd.DataFrame:
    """Count teachers' answers and observers' ratings of every element.

    Parameters
    ----------
    tables : dict of str to pandas.DataFrame
        `teachers` and `observations`, as far as the study has them.
    study : StudyDesign
    codebook : dict of str to dict of str to Column

    Returns
    -------
    pandas.DataFrame
        Columns `element, label, source, answer, answer_label, count, total, share, lower,
        upper, interval, flag`, a row for each possible answer; `count` teachers (or ratings,
        several of a classroom) of `total` gave it. Intervals: Wilson's (1927) for teachers; for
        ratings Student's t with CR2 errors by sampled cluster (Bell and McCaffrey 2002), cut at 0
        and 1.
    """
    parts = [_teachers(tables.get("teachers"), study, codebook)]
    parts.append(_observers(tables, study, codebook))
    return pd.DataFrame([row for part in parts for row in part], columns=COUNT_COLUMNS)


def _teachers(answers: pd.DataFrame | None, study: StudyDesign, codebook: Codebook) -> list[tuple]:
    if answers is None or "teachers" not in codebook:
        return []
    labels, probability = rubric_elements(study), study.analysis.interval_probability
    rows = []
    for row in answer_table(answers, study, codebook["teachers"], table="teachers").itertuples():
        element = row.item.removeprefix(VIEW)
        if study.constructs[row.construct].domain != DOMAIN:
            continue
        limits, flag = (np.nan, np.nan), "nobody answered"
        if row.answered:
            limits, flag = (
                proportion_confint(
                    row.children, row.answered, alpha=1 - probability, method="wilson"
                ),
                "",
            )
        about = (element, labels.get(element, row.wording), TEACHERS, row.answer, row.label)
        rows.append((*about, row.children, row.answered, row.share, *limits, WILSON, flag))
    return rows


def _observers(
    tables: dict[str, pd.DataFrame], study: StudyDesign, codebook: Codebook
) -> list[tuple]:
    ratings = tables.get("observations")
    if ratings is None or study.roles.classroom is None:
        return []
    rows = []
    for element, label in rubric_elements(study).items():
        column = RUBRIC + element
        if column not in ratings:
            continue
        given = ratings[[study.roles.classroom, column]].dropna()
        rooms = given[study.roles.classroom].to_numpy()
        sampled = sampled_rooms(rooms, tables.get("classrooms"), study)
        for code, words in codebook["observations"][column].codes.items():
            same = (given[column].astype(float) == float(code)).to_numpy(float)
            found = _clustered_share(same, sampled, study.analysis.interval_probability)
            about = (element, label, OBSERVERS, float(code), words)
            rows.append((*about, int(same.sum()), len(same), *found[:3], CR2, found[3]))
    return rows


def _clustered_share(
    same: np.ndarray, rooms: np.ndarray, probability: float
) -> tuple[float, float, float, str]:
    if len(same) == 0:
        return np.nan, np.nan, np.nan, "nothing was rated"
    share = same.mean()
    if len(np.unique(rooms)) == 1:
        return share, np.nan, np.nan, "no interval: one classroom"
    if share in {0, 1}:
        return share, np.nan, np.nan, "no interval: all or no ratings"
    fit = least_squares_cr2(same, np.ones((len(same), 1)), rooms)
    if not fit.standard_error[0] > ROUNDING:
        return share, np.nan, np.nan, "no interval: classrooms do not differ"
    lower, upper = fit.interval(probability)
    return share, max(float(lower[0]), 0.0), min(float(upper[0]), 1.0), ""
