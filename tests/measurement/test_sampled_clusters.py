"""Intervals over all students vary with the schools that were drawn, where there are ten."""

import numpy as np
import pandas as pd
import pytest
from conftest import ROOT
from deep import dozen_or, keep

from learning_with_others.measurement.score_kinds import MEAN, ScoreKinds
from learning_with_others.measurement.score_table import score_table
from learning_with_others.psychometrics.scores.expected_a_posteriori import Scores
from learning_with_others.study import load_study

SCHOOLS, ROOMS, STUDENTS = 12, 4, 20
SCHOOL_SD, ROOM_SD = 0.4, 0.2


@pytest.fixture(scope="module")
def study():
    return load_study(ROOT / "data/learning-with-others")


def drawn(study, seed):
    """Schools that differ in their scores and in whom they teach; the mean of all is 0."""
    rng = np.random.default_rng(seed)
    rooms = np.arange(SCHOOLS * ROOMS)
    room = np.repeat(rooms, STUDENTS)
    school = room // ROOMS
    focal = rng.random(len(room)) < rng.beta(3, 3, SCHOOLS)[school]
    score = (
        rng.normal(0, SCHOOL_SD, SCHOOLS)[school]
        + rng.normal(0, ROOM_SD, len(rooms))[room]
        + rng.normal(size=len(room))
    )
    roles = study.roles
    rows = pd.DataFrame(
        {
            roles.student: np.arange(len(room)),
            roles.classroom: np.char.mod("c%d", room),
            roles.school: np.char.mod("s%d", school),
            roles.group.column: pd.Categorical(
                np.where(focal, roles.group.focal, roles.group.reference)
            ),
        }
    )
    expected = Scores(score, np.full(len(score), 0.5), np.full(len(score), 4))
    return rows, {"belonging": ScoreKinds(score, expected, score[None], 4)}


# Under coverage .95 a binomial of 1,000 lies within .93 to .97 with probability .996; of a
# dozen, eight or more cover with probability .9998.
@pytest.mark.parametrize("count", dozen_or(1000))
def test_means_of_scores_cover_with_twelve_schools(study, count):
    covered = {}
    for seed in range(count):
        table = score_table(*_arguments(study, seed))
        for row in table[table["score"] == MEAN].itertuples():
            covered.setdefault(row.group, []).append(row.lower <= 0 <= row.upper)
    share = {group: float(np.mean(each)) for group, each in covered.items()}
    keep("score_mean_coverage_twelve_schools", count, coverage=share)
    low, high = (8 / 12, 1) if count < 1000 else (0.93, 0.97)
    assert all(low <= each <= high for each in share.values()), share


def _arguments(study, seed):
    rows, kinds = drawn(study, seed)
    return rows, study, kinds
