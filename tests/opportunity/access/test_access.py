import numpy as np
import pandas as pd
import pytest
import statsmodels.formula.api as smf

from learning_with_others.data.clusters import school_names
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


def test_access_takes_every_threshold(contrast, study):
    both = with_thresholds(study, math=620.0, reading=615.0)
    found = access(contrast, both)
    scores = contrast[["math", "reading"]].to_numpy(float)
    known = ~np.isnan(scores).any(axis=1)
    assert np.isnan(found[~known]).all()
    assert (found[known] == (scores[known] >= [620, 615]).all(axis=1)).all()
    assert margin(contrast, both)[known] == pytest.approx((scores[known] - [620, 615]).min(axis=1))


def test_every_school_is_shown_in_order_of_its_share(contrast, study):
    names = school_names(contrast, study)
    shown = access_by_school(contrast, study, access(contrast, study), names)
    mine = contrast[contrast["class_type"].notna()]
    assert set(shown["place"]) == {names[school] for school in mine["school"].unique()}
    by_hand = mine.assign(small=mine["class_type"] == "small").groupby(
        ["school", "race"], observed=True
    )["small"]
    expected = by_hand.agg(["size", "sum"])
    table = shown.set_index(["place", "group"])
    for (school, group), cell in expected.iterrows():
        row = table.loc[(names[school], group)]
        assert (row["children"], row["with_it"]) == (cell["size"], cell["sum"])
        assert row["estimate"] == cell["sum"] / cell["size"]
    sums = shown.groupby("place", sort=False)[["with_it", "children"]].sum()
    assert (sums["with_it"] / sums["children"]).is_monotonic_increasing


@pytest.mark.parametrize("kept", [0, 3])
def test_a_tiny_group_leaves_no_gap(contrast, study, kept):
    black = contrast[contrast["race"] == "Black"].head(kept)
    rows = contrast.loc[[*black.index, *contrast.index[contrast["race"] == "White"]]]
    found = access_by_group(rows, study, access(rows, study)).set_index("quantity")
    gaps = found.loc[["gap", "gap_within_schools"]]
    assert gaps["estimate"].isna().all()
    assert gaps["flag"].ne("").all()
    assert found.loc["share", "children"].tolist() == [kept, len(rows) - kept]


def test_few_with_access_have_a_share_and_no_gap(contrast, study):
    values = np.zeros(len(contrast))
    values[np.flatnonzero(contrast["race"] == "White")[:50]] = 1
    values[np.flatnonzero(contrast["race"] == "Black")[:4]] = 1
    found = access_by_group(contrast, study, values).set_index("quantity")
    assert found.loc["share", "estimate"].notna().all()
    gaps = found.loc[["gap", "gap_within_schools"]]
    assert gaps["estimate"].isna().all()
    assert (gaps["flag"] == "fewer than 10 of a group with access or without").all()


def test_everybody_alike_has_no_interval(contrast, study):
    found = access_by_group(contrast, study, np.ones(len(contrast)))
    shares = found[found["quantity"] == "share"]
    assert (shares["estimate"].round(9) == 1).all()
    assert found["lower"].isna().all()
    assert found["flag"].str.startswith("no interval").all()


def test_overall_shares_take_schools_as_what_varies(contrast, study):
    """CR2 errors exceed statsmodels' plain sandwich by some per cent with 75 schools."""
    found = access_by_group(contrast, study, access(contrast, study), within_schools=False)
    rows = contrast.assign(exposed=access(contrast, study), focal=contrast["race"] == "Black")
    rows = rows.dropna(subset=["school", "teacher", "exposed"])
    fit = smf.ols("exposed ~ focal", rows.astype({"focal": float})).fit(
        cov_type="cluster", cov_kwds={"groups": pd.factorize(rows["school"])[0]}
    )
    gap = found.set_index("quantity").loc["gap"]
    half = (gap["upper"] - gap["lower"]) / 2
    assert half == pytest.approx(1.96 * fit.bse["focal"], rel=0.15)


def test_one_classroom_has_no_interval(contrast, study):
    cells = pd.crosstab(contrast["teacher"], contrast["race"])
    one = contrast[contrast["teacher"] == cells[["Black", "White"]].min(axis=1).idxmax()]
    analysis = study.analysis.model_copy(update={"minimum_cell": 1})
    open_study = study.model_copy(update={"analysis": analysis})
    found = access_by_group(one, open_study, access(one, open_study), within_schools=False)
    assert found["estimate"].notna().all()
    assert found["lower"].isna().all()
    assert found["flag"].str.contains("one cluster").all()
