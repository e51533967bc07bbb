import numpy as np
import pandas as pd
import pytest

from learning_with_others.bayes.centring import within_and_between
from learning_with_others.errors import CompendiumError

RNG = np.random.default_rng(4)
CLASSROOM = np.array([f"c{k}" for k in RNG.integers(12, size=200)])
SCHOOL = np.array([f"s{int(label[1:]) // 4}" for label in CLASSROOM])
VALUES = RNG.normal(size=200)


def test_parts_sum_to_the_whole_and_are_uncorrelated():
    found = within_and_between(VALUES, CLASSROOM, SCHOOL)
    np.testing.assert_allclose(found.within + sum(found.between), VALUES)
    parts = np.column_stack([found.within, *(part - part.mean() for part in found.between)])
    products = parts.T @ parts
    np.testing.assert_allclose(products - np.diag(np.diag(products)), 0, atol=1e-10)


def test_each_part_is_what_its_name_says():
    found = within_and_between(VALUES, CLASSROOM, SCHOOL)
    classroom = pd.Series(VALUES).groupby(CLASSROOM).mean()
    school = pd.Series(VALUES).groupby(SCHOOL).mean()
    np.testing.assert_allclose(found.within, VALUES - classroom[CLASSROOM].to_numpy())
    np.testing.assert_allclose(
        found.between[0], classroom[CLASSROOM].to_numpy() - school[SCHOOL].to_numpy()
    )
    np.testing.assert_allclose(found.between[1], school[SCHOOL].to_numpy())


def test_the_coefficient_of_the_deviation_is_that_of_fixed_effects():
    """Mundlak's result: with cluster means in, the within coefficient is the fixed-effects one."""
    outcome = 0.5 * VALUES + pd.Series(VALUES).groupby(CLASSROOM).transform("mean") * 3
    outcome = outcome.to_numpy() + RNG.normal(size=200)
    found = within_and_between(VALUES, CLASSROOM)
    columns = np.column_stack([np.ones(200), found.within, *found.between])
    mundlak = np.linalg.lstsq(columns, outcome, rcond=None)[0][1]
    dummies = pd.get_dummies(CLASSROOM).to_numpy(float)
    fixed = np.linalg.lstsq(np.column_stack([dummies, VALUES]), outcome, rcond=None)[0][-1]
    assert mundlak == pytest.approx(fixed)


@pytest.mark.parametrize(
    ("values", "clusters", "expected"),
    [
        (VALUES, (), "no clusters"),
        (np.where(np.arange(200) < 2, np.nan, VALUES), (SCHOOL,), "2 values are missing"),
        (VALUES, (np.where(np.arange(200) < 3, None, SCHOOL),), "3 rows have no cluster"),
        (VALUES, (SCHOOL, CLASSROOM), "lies in 4 clusters one level up"),
    ],
)
def test_values_that_cannot_be_centred_are_refused(values, clusters, expected):
    with pytest.raises(CompendiumError, match=expected):
        within_and_between(values, *clusters)
