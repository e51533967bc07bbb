import pytest

from learning_with_others.opportunity.access import access_by_group, access_by_school


@pytest.fixture(scope="module")
def contrast(students):
    return students[(students["grade"] == "3") & students["race"].isin(["Black", "White"])]


def test_shares_and_gap_agree_with_counts(contrast, study):
    found = access_by_group(contrast, study).set_index(["quantity", "group"])
    small = contrast["class_type"] == "small"
    shares = small.groupby(contrast["race"], observed=True).mean()
    for group in ("Black", "White"):
        assert found.loc[("share", group), "estimate"] == pytest.approx(shares[group])
    gap = found.loc[("gap", "Black minus White")]
    assert gap["estimate"] == pytest.approx(shares["Black"] - shares["White"])
    assert gap["lower"] < gap["estimate"] < gap["upper"]


def test_intervals_are_wider_than_if_children_were_assigned_one_by_one(contrast, study):
    share = access_by_group(contrast, study).iloc[0]
    naive = (share["estimate"] * (1 - share["estimate"]) / share["children"]) ** 0.5
    assert share["upper"] - share["lower"] > 3 * 2 * 1.96 * naive


def test_only_schools_with_four_large_cells_are_shown(contrast, study):
    shown = access_by_school(contrast, study)
    with_it = shown["estimate"] * shown["children"]
    assert (with_it.round() >= study.analysis.minimum_cell).all()
    assert ((shown["children"] - with_it).round() >= study.analysis.minimum_cell).all()
    assert shown.groupby("school_rank").size().eq(2).all()
    assert "school" not in shown


def test_no_school_may_be_shown_under_a_large_minimum(contrast, study):
    analysis = study.analysis.model_copy(update={"minimum_cell": 500})
    assert access_by_school(contrast, study.model_copy(update={"analysis": analysis})).empty
