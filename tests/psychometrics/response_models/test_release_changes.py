"""Releases to first order against full searches, and verdicts against known truth."""

import numpy as np
import pandas as pd
import pytest
from deep import DOZEN, dozen_or, keep
from graded_samples import FOCAL, REFERENCE, two_groups

from learning_with_others.measurement.comparability_verdicts import judge
from learning_with_others.psychometrics.answers import grade_answers
from learning_with_others.psychometrics.comparability.decision import Comparison, Verdict
from learning_with_others.psychometrics.comparability.needed_size import needed_size
from learning_with_others.psychometrics.response_models.ladder import climb_ladder
from learning_with_others.psychometrics.response_models.nested_tests import likelihood_ratio
from learning_with_others.psychometrics.response_models.release_expansion import expand

SHIFT, SLOPE, ITEMS, GAP = 0.6, 1.7, 4, -0.4
MOST_WRONG = 0.05  # of data sets in which a shift of .6 may be called comparable
POWER, MANY = 0.8, 100
TWO_ERRORS = 0.08  # twice the standard error of a share of .8 in a hundred data sets
CLUSTER, FEWER = 10, 0.2  # people in one; of a group, the share in the half of the other
TRAIT_SD, ITEM_SD = 0.4, 0.4  # between clusters, the trait's sd within them being 1


def climb(answers, group, **options):
    return climb_ladder(answers, group, focal=FOCAL, reference=REFERENCE, **options)


def sample(people, seed, shifts=(), *, clustered=False, items=ITEMS):
    """Four equally steep items, or more; thresholds of some are harder for the focal group.

    Returns answers, groups and, if clustered, clusters of ten people, half of which hold four
    fifths of the focal group, and between which traits and single items differ.
    """
    rng = np.random.default_rng(seed)
    group = np.repeat(np.array([REFERENCE, FOCAL], dtype=object), people)
    focal = group == FOCAL
    trait = rng.standard_normal(2 * people) * np.where(focal, 1.2, 1) + GAP * focal
    thresholds = np.array([-1.5, -0.2, 1.0]) + np.linspace(-0.4, 0.4, items)[:, None]
    thresholds = np.tile(thresholds, (2 * people, 1, 1))
    for item, shift in enumerate(shifts):
        thresholds[focal, item] += shift
    latent = trait[:, None] + rng.logistic(size=(2 * people, items)) / SLOPE
    cluster = np.arange(2 * people)
    if clustered:
        pairs = 2 * people // (2 * CLUSTER)
        other = rng.random(2 * people) < FEWER  # the half with fewer of one's own group
        cluster = 2 * rng.integers(pairs, size=2 * people) + (focal ^ other)
        effects = rng.standard_normal((2 * pairs, 1 + items)) * [TRAIT_SD, *[ITEM_SD] * items]
        latent += effects[cluster, :1] + effects[cluster, 1:]
    given = pd.DataFrame((latent[..., None] > thresholds).sum(axis=-1)).add_prefix("q")
    return grade_answers(given, group), group, cluster if clustered else None


@pytest.fixture(scope="module")
def ladder():
    return climb(*two_groups(1500))


def test_the_first_order_is_that_of_full_searches(ladder):
    """Where nothing differs; what remains is of second order, up to a fifth of a standard error."""
    step = ladder.thresholds
    people = 3000
    expansion = expand(step.equal, np.arange(people))
    table = step.changes.table
    for item in range(5):
        wide = step.equal.structure.release([item], slopes=True, thresholds=True)
        gain = expansion.gain(wide)
        change = gain[-2] @ (gain.T @ expansion.total)
        row = table.iloc[item]
        error = (row["upper"] - row["lower"]) / 2 / 1.645
        assert change == pytest.approx(row["change"], abs=error / 5)
        influence = gain @ gain[-2]
        assert np.sqrt(expansion.variance(influence[:, None])[0]) == pytest.approx(error, rel=0.1)


