import numpy as np
import pytest

from learning_with_others.opportunity.access.shares import (
    access,
    access_by_group,
    access_by_school,
    margin,
)


@pytest.fixture(scope="module")
def contrast(students):
    return students[(students["grade"] == "3") & students["race"].isin(["Black", "White"])]


def with_thresholds(study, **access_from):
    """The same study, with mathematics as an exposure that varies by student."""
    exposure = study.roles.exposure.model_copy(
        update={"column": "math", "varies_by": "student", "focal": None, "reference": None}
    )
    roles = study.roles.model_copy(update={"exposure": exposure})
    analysis = study.analysis.model_copy(update={"access": access_from})
    return study.model_copy(update={"roles": roles, "analysis": analysis})


def test_shares_and_gap_agree_with_counts(contrast, study):
    found = access_by_group(contrast, study, access(contrast, study))
    found = found.set_index(["quantity", "group"])
    small = contrast["class_type"] == "small"
    shares = small.groupby(contrast["race"], observed=True).mean()
    for group in ("Black", "White"):
        assert found.loc[("share", group), "estimate"] == pytest.approx(shares[group])
    gap = found.loc[("gap", "Black minus White")]
    assert gap["estimate"] == pytest.approx(shares["Black"] - shares["White"])
    assert gap["lower"] < gap["estimate"] < gap["upper"]


def test_intervals_are_wider_than_if_children_were_assigned_one_by_one(contrast, study):
    share = access_by_group(contrast, study, access(contrast, study)).iloc[0]
    naive = (share["estimate"] * (1 - share["estimate"]) / share["children"]) ** 0.5
    assert share["upper"] - share["lower"] > 3 * 2 * 1.96 * naive


def test_access_takes_every_threshold(contrast, study):
    both = with_thresholds(study, math=620.0, reading=615.0)
    found = access(contrast, both)
    scores = contrast[["math", "reading"]].to_numpy(float)
    known = ~np.isnan(scores).any(axis=1)
    assert np.isnan(found[~known]).all()
    assert (found[known] == (scores[known] >= [620, 615]).all(axis=1)).all()
    assert margin(contrast, both)[known] == pytest.approx((scores[known] - [620, 615]).min(axis=1))


def test_only_schools_with_four_large_cells_are_shown(contrast, study):
    shown = access_by_school(contrast, study, access(contrast, study))
    with_it = shown["estimate"] * shown["children"]
    assert len(shown)
    assert (with_it.round() >= study.analysis.minimum_cell).all()
    assert ((shown["children"] - with_it).round() >= study.analysis.minimum_cell).all()
    assert shown.groupby("school_rank").size().eq(2).all()
    assert "school" not in shown


def test_no_school_may_be_shown_under_a_large_minimum(contrast, study):
    analysis = study.analysis.model_copy(update={"minimum_cell": 500})
    strict = study.model_copy(update={"analysis": analysis})
    assert access_by_school(contrast, strict, access(contrast, strict)).empty


@pytest.mark.parametrize("kept", [0, 3])
def test_a_tiny_group_is_named_or_estimated(contrast, study, kept):
    black = contrast[contrast["race"] == "Black"].head(kept)
    rows = contrast[contrast["race"] == "White"]
    rows = rows if not kept else contrast.loc[[*black.index, *rows.index]]
    found = access_by_group(rows, study, access(rows, study)).set_index(["quantity", "group"])
    gap = found.loc[("gap", "Black minus White")]
    assert np.isnan(gap["estimate"]) == (kept == 0)
    assert bool(gap["flag"]) == (kept == 0)
    assert found.loc[("share", "Black"), "children"] == kept


def test_one_classroom_has_no_interval(contrast, study):
    mixed = contrast.groupby("teacher", observed=True)["race"].nunique()
    one = contrast[contrast["teacher"] == mixed.idxmax()]
    found = access_by_group(one, study, access(one, study), within_schools=False)
    assert found["estimate"].notna().all()
    assert found["lower"].isna().all()
    assert found["flag"].str.contains("one cluster").all()
