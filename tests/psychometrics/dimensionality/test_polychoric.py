import numpy as np
import pandas as pd
import pytest
from scipy.optimize import minimize_scalar
from scipy.stats import multivariate_normal, norm

from learning_with_others.errors import CompendiumError
from learning_with_others.psychometrics.answers import grade_answers
from learning_with_others.psychometrics.dimensionality.polychoric import (
    comparison_correlations,
    cross_tables,
    polychoric_correlations,
    smooth_correlation,
)


def graded(correlation, cuts, rows, seed):
    rng = np.random.default_rng(seed)
    z = rng.multivariate_normal(np.zeros(len(correlation)), correlation, size=rows)
    codes = [np.digitize(z[:, j], cut) for j, cut in enumerate(cuts)]
    names = [f"item_{j + 1}" for j in range(len(cuts))]
    return pd.DataFrame(np.column_stack(codes).astype(float), columns=names)


def table_rows(table):
    """One row for each count of a cross-table."""
    pairs = [pair for pair, n in np.ndenumerate(np.array(table)) for _ in range(n)]
    return grade_answers(pd.DataFrame(np.array(pairs, dtype=float), columns=["a", "b"]))


def test_two_halved_items_follow_sheppards_formula():
    # Thresholds at zero: P(both high) = 1/4 + asin(ρ) / 2π.
    found = polychoric_correlations(table_rows([[35, 15], [15, 35]]))
    assert found.correlation[0, 1] == pytest.approx(np.sin(2 * np.pi * (0.35 - 0.25)), abs=1e-8)
    np.testing.assert_allclose(found.thresholds, 0, atol=1e-15)


def test_the_estimate_maximizes_the_likelihood_by_scipys_normal():
    table = np.array([[13, 5, 2], [6, 0, 9], [2, 8, 30]])  # an empty cell needs no correction
    found = polychoric_correlations(table_rows(table))
    cuts = [norm.ppf(np.cumsum(table.sum(axis=axis))[:2] / table.sum()) for axis in (1, 0)]
    ends = [np.concatenate([[-9], cut, [9]]) for cut in cuts]  # nine sds stand for no limit

    def deviance(correlation):
        joint = multivariate_normal(cov=[[1, correlation], [correlation, 1]])
        grid = np.array([[joint.cdf([x, y]) for y in ends[1]] for x in ends[0]])
        cells = np.diff(np.diff(grid, axis=0), axis=1)
        return -(table * np.log(cells)).sum()

    best = minimize_scalar(
        deviance, bounds=(-0.99, 0.99), options={"xatol": 1e-8}, method="bounded"
    )
    # A flat maximum: half the digits of the likelihood (scipy's normal holds about 12).
    assert found.correlation[0, 1] == pytest.approx(best.x, abs=1e-5)


def test_known_correlations_are_recovered_from_many_rows():
    truth = np.array([[1, 0.6, -0.35], [0.6, 1, 0.1], [-0.35, 0.1, 1]])
    cuts = [[-1, 0.2, 1.5], [0.8], [-1.5, -0.5, 0.5, 1.5]]
    found = polychoric_correlations(grade_answers(graded(truth, cuts, 60_000, 2)))
    below = np.tril_indices(3, -1)
    # Five standard errors, themselves checked below.
    error = np.abs(found.correlation - truth)[below]
    assert (error < 5 * found.standard_errors[below]).all()
    assert found.standard_errors[below].max() < 0.01
    np.testing.assert_allclose(found.thresholds[1, 0], 0.8, atol=0.03)
    assert np.isnan(found.thresholds[1, 1:]).all()


def test_standard_errors_are_the_spread_over_samples():
    estimates, errors = [], []
    for seed in range(250):
        keyed = graded(np.array([[1, 0.6], [0.6, 1]]), [[-1, 0.2, 1.5], [0.8, 1.2]], 400, seed)
        keyed.iloc[:120, 0] = np.nan
        keyed.iloc[360:, 1] = np.nan
        found = polychoric_correlations(grade_answers(keyed))
        estimates.append(found.correlation[0, 1])
        errors.append(found.standard_errors[0, 1])
    # The spread of 250 estimates has a relative standard error of 1 / √500 = 4.5%: four of them.
    assert np.sqrt(np.mean(np.square(errors))) == pytest.approx(np.std(estimates), rel=0.18)


def test_thresholds_rest_on_all_that_answered_the_item():
    keyed = graded(np.array([[1, 0.5], [0.5, 1]]), [[0.0], [0.0, 1.0]], 300, 5)
    keyed.loc[keyed["item_1"] == 0, "item_2"] = np.nan  # those who answered both are high
    keyed.loc[:10, "item_2"] = 1.0
    everyone = polychoric_correlations(grade_answers(keyed))
    both = polychoric_correlations(grade_answers(keyed.dropna()))
    assert abs(everyone.correlation[0, 1] - both.correlation[0, 1]) > 0.01
    assert everyone.rows[0, 1] == both.rows[0, 1] == len(keyed.dropna())
    assert everyone.rows[0, 0] == 300


def test_cross_tables_count_as_pandas_does_in_several_chunks(monkeypatch):
    keyed = graded(np.eye(2), [[0.0], [-0.5, 0.5]], 250, 3)
    keyed.iloc[::7, 1] = np.nan
    monkeypatch.setattr(
        "learning_with_others.psychometrics.dimensionality.polychoric.ROWS_AT_A_TIME", 64
    )
    tables = cross_tables(grade_answers(keyed))
    np.testing.assert_array_equal(tables[:2, 2:], pd.crosstab(keyed["item_1"], keyed["item_2"]))


