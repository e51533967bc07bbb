import numpy as np
import pytest
import xarray as xr
from conftest import ROOT
from scipy import stats

from learning_with_others.data.reading import codebook_of, read_study
from learning_with_others.errors import CompendiumError
from learning_with_others.measurement.bayesian_scale import bayesian_items
from learning_with_others.psychometrics.answers import Answers
from learning_with_others.psychometrics.response_models.bayesian_graded import (
    bayesian_item_table,
    graded_model,
)
from learning_with_others.psychometrics.response_models.curves import category_probabilities
from learning_with_others.psychometrics.response_models.item_parameters import ItemParameters
from learning_with_others.study import load_study

# Engagement in the default study, from a program of its own: the traits summed out on a grid and
# the gradient written by hand. Posterior mean, its Monte Carlo error, sd, its Monte Carlo error.
TRAITS_SUMMED_OUT = {
    ("slope", "eng_1", 0): (1.62, 0.004, 0.173, 0.00285),
    ("slope", "eng_2", 0): (1.02, 0.00328, 0.116, 0.00208),
    ("slope", "eng_3", 0): (2.08, 0.00689, 0.268, 0.00529),
    ("slope", "eng_4", 0): (1.45, 0.00342, 0.15, 0.0025),
    ("threshold", "eng_1", 1): (-1.87, 0.00369, 0.158, 0.0027),
    ("threshold", "eng_1", 2): (-0.386, 0.00146, 0.084, 0.00116),
    ("threshold", "eng_1", 3): (1.23, 0.00234, 0.118, 0.00177),
    ("threshold", "eng_2", 1): (-2.55, 0.00788, 0.274, 0.0057),
    ("threshold", "eng_2", 2): (-0.751, 0.00256, 0.123, 0.00207),
    ("threshold", "eng_2", 3): (1.39, 0.00417, 0.174, 0.00296),
    ("threshold", "eng_3", 1): (-1.55, 0.00308, 0.13, 0.00198),
    ("threshold", "eng_3", 2): (-0.31, 0.00118, 0.0745, 0.00109),
    ("threshold", "eng_3", 3): (1.22, 0.00232, 0.11, 0.00164),
    ("threshold", "eng_4", 1): (-2.15, 0.00447, 0.184, 0.00334),
    ("threshold", "eng_4", 2): (-0.605, 0.00168, 0.0923, 0.00135),
    ("threshold", "eng_4", 3): (1.08, 0.00221, 0.115, 0.00157),
}
PRINTED = 0.005  # half a unit of the last of three digits, for numbers from 1 to 10
MONTE_CARLO_ERRORS = 4


def uneven_answers(rng):
    """Items of two to five categories, some answers missing, some rows empty."""
    categories = np.array([4, 2, 3, 5])
    codes = np.column_stack([rng.integers(0, c, 80) for c in categories]).astype(np.int16)
    codes[rng.random(codes.shape) < 0.15] = -1
    codes[:3] = -1
    return Answers(("a", "b", "c", "d"), codes, categories)


def test_the_likelihood_is_that_of_the_response_models():
    rng = np.random.default_rng(6)
    answers = uneven_answers(rng)
    model = graded_model(answers)
    given = answers.codes[answers.answered]
    point = {name: rng.normal(scale=0.5, size=value.shape) for name, value in
             model.initial_point().items()}  # fmt: skip
    # PyTensor: run node by node; compiling would take longer than the test.
    wanted = [model["slope"], model["threshold"], model["trait"], model.potentials[0]]
    by_value = model.replace_rvs_by_values(wanted)
    found = model.compile_fn(
        by_value, inputs=model.value_vars, mode="FAST_COMPILE", on_unused_input="ignore"
    )(point)
    slope, threshold, trait, likelihood = found
    used = np.arange(threshold.shape[1]) < answers.categories[:, None] - 1
    intercepts = np.where(used, -slope[:, None] * threshold, np.nan)
    chance = category_probabilities(ItemParameters(answers.items, slope, intercepts), trait)
    person, item = np.nonzero(given >= 0)
    assert likelihood == pytest.approx(np.log(chance[item, given[person, item], person]).sum())
    # A location is the mean of the item's own thresholds.
    own = np.nanmean(np.where(used, threshold, np.nan), axis=1)
    np.testing.assert_allclose(own, point["location"].ravel(), rtol=1e-12)


