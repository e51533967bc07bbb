import numpy as np
import pandas as pd
import pytest
from conftest import ROOT

from learning_with_others.data.reading import codebook_of, read_study
from learning_with_others.measurement.item_association import (
    inter_item_correlations,
    inter_item_table,
    item_association_table,
    item_rest_correlations,
)
from learning_with_others.study import load_study


@pytest.fixture(scope="module")
def synthetic():
    return load_study(ROOT / "data/learning-with-others")


@pytest.fixture(scope="module")
def survey(synthetic):
    group_role = synthetic.roles.group
    everyone = read_study(synthetic).students
    return everyone[everyone[group_role.column].isin([group_role.focal, group_role.reference])]


def one_factor(rows=400, loadings=(0.8, 0.7, 0.6, 0.5), seed=1):
    rng = np.random.default_rng(seed)
    loadings = np.array(loadings)
    latent = rng.normal(size=(rows, 1)) * loadings
    latent += rng.normal(size=latent.shape) * np.sqrt(1 - loadings**2)
    names = [f"item_{k + 1}" for k in range(len(loadings))]
    return pd.DataFrame(np.digitize(latent, [-1, 0, 1]).astype(float), columns=names)


def test_on_complete_rows_it_is_the_correlation_with_the_sum_of_the_others():
    keyed = one_factor()
    found = item_rest_correlations(keyed).set_index("item")
    for item in keyed:
        rest = keyed.drop(columns=item).sum(axis=1)
        assert found.loc[item, "item_rest"] == pytest.approx(keyed[item].corr(rest))
    assert (found["children"] == 400).all()
    assert (found["flag"] == "").all()


def test_of_two_items_the_rest_is_the_other_one():
    keyed = one_factor(loadings=(0.8, 0.7))
    found = item_rest_correlations(keyed)
    r = keyed.corr().iloc[0, 1]
    np.testing.assert_allclose(found["item_rest"], r)
    # Squared multiple correlations are r², the shared matrix sums to 2r² + 2r.
    expected = (r**2 + r) / np.sqrt(2 * r**2 + 2 * r)
    np.testing.assert_allclose(found["item_rest_corrected"], expected)


def test_an_item_without_variance_is_flagged_and_the_others_keep_theirs():
    keyed = one_factor().assign(item_2=3.0)
    found = item_rest_correlations(keyed).set_index("item")
    assert found.loc["item_2", "flag"] == "every answer is the same"
    assert np.isnan(found.loc["item_2", "item_rest"])
    others = item_rest_correlations(keyed.drop(columns="item_2")).set_index("item")
    kept = found.loc[others.index, "item_rest"]
    np.testing.assert_allclose(kept, others["item_rest"])
    assert found.loc["item_1", "flag"].startswith("the correlations are singular")


def test_perfectly_correlated_items_have_no_corrected_correlation():
    keyed = one_factor()
    found = item_rest_correlations(keyed.assign(item_4=keyed["item_1"]))
    assert found["item_rest"].notna().all()
    assert found["item_rest_corrected"].isna().all()
    assert (found["flag"] == "the correlations are singular or missing").all()


@pytest.mark.parametrize("rows", [0, 1])
def test_one_respondent_or_none_gives_flags_and_no_numbers(rows):
    found = item_rest_correlations(one_factor().head(rows))
    assert found["item_rest"].isna().all()
    assert (found["flag"] == "fewer than two answers").all()


def test_pearson_stands_beside_polychoric_which_is_larger_for_few_categories():
    keyed = one_factor(rows=2000)
    keyed.iloc[:100, 0] = np.nan
    found = inter_item_correlations(keyed).set_index(["item", "other"])
    assert len(found) == 6
    row = found.loc["item_1", "item_2"]
    assert row["children"] == 1900
    assert row["pearson"] == pytest.approx(keyed["item_1"].corr(keyed["item_2"]))
    assert (found["polychoric"] > found["pearson"]).all()
    assert abs(row["polychoric"] - 0.56) < 4 * row["standard_error"]  # .8 × .7


def test_without_polychoric_correlations_the_reason_is_told():
    found = inter_item_correlations(one_factor().assign(item_3=1.0))
    assert found["polychoric"].isna().all()
    assert found["flag"].str.contains("item_3").all()
    assert found["pearson"].notna().sum() == 3


def test_items_are_associated_in_their_element_and_in_their_construct(synthetic, survey):
    columns = codebook_of(synthetic)["students"]
    found = item_association_table(survey, synthetic, columns).set_index(["scale", "group", "item"])
    whole = found.loc[("collaboration", "both groups", "sc_3"), "item_rest"]
    part = found.loc[("student_centered", "both groups", "sc_3"), "item_rest"]
    assert 0 < whole < 1
    assert 0 < part < 1
    assert whole != part
    black = survey[survey["race"] == "Black"]
    assert found.loc[("belonging", "Black", "bel_1"), "children"] == black["bel_1"].notna().sum()
    pairs = inter_item_table(survey, synthetic, columns)
    assert (pairs["construct"] == "collaboration").sum() == 28 * 27 / 2
    assert set(pairs.loc[pairs["construct"] == "belonging", "other"]) == {"bel_2", "bel_3", "bel_4"}


def test_a_study_without_constructs_gives_an_empty_table(study, grade_three):
    assert item_association_table(grade_three, study, {}).empty
    assert inter_item_table(grade_three, study, {}).empty


def test_the_empty_cell_of_two_binary_items_is_flagged_beside_its_correlation():
    pairs = [[0.0, 0.0]] * 5 + [[1.0, 0.0]] * 40 + [[1.0, 1.0]] * 55
    row = inter_item_correlations(pd.DataFrame(pairs, columns=["a", "b"])).iloc[0]
    assert row["polychoric"] == pytest.approx(0.58, abs=0.006)  # lavaan; it read .991
    assert row["standard_error"] < 1  # it read 3.6e11
    assert row["flag"] == "a and b: an empty cell of four counts half a person"
