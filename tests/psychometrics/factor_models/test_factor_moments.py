import numpy as np
import pandas as pd
import pytest
from factor_samples import one_factor_rows

from learning_with_others.errors import CompendiumError
from learning_with_others.psychometrics.factor_models.factor_model import one_factor
from learning_with_others.psychometrics.factor_models.fitting import fit_factor_model
from learning_with_others.psychometrics.factor_models.moments import group_moments

MODEL = one_factor(["i1", "i2", "i3", "i4"])


@pytest.fixture
def rows():
    return one_factor_rows(100, seed=2)


def test_patterns_count_every_row_with_an_answer(rows):
    rows.iloc[:10, 0] = np.nan
    rows.iloc[5:12, 1] = np.nan
    rows.iloc[99] = np.nan
    (found,) = group_moments(rows, None, "fiml")
    assert found.total == 99
    assert sorted(found.counts) == [2, 5, 5, 87]
    complete = found.observed.all(axis=1)
    seen = rows.dropna()
    np.testing.assert_allclose(found.means[complete][0], seen.mean())
    np.testing.assert_allclose(found.covariances[complete][0], seen.cov(ddof=0))
    (listwise,) = group_moments(rows, None, "complete")
    assert listwise.total == 87


def test_the_reference_group_comes_first(rows):
    group = np.repeat(["b", "a"], 50)
    assert [part.label for part in group_moments(rows, group, "fiml")] == ["b", "a"]
    assert [part.label for part in group_moments(rows, group, "fiml", "a")] == ["a", "b"]
    first = group_moments(rows, group, "fiml", "a")[0]
    np.testing.assert_array_equal(first.rows, np.arange(50, 100))


def constant(rows):
    rows["i2"] = 3.0
    return rows, {}


def few(rows):
    return rows.head(4), {}


def group_of_three(rows):
    return rows, {"group": np.array(["few"] * 3 + ["many"] * 97)}


def twin(rows):
    rows["i2"] = 2 * rows["i1"]
    return rows, {}


def twin_with_gaps(rows):
    rows["i2"] = 2 * rows["i1"]
    rows.iloc[:20, 3] = np.nan
    return rows, {"missing": "fiml"}


def never_together(rows):
    rows.iloc[:50, 0] = np.nan
    rows.iloc[50:, 1] = np.nan
    return rows, {"missing": "fiml"}


def unanswered(rows):
    rows["i3"] = np.nan
    return rows, {"missing": "fiml"}


def nobody(rows):
    rows[:] = np.nan
    return rows, {"missing": "fiml"}


def no_such_reference(rows):
    return rows, {"group": np.repeat(["a", "b"], 50), "reference": "c"}


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (constant, "'i2' does not vary"),
        (few, "4 rows can be used"),
        (group_of_three, "group 'few'.*3 rows can be used"),
        (twin, "i1, i2 determine each other"),
        (twin_with_gaps, "i1, i2 determine each other"),
        (never_together, "'i.' and 'i.' were never answered by the same person"),
        (unanswered, "'i3' has no answers"),
        (nobody, "0 rows can be used"),
        (no_such_reference, "reference group 'c' has no rows"),
    ],
)
def test_data_that_allow_no_estimate_are_named(rows, spoil, said):
    values, arguments = spoil(rows)
    with pytest.raises(CompendiumError, match=f"(?s){said}"):
        fit_factor_model(pd.DataFrame(values), MODEL, **arguments)
