"""Every estimand against the difference of predictions that it claims to be."""

from types import SimpleNamespace

import numpy as np
import pytest
import xarray as xr

from learning_with_others.benefits.table import benefit_table, verdict_table
from learning_with_others.data.disclosure import OTHER_GROUPS
from learning_with_others.errors import CompendiumError
from learning_with_others.models import estimands
from learning_with_others.models.analysed_outcomes import standardized_outcome
from learning_with_others.models.benefit_design import benefit_design
from learning_with_others.models.estimands import benefit_draws


@pytest.fixture(scope="module")
def observed(study):
    """Class types as observed: they belong to classes, and are compared within schools."""
    exposure = study.roles.exposure.model_copy(update={"assigned": None})
    roles = study.roles.model_copy(update={"exposure": exposure})
    return study.model_copy(update={"roles": roles})


@pytest.fixture(scope="module")
def benefit(grade_three, observed):
    return benefit_design(grade_three, observed)


@pytest.fixture(scope="module")
def frame(benefit, grade_three, observed):
    return benefit.frame(standardized_outcome(grade_three, observed, "math"))


@pytest.fixture(scope="module")
def posterior(frame):
    rng = np.random.default_rng(31)
    draws = rng.normal(size=(2, 50, len(frame.terms)))
    standard_deviations = ("sd_classroom", "sd_school", "sd_school_slope_0", "sd_residual")
    return xr.Dataset(
        {
            "coefficient": (("chain", "draw", "term"), draws),
            **{name: (("chain", "draw"), rng.random((2, 50))) for name in standard_deviations},
        },
        coords={"term": list(frame.terms)},
    )


def fitted(benefit, draws):
    """What the table needs of a fit, with given draws."""
    passed = SimpleNamespace(flag=None)
    return SimpleNamespace(
        design=benefit, draws=draws, weights=None, score="scale score", diagnosis=passed
    )


@pytest.fixture(scope="module")
def levels(grade_three):
    """Shares of children by class type, around which the design centres."""
    shares = grade_three["class_type"].value_counts(normalize=True)
    return {name: shares[name] for name in ("small", "regular with aide")}


def predict(posterior, benefit, levels, *, group, level, shares=None):
    """Expected outcome of a child in an average school, from the model's columns by name."""
    deviation = {name: float(name == level) - mean for name, mean in levels.items()}
    row = {"Intercept": 1.0}
    for name, value in deviation.items():
        row |= {f"{name}, within school": value, f"{name}, share of school": 0.0}
    for other in benefit.modelled:
        member, share = float(group == other), (shares or {}).get(other, 0.0)
        row[other] = member - benefit.group_shares[other]
        for name, value in deviation.items():
            row[f"{other} × {name}, within school"] = member * value
        if other != "Black":  # under 5% of the children: no term of its share
            continue
        row[f"share {other} in school"] = share
        for name, value in deviation.items():
            row[f"share {other} in school × {name}, within school"] = share * value
    terms = posterior["term"].to_numpy()
    assert set(row) == set(terms)
    return posterior["coefficient"].to_numpy() @ np.array([row[name] for name in terms])


def contrast(posterior, benefit, levels, **at):
    high = predict(posterior, benefit, levels, level="small", **at)
    return high - predict(posterior, benefit, levels, level="regular", **at)


def test_slopes_and_gap_are_differences_of_predictions(posterior, benefit, levels):
    slopes = {}
    for group in ("Black", "White"):
        slopes[group] = contrast(posterior, benefit, levels, group=group)
        found = estimands.slope(posterior, benefit, group)
        np.testing.assert_allclose(found, slopes[group])
    found = estimands.benefit_gap(posterior, benefit, "Black")
    np.testing.assert_allclose(found, slopes["Black"] - slopes["White"])


def test_the_total_gap_compares_each_group_in_its_own_schools(posterior, benefit, levels):
    mean = benefit.cluster_shares
    total = contrast(posterior, benefit, levels, group="Black", shares=mean["Black"]) - contrast(
        posterior, benefit, levels, group="White", shares=mean["White"]
    )
    np.testing.assert_allclose(estimands.total_benefit_gap(posterior, benefit, "Black"), total)
    assert mean["White"]["Black"] < 0 < mean["Black"]["Black"]


