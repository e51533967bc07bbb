import numpy as np
import pandas as pd
import pytest

from learning_with_others.opportunity.access.evenness import concentration, dissimilarity, evenness
from learning_with_others.opportunity.access.shares import access


@pytest.fixture(scope="module")
def rows(students):
    return students[students["grade"] == "3"].dropna(subset=["teacher", "school"])


def test_dissimilarity_by_hand():
    assert dissimilarity(np.array([5, 5]), np.array([10, 10])) == pytest.approx(0)
    assert dissimilarity(np.array([5, 0]), np.array([0, 7])) == pytest.approx(1)
    assert dissimilarity(np.array([3, 1]), np.array([2, 4])) == pytest.approx(
        (abs(3 / 4 - 2 / 6) + abs(1 / 4 - 4 / 6)) / 2
    )


def test_dissimilarity_is_the_share_that_would_have_to_move():
    """Moving that share of those with access evens out units of the same size of "without"."""
    with_it, without = np.array([30.0, 10, 20]), np.array([20.0, 20, 20])
    surplus = np.clip(with_it - with_it.mean(), 0, None).sum() / with_it.sum()
    assert dissimilarity(with_it, without) == pytest.approx(surplus)


def test_the_richest_fifth_by_hand():
    # Two of ten students are the fifth: all of the first unit, whose both students have access.
    assert concentration(np.array([2, 2]), np.array([0, 6])) == pytest.approx(0.5)
    # Units alike: a fifth of the students hold a fifth of the access.
    assert concentration(np.array([4, 4]), np.array([6, 6])) == pytest.approx(0.2)
    # The fifth ends within the second unit: 1 of 1, then 1 of its 4 students with half access.
    found = concentration(np.array([1, 2, 1]), np.array([0, 2, 4]))
    assert found == pytest.approx((1 + 1 * 0.5) / 4)  # two of ten students


def test_random_access_has_nothing_beyond_chance(rows, study):
    """Over 40 dealings the mean is within 4 of its standard errors of none."""
    beyond = []
    for seed in range(40):
        dealt = np.random.default_rng(seed).integers(0, 2, len(rows)).astype(float)
        exposure = study.roles.exposure.model_copy(update={"varies_by": "student"})
        roles = study.roles.model_copy(update={"exposure": exposure})
        found = evenness(rows, study.model_copy(update={"roles": roles}), dealt, 100)
        chosen = (found["level"] == "classroom") & (found["group"] == "all students")
        beyond.append(found.loc[chosen, "beyond_chance"].to_numpy())
    mean, error = np.mean(beyond, axis=0), np.std(beyond, axis=0, ddof=1) / np.sqrt(40)
    assert (np.abs(mean) < 4 * error).all()


def test_assignment_within_schools_is_more_even_than_chance(rows, study):
    """Small classes were dealt out within every school, not over all classes of the state."""
    found = evenness(rows, study, access(rows, study), 200)
    assert (found["level"] == "school").all()
    everyone = found[(found["group"] == "all students") & (found["quantity"] == "dissimilarity")]
    assert (everyone["estimate"] < everyone["chance_lower"]).all()


def test_one_school_and_equal_access_are_named(rows, study):
    one = rows[rows["school"] == rows["school"].iloc[0]]
    assert evenness(one, study, access(one, study), 20)["flag"].eq("one unit only").all()
    alike = evenness(rows, study, np.ones(len(rows)), 20)
    assert alike["flag"].eq("everybody alike").all()
    assert alike["estimate"].isna().all()


def test_few_with_access_have_no_index(rows, study):
    four = rows[rows["school"].isin(rows["school"].unique()[:4])]
    exposure = study.roles.exposure.model_copy(update={"varies_by": "student"})
    roles = study.roles.model_copy(update={"exposure": exposure})
    dealt = np.zeros(len(four))
    dealt[:4] = 1
    found = evenness(four, study.model_copy(update={"roles": roles}), dealt, 20)
    assert found["estimate"].isna().all()
    assert found["children"].notna().all()
    assert (
        found["flag"].isin(["everybody alike", "fewer than 10 people with or without access"]).all()
    )


def test_the_monte_carlo_error_is_how_far_chance_moves_with_the_seed(rows, study):
    exposure = study.roles.exposure.model_copy(update={"varies_by": "student"})
    roles = study.roles.model_copy(update={"exposure": exposure})
    dealt = (np.random.default_rng(1).random(len(rows)) < 0.3).astype(float)

    def found(seed):
        analysis = study.analysis.model_copy(update={"seed": seed})
        changed = study.model_copy(update={"roles": roles, "analysis": analysis})
        return evenness(rows, changed, dealt, 20).query("level == 'school' and group == 'all'")

    runs = pd.concat([found(seed) for seed in range(30)]).groupby("quantity")
    for number, error in (("by_chance", "chance_mcse"), ("beyond_chance", "beyond_mcse")):
        # A standard deviation of 30 runs has an error of 13%.
        ratio = runs[number].std() / runs[error].mean()
        assert ((ratio > 0.6) & (ratio < 1.4)).all()
