import numpy as np
import pandas as pd
import pytest
from conftest import ROOT
from scipy import stats

from learning_with_others.data.measures.answer_counts import (
    answer_table,
    item_table,
    summarize_item,
)
from learning_with_others.data.measures.scales import finest_scales, scales_of
from learning_with_others.data.reading import codebook_of, read_study
from learning_with_others.study import load_study


@pytest.fixture(scope="module")
def synthetic():
    return load_study(ROOT / "data/learning-with-others")


@pytest.fixture(scope="module")
def tables(synthetic):
    data = read_study(synthetic)
    group_role = synthetic.roles.group
    both = data.students[group_role.column].isin([group_role.focal, group_role.reference])
    return data.students[both], data.tables["teachers"]


@pytest.fixture(scope="module")
def codebook(synthetic):
    return codebook_of(synthetic)


def test_every_item_is_summarized_once_for_each_group(synthetic, tables, codebook):
    students, _ = tables
    found = item_table(students, synthetic, codebook["students"])
    items = [
        item
        for construct in synthetic.constructs.values()
        if construct.table == "students"
        for item in construct.all_items
    ]
    assert len(found) == 3 * len(items)
    assert set(found["group"]) == {"both groups", "Black", "White"}
    row = found.set_index(["item", "group"]).loc["sc_3", "Black"]  # a reversed item of five answers
    answers = 6 - students.loc[students["race"] == "Black", "sc_3"]
    given = answers.dropna()
    assert row["reversed"]
    assert (row["asked"], row["children"]) == (len(answers), len(given))
    assert row["missing_share"] == pytest.approx(answers.isna().mean())
    assert row["mean"] == pytest.approx(given.mean())
    assert row["sd"] == pytest.approx(given.std(ddof=1))
    assert row["skewness"] == pytest.approx(stats.skew(given, bias=False))
    assert row["floor_share"] == pytest.approx((given == 1).mean())
    assert row["ceiling_share"] == pytest.approx((given == 5).mean())


def test_answers_are_counted_as_pandas_does_with_the_label_that_was_chosen(
    synthetic, tables, codebook
):
    students, _ = tables
    found = answer_table(students, synthetic, codebook["students"])
    assert set(found["group"]) == {"Black", "White"}
    mine = found[(found["item"] == "bel_3") & (found["group"] == "White")].set_index("label")
    labels = codebook["students"]["bel_3"].codes
    given = students.loc[students["race"] == "White", "bel_3"].dropna()
    for code, label in labels.items():
        assert mine.loc[label, "children"] == (given == float(code)).sum()
    assert mine.loc["strongly agree", "answer"] == 1  # turned round: agreeing is less belonging
    assert mine["share"].sum() == pytest.approx(1)
    assert (mine["answered"] == len(given)).all()


def test_answers_that_nobody_gave_keep_their_row(synthetic, tables, codebook):
    students, _ = tables
    rows = students.assign(bel_1=students["bel_1"].where(students["bel_1"] != 2))
    found = answer_table(rows, synthetic, codebook["students"])
    mine = found[(found["item"] == "bel_1") & (found["answer"] == 2)]
    assert mine["children"].tolist() == [0, 0]


def test_teachers_stand_as_one_group(synthetic, tables, codebook):
    _, teachers = tables
    found = item_table(teachers, synthetic, codebook["teachers"], "teachers")
    assert set(found["group"]) == {"all teachers"}
    assert set(found["construct"]) == {"teacher_view", "supports", "hindrances"}
    answers = answer_table(teachers, synthetic, codebook["teachers"], "teachers")
    assert answers["children"].sum() == found["children"].sum()


def test_an_item_that_nobody_answered_and_one_without_variance_are_flagged():
    nothing = summarize_item(pd.Series([np.nan, np.nan]), 1, 4)
    assert nothing["children"] == 0
    assert nothing["missing_share"] == 1
    assert nothing["flag"] == "nobody answered"
    assert np.isnan(nothing["mean"])
    same = summarize_item(pd.Series([4.0, 4, 4, np.nan]), 1, 4)
    assert same["flag"] == "every answer is the same"
    assert (same["sd"], same["ceiling_share"], same["floor_share"]) == (0, 1, 0)
    assert np.isnan(same["skewness"])
    one = summarize_item(pd.Series([2.0]), 1, 4)
    assert one["children"] == 1
    assert np.isnan(one["sd"])


def test_scales_are_constructs_and_elements_and_the_finest_hold_every_item_once(synthetic):
    names = [scale.name for scale in scales_of(synthetic)]
    assert names[:3] == ["collaboration", "student_centered", "interdependence"]
    items = [item for scale in finest_scales(synthetic) for item in scale.items]
    assert len(items) == len(set(items)) == 55


def test_a_study_without_constructs_gives_empty_tables(study, grade_three):
    assert item_table(grade_three, study, {}).empty
    assert list(answer_table(grade_three, study, {}).columns)[:2] == ["construct", "scale"]
