from itertools import permutations

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm

from learning_with_others.opportunity.access.randomization import (
    NO_CONTRAST,
    check_by_grade,
    class_table,
    randomization_check,
    within_school_difference,
)

# Two schools, worked by hand. School 0: 3 classes of 10 children with 8, 2, 2 focal ones, the
# first exposed: 0.8 against 0.2, a difference of 0.6. School 1: 2 classes of 10 with 5 each.
CLASSES = pd.DataFrame(
    {
        "school": [0, 0, 0, 1, 1],
        "size": [10, 10, 10, 10, 10],
        "focal": [8, 2, 2, 5, 5],
        "exposed": [1, 0, 0, 1, 0],
    }
)


def difference(exposed):
    arrays = (CLASSES[c].to_numpy(float) for c in ("size", "focal"))
    return within_school_difference(
        np.atleast_2d(np.asarray(exposed, float)), *arrays, CLASSES["school"].to_numpy()
    )


def test_the_difference_of_the_hand_worked_case():
    # Schools weigh in by their variance of exposure: 30 × (1/3)(2/3) and 20 × (1/2)(1/2).
    by_hand = (0.6 * 30 * 2 / 9 + 0.0 * 5) / (30 * 2 / 9 + 5)
    assert difference([1, 0, 0, 1, 0])[0] == pytest.approx(by_hand)


def test_the_difference_is_that_of_a_regression_on_school_dummies():
    children = CLASSES.loc[CLASSES.index.repeat(CLASSES["size"])]
    place = children.groupby(level=0).cumcount()
    focal = (place < children["focal"]).to_numpy(float)
    dummies = pd.get_dummies(children["school"], dtype=float).to_numpy()
    fit = sm.OLS(focal, np.column_stack([children["exposed"], dummies])).fit()
    assert difference(CLASSES["exposed"])[0] == pytest.approx(fit.params[0])


def test_the_p_value_is_that_of_all_dealings():
    dealings = {
        (*first, *second) for first in permutations([1, 0, 0]) for second in permutations([1, 0])
    }
    all_differences = np.array([difference(dealing)[0] for dealing in dealings])
    observed = difference(CLASSES["exposed"])[0]
    exact = (np.abs(all_differences) >= observed - 1e-12).mean()
    assert exact == pytest.approx(1 / 3)
    found = randomization_check(CLASSES, permutations=20_000, seed=1)
    assert found.difference == pytest.approx(observed)
    # Monte Carlo error of a share of 1/3 over 20,000 dealings is .0033; four of them.
    assert found.p_value == pytest.approx(exact, abs=0.0134)


def test_p_values_are_uniform_when_class_types_are_dealt_at_random():
    rng = np.random.default_rng(3)
    school = np.repeat(np.arange(12), 4)
    values = []
    for seed in range(200):
        classes = pd.DataFrame(
            {
                "school": school,
                "size": 20,
                "focal": rng.binomial(20, 0.4, 48),
                "exposed": rng.permuted(np.tile([1, 0, 0, 0], (12, 1)), axis=1).ravel(),
            }
        )
        values.append(randomization_check(classes, permutations=199, seed=seed).p_value)
    # Binomial(200, .1) lies within 8 and 34 with probability above .999.
    assert 8 <= (np.array(values) <= 0.1).sum() <= 34


def test_a_table_without_contrast_has_no_difference():
    with np.errstate(all="raise"):
        assert np.isnan(difference([0, 0, 0, 0, 0])[0])


def test_classes_are_counted_from_children(students, study):
    rows = students[(students["grade"] == "K") & students["race"].isin(["Black", "White"])]
    table = class_table(rows, study)
    assert table["size"].sum() == len(rows)
    assert table["focal"].sum() == (rows["race"] == "Black").sum()
    assert len(table) == rows["teacher"].nunique()


def test_classes_of_unknown_exposure_are_left_out(students, study):
    rows = students[(students["grade"] == "K") & students["race"].isin(["Black", "White"])]
    whole = class_table(rows, study)
    gone = rows["teacher"].isin(rows["teacher"].unique()[:5])
    lost = rows.assign(class_type=rows["class_type"].mask(gone))
    table = class_table(lost, study)
    assert len(table) == len(whole) - 5
    assert table["size"].sum() == (~gone).sum()
    expected = check_by_grade(rows[~gone], study, permutations=99)
    pd.testing.assert_frame_equal(check_by_grade(lost, study, permutations=99), expected)
    assert np.isfinite(expected["p_value"]).all()
    # A child without the record does not lose the class that others' records tell of.
    first = rows["teacher"].duplicated(keep=False) & ~rows["teacher"].duplicated()
    first = rows.assign(class_type=rows["class_type"].mask(first))
    pd.testing.assert_frame_equal(class_table(first, study), whole)


@pytest.mark.parametrize("unknown", [False, True])
def test_schools_of_one_kind_have_neither_difference_nor_p_value(students, study, unknown):
    rows = students[students["race"].isin(["Black", "White"])]
    none = (rows["grade"] == "K") & (unknown | (rows["class_type"] != "small"))
    rows = (
        rows.assign(class_type=rows["class_type"].mask(none))
        if unknown
        else (rows[(rows["grade"] != "K") | none])
    )
    found = check_by_grade(rows, study, permutations=99).set_index("grade")
    assert found.loc["K", ["difference", "p_value"]].isna().all()
    assert found.loc["K", "flag"] == NO_CONTRAST
    others = found.drop(index="K")
    assert len(others) == 3
    assert others["flag"].eq("").all()
    assert np.isfinite(others[["difference", "p_value"]]).all(axis=None)


def test_a_check_without_contrast_has_no_p_value():
    found = randomization_check(CLASSES.assign(exposed=[1, 1, 1, 0, 0]), permutations=99, seed=1)
    assert np.isnan([found.difference, found.p_value]).all()


def test_where_it_was_assigned_at_entry_those_who_entered_are_checked(students, study):
    rows = students[students["race"].isin(["Black", "White"])]
    found = check_by_grade(rows, study, permutations=99)
    everyone = check_by_grade(rows, study.as_observed, permutations=99)
    first = rows.sort_values("grade").drop_duplicates("student")
    expected = check_by_grade(first, study.as_observed, permutations=99)
    pd.testing.assert_frame_equal(found, expected)
    assert (found["classes"] <= everyone["classes"]).all()
    # In the first grade all enter: both are one.
    pd.testing.assert_frame_equal(found.head(1), everyone.head(1))
