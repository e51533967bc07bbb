"""Every estimand against the difference of predictions that it claims to be."""

import numpy as np
import pytest
import xarray as xr

from learning_with_others.benefits import estimands
from learning_with_others.benefits.design import benefit_design
from learning_with_others.benefits.table import benefit_draws, benefit_table, benefit_verdicts
from learning_with_others.errors import CompendiumError


@pytest.fixture(scope="module")
def benefit(grade_three, study):
    return benefit_design(grade_three, study, ["math", "reading"])


@pytest.fixture(scope="module")
def posterior(benefit):
    rng = np.random.default_rng(31)
    terms = list(benefit.design.terms)
    draws = rng.normal(size=(2, 50, len(terms)))
    spreads = ("sd_classroom", "sd_school", "sd_school_slope_0", "sd_residual")
    return xr.Dataset(
        {
            "coefficient": (("chain", "draw", "term"), draws),
            **{name: (("chain", "draw"), rng.random((2, 50))) for name in spreads},
        },
        coords={"term": terms},
    )


MEAN = {"small": 0.3190484, "regular with aide": 0.3781002}  # shares of children, grade 3


def predict(posterior, benefit, *, black, level, share=0.0):
    """Expected outcome of a child in an average school, from the model's columns by name."""
    deviation = {name: float(name == level) - mean for name, mean in MEAN.items()}
    row = {"intercept": 1.0, "Black": black, "share Black in school": share}
    for name, value in deviation.items():
        row[f"{name}, within school"] = value
        row[f"{name}, share of school"] = 0.0
        row[f"Black × {name}, within school"] = black * value
        row[f"share Black in school × {name}, within school"] = share * value
    assert set(row) == set(benefit.design.terms)
    values = np.array([row[name] for name in benefit.design.terms])
    return posterior["coefficient"].to_numpy() @ values


def contrast(posterior, benefit, *, black, share=0.0):
    high = predict(posterior, benefit, black=black, level="small", share=share)
    return high - predict(posterior, benefit, black=black, level="regular", share=share)


def test_slopes_and_gap_are_differences_of_predictions(posterior, benefit):
    for black in (1, 0):
        found = estimands.slope(posterior, benefit, focal=bool(black))
        np.testing.assert_allclose(found, contrast(posterior, benefit, black=black))
    gap = contrast(posterior, benefit, black=1) - contrast(posterior, benefit, black=0)
    np.testing.assert_allclose(estimands.benefit_gap(posterior, benefit), gap)


def test_the_total_gap_compares_each_group_in_its_own_schools(posterior, benefit):
    mean = benefit.share_mean
    total = contrast(posterior, benefit, black=1, share=mean["Black"]) - contrast(
        posterior, benefit, black=0, share=mean["White"]
    )
    found = estimands.total_benefit_gap(posterior, benefit, ("Black", "White"))
    np.testing.assert_allclose(found, total)
    assert mean["White"] < 0 < mean["Black"]


@pytest.mark.parametrize("level", ["small", "regular"])
def test_outcome_gaps_are_differences_between_the_groups(posterior, benefit, level):
    at = {"small": benefit.high, "regular": benefit.low}[level]
    found = estimands.outcome_gap(posterior, benefit, "Black", at)
    ours = predict(posterior, benefit, black=1, level=level)
    theirs = predict(posterior, benefit, black=0, level=level)
    np.testing.assert_allclose(found, ours - theirs, rtol=1e-5)


def test_narrowing_and_sign_change():
    low, high = np.array([[-0.5, 0.2, -0.1]]), np.array([[-0.3, 0.4, 0.1]])
    np.testing.assert_allclose(estimands.narrowing(low, high), [[0.2, -0.2, 0.0]])
    assert estimands.sign_change(low, high) == pytest.approx(1 / 3)


def test_the_design_has_the_rows_classes_and_schools_it_should(benefit):
    assert benefit.rows == {"Black": 2_006, "White": 3_921}
    classroom, school = benefit.design.groupings
    assert (len(classroom.labels), len(school.labels)) == (329, 74)
    assert benefit.clusters_with_both == {"classroom": (138, 329), "school": (42, 74)}
    assert np.linalg.matrix_rank(benefit.design.columns) == len(benefit.design.terms)
    for values in benefit.outcomes.values():
        assert (values.mean(), values.std()) == (pytest.approx(0), pytest.approx(1))


def test_deviations_sum_to_zero_within_every_school(benefit):
    _, school = benefit.design.groupings
    for level in MEAN:
        values = benefit.design.columns[:, benefit.design.terms.index(f"{level}, within school")]
        np.testing.assert_allclose(np.bincount(school.index, values), 0, atol=1e-9)


def test_the_verdict_is_on_the_scale_of_one_sd_of_exposure(posterior, benefit, study):
    named = benefit_draws(posterior, benefit, study)
    rng = np.random.default_rng(2)
    draws = {"wide": dict(named), "narrow": dict(named), "clear": dict(named)}
    noise = rng.normal(size=(2, 5000))
    draws["wide"]["benefit.gap"] = 0.1 + 0.2 * noise
    # .17 per contrast is .077 per sd of exposure (.455): inside ±.10 only on the right scale.
    draws["narrow"]["benefit.gap"] = 0.17 + 0.01 * noise
    draws["clear"]["benefit.gap"] = 0.6 + 0.05 * noise
    assert benefit_verdicts(draws, dict.fromkeys(draws, benefit), study) == {
        "wide": "inconclusive",
        "narrow": "practically none",
        "clear": "supported",
    }


def test_the_table_holds_every_estimand_of_every_outcome(posterior, benefit, study):
    draws = {name: benefit_draws(posterior, benefit, study) for name in ("math", "reading")}
    table = benefit_table(draws, dict.fromkeys(draws, benefit), study)
    assert not table.duplicated(["outcome", "quantity", "group"]).any()
    gap = table[(table["outcome"] == "math") & (table["quantity"] == "benefit.gap")].iloc[0]
    assert gap["estimate"] == pytest.approx(draws["math"]["benefit.gap"].mean())
    assert gap["children"] == 5_927


@pytest.mark.parametrize(
    ("select", "expected"),
    [
        (lambda rows: rows[rows["race"] == "White"], "no rows of the group 'Black'"),
        (lambda rows: rows.assign(math=500.0), "outcome 'math' does not vary"),
        (lambda rows: rows[rows["class_type"] == "regular"], "does not vary within any school"),
    ],
)
def test_rows_that_cannot_answer_are_refused_by_name(grade_three, study, select, expected):
    with pytest.raises(CompendiumError, match=expected):
        benefit_design(select(grade_three), study, ["math", "reading"])
