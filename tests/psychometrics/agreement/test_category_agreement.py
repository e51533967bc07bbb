import numpy as np
import pytest
from statsmodels.stats.inter_rater import cohens_kappa

from learning_with_others.errors import CompendiumError
from learning_with_others.psychometrics.agreement.category_agreement import category_agreement

NO = np.nan
# Krippendorff (2011), section C: four observers, twelve units, some unrated.
FOUR_OBSERVERS = np.array(
    [
        [1, 2, 3, 3, 2, 1, 4, 1, 2, NO, NO, NO],
        [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, NO, 3],
        [NO, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, NO],
        [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, NO],
    ]
).T
# Sections A and B: two observers, two and five categories.
BINARY = np.array([[0, 1, 0, 0, 0, 0, 0, 0, 1, 0], [1, 1, 1, 0, 0, 1, 0, 0, 0, 0]], float).T
NOMINAL = np.array(
    [list(map(ord, word)) for word in ("aabbdcccedda", "babbbcccedddd"[:12])], float
).T
PRINTED = 0.0005 + 1e-9  # three decimals


def alpha(ratings, metric, resamples=200):
    statistic = f"krippendorff_{metric}"
    return category_agreement(ratings, statistic, probability=0.95, resamples=resamples, seed=1)


def kappa(ratings, weights):
    return category_agreement(ratings, f"kappa_{weights}", probability=0.95, resamples=2, seed=1)


@pytest.mark.parametrize(
    ("ratings", "metric", "printed"),
    [
        (BINARY, "nominal", 0.095),
        (NOMINAL, "nominal", 0.692),
        (FOUR_OBSERVERS, "nominal", 0.743),
        (FOUR_OBSERVERS, "ordinal", 0.815),
        (FOUR_OBSERVERS, "interval", 0.849),
    ],
)
def test_krippendorffs_own_examples(ratings, metric, printed):
    assert alpha(ratings, metric).estimate == pytest.approx(printed, abs=PRINTED)


def test_units_rated_once_do_not_count():
    assert alpha(FOUR_OBSERVERS, "ordinal").units == 11
    more = np.vstack([FOUR_OBSERVERS, [NO, 4, NO, NO]])
    assert alpha(more, "ordinal") == alpha(FOUR_OBSERVERS, "ordinal")


def test_interval_alpha_of_two_complete_raters_is_its_closed_form():
    rng = np.random.default_rng(2)
    ratings = rng.integers(1, 5, (30, 2)).astype(float)
    observed = ((ratings[:, 0] - ratings[:, 1]) ** 2).mean()
    expected = 2 * ratings.var(ddof=1)
    assert alpha(ratings, "interval").estimate == pytest.approx(1 - observed / expected)


def test_ordinal_alpha_depends_on_order_alone():
    stretched = np.where(FOUR_OBSERVERS == 5, 500, FOUR_OBSERVERS**3)
    one, other = alpha(FOUR_OBSERVERS, "ordinal"), alpha(stretched, "ordinal")
    assert one.estimate == pytest.approx(other.estimate)


def test_perfect_agreement_is_one():
    ratings = np.repeat(np.arange(10.0)[:, None] % 4, 3, axis=1)
    found = alpha(ratings, "ordinal")
    assert (found.estimate, found.lower, found.upper) == pytest.approx((1, 1, 1))


def test_the_interval_is_as_wide_as_the_spread_over_studies():
    rng = np.random.default_rng(8)

    def study():
        quality = rng.standard_normal((80, 1))
        return np.round(2 * quality + rng.standard_normal((80, 3)))

    standard_deviation = np.std([alpha(study(), "interval", 1).estimate for _ in range(300)])
    found = alpha(study(), "interval", 2_000)
    # A bootstrap from one study of 80 units knows the spread to about a fifth.
    assert (found.upper - found.lower) / 3.92 == pytest.approx(standard_deviation, rel=0.3)


def test_resamples_without_disagreement_are_flagged():
    ratings = np.array([[1.0, 1.0]] * 6 + [[1.0, 2.0]])
    found = alpha(ratings, "nominal", 500)
    # (6/7)⁷ = 34% of the resamples miss the one unit that differs.
    assert any("undefined in 3" in flag for flag in found.flags)
    assert np.isfinite(found.lower)


def test_ratings_that_are_all_alike_are_refused():
    with pytest.raises(CompendiumError, match="1 distinct values"):
        alpha(np.full((5, 2), 3.0), "nominal")


def test_units_rated_once_only_are_refused():
    with pytest.raises(CompendiumError, match="0 units have two ratings"):
        alpha(np.array([[1.0, NO], [NO, 2.0]]), "nominal")


def test_an_unknown_metric_is_answered_with_the_nearest():
    with pytest.raises(CompendiumError, match="did you mean 'krippendorff_ordinal'"):
        alpha(FOUR_OBSERVERS, "ordnal")


def raters(rng, n=300):
    quality = rng.standard_normal(n)
    cuts = [-1.0, 0.0, 1.0]
    return [1.0 + np.digitize(quality + 0.7 * rng.standard_normal(n), cuts) for _ in range(2)]


def test_kappa_does_not_depend_on_who_is_first():
    ratings = np.column_stack(raters(np.random.default_rng(5)))
    swapped = ratings.copy()
    swapped[::2] = swapped[::2, ::-1]
    one, other = (kappa(r, "linear") for r in (ratings, swapped))
    assert one.estimate == pytest.approx(other.estimate, abs=1e-12)


def test_kappa_of_two_raters_is_statsmodels_with_their_margins_pooled():
    first, second = raters(np.random.default_rng(6))
    table = np.zeros((4, 4))
    np.add.at(table, (first.astype(int) - 1, second.astype(int) - 1), 1)
    for weights in ("linear", "quadratic"):
        found = kappa(np.column_stack([first, second]), weights)
        peer = cohens_kappa((table + table.T) / 2, wt=weights)  # equal margins: Scott's is Cohen's
        assert found.estimate == pytest.approx(peer.kappa, abs=1e-12)


def test_quadratic_kappa_is_interval_alpha_but_for_its_small_sample_term():
    ratings = np.column_stack(raters(np.random.default_rng(7)))
    ratings[:50, 0] = np.nan
    left = 1 - kappa(ratings, "quadratic").estimate
    pairable = 2 * 250
    found = alpha(ratings, "interval").estimate
    assert 1 - found == pytest.approx(left * (pairable - 1) / pairable, abs=1e-12)
