import numpy as np
import pytest

from learning_with_others.errors import CompendiumError
from learning_with_others.psychometrics.dimensionality.adequacy import factor_adequacy


def test_equal_correlations_have_their_closed_form():
    # Equicorrelated: every partial correlation given the k − 2 others is r / (1 + (k − 2) r).
    k, r = 4, 0.5
    found = factor_adequacy(np.full((k, k), r) + (1 - r) * np.eye(k), 101)
    partial = r / (1 + (k - 2) * r)
    assert found.sampling_adequacy == pytest.approx(r**2 / (r**2 + partial**2))
    np.testing.assert_allclose(found.item_adequacy, found.sampling_adequacy)
    determinant = (1 - r) ** (k - 1) * (1 + (k - 1) * r)
    assert found.chisq == pytest.approx(-(100 - 13 / 6) * np.log(determinant))
    assert found.degrees_of_freedom == 6


def test_unrelated_items_give_uniform_p_values():
    rng = np.random.default_rng(4)
    values = [factor_adequacy(np.corrcoef(rng.normal(size=(5, 200))), 200).p for _ in range(400)]
    # A rate of .05 over 400 samples has a standard error of .011.
    assert np.mean(np.array(values) < 0.05) == pytest.approx(0.05, abs=0.035)


def test_a_singular_matrix_is_refused():
    with pytest.raises(CompendiumError, match="not positive definite"):
        factor_adequacy(np.ones((3, 3)), 100)