def test_the_quick_way_gives_the_same_correlations():
    keyed = graded(np.full((3, 3), 0.4) + 0.6 * np.eye(3), [[0.0], [-1, 1], [0.5]], 500, 6)
    answers = grade_answers(keyed)
    full = polychoric_correlations(answers, errors=False)
    np.testing.assert_array_equal(full.correlation, comparison_correlations(answers))
    assert np.isnan(full.standard_errors).all()


@pytest.mark.parametrize("sign", [1, -1])
def test_a_perfect_association_is_flagged_and_stands_at_its_bound(sign):
    table = np.diag([20, 30, 50]) if sign > 0 else np.fliplr(np.diag([20, 30, 50]))
    found = polychoric_correlations(table_rows(table))
    assert found.correlation[0, 1] == pytest.approx(sign * 0.9999, abs=1e-6)
    assert "a and b" in found.flags[0]
    assert "perfect" in found.flags[0]
    assert np.isnan(found.standard_errors[0, 1])


# lavaan 0.6 (zero.add = .5, margins kept), as the case's README gives them, to two digits.
@pytest.mark.parametrize(
    ("table", "lavaan"),
    [([[5, 0], [40, 55]], 0.58), ([[20, 0], [10, 20]], 0.91), ([[100, 0], [90, 10]], 0.64)],
)
def test_the_empty_cell_of_two_binary_items_is_filled_as_lavaan_does_and_flagged(table, lavaan):
    found = polychoric_correlations(table_rows(table))
    assert found.correlation[0, 1] == pytest.approx(lavaan, abs=0.006)
    assert 0 < found.standard_errors[0, 1] < 1
    assert found.flags == ("a and b: an empty cell of four counts half a person",)
    flipped = polychoric_correlations(table_rows(np.fliplr(table)))
    assert flipped.correlation[0, 1] == pytest.approx(-found.correlation[0, 1], abs=1e-6)


def test_an_association_that_only_its_bound_limits_is_flagged_in_larger_tables():
    # Monotone with empty corners: the likelihood rises to the bound, flat long before it.
    for table in ([[5, 0], [20, 0], [20, 55]], [[5, 0, 0], [40, 20, 35]]):
        found = polychoric_correlations(table_rows(table))
        assert found.correlation[0, 1] == pytest.approx(0.9999, abs=1e-6)
        assert "stands at its bound" in found.flags[0]
        assert np.isnan(found.standard_errors[0, 1])


def test_an_item_that_never_varies_beside_another_is_named():
    keyed = graded(np.eye(2), [[0.0], [0.0]], 100, 1)
    keyed.loc[keyed["item_1"] == 0, "item_2"] = np.nan
    with pytest.raises(CompendiumError, match=r"'item_1' has one answer at most"):
        polychoric_correlations(grade_answers(keyed))


def test_items_never_answered_together_are_named():
    keyed = graded(np.eye(2), [[0.0], [0.0]], 100, 1)
    keyed.loc[:49, "item_1"] = np.nan
    keyed.loc[50:, "item_2"] = np.nan
    with pytest.raises(CompendiumError, match=r"in the 0 rows that answered it and 'item_2'"):
        polychoric_correlations(grade_answers(keyed))


def test_a_single_respondent_and_an_empty_item_are_refused_by_name():
    with pytest.raises(CompendiumError, match="item 'a'"):
        polychoric_correlations(grade_answers(pd.DataFrame({"a": [1.0], "b": [2.0]})))
    empty = pd.DataFrame({"a": [1.0, 2, 1], "b": [np.nan] * 3})
    with pytest.raises(CompendiumError, match="item 'b'"):
        polychoric_correlations(grade_answers(empty))


def test_correlations_that_cannot_belong_together_are_smoothed_and_flagged():
    # Pairs answered by different people: each estimate is possible, all three are not.
    parts = []
    for pair, r in (((0, 1), 0.9), ((1, 2), 0.9), ((0, 2), -0.9)):
        part = np.full((300, 3), np.nan)
        two = graded(np.array([[1, r], [r, 1]]), [[-0.5, 0.5]] * 2, 300, sum(pair))
        part[:, list(pair)] = two
        parts.append(part)
    keyed = pd.DataFrame(np.vstack(parts), columns=["a", "b", "c"])
    found = polychoric_correlations(grade_answers(keyed))
    assert "not positive definite" in found.flags[0]
    assert np.linalg.eigvalsh(found.correlation).min() > 0


def test_smoothing_gives_the_stated_eigenvalues_and_leaves_good_matrices_alone():
    bad = np.array([[1, 0.9, -0.9], [0.9, 1, 0.9], [-0.9, 0.9, 1]])
    smoothed, changed = smooth_correlation(bad)
    assert changed
    np.testing.assert_allclose(np.diag(smoothed), 1, atol=1e-12)
    # By symmetry two eigenvalues of 1.9 remain and rows keep equal length: r = ±1/2.
    np.testing.assert_allclose(np.abs(smoothed[np.tril_indices(3, -1)]), 0.5, atol=1e-8)
    good = np.array([[1, 0.3], [0.3, 1]])
    same, changed = smooth_correlation(good)
    assert not changed
    assert same is good
