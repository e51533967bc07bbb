import numpy as np
import pytest
from graded_samples import (
    FOCAL,
    REFERENCE,
    SLOPES,
    THRESHOLDS,
    as_answers,
    draw,
    two_groups,
)
from scipy import stats

from learning_with_others.errors import CompendiumError
from learning_with_others.psychometrics.answers import Answers
from learning_with_others.psychometrics.response_models.ladder import climb_ladder
from learning_with_others.psychometrics.response_models.marginal import fit_response_model
from learning_with_others.psychometrics.response_models.nested_tests import score_tests

PEOPLE = 1500
ALIKE = 5  # seed; by design one in twenty seeds would have an item released by chance
STANDARD_ERRORS = 4  # one in 16,000 correct estimates lies further off; the seed is fixed


def climb(answers, group, **options):
    return climb_ladder(answers, group, focal=FOCAL, reference=REFERENCE, **options)


@pytest.fixture(scope="module")
def differing():
    """Thresholds of q2 differ, and slope and thresholds of q4."""
    return climb(*two_groups(PEOPLE, shift={1: 0.6, 3: 0.5}, slope={3: 0.5}))


@pytest.fixture(scope="module")
def alike():
    return climb(*two_groups(PEOPLE, seed=ALIKE))


def test_the_items_that_differ_are_released_and_say_how(differing):
    releases = differing.releases[differing.releases["step"] == "slopes and thresholds"]
    assert dict(zip(releases["item"], releases["released"], strict=True)) == {
        "q2": "thresholds",
        "q4": "slope and thresholds",
    }
    assert list(releases["order"]) == [1, 2]
    assert differing.anchors == ("q1", "q3", "q5")
    assert list(differing.slopes.purification.releases["item"]) == ["q4"]


def test_releasing_them_brings_the_gap_and_the_spread_back(differing):
    step = differing.thresholds
    assert abs(step.gap_released + 0.4) < STANDARD_ERRORS * step.gap_released_se
    assert abs(step.sd_released - 1.2) < STANDARD_ERRORS * step.sd_released_se
    # Two harder items of five made the focal group look lower.
    assert step.gap_change > 0.1
    assert step.gap_change == step.gap_released - step.gap_equal


def test_nothing_is_released_where_nothing_differs(alike):
    assert alike.releases.empty
    assert alike.thresholds.gap_change == 0
    assert alike.thresholds.sd_change == 0
    assert (alike.released.full == alike.equal.full).all()
    assert len(alike.anchors) == 5


def test_the_steps_are_nested_and_count_their_parameters(differing):
    steps = differing.steps.set_index("step")
    # Five items of four categories: 20 parameters a group.
    assert list(steps["parameters"]) == [40, 40 - 5 + 1, 20 + 2, 22 + 3 + 4]
    assert steps["converged"].all()
    likelihood = steps["log_likelihood"]
    assert (likelihood.iloc[:3].diff().dropna() < 0).all()
    assert likelihood.loc["equal slopes and thresholds"] < likelihood.loc["items released"]
    assert likelihood.loc["items released"] < likelihood.loc["configural"]
    row = steps.loc["equal slopes"]
    expected = 2 * (likelihood["configural"] - likelihood["equal slopes"])
    assert row["chisq"] == pytest.approx(expected)
    assert row["p"] == pytest.approx(stats.chi2.sf(expected, 4))
    np.testing.assert_allclose(steps["aic"], -2 * likelihood + 2 * steps["parameters"])
    penalty = np.log(2 * PEOPLE) * steps["parameters"]
    np.testing.assert_allclose(steps["bic"], -2 * likelihood + penalty)


def test_equal_slopes_identify_no_gap(alike):
    assert np.isnan(alike.slopes.gap_equal)
    assert alike.slopes.equal.means[FOCAL] == 0
    assert alike.slopes.sd_equal > 1