@pytest.mark.parametrize("items", [4, 10])
@pytest.mark.parametrize("shift", [0.3, 0.6, 1.0])
def test_the_release_of_an_item_that_differs_restores_the_gap(items, shift):
    """Ten items too: to first order, the change was .12 for .065 there, and .31 for .10."""
    answers, group, _ = sample(1500, 1, (shift,), items=items)
    step = climb(answers, group).thresholds
    change = step.changes.table.set_index("item")["change"]
    # The planted gap is -.4; 1,500 people a group leave a standard error of .04 to it.
    assert step.gap_equal + change["q0"] == pytest.approx(GAP, abs=3 * step.gap_equal_se)
    # Held equal, all items share the shift, so that the gap is off by about its mean.
    assert shift / items / 3 < change["q0"] < shift / items * 1.5
    assert change.drop(["q0", ""]).abs().max() < change["q0"]


def test_clusters_of_independent_people_change_a_test_by_chance_alone(ladder):
    """Pairs of neighbours, who are independent here; and people alone."""
    equal, free = ladder.equal, ladder.slopes.equal
    pairs = expand(equal, np.arange(3000) // 2)
    alone = expand(equal, np.arange(3000))
    once = likelihood_ratio(equal, free, alone)
    assert once.chisq == pytest.approx(likelihood_ratio(equal, free).chisq, rel=0.1)
    gain = alone.gain(free.structure)
    assert gain.shape[1] == once.df
    assert pairs.cluster_factor(gain) == pytest.approx(alone.cluster_factor(gain), rel=0.1)


def test_the_needed_size_of_one_change_has_a_closed_form():
    """P(|z| + 1.645 < margin √n / σ) = .8 where z's two tails are .2: 1.2816 + 1.6449."""
    expected = ((1.2816 + 1.6449) / 0.1) ** 2
    # 4,000 draws leave about 2% uncertain of a quantile's square.
    assert needed_size(np.eye(1), 0.1) == pytest.approx(expected, rel=0.03)
    together = needed_size(np.full((3, 3), 1.0), 0.1)
    assert together == pytest.approx(expected, rel=0.04)
    assert needed_size(np.eye(3), 0.1) > together


def judged(people, seed, shifts=(), *, clustered=False):
    answers, group, cluster = sample(people, seed, shifts, clustered=clustered)
    return judge(climb(answers, group, cluster=cluster))[Comparison.LEVELS]


def share_comparable(people, count, shifts=(), *, clustered=False):
    found = [judged(people, seed, shifts, clustered=clustered).verdict for seed in range(count)]
    return float(np.mean([each == Verdict.COMPARABLE for each in found]))


def few_or_many(sizes, few):
    """Every size in a deep run, some in every run of the tests."""
    deep = [pytest.param(size, MANY, marks=pytest.mark.deep) for size in sizes]
    return [*((size, DOZEN) for size in few), *deep]


@pytest.mark.parametrize(("people", "count"), few_or_many((30, 50, 100, 250, 500), (30, 100, 500)))
def test_a_shift_is_not_called_comparable(people, count):
    share = share_comparable(people, count, (SHIFT,))
    keep(f"comparable_{people}", count, share=share)
    assert share <= MOST_WRONG if count > DOZEN else share <= 1 / DOZEN


@pytest.mark.parametrize(("people", "count"), few_or_many((100, 250, 500), (100,)))
def test_a_shift_in_clusters_is_not_called_comparable(people, count):
    share = share_comparable(people, count, (SHIFT,), clustered=True)
    keep(f"comparable_in_clusters_{people}", count, share=share)
    assert share <= MOST_WRONG if count > DOZEN else share <= 1 / DOZEN


@pytest.mark.parametrize("clustered", [False, True], ids=["people", "clusters"])
@pytest.mark.parametrize("count", dozen_or(MANY))
def test_at_the_size_that_the_rule_names_no_shift_is_comparable(count, clustered):
    # One sample names a size with an error of its own; the median of a dozen, hardly.
    named = [judged(100, seed, clustered=clustered).needed for seed in range(DOZEN)]
    size = int(np.ceil(np.nanmedian(named)))
    share = share_comparable(size, count, clustered=clustered)
    where = "_in_clusters" * clustered
    keep(f"comparable_at_needed_size{where}", count, share=share, named=size)
    # A dozen are fewer than seven in ten once in 14 times where the power is .8.
    assert share >= (POWER - TWO_ERRORS if count > DOZEN else 0.5)


def test_opposing_shifts_leave_no_unique_anchor():
    opposing = (SHIFT, -SHIFT, SHIFT, -SHIFT)
    found = [judged(500, seed, opposing).verdict for seed in range(3)]
    assert found == [Verdict.NOT_COMPARABLE] * 3
