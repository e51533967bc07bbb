import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from conftest import ROOT

from learning_with_others.data.reading import codebook_of, read_study
from learning_with_others.measurement.figures.traits import draw_information, draw_wright_map
from learning_with_others.measurement.graded_scales import student_scales
from learning_with_others.measurement.information import TRAIT, information_table, item_information
from learning_with_others.measurement.information import test_information as information_of_test
from learning_with_others.psychometrics.response_models.curves import category_probabilities
from learning_with_others.psychometrics.response_models.item_parameters import ItemParameters
from learning_with_others.psychometrics.response_models.marginal import fit_response_model
from learning_with_others.study import load_study

SLOPES = np.array([1.4, 0.7, 2.2])
STEPS = np.array([[1.6, 0.2, -0.9], [2.0, -0.5, np.nan], [0.4, np.nan, np.nan]])
GRID = np.linspace(-3, 3, 13)
GROUPS = ("Black", "White")
# Second differences with steps of 1e-3: error of the order of the step squared.
SECOND_DIFFERENCE = 1e-5


@pytest.mark.parametrize(
    ("family", "link", "slopes"),
    [
        ("graded", "logit", SLOPES),
        ("graded", "probit", SLOPES / 1.7),
        ("partial_credit", "logit", np.full(3, 1.2)),
        ("rating_scale", "logit", np.full(3, 1.0)),
    ],
)
def test_information_is_the_expected_curvature_of_the_log_probability(family, link, slopes):
    parameters = ItemParameters(("a", "b", "c"), slopes, STEPS, family, link)
    step = 1e-3
    curves = [category_probabilities(parameters, GRID + move) for move in (-step, 0, step)]
    with np.errstate(divide="ignore", invalid="ignore"):
        below, here, above = (np.log(curve) for curve in curves)
        curvature = np.where(curves[1] > 0, (above - 2 * here + below) / step**2, 0)
    expected = -(curves[1] * curvature).sum(axis=1)
    found = item_information(parameters, GRID)
    np.testing.assert_allclose(found, expected, atol=SECOND_DIFFERENCE)


def test_two_categories_have_the_closed_form():
    parameters = ItemParameters(("a",), np.array([1.7]), np.array([[0.4]]))
    chance = 1 / (1 + np.exp(-(1.7 * GRID + 0.4)))
    expected = 1.7**2 * chance * (1 - chance)
    np.testing.assert_allclose(item_information(parameters, GRID)[0], expected, rtol=1e-12)


def test_items_add_up_and_the_error_is_the_inverse_root():
    parameters = ItemParameters(("a", "b", "c"), SLOPES, STEPS)
    information, error = information_of_test(parameters, GRID)
    np.testing.assert_allclose(information, item_information(parameters, GRID).sum(axis=0))
    np.testing.assert_allclose(error**-2, information)
    far = information_of_test(parameters, np.array([-500.0, 500.0]))
    assert np.isfinite(far[0]).all()
    assert np.isinf(far[1]).all() or (far[1] > 1e6).all()


@pytest.fixture(scope="module")
def fitted():
    study = load_study(ROOT / "data/learning-with-others")
    columns = codebook_of(study)["students"]
    rows = read_study(study).students
    scales = student_scales(rows, study, columns)
    fit = fit_response_model(scales["belonging"].answers)
    return rows, study, columns, fit.parameters["everyone"]


def test_the_table_counts_children_and_flags_parameters_of_other_items(fitted):
    rows, study, columns, parameters = fitted
    both = {"belonging": parameters, "engagement": parameters}
    table = information_table(rows, study, columns, both)
    good = table[table["scale"] == "belonging"]
    compared = rows[rows["race"].isin(GROUPS)]
    answered = compared[list(parameters.items)].notna().any(axis=1).sum()
    assert set(good["children"]) == {answered}
    np.testing.assert_allclose(good["information"], item_information(parameters, TRAIT).sum(axis=0))
    [wrong] = table[table["scale"] == "engagement"].itertuples()
    assert "parameters are of bel_1" in wrong.flag
    assert np.isnan(wrong.information)
    assert information_table(rows, study, columns, {}).empty


def test_figures_draw_what_the_tables_say_and_nothing_from_nothing(fitted):
    rows, study, columns, parameters = fitted
    table = information_table(rows, study, columns, {"belonging": parameters})
    moments = pd.DataFrame(
        {"scale": "belonging", "group": GROUPS, "mean": [np.nan, 0.0], "sd": [1.1, 1.0]}
    )
    figure = draw_information(table, moments, GROUPS)
    drawn = [line.get_ydata() for line in figure.axes[0].lines]
    assert any(len(y) == len(TRAIT) and np.allclose(y, table["information"]) for y in drawn)
    # Only the group whose moments are known has a density.
    assert len(figure.axes[0].collections) == 1
    assert draw_information(table[:0], moments, GROUPS) is None
    items = pd.DataFrame(
        {
            "item": ["a", "a", "b", "b"],
            "quantity": ["slope", "threshold", "slope", "threshold"],
            "category": [0, 1, 0, 1],
            "estimate": [1.0, 5.5, 1.0, -0.5],
            "lower": [0.5, 5.0, 0.5, -1.0],
            "upper": [1.5, 6.0, 1.5, 0.0],
        }
    )
    wright = draw_wright_map(items, moments, GROUPS, "two items")
    order = [label.get_text() for label in wright.axes[1].get_xticklabels()]
    assert order == ["b", "a"]
    # The threshold at 5.5 is an arrow at the edge, the other one names the answers that it divides.
    assert [text.get_text() for text in wright.axes[1].texts] == ["1|2"]
    assert any(line.get_marker() == "^" for line in wright.axes[1].lines)
    assert draw_wright_map(items[items["quantity"] == "slope"], moments, GROUPS, "none") is None
    plt.close("all")
