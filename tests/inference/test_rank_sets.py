"""Rank sets against closed forms; for PISA see tests/reference."""

import numpy as np
import pytest
from scipy import integrate, optimize, stats

from learning_with_others.errors import CompendiumError
from learning_with_others.inference.rank_sets import (
    DRAWS,
    could_be_among,
    rank_sets,
    ranks_of,
    value_draws,
)

BOTH = pytest.mark.parametrize("simultaneous", [False, True])
# The 95% point of the largest difference is drawn: its error is √(.95 × .05 / draws) over a density
# that is above .08 in all cases here. Four errors.
FOUR_ERRORS = 4 * np.sqrt(0.95 * 0.05 / DRAWS) / 0.08


def two(difference, **given):
    return rank_sets(np.array([difference, 0.0]), np.array([0.6, 0.8]), **given)


@BOTH
@pytest.mark.parametrize(("degrees", "quantile"), [(np.inf, stats.norm), (9, stats.t(9))])
def test_two_units_are_told_apart_by_the_usual_test(simultaneous, degrees, quantile):
    """The difference has variance .36 + .64 = 1."""
    critical = quantile.ppf(0.975)
    given = {"simultaneous": simultaneous, "degrees": degrees}
    apart = two(critical + FOUR_ERRORS, **given)
    assert (apart.lower.tolist(), apart.upper.tolist()) == ([1, 2], [1, 2])
    together = two(critical - FOUR_ERRORS, **given)
    assert (together.lower.tolist(), together.upper.tolist()) == ([1, 1], [2, 2])


@BOTH
def test_a_covariance_enters_the_difference(simultaneous):
    """Variance 1 + 1 − 2 × .5 = 1, where independent estimates would have 2."""
    covariance = np.array([[1.0, 0.5], [0.5, 1.0]])
    found = rank_sets(np.array([2.2, 0.0]), covariance, simultaneous=simultaneous)
    assert found.upper.tolist() == [1, 2]
    found = rank_sets(np.array([2.2, 0.0]), np.ones(2), simultaneous=simultaneous)
    assert found.upper.tolist() == [2, 2]


@pytest.mark.parametrize("degrees", [np.inf, 9])
@pytest.mark.parametrize("units", [3, 6])
def test_all_pairs_are_compared_as_by_tukey(units, degrees):
    """Simultaneously, one unit is told apart at the studentized range over √2, none below it."""
    critical = stats.studentized_range.ppf(0.95, units, degrees)  # variance of a difference: 2
    for far, tells in ((critical + 2 * FOUR_ERRORS, True), (critical - 2 * FOUR_ERRORS, False)):
        estimates = np.r_[far, np.zeros(units - 1)]
        found = rank_sets(estimates, np.ones(units), simultaneous=True, degrees=degrees)
        assert (found.upper[0] == 1) == tells
        assert (found.lower[1:] == 2).all() == tells


def test_one_unit_is_compared_as_by_dunnett():
    """The largest of two differences that share a unit, whose correlation is one half."""

    def beyond(critical):
        law = stats.multivariate_normal(cov=[[1, 0.5], [0.5, 1]])
        return law.cdf([critical] * 2, lower_limit=[-critical] * 2) - 0.95

    critical = optimize.brentq(beyond, 1.9, 2.5) * np.sqrt(2)
    for far, tells in ((critical + 2 * FOUR_ERRORS, True), (critical - 2 * FOUR_ERRORS, False)):
        found = rank_sets(np.array([far, 0.0, 0.0]), np.ones(3), simultaneous=False)
        assert (found.upper[0] == 1) == tells


def test_stepdown_finds_what_one_step_does_not():
    """The first unit is far above two others, of which only the difference is in question.

    Left in the family are that difference in both directions, and that the first unit is the
    smaller one: u and v, the others less the first, under c, and |u − v| under c.
    """
    law = stats.multivariate_normal(cov=[[2, 1], [1, 2]])

    def beyond(critical):
        def density(v, u):
            return law.pdf([u, v])

        ends = (lambda u: u - critical, lambda u: min(u + critical, critical))
        return integrate.dblquad(density, -9, critical, *ends, epsabs=1e-6)[0] - 0.95

    critical = optimize.brentq(beyond, 2.7, 3.4, xtol=1e-4)
    one_step = stats.studentized_range.ppf(0.95, 3, np.inf)
    more = 20 * DRAWS
    errors = 2 * FOUR_ERRORS / np.sqrt(20)
    between = critical + errors
    assert between < one_step - errors
    for estimate, stepdown, upper in (
        (between, False, [1, 3, 3]),
        (between, True, [1, 2, 3]),
        (critical - errors, True, [1, 3, 3]),
    ):
        estimates = np.array([100.0, estimate, 0.0])
        given = {"stepdown": stepdown, "draws": more}
        found = rank_sets(estimates, np.ones(3), simultaneous=True, **given)
        assert found.upper.tolist() == upper