def test_the_priors_are_those_of_the_text():
    rng = np.random.default_rng(7)
    model = graded_model(uneven_answers(rng))
    point = {name: rng.normal(size=value.shape) for name, value in model.initial_point().items()}
    variables = [v for v in model.free_RVs if v.name != "trait"]
    found = model.compile_logp(variables, mode="FAST_COMPILE")(point)
    expected = 0.0
    for name, centre, sd in (
        ("log slope", (0.4, 0.5), 0.4),
        ("location", (0.0, 1.0), 1.0),
        ("log gap", (0.0, 0.5), 0.5),
    ):
        middle, log_sd = point[f"{name} centre"], point[f"{name} sd_log__"]
        expected += stats.norm.logpdf(middle, *centre) + stats.norm.logpdf(log_sd, np.log(sd), 0.5)
        expected += stats.norm.logpdf(point[name], middle, np.exp(log_sd)).sum()
    assert found == pytest.approx(expected)


@pytest.mark.deep
def test_the_posterior_is_that_with_the_traits_summed_out():
    study = load_study(ROOT / "data/learning-with-others")
    students, group = read_study(study).students, study.roles.group
    rows = students[students[group.column].isin(group.contrast)]
    columns = codebook_of(study)["students"]
    table = bayesian_items(rows, study.design, columns, "engagement")
    assert table["flag"].isna().all(), table["flag"].iloc[0]
    found = table.set_index(["parameter", "item", "threshold"])
    assert set(found.index) == set(TRAITS_SUMMED_OUT)
    for key, (mean, error, sd, sd_error) in TRAITS_SUMMED_OUT.items():
        row = found.loc[key]
        allowed = PRINTED + MONTE_CARLO_ERRORS * np.hypot(error, row["mcse"])
        assert row["mean"] == pytest.approx(mean, abs=allowed), key
        allowed = PRINTED / 10 + MONTE_CARLO_ERRORS * np.hypot(sd_error, row["sd_mcse"])
        assert row["sd"] == pytest.approx(sd, abs=allowed), key


def test_the_table_states_interval_and_diagnostics_of_the_thresholds_that_exist():
    answers = uneven_answers(np.random.default_rng(3))
    rng = np.random.default_rng(4)
    slope, threshold = rng.normal(size=(4, 200, 4)), rng.normal(size=(4, 200, 4, 4))
    fit = xr.DataTree.from_dict(
        {
            "/posterior": xr.Dataset(
                {
                    "slope": (("chain", "draw", "item"), slope),
                    "threshold": (("chain", "draw", "item", "number"), threshold),
                },
                {"item": list(answers.items), "number": np.arange(1, 5)},
            )
        }
    )
    table = bayesian_item_table(fit, answers, 0.9)
    assert table.groupby("item").size().to_dict() == {"a": 4, "b": 2, "c": 3, "d": 5}
    row = table[(table["item"] == "c") & (table["threshold"] == 2)].iloc[0]
    draws = threshold[:, :, 2, 1]
    np.testing.assert_allclose([row["lower"], row["upper"]], np.quantile(draws, [0.05, 0.95]))
    assert row["mean"] == pytest.approx(draws.mean())
    # Summaries divide by n or n − 1: apart by 1 in 1,600 for 800 draws.
    assert row["sd"] == pytest.approx(draws.std(), rel=1e-3)
    assert (table[["rhat", "ess_bulk", "ess_tail", "mcse", "sd_mcse"]] > 0).all(axis=None)
    assert set(table["children"]) == {77}
    assert set(table.loc[table["parameter"] == "slope", "threshold"]) == {0}


def test_two_items_are_refused():
    answers = uneven_answers(np.random.default_rng(3))
    with pytest.raises(CompendiumError, match="2 items: their slopes would rest on the priors"):
        graded_model(Answers(answers.items[:2], answers.codes[:, :2], answers.categories[:2]))