@pytest.mark.parametrize("level", ["small", "regular"])
def test_outcome_gaps_are_differences_between_the_groups(posterior, benefit, levels, level):
    ends = {"small": estimands.high_exposure, "regular": estimands.low_exposure}
    at = ends[level](benefit)
    ours = predict(posterior, benefit, levels, group="Black", level=level)
    theirs = predict(posterior, benefit, levels, group="White", level=level)
    found = estimands.outcome_gap(posterior, benefit, "Black", at)
    np.testing.assert_allclose(found, ours - theirs)
    for group, expected in (("Black", ours), ("White", theirs)):
        found = estimands.expected_outcome(posterior, benefit, group, at)
        np.testing.assert_allclose(found, expected)


def test_a_class_level_exposure_has_no_contextual_effect(posterior, benefit):
    assert estimands.contextual_effect(posterior, benefit) is None


def test_narrowing_and_sign_change():
    low, high = np.array([[-0.5, 0.2, -0.1]]), np.array([[-0.3, 0.4, 0.1]])
    np.testing.assert_allclose(estimands.narrowing(low, high), [[0.2, -0.2, 0.0]])
    assert estimands.sign_change(low, high) == pytest.approx(1 / 3)


def test_the_design_has_the_rows_classes_and_schools_it_should(benefit, frame, grade_three):
    assert {name: benefit.sizes[name] for name in ("Black", "White")} == {
        "Black": 2_006,
        "White": 3_921,
    }
    assert len(frame.outcome) == len(grade_three) > sum(benefit.sizes.values())
    classroom, school = frame.groupings
    assert (len(classroom.labels), len(school.labels)) == (
        grade_three["teacher"].nunique(),
        grade_three["school"].nunique(),
    )
    assert benefit.clusters_with_both["school"][0] == 42
    assert sum(benefit.group_shares.values()) == pytest.approx(1)
    assert (frame.outcome.mean(), frame.outcome.std()) == (pytest.approx(0), pytest.approx(1))


def test_deviations_sum_to_zero_within_every_school(benefit, frame, levels):
    _, school = frame.groupings
    for level in levels:
        values = benefit.data[f"{level}, within school"].to_numpy()
        np.testing.assert_allclose(np.bincount(school.index, values), 0, atol=1e-9)


def test_the_verdict_on_a_two_valued_exposure_is_on_the_scale_of_its_contrast(benefit, observed):
    rng = np.random.default_rng(2)
    noise = rng.normal(size=(1, 2, 5000))
    gaps = {
        "wide": 0.1 + 0.2 * noise,
        "narrow": 0.05 + 0.01 * noise,
        # .17 is outside ±.10 (per sd of the exposure, .455, it would be inside).
        "clear": 0.17 + 0.01 * noise,
        "shown": 0.12 + 0.05 * noise,
    }
    fits = {name: fitted(benefit, {"benefit.gap": gap}) for name, gap in gaps.items()}
    found = verdict_table(fits, observed).set_index("outcome")
    assert dict(found["verdict"]) == {
        "wide": "inconclusive",
        "narrow": "practically none",
        "clear": "supported",
        "shown": "direction shown, size open",
    }
    assert (found["bound"] == 0.10).all()
    # .20 in the 10,000 draws' 97.5% point: four Monte Carlo errors.
    wide = found.loc["wide"]
    assert wide["allowed"] == pytest.approx(0.1 + 1.96 * 0.2, abs=4 * wide["allowed_mcse"])


def test_the_table_holds_every_estimand_of_every_outcome(posterior, benefit, observed):
    named = {key: draws[None] for key, draws in benefit_draws(posterior, benefit).items()}
    table = benefit_table(dict.fromkeys(("math", "reading"), fitted(benefit, named)), observed)
    assert not table.duplicated(["outcome", "quantity", "group"]).any()
    gap = table[(table["outcome"] == "math") & (table["quantity"] == "benefit.gap")].iloc[0]
    assert gap["estimate"] == pytest.approx(named["benefit.gap"].mean())
    assert gap["children"] == 5_927
    assert OTHER_GROUPS not in set(table["group"])


@pytest.mark.parametrize(
    ("select", "expected"),
    [
        (lambda rows: rows[rows["race"] == "White"], "no rows of the group 'Black'"),
        (lambda rows: rows[rows["class_type"] == "regular"], "does not vary within any school"),
    ],
)
def test_rows_that_cannot_answer_are_refused_by_name(grade_three, observed, select, expected):
    with pytest.raises(CompendiumError, match=expected):
        benefit_design(select(grade_three), observed)


def test_an_outcome_that_does_not_vary_is_named(grade_three, observed):
    with pytest.raises(CompendiumError, match="outcome 'math' does not vary"):
        standardized_outcome(grade_three.assign(math=500.0), observed, "math")
