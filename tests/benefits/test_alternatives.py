"""Alternatives to the benefit model: what they change, and what they must leave alone."""

from functools import partial
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from conftest import ROOT

from learning_with_others.bayes.diagnosis import Diagnosis
from learning_with_others.benefits import alternatives
from learning_with_others.benefits.alternatives import MAIN, Inputs, alternative_table, shape_flags
from learning_with_others.benefits.table import benefit_table
from learning_with_others.data.flow import model_rows
from learning_with_others.data.reading import read_study
from learning_with_others.errors import CompendiumError
from learning_with_others.models import shape
from learning_with_others.models.benefit_design import benefit_design
from learning_with_others.models.benefit_fit import fit_benefit
from learning_with_others.models.variants import (
    DECLARED,
    gap_slope,
    race_slope,
    random_schools,
    school_effects,
)
from learning_with_others.study import load_study


@pytest.fixture(scope="module")
def synthetic():
    return load_study(ROOT / "data/learning-with-others")


@pytest.fixture(scope="module")
def rows(synthetic):
    return model_rows(read_study(synthetic).students, synthetic, "all", "gpa")


@pytest.fixture(scope="module")
def design(rows, synthetic):
    return benefit_design(rows, synthetic)


def ten_schools(rows):
    return rows.assign(school=[f"S{code % 10}" for code in pd.factorize(rows["classroom"])[0]])


def explained(design, outcome):
    """Share of an outcome that the fixed part holds."""
    columns = design.frame(outcome).columns
    return sm.OLS(outcome, columns).fit().rsquared


def test_the_spline_takes_up_a_bend_that_the_main_model_cannot_hold(design):
    x = design.contrasts.main.deviation
    bend = np.maximum(x, 0) ** 2
    bend = (bend - bend.mean()) / bend.std()
    main, curved = (explained(each, bend) for each in (design, shape.with_spline(design)))
    # Four knots follow a bent line closely, a straight line does not.
    assert main < 0.75
    assert curved > 0.97


def test_the_spline_leaves_a_straight_line_to_the_linear_term(design):
    curved = shape.with_spline(design)
    bends = [column for column in curved.data if "bend" in column]
    for column in bends:
        assert np.corrcoef(curved.data[column], design.contrasts.main.deviation)[0, 1] == (
            pytest.approx(0, abs=1e-9)
        )


def test_covariates_get_a_slope_of_the_exposure(design, synthetic):
    added = shape.with_covariate_interactions(design, synthetic)
    name = f"prior_gpa × {design.slope}"
    expected = design.data["prior_gpa"] * design.contrasts.main.deviation
    np.testing.assert_allclose(added.data[name], expected)
    assert name in added.frame(np.random.default_rng(1).normal(size=len(expected))).terms


def test_common_support_keeps_what_both_groups_have(rows, synthetic, design):
    kept = shape.common_support(rows, synthetic)
    deviation = pd.Series(design.contrasts.main.deviation, index=rows.index)
    for group in ("Black", "White"):
        mine = deviation[rows["race"] == group]
        low, high = np.quantile(mine, shape.SUPPORT)
        assert deviation[kept.index].min() >= low
        assert deviation[kept.index].max() <= high


def test_school_effects_take_up_all_that_is_constant_in_schools(rows, synthetic):
    declared = benefit_design(ten_schools(rows), synthetic)
    fixed = school_effects(declared)
    assert random_schools(declared) is None
    frame = fixed.frame(np.random.default_rng(2).normal(size=len(rows)))
    assert [grouping.name for grouping in frame.groupings] == ["classroom"]
    assert len(frame.groupings[0].labels) == rows["classroom"].nunique()
    assert sum(term.startswith("school ") for term in frame.terms) == 9
    assert "high-quality collaboration, mean of school" not in frame.terms
    assert np.linalg.matrix_rank(frame.columns) == len(frame.terms)


def test_race_may_vary_between_clusters(design, rows):
    frame = race_slope(design).frame(np.random.default_rng(3).normal(size=len(rows)))
    assert frame.groupings[0].slopes == (design.slope, "Black")


def test_the_gap_may_vary_between_clusters(design, rows):
    frame = gap_slope(design).frame(np.random.default_rng(3).normal(size=len(rows)))
    assert frame.groupings[0].slopes == (design.slope, f"Black × {design.slope}")


def inputs(study, students, which):
    return Inputs(study, None, students, "all", {}, which)


@pytest.fixture(scope="module")
def fit(rows, synthetic):
    return fit_benefit("gpa", rows, synthetic, None)


def fit_estimate(fit, synthetic):
    published = benefit_table({"gpa": fit}, synthetic).set_index("quantity").loc["benefit.gap"]
    return published[published["group"] == ""]["estimate"].item()


def table_of(fit, rows, given):
    return alternative_table("gpa", fit, {"gpa": rows}, given)


def test_the_main_model_fitted_anew_is_the_published_number(fit, rows, synthetic):
    given = inputs(synthetic, rows, "shape")
    again = alternatives._estimate("gpa", rows, DECLARED, None, given)  # noqa: SLF001
    assert table_of(fit, rows, given).iloc[0]["estimate"] == again["estimate"]
    assert fit_estimate(fit, synthetic) == again["estimate"]


