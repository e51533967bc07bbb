from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from factor_samples import EXACT, exact_sample, one_factor_rows

from learning_with_others.errors import CompendiumError
from learning_with_others.psychometrics.factor_models.factor_model import (
    bifactor,
    one_factor,
    second_order,
)
from learning_with_others.psychometrics.factor_models.fitting import fit_factor_model
from learning_with_others.psychometrics.factor_models.invariance import (
    invariance_ladder,
    step_holds,
)
from learning_with_others.psychometrics.factor_models.partial_invariance import (
    latent_mean_differences,
    partial_invariance,
)

ITEMS = ["i1", "i2", "i3", "i4", "i5"]
LOADINGS = np.array([0.8, 0.7, 0.6, 0.5, 0.7])
INTERCEPTS = np.array([3.0, 2.5, 3.5, 3.0, 2.0])
MEAN, SPREAD = -0.4, 1.3  # of the focal group, in latent SD of the reference group


def two_groups(count=400, *, loading=None, intercept=None):
    """Exact moments of a reference and a focal group; items may differ."""
    focal_loadings, focal_intercepts = LOADINGS.copy(), INTERCEPTS.copy()
    for place, change in (loading or {}).items():
        focal_loadings[place] += change
    for place, change in (intercept or {}).items():
        focal_intercepts[place] += change
    residuals = np.diag(1 - LOADINGS**2)
    reference = exact_sample(INTERCEPTS, np.outer(LOADINGS, LOADINGS) + residuals, count)
    focal = exact_sample(
        focal_intercepts + focal_loadings * MEAN,
        SPREAD**2 * np.outer(focal_loadings, focal_loadings) + residuals,
        count,
        seed=2,
    )
    rows = pd.DataFrame(np.vstack([focal, reference]), columns=ITEMS)
    return rows, np.repeat(["focal", "reference"], count)


@pytest.mark.parametrize("identification", ["marker", "unit_variance"])
def test_the_latent_difference_comes_back_in_reference_units(identification):
    rows, group = two_groups()
    ladder = invariance_ladder(
        rows, one_factor(ITEMS, identification=identification), group, reference="reference"
    )
    assert ladder.steps["holds"].dropna().all()
    np.testing.assert_allclose(ladder.steps["chisq"].astype(float), 0, atol=EXACT)
    for level in ("scalar", "strict"):
        row = latent_mean_differences(ladder.fits[level]).iloc[0]
        assert (row["group"], row["reference"]) == ("focal", "reference")
        assert row["difference"] == pytest.approx(MEAN, abs=EXACT)
        assert row["lower"] < MEAN < row["upper"]
        assert row["rows"] == 400


def test_errors_of_latent_differences_are_their_spread_over_samples():
    found, errors = [], []
    for seed in range(40):
        rows = pd.concat(
            [one_factor_rows(150, seed), one_factor_rows(150, seed + 1000, mean=0.5)],
            ignore_index=True,
        )
        group = np.repeat(["reference", "focal"], 150)
        fit = fit_factor_model(rows, one_factor(list(rows)), group=group, invariance="scalar")
        row = latent_mean_differences(fit).iloc[0]
        found.append(row["difference"])
        errors.append(row["standard_error"])
    # 40 samples: the mean is known to 0.16 errors, the spread to 11%.
    assert np.mean(found) == pytest.approx(0.5, abs=3 * np.mean(errors) / np.sqrt(40))
    assert np.mean(errors) == pytest.approx(np.std(found, ddof=1), rel=0.33)


def test_one_group_has_nothing_to_be_invariant_to():
    rows, _ = two_groups()
    with pytest.raises(CompendiumError, match="only the group 'all' has rows"):
        invariance_ladder(rows, one_factor(ITEMS), np.full(len(rows), "all"))


