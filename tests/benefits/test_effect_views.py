"""Effects by grade and by share of a group: against the published fit and least squares."""

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from shown_exhibits import said, shown

from learning_with_others.benefits import exhibits
from learning_with_others.benefits.effect_views import (
    ASSIGNED,
    EVERYONE,
    EVERYWHERE,
    OBSERVED,
    THIRDS,
    effect_views,
    thirds,
)
from learning_with_others.models.analysed_outcomes import standardized_outcome
from learning_with_others.models.benefit_fit import fit_benefit


@pytest.fixture(scope="module")
def two_grades(students):
    return students[students["grade"].isin(["K", "3"])]


@pytest.fixture(scope="module")
def found(two_grades, study):
    return effect_views(two_grades, study.design, "3", "math")


def test_each_grade_has_both_views_unless_they_are_one(found):
    by_group = found[found["part"] == EVERYWHERE]
    views = by_group.groupby("grade")["exposure"].unique().map(list).to_dict()
    assert views == {"K": [ASSIGNED], "3": [ASSIGNED, OBSERVED]}
    assert by_group.groupby(["grade", "exposure"])["group"].apply(list).map(len).eq(3).all()
    assert found["flag"].eq("").all()


def test_both_groups_at_their_own_shares_are_as_published(found, grade_three, study):
    fit = fit_benefit("math", grade_three, study.design, None)
    mine = found[(found["exposure"] == ASSIGNED) & (found["grade"] == "3")].set_index("group")
    for group, quantity in (
        ("Black", "benefit.slope.own/Black"),
        ("White", "benefit.slope.own/White"),
        ("Black minus White", "benefit.gap.total"),
    ):
        published = np.average(fit.draws[quantity], weights=fit.weights)
        one = mine[mine["part"] == EVERYWHERE].loc[group]
        # Two samples of one posterior: four combined Monte Carlo standard errors.
        assert one["estimate"] == pytest.approx(published, abs=4 * np.sqrt(2) * one["mcse"])


def test_thirds_are_of_children_in_order_of_their_schools(grade_three, study):
    place = thirds(grade_three, study)
    black = (grade_three["race"] == "Black").astype(float)
    share = black.groupby(grade_three["school at entry"]).transform("mean")
    ends = share.groupby(place, observed=True).agg(["min", "max"]).loc[list(THIRDS)]
    assert (ends["max"].to_numpy()[:-1] < ends["min"].to_numpy()[1:]).all()
    assert place.value_counts(normalize=True).between(0.28, 0.39).all()
    schools = place.groupby(grade_three["school at entry"]).nunique()
    assert (schools == 1).all()


def test_the_effect_in_a_third_is_that_of_least_squares_with_strata(found, grade_three, study):
    place = thirds(grade_three, study)
    y = standardized_outcome(grade_three, study, "math")
    for part in THIRDS:
        inside = (place == part).to_numpy()
        rows = grade_three[inside]
        strata = rows.groupby(["school at entry", "grade at entry"], observed=True).ngroup()
        types = rows["class_type at entry"].astype(str)
        both = pd.DataFrame(
            {"y": y[inside], "small": types == "small", "aide": types == "regular with aide"}
        ).astype(float)
        apart = both - both.groupby(strata.to_numpy()).transform("mean")
        fit = sm.OLS(apart["y"], apart[["small", "aide"]]).fit(
            cov_type="cluster",
            cov_kwds={"groups": pd.factorize(rows["school at entry"])[0]},
        )
        one = found[
            (found["part"] == part) & (found["exposure"] == ASSIGNED) & (found["group"] == EVERYONE)
        ]
        # Schools weigh by what their effects tell, not by their children: three quarters of a
        # standard error with a third of the schools.
        expected, error = fit.params["small"], fit.bse["small"]
        assert one["estimate"].item() == pytest.approx(expected, abs=0.75 * error)
        assert one["children"].item() == inside.sum()


def test_words_turn_with_the_groups_and_counts_are_of_whom_they_say(found, two_grades, study):
    planned = exhibits.effect_views(found, two_grades, study)
    laid_out, published, records = shown([planned], study, {"students": two_grades})
    title, sentence = said(laid_out["effect-views"], records)
    assert "for both groups" in title or "for Black and" in title
    assert "the effect on Mathematics of Black children ranges from" in sentence
    table = published["effect-views"].table
    assert table["children"].tolist() == found["children"].tolist()
    assert (
        table["record"]
        .map({"benefit.effect": ASSIGNED, "benefit.association": OBSERVED})
        .eq(table["exposure"])
        .all()
    )
    role = study.roles.group
    turned = role.model_copy(update={"focal": role.reference, "reference": role.focal})
    other = study.model_copy(update={"roles": study.roles.model_copy(update={"group": turned})})
    swapped = exhibits.effect_views(found, two_grades, other)
    laid_out, _, records = shown([swapped], other, {"students": two_grades})
    again = said(laid_out["effect-views"], records)[1]
    assert again.index("White") < again.index("Black")


def test_nothing_is_shown_where_nothing_was_assigned(two_grades, study):
    assert effect_views(two_grades, study.as_observed, "3", "math") is None
    assert exhibits.effect_views(None, two_grades, study).lay_out() == []
