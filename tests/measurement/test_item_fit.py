import itertools

import numpy as np
import pandas as pd
import pytest
from conftest import ROOT
from scipy import stats

from learning_with_others.data.reading import codebook_of, read_study
from learning_with_others.measurement.graded_scales import student_scales
from learning_with_others.measurement.item_fit import COLUMNS, curve_fit, item_fit, item_fit_table
from learning_with_others.psychometrics.answers import MISSING, Answers
from learning_with_others.psychometrics.response_models.curves import category_probabilities
from learning_with_others.psychometrics.response_models.item_parameters import ItemParameters
from learning_with_others.psychometrics.response_models.marginal import fit_response_model
from learning_with_others.psychometrics.response_models.marginal_problem import (
    even_grid,
    normal_weights,
)
from learning_with_others.psychometrics.response_models.model_fit import (
    FEWEST_EXPECTED,
    _joined,
    score_fit,
    summed_score_probabilities,
)
from learning_with_others.study import load_study

MIXED = ItemParameters(
    ("a", "b", "c"),
    np.array([1.3, 0.8, 1.9]),
    np.array([[1.0, -0.7, np.nan], [0.3, np.nan, np.nan], [1.5, 0.2, -1.1]]),
)


def simulated(parameters, people, rng):
    """Answers of people whose trait is standard normal."""
    chance = category_probabilities(parameters, rng.normal(size=people))
    passed = rng.random((len(parameters.items), 1, people)) > chance.cumsum(axis=1)[:, :-1]
    codes = passed.sum(axis=1).T.astype(np.int16)
    # Rounding leaves the last sum just under 1: never beyond an item's categories.
    return Answers(
        parameters.items, np.minimum(codes, parameters.categories - 1), parameters.categories
    )


def evenly(items, categories, slopes, family="graded"):
    thresholds = np.linspace(-0.7, 0.7, items)[:, None] + np.linspace(-1, 1, categories - 1)
    slopes = np.broadcast_to(slopes, items).astype(float)
    names = tuple(f"item_{number}" for number in range(items))
    return ItemParameters(names, slopes, -slopes[:, None] * thresholds, family)


def test_the_recursion_is_enumeration():
    grid = np.linspace(-2, 2, 5)
    chance = category_probabilities(MIXED, grid)
    for left_out in (-1, 0, 2):
        found = summed_score_probabilities(chance, MIXED.categories, left_out)
        expected = np.zeros_like(found)
        items = [item for item in range(3) if item != left_out]
        for codes in itertools.product(*(range(MIXED.categories[item]) for item in items)):
            each = [chance[item, code] for item, code in zip(items, codes, strict=True)]
            expected[sum(codes)] += np.prod(each, axis=0)
        np.testing.assert_allclose(found, expected, atol=1e-14)
    np.testing.assert_allclose(found.sum(axis=0), 1)


def test_the_statistic_is_the_sum_over_enumerated_cells():
    # Large enough that nothing has to be joined: cells by brute force over all patterns.
    answers = simulated(MIXED, 4000, np.random.default_rng(3))
    grid = even_grid()
    weights = normal_weights(0.0, 0.0, grid)
    chance = category_probabilities(MIXED, grid)
    cells = {}
    for codes in itertools.product(*(range(number) for number in MIXED.categories)):
        share = np.prod([chance[i, c] for i, c in enumerate(codes)], axis=0) @ weights
        key = (sum(codes), codes[0])
        cells[key] = cells.get(key, 0) + share
    total = answers.codes.sum(axis=1)
    statistic, free = 0.0, 0
    for score in range(1, 6):
        own = {answer: share for (s, answer), share in cells.items() if s == score}
        people = (total == score).sum()
        expected = {answer: people * share / sum(own.values()) for answer, share in own.items()}
        assert min(expected.values()) > FEWEST_EXPECTED
        for answer, number in expected.items():
            seen = ((total == score) & (answers.codes[:, 0] == answer)).sum()
            statistic += (seen - number) ** 2 / number
        free += len(own) - 1
    found = score_fit(answers, MIXED)[0]
    assert found.statistic == pytest.approx(statistic, rel=1e-9)
    assert found.df == free - 3  # a slope and two thresholds
    assert found.p == pytest.approx(stats.chi2.sf(statistic, free - 3))
    misfit = max(0, statistic - found.df) / (found.df * 3999)
    assert found.rmsea == pytest.approx(np.sqrt(misfit))


def test_joining_keeps_every_person_and_leaves_no_small_cell():
    rng = np.random.default_rng(8)
    expected = rng.gamma(0.6, 2.0, size=(14, 4))
    observed = rng.poisson(expected).astype(float)
    cells = _joined(observed, expected)
    assert sum(o.sum() for o, _ in cells) == observed.sum()
    assert sum(e.sum() for _, e in cells) == pytest.approx(expected.sum())
    assert min(e.min() for _, e in cells) >= FEWEST_EXPECTED
    assert min(len(o) for o, _ in cells) >= 2


