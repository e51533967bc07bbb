"""A class type assigned at random within school and grade of entry."""

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm

from learning_with_others.bayes import restricted_likelihood
from learning_with_others.bayes.collapsed.accumulate import collapse
from learning_with_others.bayes.collapsed.frame import design_of
from learning_with_others.bayes.collapsed.maximize import maximize
from learning_with_others.bayes.collapsed.priors import CollapsedPriors
from learning_with_others.data.entry import add_entry
from learning_with_others.models.analysed_outcomes import standardized_outcome
from learning_with_others.models.benefit_design import benefit_design
from learning_with_others.models.variants import as_observed

FLAT = CollapsedPriors(np.inf, {})


@pytest.fixture(scope="module")
def benefit(grade_three, study):
    return benefit_design(grade_three, study)


def stratum(rows):
    return rows.groupby(["school at entry", "grade at entry"], observed=True).ngroup().to_numpy()


def test_the_contrast_compares_children_who_entered_a_school_in_one_grade(benefit, grade_three):
    where = stratum(grade_three)
    for contrast in benefit.contrasts.contrasts:
        sums = np.bincount(where, contrast.deviation)
        np.testing.assert_allclose(sums, 0, atol=1e-9)
    deviation = pd.Series(benefit.contrasts.main.deviation)
    entered = grade_three["teacher at entry"].to_numpy()
    assert deviation.groupby([where, entered]).nunique().max() == 1  # a class has one type
    low, high = benefit.contrasts.main.low, benefit.contrasts.main.high
    assert high - low == pytest.approx(1)


def test_shares_of_groups_are_those_of_children_who_entered_together(benefit, grade_three):
    member = (grade_three["race"] == "Black").to_numpy(float)
    share = pd.Series(member).groupby(stratum(grade_three)).transform("mean")
    found = benefit.data["share Black in entry cohort"]
    both = grade_three["race"].isin(["Black", "White"]).to_numpy()
    np.testing.assert_allclose(found, share - share[both].mean(), atol=1e-12)
    both, strata = benefit.clusters_with_both["entry cohort"]
    assert 0 < both < strata
    assert strata == stratum(grade_three).max() + 1


def test_clusters_are_classes_and_schools_of_entry_and_grades_of_entry_vary(benefit):
    classroom, school = benefit.specification.groupings
    assert classroom.slopes == ()
    assert school.slopes == (benefit.slope, *(f"grade at entry: {g}" for g in "123"))


def test_the_maximizer_is_the_reml_estimate_of_statsmodels(benefit, grade_three, study):
    frame = benefit.frame(standardized_outcome(grade_three, study, "math"))
    design = design_of(frame)
    ours = maximize(collapse(design, frame.outcome), FLAT)
    # Slopes that do not vary are left out for statsmodels, which cannot invert their variances.
    fewer = restricted_likelihood._without_zero_slopes(design, frame.outcome)  # noqa: SLF001
    assert {benefit.slope} <= set(fewer.groupings[1].slopes) < set(design.groupings[1].slopes)
    theirs = restricted_likelihood._fit(fewer, frame.outcome)  # noqa: SLF001
    # statsmodels' optimizer stops a little before the maximum: four digits of the standard
    # deviations, and a criterion that is nowhere below ours by more than rounding.
    assert ours.criterion == pytest.approx(-2 * theirs.llf, abs=1e-3)
    assert ours.criterion <= -2 * theirs.llf + 1e-6
    assert ours.standard_deviations["sd_residual"] == pytest.approx(theirs.scale**0.5, abs=1e-4)
    names = [f"x{k}" for k in range(len(frame.terms))]
    np.testing.assert_allclose(
        ours.coefficients["estimate"], theirs.fe_params[names].to_numpy(), atol=1e-4
    )


def krueger(rows, outcome):
    """Small against regular: stratum effects as fixed, errors clustered by school of entry."""
    where = stratum(rows)
    types = rows["class_type at entry"].astype(str)
    columns = np.column_stack([types == "small", types == "regular with aide"]).astype(float)
    both = pd.DataFrame(np.column_stack([outcome, columns]))
    apart = (both - both.groupby(where).transform("mean")).to_numpy()
    schools = pd.factorize(rows["school at entry"])[0]
    return sm.OLS(apart[:, 0], apart[:, 1:]).fit(cov_type="cluster", cov_kwds={"groups": schools})


@pytest.mark.parametrize("outcome", ["math", "reading"])
def test_the_effect_over_both_groups_is_kruegers(outcome, grade_three, study):
    rows = grade_three[grade_three["race"].isin(study.roles.group.contrast)]
    y = standardized_outcome(rows, study, outcome)
    expected = krueger(rows, y)
    design = benefit_design(rows, study)
    frame = design.frame(y)
    found = maximize(collapse(design_of(frame), y), FLAT).coefficients.set_index("term")
    black = design.group_shares["Black"]
    effect = (
        found["estimate"][design.slope] + black * found["estimate"][design.interaction("Black")]
    )
    # One weighs schools by their children, the other by what their effects tell, and lets effects
    # vary with race: half a standard error apart at most.
    assert effect == pytest.approx(expected.params[0], abs=0.5 * expected.bse[0])


def changed_classes(seed, effect=0.3, children=4000):
    """Children assigned at entry, a third of whom change class before their outcome is seen.

    Classes have effects of their own at entry, none later; what counts is the class of entry.
    """
    rng = np.random.default_rng(seed)
    school = rng.integers(20, size=children)
    room = rng.integers(6, size=children)
    small = room < 2
    types = np.where(small, "small", "regular")
    moved = rng.random(children) < 1 / 3
    later = np.where(moved, rng.integers(6, size=children), room)
    base = {"school": school.astype(str), "race": rng.choice(["Black", "White"], children)}
    first = pd.DataFrame({**base, "student": np.arange(children).astype(str), "grade": "K"})
    first["teacher"] = first["school"] + "/" + room.astype(str)
    first["class_type"] = types
    second = first.assign(grade="1", teacher=first["school"] + "/" + later.astype(str))
    second["class_type"] = np.where(later < 2, "small", "regular")
    y = effect * small + rng.normal(0, 0.2, (20, 6))[school, room] + rng.normal(size=children)
    both = pd.concat([first, second.assign(math=y)], ignore_index=True)
    both["grade"] = pd.Categorical(both["grade"], ["K", "1"])
    both["class_type"] = pd.Categorical(both["class_type"], ["small", "regular"])
    return both


def test_later_classes_would_take_up_a_part_of_the_effect_of_the_first(study):
    found = {"as assigned": [], "as observed": []}
    for seed in range(12):
        students = add_entry(changed_classes(seed), study)
        rows = students[students["grade"] == "1"]
        y = rows["math"].to_numpy()
        for name, design in (
            ("as assigned", benefit_design(rows, study)),
            ("as observed", as_observed(rows, study)[1]),
        ):
            terms = maximize(collapse(design_of(design.frame(y)), y), FLAT).coefficients
            by_term = terms.set_index("term")["estimate"]
            share = design.group_shares["Black"]
            found[name].append(by_term[design.slope] + share * by_term[design.interaction("Black")])
    error = np.std(found["as assigned"], ddof=1) / np.sqrt(12)
    assert np.mean(found["as assigned"]) == pytest.approx(0.3, abs=3 * error)
    assert np.mean(found["as observed"]) < 0.3 - 3 * error
