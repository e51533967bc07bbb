"""Estimates of the benefit stage for a course passed or not, and for a letter grade."""

import numpy as np
import pandas as pd
import pytest
from conftest import ROOT

from learning_with_others.benefits.cluster_slopes import cluster_slope_table
from learning_with_others.benefits.nuts_check import check_by_nuts
from learning_with_others.benefits.summaries import check_fits
from learning_with_others.benefits.table import (
    benefit_table,
    diagnosis_table,
    equivalence_table,
    verdict_table,
)
from learning_with_others.data.flow import model_rows
from learning_with_others.data.reading import read_study
from learning_with_others.models import drawn, expected_outcomes
from learning_with_others.models.benefit_fit import fit_benefit
from learning_with_others.models.expected_outcomes import expected_ends, expected_outcome_table
from learning_with_others.study import load_study

# Curves are of every fourth draw of the mixture, gaps of all: Monte Carlo errors of both.
DRAWN = 5


@pytest.fixture(scope="module")
def study():
    return load_study(ROOT / "data/learning-with-others")


def of_family(study, family):
    gpa = study.roles.outcomes["gpa"].model_copy(update={"family": family})
    outcomes = {**study.roles.outcomes, "gpa": gpa}
    return study.model_copy(update={"roles": study.roles.model_copy(update={"outcomes": outcomes})})


@pytest.fixture(scope="module")
def fits(study):
    """Codes cut from the grade point average; chains short, for what is tested is no posterior."""
    rows = model_rows(read_study(study).students, study, "all", "gpa")
    rows = rows[rows["school"].isin(["A", "B"])]
    places = rows["gpa"].rank(pct=True)
    letters = pd.cut(places, [0, 0.2, 0.5, 0.8, 1], labels=["D", "C", "B", "A"], ordered=True)
    outcomes = {
        "passed": ("bernoulli", (places > 0.3).astype(int)),
        "letter": ("ordered_logistic", letters),
    }
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(drawn, "SINGLE", 150)
        patch.setattr(drawn, "CHAINED", 150)
        patch.setattr(drawn, "LONGER", 1)
        return {
            name: fit_benefit("gpa", rows.assign(gpa=codes), of_family(study, family), None)
            for name, (family, codes) in outcomes.items()
        }


def test_estimands_have_the_units_of_their_families(fits, study):
    table = benefit_table(fits, study).set_index(["outcome", "quantity", "group"])
    black, white = study.roles.group.contrast
    for outcome, unit in (("passed", "probability"), ("letter", "outcome sd")):
        mine = table.loc[outcome]
        for quantity in ("benefit.gap", "benefit.narrowing", "benefit.outcome_gap.low"):
            assert mine.loc[(quantity, ""), "unit"] == unit
        for quantity in ("benefit.latent.gap", "benefit.sd.slope", "benefit.sd.classroom"):
            assert mine.loc[(quantity, ""), "unit"] == "log odds"
        slopes = [mine.loc[("benefit.slope", group), "estimate"] for group in (black, white)]
        gap = mine.loc[("benefit.gap", ""), "estimate"]
        assert gap == pytest.approx(slopes[0] - slopes[1])
        assert "benefit.sd.residual" not in mine.index
    # A probability moves by at most a quarter of the log odds.
    passed = table.loc["passed"]["estimate"]
    assert abs(passed["benefit.slope", white]) <= abs(passed["benefit.latent.slope", white]) / 4


def test_regions_of_practical_equivalence_are_those_of_the_family(fits, study):
    verdicts = verdict_table(fits, study).set_index("outcome")
    assert verdicts.loc["passed", "bound"] == 0.02
    assert verdicts.loc["letter", "bound"] == 0.1
    widths = equivalence_table(fits, study).groupby("outcome")["bound"].agg(["min", "max"])
    assert tuple(widths.loc["passed"]) == (0.01, 0.04)
    assert tuple(widths.loc["letter"]) == (0.05, 0.2)


def test_curves_end_at_the_outcome_gaps(fits, study, monkeypatch):
    monkeypatch.setattr(expected_outcomes, "STEPS", 2)  # the ends alone
    ends = expected_ends(expected_outcome_table(fits, study), fits)
    passed = ends[ends["outcome"] == "passed"]
    assert passed["estimate"].between(0, 1).all()
    by_place = ends.set_index(["outcome", "exposure", "group"])["estimate"]
    for outcome, found in fits.items():
        for end in ("low", "high"):
            black, white = (by_place[outcome, end, g] for g in study.roles.group.contrast)
            gap = found.draws[f"benefit.outcome_gap.{end}"]
            error = gap.std() / np.sqrt(gap.size)
            assert abs(black - white - gap.mean()) < DRAWN * error * np.sqrt(
                2 * expected_outcomes.THINNED
            )


def test_checks_compare_shares_of_categories_or_say_why_not(fits, study):
    checks = check_fits(fits, study)
    by_group = checks.predictive[checks.predictive["group"] != ""]
    assert set(by_group.loc[by_group["outcome"] == "passed", "statistic"]) == {"share of 1"}
    letters = by_group[by_group["outcome"] == "letter"]
    assert set(letters["statistic"]) == {f"share of {letter}" for letter in "DCBA"}
    first = letters[letters["group"] == study.roles.group.focal]
    assert first["observed"].sum() == pytest.approx(1)
    # What the rows were fitted to comes back in replications.
    assert (by_group["observed"].between(by_group["lower"], by_group["upper"])).all()
    assert checks.reml.empty
    assert cluster_slope_table(fits, study).empty
    assert set(check_by_nuts(fits, study).gaps) == set(fits)
    reasons = diagnosis_table(fits).set_index("outcome")["because"]
    assert reasons["passed"] == "the family is bernoulli"