def test_true_models_are_rejected_about_as_often_as_said():
    # 120 fitted studies of 5 items: 600 tests at 5%. Binomial: 30 expected, sd 5.3 (items of one
    # study depend on each other little). 12 to 50 is within 3.5 sd, and leaves the room above that
    # an approximation with expected numbers near one needs.
    parameters = evenly(5, 3, np.linspace(0.9, 1.9, 5))
    rng = np.random.default_rng(11)
    p = []
    for _ in range(120):
        answers = simulated(parameters, 300, rng)
        fit = fit_response_model(answers)
        p += [item.p for item in score_fit(answers, fit.parameters["everyone"])]
    assert 12 <= (np.array(p) < 0.05).sum() <= 50
    assert 0.4 < np.mean(p) < 0.6  # mean of a uniform: .5, sd of the mean .012


def test_an_item_that_falls_again_is_found():
    parameters = evenly(6, 3, 1.5)
    rng = np.random.default_rng(2)
    found, rmsd = [], []
    for _ in range(10):
        trait = rng.normal(size=800)
        chance = category_probabilities(parameters, trait)
        passed = rng.random((6, 1, 800)) > chance.cumsum(axis=1)[:, :-1]
        codes = passed.sum(axis=1).T.astype(np.int16)
        # Highest answer in the middle of the trait, lowest at both ends.
        codes[:, 2] = np.clip(np.round(2 - np.abs(trait - 0.5) + 0.3 * rng.normal(size=800)), 0, 2)
        answers = Answers(parameters.items, codes, parameters.categories)
        table = item_fit(answers, fit_response_model(answers).parameters["everyone"])
        found.append(table["p_holm"].to_numpy()[2] < 0.05)
        rmsd.append(table["rmsd"].to_numpy())
    assert all(found)
    # Off by .08 of its range, and no more, because the item itself moves the posteriors.
    assert (np.argmax(rmsd, axis=1) == 2).all()
    assert np.mean(rmsd, axis=0)[2] > 0.06
    assert np.delete(np.mean(rmsd, axis=0), 2).max() < 0.03


def test_mean_squares_are_one_under_the_model_and_tell_its_breaches_apart():
    parameters = evenly(6, 4, 1.2, "partial_credit")
    rng = np.random.default_rng(4)
    fits = [curve_fit(simulated(parameters, 500, rng), parameters) for _ in range(40)]
    for name in ("infit", "outfit"):
        values = np.array([getattr(fit, name) for fit in fits])
        # Sd of one value about .05, of the mean of 40 about .008: 4 of these.
        np.testing.assert_allclose(values.mean(axis=0), 1, atol=0.03)
    slopes = np.array([1.2, 2.5, 1.2, 0.4, 1.2, 1.2])
    uneven = ItemParameters(
        parameters.items, slopes, parameters.intercepts * slopes[:, None] / 1.2, "partial_credit"
    )
    found = curve_fit(simulated(uneven, 3000, rng), parameters)
    assert found.infit[1] < 0.9  # steeper than said: answers too regular
    assert found.infit[3] > 1.1
    assert np.isnan(curve_fit(simulated(MIXED, 50, rng), MIXED).infit).all()


def test_incomplete_rows_count_for_curves_only():
    answers = simulated(evenly(4, 3, 1.3), 400, np.random.default_rng(6))
    codes = answers.codes.copy()
    codes[:150, 0] = MISSING
    codes[150:160] = MISSING
    table = item_fit(Answers(answers.items, codes, answers.categories), evenly(4, 3, 1.3))
    assert list(table) == COLUMNS[1:]
    assert table["children"].tolist() == [240, 390, 390, 390]
    assert set(table["children_complete"]) == {240}
    whole = item_fit(answers.rows(np.arange(160, 400)), evenly(4, 3, 1.3))
    np.testing.assert_allclose(table["statistic"], whole["statistic"])


@pytest.mark.parametrize("people", [0, 1, 40])
def test_too_little_to_judge_by_is_flagged(people):
    parameters = evenly(2, 2, 1.0)
    table = item_fit(simulated(parameters, people, np.random.default_rng(1)), parameters)
    assert table["p"].isna().all()
    assert table["flag"].str.contains("no degree of freedom").all()
    assert table["flag"].str.contains(f"rests on {people} complete rows").all()
    if people == 0:
        assert table["rmsd"].isna().all()


def test_the_table_covers_the_fitted_scales_and_flags_foreign_parameters():
    study = load_study(ROOT / "data/learning-with-others")
    columns = codebook_of(study)["students"]
    rows = read_study(study).students
    given = student_scales(rows, study, columns)["engagement"].answers
    parameters = fit_response_model(given).parameters["everyone"]
    fitted = {"engagement": parameters, "belonging": parameters}
    table = item_fit_table(rows, study, columns, fitted)
    assert list(table) == COLUMNS
    good = table[table["scale"] == "engagement"]
    assert good["item"].tolist() == list(given.items)
    assert good["children"].tolist() == (given.codes >= 0).sum(axis=0).tolist()
    [wrong] = table[table["scale"] == "belonging"].itertuples()
    assert "parameters are of eng_1" in wrong.flag
    assert pd.isna([wrong.children, wrong.children_complete, wrong.p]).all()
    assert item_fit_table(rows, study, columns, {}).empty