def test_either_group_may_be_the_reference(alike):
    """The same model on another scale: mean −m/s and sd 1/s."""
    answers, group = two_groups(PEOPLE, seed=ALIKE)
    labels = (FOCAL, REFERENCE)
    turned = fit_response_model(answers, group=group, labels=labels)
    gap, standard_deviation = alike.thresholds.gap_equal, alike.thresholds.sd_equal
    # The grid covers the trait from another place; its error shows in the sixth digit.
    assert turned.log_likelihood == pytest.approx(alike.equal.log_likelihood, abs=1e-3)
    assert turned.means[REFERENCE] == pytest.approx(-gap / standard_deviation, abs=1e-4)
    assert turned.standard_deviations[REFERENCE] == pytest.approx(1 / standard_deviation, abs=1e-4)


def test_score_tests_approximate_likelihood_ratios_where_nothing_differs(alike):
    fit = alike.equal
    wider = fit.structure.release([0], slopes=True, thresholds=True)
    (score,) = score_tests(fit, [wider])
    freed = fit_response_model(
        *two_groups(PEOPLE, seed=ALIKE)[:1],
        group=two_groups(PEOPLE, seed=ALIKE)[1],
        labels=(REFERENCE, FOCAL),
        structure=wider,
    )
    ratio = 2 * (freed.log_likelihood - fit.log_likelihood)
    assert score.df == 4
    # Equal to first order; with 1,500 people a group they differ by a tenth or so.
    assert score.chisq == pytest.approx(ratio, rel=0.2, abs=0.3)


def test_clusters_change_standard_errors_alone(alike):
    answers, group = two_groups(PEOPLE, seed=ALIKE)
    clustered = climb(answers, group, cluster=np.arange(2 * PEOPLE) % 50)
    assert clustered.thresholds.gap_equal == alike.thresholds.gap_equal
    assert clustered.thresholds.gap_equal_se != alike.thresholds.gap_equal_se
    few = climb(answers, group, cluster=np.arange(2 * PEOPLE) % 4)
    assert "4 clusters: standard errors rest on few" in few.flags


def test_when_all_items_differ_two_anchors_remain_and_a_flag():
    ladder = climb(*two_groups(PEOPLE, shift={0: 1.5, 1: 0.9, 2: 0.3, 3: -0.3, 4: -0.9}, seed=3))
    assert len(ladder.anchors) == 2
    assert any("only two anchors" in flag for flag in ladder.flags)


def test_small_groups_and_merged_answers_are_flagged():
    answers, group = two_groups(60)
    merged = Answers(answers.items, answers.codes, answers.categories, {"q3": (4.0,)})
    flags = climb(merged, group).flags
    assert "few answers: focal has fewer than 100 people" in flags
    assert "answers merged that a group never gave: q3" in flags


def test_two_items_have_no_ladder():
    answers, group = two_groups(100)
    with pytest.raises(CompendiumError, match="2 items: none could differ"):
        climb(as_answers(answers.codes[:, :2]), group)


def test_a_group_of_three_has_no_ladder():
    answers, group = two_groups(100)
    few = np.where((group == FOCAL) & (np.cumsum(group == FOCAL) > 3), "other", group)
    with pytest.raises(CompendiumError, match="3 people answered"):
        climb(answers, few)


def test_of_many_items_score_tests_choose_whose_ratios_decide():
    rng = np.random.default_rng(6)
    group = np.repeat(np.array([REFERENCE, FOCAL], dtype=object), 800)
    focal = group == FOCAL
    trait = rng.standard_normal(1600) * np.where(focal, 1.2, 1) - 0.4 * focal
    thresholds = np.tile(THRESHOLDS, (1600, 2, 1))
    thresholds[focal, 2] += 0.7
    ladder = climb(as_answers(draw(trait, np.tile(SLOPES, 2), thresholds, rng)), group)
    assert list(ladder.thresholds.purification.releases["item"]) == ["q3"]
    assert len(ladder.anchors) == 9
