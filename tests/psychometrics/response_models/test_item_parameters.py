import numpy as np
import pytest

from learning_with_others.errors import CompendiumError
from learning_with_others.psychometrics.response_models.item_parameters import ItemParameters

SLOPES, INTERCEPTS = np.array([2.0, 0.5]), np.array([[1.0, -1.0], [0.5, np.nan]])


def test_thresholds_lie_where_the_curve_is_at_one_half():
    parameters = ItemParameters(("a", "b"), SLOPES, INTERCEPTS)
    np.testing.assert_allclose(parameters.thresholds, [[-0.5, 0.5], [-1.0, np.nan]])
    np.testing.assert_array_equal(parameters.categories, [3, 2])


@pytest.mark.parametrize(
    ("family", "link", "said"),
    [
        ("gradde", "logit", "did you mean 'graded'"),
        ("graded", "cloglog", "'cloglog' does not go with"),
        ("partial_credit", "probit", "'probit' does not go with"),
    ],
)
def test_an_unknown_family_or_link_is_refused(family, link, said):
    with pytest.raises(CompendiumError, match=said):
        ItemParameters(("a", "b"), SLOPES, INTERCEPTS, family, link)


def test_shapes_must_meet():
    with pytest.raises(CompendiumError, match="3 items"):
        ItemParameters(("a", "b", "c"), SLOPES, INTERCEPTS)