def test_each_alternative_is_estimated_and_the_main_model_comes_first(fit, rows, synthetic):
    named = synthetic.model_copy(
        update={
            "analysis": synthetic.analysis.model_copy(
                update={
                    "priors": synthetic.analysis.priors.model_copy(
                        update={"alternatives": ["sceptical"]}
                    )
                }
            )
        }
    )
    table = table_of(fit, rows, inputs(named, rows, "all"))
    assert list(table["alternative"]) == [
        MAIN,
        "spline",
        "common support",
        "exposure by covariates",
        "random slope of race",
        "random slope of the gap",
        "residual sd by group",
        "residual sd by group and exposure",
        "random school effects",
        "priors: sceptical",
        "random school effects, their sd with priors: sceptical",
        "reported by: classmates",
    ]
    width = table.set_index("alternative").eval("upper - lower")
    # The prior adds what it knows; where one of several coefficients goes, no theorem says.
    assert width["priors: sceptical"] < width[MAIN]
    assert (
        table.set_index("alternative").loc["common support", "children"]
        != (table["children"].iloc[0])
    )


def test_none_runs_nothing_and_unknown_choices_are_named(fit, rows, synthetic):
    make = partial(inputs, synthetic, rows)
    assert table_of(fit, rows, make("none")).empty
    with pytest.raises(CompendiumError, match="did you mean 'shape'"):
        table_of(fit, rows, make("shapes"))


def test_an_alternative_that_cannot_be_built_says_why_and_stops_no_other(
    fit, rows, synthetic, monkeypatch
):
    def refuse(*_):
        raise CompendiumError("two terms follow from each other", remedy="take one out")

    monkeypatch.setattr(alternatives, "on_common_support", refuse)
    table = table_of(fit, rows, inputs(synthetic, rows, "shape"))
    found = table.set_index("alternative")
    assert found.loc["common support", "flag"] == "not computed: two terms follow from each other"
    assert np.isnan(found.loc["common support", "estimate"])
    assert found.drop("common support")["estimate"].notna().all()
    assert "common support" not in shape_flags(table).get("gpa", "")


def test_a_fit_that_failed_its_diagnosis_shows_no_number(fit, rows, synthetic, monkeypatch):
    def fail(*_, **__):
        return SimpleNamespace(
            estimands={"benefit.gap": np.full((1, 2), 9.0)},
            weights=np.full((1, 2), 0.5),
            diagnosis=Diagnosis({"rhat": 1.53}, 0.0),
        )

    monkeypatch.setattr(alternatives, "draw_posterior", fail)
    found = table_of(fit, rows, inputs(synthetic, rows, "shape")).set_index("alternative")
    assert found.loc["spline", "flag"].startswith("not shown: fit failed its diagnosis: R-hat 1.53")
    assert found.loc["spline", ["estimate", "lower", "upper", "verdict"]].isna().all()
    assert found.loc[MAIN, "estimate"] == fit_estimate(fit, synthetic)


VERDICTS = {"spline": "supported", "exposure by covariates": "supported"}


def alternatives_of(outcome, estimates, verdicts):
    """Rows of a published gap of .2, inconclusive, and alternatives that differ as given."""
    names = (MAIN, "spline", "common support", "exposure by covariates", "priors: wide")
    return pd.DataFrame(
        {
            "outcome": outcome,
            "alternative": name,
            "estimate": estimates.get(name, 0.2),
            "verdict": verdicts.get(name, "inconclusive"),
            "flag": "",
        }
        for name in (*names, "mean scores")
    )


@pytest.mark.parametrize(
    ("estimates", "verdicts", "said"),
    [
        ({}, {}, None),
        ({"priors: wide": -0.1}, {"priors: wide": "supported"}, None),
        (
            {},
            VERDICTS,
            "the gap has another verdict under: spline, exposure by covariates",
        ),
        (
            {},
            {"common support": "practically none"},
            "the gap has another verdict under: common support",
        ),
        (
            {"spline": -0.1},
            {"common support": "supported"},
            (
                "the gap has another sign under: spline;"
                " the gap has another verdict under: common support"
            ),
        ),
        (
            {"mean scores": -0.26},
            {},
            "mean scores and plausible values give the gap opposite signs",
        ),
    ],
)
def test_flags_name_the_alternatives_that_differ_from_the_published_gap(estimates, verdicts, said):
    table = pd.concat(
        [alternatives_of("gpa", estimates, verdicts), alternatives_of("steady", {}, {})]
    )
    assert shape_flags(table) == ({} if said is None else {"gpa": said})


def test_predictive_checks_that_fail_are_flagged():
    about = ["outcome", "statistic", "group", "of", "observed", "lower", "upper"]
    rows = [
        ("gpa", "sd", "Black", "", 1.3, 0.8, 1.2),
        ("gpa", "mean", "White", "", 0.0, -0.1, 0.1),
        ("gpa", "10th percentile", "", "classroom means", -2.0, -1.0, -0.5),
        ("steady", "mean", "White", "", 0.0, -0.1, 0.1),
    ]
    flags = shape_flags(alternatives_of("gpa", {}, {}), pd.DataFrame(rows, columns=about))
    assert flags == {"gpa": "2 of 3 posterior predictive checks fail"}
