"""The real item-level study; needs the deposit's file, which the repository does not carry."""

import pandas as pd
import pytest

from learning_with_others.data.coding import key_items
from learning_with_others.data.reading import codebook_of
from learning_with_others.psychometrics.reliability.alpha import cronbach_alpha


@pytest.fixture(scope="module")
def columns(grade8):
    return codebook_of(grade8[0])["students"]


def test_the_rows_are_those_who_answered(grade8):
    _, students = grade8
    counts = students["race"].value_counts()
    assert (len(students), counts["White"], counts["Black"]) == (3_648, 2_610, 1_018)
    assert students["g8schid"].nunique() == 172


@pytest.mark.parametrize(
    ("constructs", "stored"),
    [
        (["belonging"], "g8idblng"),
        (["valuing"], "g8idvalu"),
        (["belonging", "valuing"], "g8idtotl"),
    ],
)
def test_keyed_items_add_up_to_the_stored_scores(grade8, columns, constructs, stored):
    study, students = grade8
    keyed = [key_items(students, study.constructs[name], columns) for name in constructs]
    complete = sum(frame.isna().sum(axis=1) for frame in keyed) == 0
    assert complete.sum() > 3_000
    # Stored scores run the other way, lower is more identified: a keyed answer x enters as 5 − x.
    # The deposit turned the items worded against school round as 6 − x, as if answers ran to 5:
    # one point more for each of them, the same for every student.
    total = sum((5 - frame[complete]).sum(axis=1) for frame in keyed)
    against = sum(
        len(study.constructs[name].all_items) - len(study.constructs[name].all_reversed)
        for name in constructs
    )
    assert against == 3 * len(constructs)
    assert (total + against == students.loc[complete, stored]).all()


@pytest.mark.parametrize(
    ("constructs", "alpha"),
    [
        (["peer_climate"], 0.68),
        (["belonging"], 0.76),
        (["valuing"], 0.73),
        (["belonging", "valuing"], 0.84),  # identification with school as a whole
    ],
)
def test_alpha_is_the_one_seen_before(grade8, columns, constructs, alpha):
    study, students = grade8
    keyed = [key_items(students, study.constructs[name], columns) for name in constructs]
    found = cronbach_alpha(pd.concat(keyed, axis=1), study.analysis.interval_probability)
    assert round(found.estimate, 2) == alpha


def test_no_column_without_a_line_in_the_codebook_is_kept(grade8, columns):
    _, students = grade8
    scores = {"peer_climate", "belonging", "valuing"}
    assert set(students) == set(columns) | scores
    assert not any(name.startswith("birth") for name in students)
