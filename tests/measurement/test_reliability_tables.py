import numpy as np
import pytest
from conftest import ROOT

from learning_with_others.data.coding import key_items
from learning_with_others.data.measures.scales import EVERYONE
from learning_with_others.data.reading import codebook_of, read_study
from learning_with_others.measurement.item_association import item_association_table
from learning_with_others.measurement.reliability_tables import (
    dropped_item_table,
    reliability_table,
    standard_error_of_measurement,
    teacher_reliability_table,
)
from learning_with_others.study import load_study

SCALES = ["collaboration", "collaboration_frequency", "belonging"]
ELEMENTS = ["student_centered", "norms_clarity", "shared_leadership"]


@pytest.fixture(scope="module")
def lwo():
    study = load_study(ROOT / "data/learning-with-others")
    data, codebook = read_study(study), codebook_of(study)
    group_role = study.roles.group
    rows = data.students[
        data.students[group_role.column].isin([group_role.focal, group_role.reference])
    ]
    keep = {n: c for n, c in study.constructs.items() if n in SCALES or c.table == "teachers"}
    few = {name: keep["collaboration"].elements[name] for name in ELEMENTS}
    keep["collaboration"] = keep["collaboration"].model_copy(update={"elements": few})
    return study.model_copy(update={"constructs": keep}), rows, data.tables, codebook


@pytest.fixture(scope="module")
def table(lwo):
    study, rows, _, codebook = lwo
    return reliability_table(rows, study, codebook["students"])


def test_there_is_a_row_for_every_scale_and_group(table):
    assert len(table) == (len(SCALES) + len(ELEMENTS)) * 3
    assert set(table["group"]) == {EVERYONE, "Black", "White"}
    assert (table["children"] <= table["answered"]).all()
    groups = table.pivot_table(index="construct", columns="group", values="answered")
    assert (groups["Black"] + groups["White"] == groups[EVERYONE]).all()


def test_the_row_of_a_scale_holds_its_closed_forms(table, lwo):
    study, rows, _, codebook = lwo
    row = table[(table["construct"] == "belonging") & (table["group"] == "White")].iloc[0]
    keyed = key_items(rows, study.constructs["belonging"], codebook["students"])
    complete = keyed[rows["race"] == "White"].dropna()
    assert row["children"] == len(complete)
    covariance = complete.cov().to_numpy()
    alpha = 4 / 3 * (1 - np.trace(covariance) / covariance.sum())
    assert row["alpha"] == pytest.approx(alpha, abs=1e-12)
    error_variance = (1 - alpha) * covariance.sum() / 16  # of the mean of four items
    assert row["sem"] == pytest.approx(np.sqrt(error_variance), abs=1e-12)
    for name in ("alpha", "omega"):
        assert row[f"{name}_lower"] < row[name] < row[f"{name}_upper"]
    assert row["flag"] == ""


def test_hierarchical_omega_stands_at_constructs_with_elements_for_both_groups(table):
    has = table[table["omega_hierarchical"].notna()]
    assert list(zip(has["construct"], has["group"], strict=True)) == [("collaboration", EVERYONE)]
    assert has["omega_hierarchical"].iloc[0] < has["omega"].iloc[0]


def test_two_items_have_alpha_and_a_reason_for_no_omega(table):
    pair = table[table["construct"] == "collaboration_frequency"]
    assert pair["alpha"].notna().all()
    assert pair["omega"].isna().all()
    assert pair["flag"].str.contains("omega: the model is not identified").all()
    assert pair["flag"].str.contains("ordinal: 2 items do not identify").all()


def test_a_group_of_three_is_flagged_and_its_count_kept(lwo):
    study, rows, _, codebook = lwo
    study = study.model_copy(update={"constructs": {"belonging": study.constructs["belonging"]}})
    white = np.flatnonzero(rows["race"] == "White")
    few = rows.drop(rows.index[white[3:]])
    found = reliability_table(few, study, codebook["students"])
    row = found[(found["construct"] == "belonging") & (found["group"] == "White")].iloc[0]
    assert row["answered"] == 3
    assert np.isnan(row["alpha"])
    assert "complete rows, fewer than 30" in row["flag"]
    dropped = dropped_item_table(few, study, codebook["students"])
    part = dropped[(dropped["construct"] == "belonging") & (dropped["group"] == "White")]
    assert len(part) == 1
    assert "fewer than 30" in part["flag"].iloc[0]


def test_an_item_that_one_group_never_varied_is_flagged(lwo):
    study, rows, _, codebook = lwo
    small = study.model_copy(update={"constructs": {"belonging": study.constructs["belonging"]}})
    same = rows.copy()
    same.loc[same["race"] == "Black", "bel_2"] = 3.0
    found = reliability_table(same, small, codebook["students"]).set_index("group")
    assert "'bel_2' has the same answer" in found.loc["Black", "flag"]
    assert found.loc["White", "flag"] == ""


def test_dropping_an_item_moves_alpha_by_the_change(lwo):
    study, rows, _, codebook = lwo
    found = dropped_item_table(rows, study, codebook["students"])
    part = found[found["construct"] == "belonging"]
    assert len(part) == 4 * 3
    assert part["change"].to_numpy() == pytest.approx(
        (part["alpha_dropped"] - part["alpha"]).to_numpy(), abs=1e-12
    )
    pair = found[found["construct"] == "collaboration_frequency"]
    assert (pair["flag"] == "only one item would be left").all()


def test_teachers_scales_count_teachers(lwo):
    study, _, tables, codebook = lwo
    found = teacher_reliability_table(tables["teachers"], study, codebook["teachers"])
    assert list(found["construct"]) == ["teacher_view", "supports", "hindrances"]
    assert set(found["group"]) == {"all teachers"}
    assert "children" not in found
    assert found["flag"].str.contains("only 4 clusters").all()


def test_a_study_without_teachers_gives_an_empty_table(lwo):
    study = lwo[0]
    assert teacher_reliability_table(None, study, {}).empty


@pytest.mark.parametrize(("reliability", "error"), [(0.75, 1.0), (1.0, 0.0), (-0.2, 2.0)])
def test_the_error_of_measurement_is_the_rest_of_the_variance(reliability, error):
    assert standard_error_of_measurement(2.0, reliability) == pytest.approx(error)


def test_items_that_run_against_each_other_are_flagged_beside_alpha(lwo):
    study, rows, _, codebook = lwo
    small = study.model_copy(update={"constructs": {"belonging": study.constructs["belonging"]}})
    wrong = rows.copy()
    for item in ("bel_1", "bel_2"):
        wrong[item] = rows[item].min() + rows[item].max() - rows[item]
    found = reliability_table(wrong, small, codebook["students"])
    assert (found["alpha"] < 0).all()
    assert found["flag"].str.contains("is negative: items run against each other").all()
    dropped = dropped_item_table(wrong, small, codebook["students"])
    assert dropped["flag"].str.contains("is negative").all()
    assert (
        item_association_table(wrong, small, codebook["students"])["flag"]
        .str.contains("against the rest")
        .any()
    )


def test_the_interval_that_knows_of_schools_stands_beside_feldts(table):
    students = table[table["group"] == EVERYONE]
    assert students[["alpha_robust_lower", "alpha_robust_upper"]].notna().all(axis=None)
    assert (students["alpha_robust_lower"] < students["alpha"]).all()
    assert (students["alpha"] < students["alpha_robust_upper"]).all()
