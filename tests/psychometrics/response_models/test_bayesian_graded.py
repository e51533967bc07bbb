import numpy as np
import nutpie
import pytest
import xarray as xr
from scipy import stats

from learning_with_others.bayes.diagnosis import diagnose
from learning_with_others.bayes.explicit.fit import sample
from learning_with_others.bayes.specification import Sampler
from learning_with_others.errors import CompendiumError
from learning_with_others.psychometrics.answers import Answers
from learning_with_others.psychometrics.response_models.bayesian_graded import (
    bayesian_item_table,
    graded_model,
)
from learning_with_others.psychometrics.response_models.curves import category_probabilities
from learning_with_others.psychometrics.response_models.item_parameters import ItemParameters
from learning_with_others.psychometrics.response_models.marginal import fit_response_model

# True values of the simulated study: few patterns, so that it is sampled in seconds.
SLOPES = np.array([1.0, 1.4, 2.0, 1.2])
THRESHOLDS = np.array([[-1.0, 0.6], [-0.7, 0.9], [-0.4, 0.4], [-1.3, 0.2]])
PEOPLE = 600


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
def test_the_posterior_holds_the_truth_and_the_maximum_of_the_likelihood():
    rng = np.random.default_rng(17)
    latent = SLOPES * rng.normal(size=(PEOPLE, 1)) + rng.logistic(size=(PEOPLE, 4))
    codes = (latent[..., None] > SLOPES[:, None] * THRESHOLDS).sum(axis=-1).astype(np.int16)
    answers = Answers(("a", "b", "c", "d"), codes, np.full(4, 3))
    model = nutpie.compile_pymc_model(graded_model(answers))
    fit = sample(model, Sampler(5, draws=2000, target_accept=0.8))
    assert diagnose(fit).flag is None, diagnose(fit).flag
    estimates = next(iter(fit_response_model(answers).parameters.values()))
    posterior = fit["posterior"].to_dataset()
    for name, maximum, truth in (
        ("slope", estimates.slopes, SLOPES),
        ("threshold", estimates.thresholds, THRESHOLDS),
    ):
        mean = posterior[name].mean(("chain", "draw")).to_numpy()
        sd = posterior[name].std(("chain", "draw")).to_numpy()
        # Priors weigh little; a skewed posterior's mean is not its mode, and slopes are drawn to
        # each other: less than half an sd.
        assert (np.abs(mean - maximum) < 0.5 * sd).all(), name
        # 12 quantities: the largest of so many is beyond 3.3 sd once in a hundred studies.
        assert (np.abs(mean - truth) < 3.3 * sd).all(), name


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
