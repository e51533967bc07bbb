import numpy as np
import pytest

from learning_with_others.errors import CompendiumError
from learning_with_others.psychometrics.agreement.kappa import exchangeable_kappa, weighted_kappa
from learning_with_others.psychometrics.agreement.krippendorff import krippendorff_alpha

CODES = np.arange(1, 5)
# Cohen (1968), table 1: shares of 200 diagnoses.
COHEN = np.array([[88, 14, 18], [10, 40, 10], [2, 6, 12]])
RESAMPLING = {"probability": 0.95, "resamples": 200, "seed": 1}


def raters(rng, n=300):
    quality = rng.standard_normal(n)
    cuts = [-1.0, 0.0, 1.0]
    return [1.0 + np.digitize(quality + 0.7 * rng.standard_normal(n), cuts) for _ in range(2)]


def test_cohens_own_example():
    row, column = np.indices((3, 3))
    first, second = (np.repeat(side.ravel(), COHEN.ravel()) for side in (row, column))
    found = weighted_kappa(first, second, np.arange(3), "unweighted", 0.95)
    assert found.estimate == pytest.approx(0.492, abs=0.0005)
    assert found.units == 200


def test_quadratic_kappa_is_the_concordance_of_moments():
    first, second = raters(np.random.default_rng(1))
    found = weighted_kappa(first, second, CODES, "quadratic", 0.95)
    covariance = np.cov(first, second, ddof=0)
    apart = (first.mean() - second.mean()) ** 2
    closed = 2 * covariance[0, 1] / (np.trace(covariance) + apart)  # Fleiss and Cohen (1973)
    assert found.estimate == pytest.approx(closed, abs=1e-12)


def test_linear_kappa_is_its_closed_form():
    first, second = raters(np.random.default_rng(2))
    found = weighted_kappa(first, second, CODES, "linear", 0.95)
    chance = np.abs(first[:, None] - second).mean()
    assert found.estimate == pytest.approx(1 - np.abs(first - second).mean() / chance, abs=1e-12)


@pytest.mark.parametrize("weights", ["unweighted", "quadratic"])
def test_the_standard_error_is_that_of_the_bootstrap(weights):
    rng = np.random.default_rng(3)
    first, second = raters(rng)
    found = weighted_kappa(first, second, CODES, weights, 0.95)
    resampled = []
    for _ in range(250):
        rows = rng.integers(0, 300, 300)
        resampled.append(weighted_kappa(first[rows], second[rows], CODES, weights, 0.95).estimate)
    # 250 resamples know a standard deviation to 4.5%; 18% is four times that.
    assert (found.upper - found.lower) / 3.92 == pytest.approx(np.std(resampled), rel=0.18)


def test_unrated_units_are_left_out():
    first, second = raters(np.random.default_rng(4))
    first[:100] = np.nan
    found = weighted_kappa(first, second, CODES, "linear", 0.95)
    assert found == weighted_kappa(first[100:], second[100:], CODES, "linear", 0.95)


def test_a_rating_outside_the_rubric_is_named():
    with pytest.raises(CompendiumError, match=r"rating 2\.5 is none of the categories"):
        weighted_kappa(np.array([1, 2.5]), np.array([1, 2.0]), CODES, "linear", 0.95)


def test_one_category_throughout_has_no_kappa():
    with pytest.raises(CompendiumError, match="in 1 categories, give no kappa"):
        weighted_kappa(np.full(9, 2.0), np.full(9, 2.0), CODES, "linear", 0.95)


def test_exchangeable_kappa_does_not_depend_on_who_is_first():
    ratings = np.column_stack(raters(np.random.default_rng(5)))
    swapped = ratings.copy()
    swapped[::2] = swapped[::2, ::-1]
    one, other = (exchangeable_kappa(r, "linear", **RESAMPLING) for r in (ratings, swapped))
    assert one.estimate == pytest.approx(other.estimate, abs=1e-12)


def test_unweighted_exchangeable_kappa_is_scotts():
    first, second = raters(np.random.default_rng(6))
    ratings = np.column_stack([first, second])
    share = np.bincount(ratings.ravel().astype(int))[1:] / ratings.size
    chance = (share**2).sum()
    closed = ((first == second).mean() - chance) / (1 - chance)
    found = exchangeable_kappa(ratings, "unweighted", **RESAMPLING)
    assert found.estimate == pytest.approx(closed, abs=1e-12)


def test_quadratic_exchangeable_kappa_is_interval_alpha_but_for_its_small_sample_term():
    ratings = np.column_stack(raters(np.random.default_rng(7)))
    ratings[:50, 0] = np.nan
    kappa = exchangeable_kappa(ratings, "quadratic", **RESAMPLING).estimate
    alpha = krippendorff_alpha(ratings, "interval", **RESAMPLING).estimate
    pairable = 2 * 250
    assert 1 - alpha == pytest.approx((1 - kappa) * (pairable - 1) / pairable, abs=1e-12)