@BOTH
def test_equal_units_may_have_any_rank_and_separated_ones_their_own(simultaneous):
    equal = rank_sets(np.full(5, 2.0), np.ones(5), simultaneous=simultaneous)
    assert (equal.lower == 1).all()
    assert (equal.upper == 5).all()
    apart = rank_sets(np.array([10.0, 40, 20, 30]), np.ones(4), simultaneous=simultaneous)
    assert apart.lower.tolist() == apart.upper.tolist() == [4, 1, 3, 2]
    assert could_be_among(2, apart).tolist() == [False, True, False, True]


def test_simultaneous_sets_hold_the_marginal_ones():
    random = np.random.default_rng(3)
    for _ in range(20):
        estimates, errors = random.normal(size=8), random.uniform(0.1, 0.6, size=8)
        narrow = rank_sets(estimates, errors, simultaneous=False, draws=4000)
        wide = rank_sets(estimates, errors, simultaneous=True, draws=4000)
        assert (wide.lower <= narrow.lower).all()
        assert (wide.upper >= narrow.upper).all()
        ranks = ranks_of(estimates)
        assert ((narrow.lower <= ranks) & (ranks <= narrow.upper)).all()


@BOTH
def test_the_order_of_the_units_does_not_matter(simultaneous):
    random = np.random.default_rng(5)
    estimates, errors = 3 * random.normal(size=6), random.uniform(0.2, 0.4, size=6)
    order = random.permutation(6)
    found = rank_sets(estimates, errors, simultaneous=simultaneous)
    moved = rank_sets(estimates[order], errors[order], simultaneous=simultaneous)
    assert np.array_equal(found.lower[order], moved.lower)
    assert np.array_equal(found.upper[order], moved.upper)


@BOTH
def test_a_difference_without_variance_is_known(simultaneous):
    """Two items answered alike but for one point: estimates that move together."""
    covariance = np.ones((2, 2))
    found = rank_sets(np.array([1.0, 1.1]), covariance, simultaneous=simultaneous)
    assert found.lower.tolist() == found.upper.tolist() == [2, 1]
    equal = rank_sets(np.array([1.0, 1.0]), covariance, simultaneous=simultaneous)
    assert equal.upper.tolist() == [2, 2]
    alone = rank_sets(np.array([1.0]), np.ones(1), simultaneous=simultaneous)
    assert (alone.lower.tolist(), alone.upper.tolist()) == ([1], [1])


def test_equal_values_share_a_rank():
    assert ranks_of(np.array([3.0, 1.0, 3.0, 0.5])).tolist() == [1, 3, 1, 4]


def test_posterior_draws_have_the_given_moments():
    covariance = np.array([[1.0, 0.6, 0], [0.6, 2.0, 0], [0, 0, 0]])
    drawn = value_draws(np.array([1.0, -1, 0]), covariance)
    # Errors of means and covariances of 20,000 draws; the largest variance is 2.
    assert drawn.mean(axis=0) == pytest.approx([1, -1, 0], abs=4 * np.sqrt(2 / DRAWS))
    assert np.cov(drawn.T) == pytest.approx(covariance, abs=4 * 2 * np.sqrt(2 / DRAWS))
    # P(first > second) in closed form: a difference of 2 with variance 1 + 2 − 1.2.
    expected = stats.norm.cdf(2 / np.sqrt(1.8))
    assert (drawn[:, 0] > drawn[:, 1]).mean() == pytest.approx(expected, abs=4 * 0.5 / DRAWS**0.5)


@pytest.mark.parametrize(
    ("estimates", "covariance", "words"),
    [([1, 2], [1, 1, 1], "2 estimates"), ([1, np.nan], [1, 1], "missing")],
)
def test_what_cannot_be_ranked_is_refused(estimates, covariance, words):
    with pytest.raises(CompendiumError, match=words):
        rank_sets(np.array(estimates, float), np.array(covariance, float), simultaneous=True)
