import numpy as np
import pandas as pd
import pytest
from graded_samples import FOCAL, REFERENCE, SLOPES, as_answers, two_groups
from scipy import stats

from learning_with_others.psychometrics.response_models.differential_items import (
    differential_items,
    parameter_differences,
    score_differences,
    standardized_differences,
)
from learning_with_others.psychometrics.response_models.item_parameters import Structure
from learning_with_others.psychometrics.response_models.ladder import climb_ladder
from learning_with_others.psychometrics.response_models.marginal import fit_response_model, maximize
from learning_with_others.psychometrics.response_models.standard_errors import delta_method, moments

SHIFT, FACTOR = 0.6, 0.5
STANDARD_ERRORS = 4  # one in 16,000 correct estimates lies further off; the seed is fixed


@pytest.fixture(scope="module")
def ladder():
    answers, group = two_groups(1500, shift={1: SHIFT}, slope={3: FACTOR})
    return climb_ladder(answers, group, focal=FOCAL, reference=REFERENCE)


@pytest.fixture(scope="module")
def table(ladder):
    return differential_items(ladder).set_index("item")


def test_what_was_planted_is_found_in_kind_and_size(table):
    shifted, flatter = table.loc["q2"], table.loc["q4"]
    assert shifted["p_uniform"] < 1e-6
    assert shifted["p_nonuniform"] > 0.01
    error = STANDARD_ERRORS * shifted["threshold_shift_se"]
    assert shifted["threshold_shift"] == pytest.approx(SHIFT, abs=error)
    assert flatter["p_nonuniform"] < 1e-6
    assert np.log(flatter["slope_ratio"] / FACTOR) < STANDARD_ERRORS * flatter["slope_ratio_se"]
    assert flatter["slope_difference"] == pytest.approx(
        SLOPES[3] * (FACTOR - 1), abs=STANDARD_ERRORS * flatter["slope_difference_se"]
    )
    assert list(table["released"] != "") == [False, True, False, True, False]


def test_anchors_differ_by_nothing_that_shows(table):
    anchors = table[table["released"] == ""]
    assert (anchors["p_bh"] > 0.05).all()
    shift, error = anchors["threshold_shift"], anchors["threshold_shift_se"]
    assert (shift.abs() < STANDARD_ERRORS * error).all()


def test_uniform_and_nonuniform_add_up_to_the_whole(table):
    parts = table["chisq_uniform"] + table["chisq_nonuniform"]
    np.testing.assert_allclose(parts, table["chisq"], atol=1e-6)
    assert (table["df_uniform"] + table["df_nonuniform"] == table["df"]).all()
    np.testing.assert_allclose(table["p"], stats.chi2.sf(table["chisq"], table["df"]))


def test_the_gap_change_is_that_of_a_fit_with_the_item_alone_free(ladder, table):
    answers, group = two_groups(1500, shift={1: SHIFT}, slope={3: FACTOR})
    alone = fit_response_model(
        answers,
        group=group,
        labels=(REFERENCE, FOCAL),
        structure=Structure(
            frozenset([1]), frozenset([1]), free_means=True, free_standard_deviations=True
        ),
    )
    row = table.loc["q2"]
    expected = alone.means[FOCAL] - ladder.equal.means[FOCAL]
    assert row["gap_change"] == pytest.approx(expected, abs=1e-4)  # two searches
    assert row["gap_change"] > 0.05
    assert row["direction"] == "holding it equal lowers focal"


def test_expected_score_differences_are_means_over_the_focal_group(ladder):
    """Against answers drawn from both sets of parameters at the same trait values."""
    fit = ladder.released
    rng = np.random.default_rng(8)
    trait = fit.means[FOCAL] + fit.standard_deviations[FOCAL] * rng.standard_normal(400_000)
    scores = []
    for label in (REFERENCE, FOCAL):
        item = fit.parameters[label]
        curves = 1 / (1 + np.exp(-(item.slopes[1] * trait[:, None] + item.intercepts[1])))
        scores.append(curves.sum(axis=1))
    difference = scores[1] - scores[0]
    signed, unsigned = score_differences(fit.problem, fit.full)
    # Monte Carlo error of a mean of 400,000 differences of sd .1: .0002.
    assert signed[1] == pytest.approx(difference.mean(), abs=1e-3)
    assert unsigned[1] == pytest.approx(np.abs(difference).mean(), abs=1e-3)
    pooled = np.sqrt((scores[0].var() + scores[1].var()) / 2)
    assert standardized_differences(fit.problem, fit.full)[1] == pytest.approx(
        difference.mean() / pooled, abs=2e-3
    )


def test_equal_items_have_no_effect(ladder):
    signed, unsigned = score_differences(ladder.equal.problem, ladder.equal.full)
    assert (signed == 0).all()
    assert (unsigned == 0).all()


def test_standard_errors_are_those_of_a_fit_of_the_item_itself(ladder, table):
    """For an anchor they come from the information at the ladder's fit, not at its own."""

    structure = ladder.released.structure.release([0], slopes=True, thresholds=True)
    fit = maximize(ladder.released.problem, structure, ladder.released)
    own = delta_method(
        fit, moments(fit), lambda full: parameter_differences(fit.problem, full)[0, [0]]
    )
    row = table.loc["q1"]
    assert row["threshold_shift"] == pytest.approx(own.value[0], abs=1e-4)
    assert row["threshold_shift_se"] == pytest.approx(own.standard_error[0], rel=0.1)


def test_children_are_counted(table):
    assert (table["children"] == 3000).all()
    assert (table["children_focal"] == 1500).all()
    assert isinstance(table, pd.DataFrame)


def test_differences_of_the_scale_are_those_of_its_items(ladder):
    signed, unsigned = score_differences(ladder.released.problem, ladder.released.full)
    assert signed[-1] == pytest.approx(signed[:-1].sum())
    assert unsigned[-1] <= unsigned[:-1].sum() + 1e-12


CLOSE = {"rtol": 0, "atol": 1e-12}  # the same arithmetic on the same numbers, but for rounding


@pytest.mark.parametrize("most", [(3, 4, 4, 4, 4), (2, 4, 3, 4, 4), (2, 2, 2, 2, 4)])
def test_items_with_fewer_answers_than_others_have_effect_sizes(most):
    answers, group = two_groups(300, shift={1: SHIFT})
    codes = np.minimum(answers.codes, np.array(most) - 1)
    ladder = climb_ladder(as_answers(codes), group, focal=FOCAL, reference=REFERENCE)
    found = differential_items(ladder)
    fit = ladder.released
    whole, _ = score_differences(fit.problem, fit.full)
    shift = parameter_differences(fit.problem, fit.full)[0]
    assert np.isfinite(found[["threshold_shift_se", "essd", "score_difference"]]).all(axis=None)
    for place in np.flatnonzero(found["released"] == "slope and thresholds"):
        np.testing.assert_allclose(found["score_difference"][place], whole[place], **CLOSE)
        np.testing.assert_allclose(found["threshold_shift"][place], shift[place], **CLOSE)