def test_a_step_holds_within_chens_limits_and_not_beyond():
    rows, group = two_groups()
    fit = fit_factor_model(rows, one_factor(ITEMS), group=group)

    def with_fit(cfi, rmsea):
        return replace(fit, measures=replace(fit.measures, cfi=cfi, rmsea=rmsea))

    before = with_fit(0.95, 0.05)
    assert step_holds(with_fit(0.9401, 0.0649), before)
    assert not step_holds(with_fit(0.9399, 0.05), before)
    assert not step_holds(with_fit(0.95, 0.0651), before)


def test_an_intercept_that_differs_breaks_the_scalar_step_and_is_released():
    rows, group = two_groups(intercept={2: 0.5})
    model = one_factor(ITEMS)
    ladder = invariance_ladder(rows, model, group, reference="reference")
    holds = ladder.steps.set_index("step")["holds"]
    assert holds["metric"]
    assert not holds["scalar"]
    assert list(ladder.steps["holds"].iloc[1:3]) == [True, False]
    biased = latent_mean_differences(ladder.fits["scalar"]).iloc[0]["difference"]
    assert abs(biased - MEAN) > 0.05
    found = partial_invariance(rows, model, group, reference="reference")
    assert found.released == {"i3": {"intercept"}}
    assert found.holds == {"metric": True, "scalar": True}
    assert list(found.releases["item"]) == ["", "", "i3"]
    assert list(found.releases["step"]) == ["metric", "scalar", "scalar"]
    row = latent_mean_differences(found.fits["scalar"]).iloc[0]
    assert row["difference"] == pytest.approx(MEAN, abs=EXACT)


def test_a_loading_that_differs_is_released_with_its_intercept():
    rows, group = two_groups(loading={0: -0.5})
    found = partial_invariance(rows, one_factor(ITEMS), group, reference="reference")
    assert found.released == {"i1": {"loading", "intercept"}}
    row = latent_mean_differences(found.fits["scalar"]).iloc[0]
    assert row["difference"] == pytest.approx(MEAN, abs=EXACT)
    by_hand = fit_factor_model(
        rows,
        one_factor(ITEMS),
        group=group,
        invariance="scalar",
        released={"i1": {"loading", "intercept"}},
        missing="fiml",
        reference="reference",
    )
    assert by_hand.measures.chisq == pytest.approx(0, abs=EXACT)


def test_two_anchors_stay_whatever_differs():
    rows, group = two_groups(intercept={0: 0.6, 1: -0.6, 2: 0.9, 3: -0.9, 4: 0.3})
    found = partial_invariance(rows, one_factor(ITEMS), group, reference="reference")
    assert len(found.released) <= 3
    assert found.holds["scalar"] or len(found.released) == 3
    assert len(found.releases) == 2 + len(found.released)


@pytest.mark.parametrize("structure", [second_order, bifactor])
def test_second_order_and_bifactor_models_climb_the_ladder(structure):
    elements = {"a": ["a1", "a2", "a3"], "b": ["b1", "b2", "b3"], "c": ["c1", "c2", "c3"]}
    rng = np.random.default_rng(4)
    general = rng.normal(size=(600, 1))
    specific = np.repeat(rng.normal(size=(600, 3)), 3, axis=1)
    # Loadings in proportion within an element would leave the means of a bifactor model free.
    on_general = np.array([0.8, 0.6, 0.5, 0.5, 0.8, 0.6, 0.6, 0.4, 0.8])
    on_specific = np.array([0.4, 0.6, 0.6, 0.6, 0.3, 0.6, 0.4, 0.7, 0.5])
    noise = 0.6 * rng.normal(size=(600, 9))
    values = on_general * general + on_specific * specific + noise
    items = [item for part in elements.values() for item in part]
    rows = pd.DataFrame(values, columns=items)
    ladder = invariance_ladder(rows, structure(elements), np.tile(["x", "y"], 300))
    assert ladder.steps["holds"].dropna().all()
    assert (ladder.steps["chisq"].diff().iloc[1:] > 0).all()
    means = latent_mean_differences(ladder.fits["scalar"])
    expected = {"general"} if structure is second_order else {"general", "a", "b", "c"}
    assert set(means["factor"]) == expected
