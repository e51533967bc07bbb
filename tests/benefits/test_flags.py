"""What stands beside a gap: the comparison that it rests on, for every outcome and for all."""

import pandas as pd
import pytest
from conftest import ROOT

from learning_with_others.benefits.flags import with_comparability, with_flags
from learning_with_others.benefits.table import benefit_table
from learning_with_others.data.flow import model_rows
from learning_with_others.data.reading import read_study
from learning_with_others.models.benefit_fit import fit_benefit
from learning_with_others.psychometrics.comparability.decision import Comparison, Verdict
from learning_with_others.study import load_study


@pytest.fixture(scope="module")
def synthetic():
    return load_study(ROOT / "data/learning-with-others")


@pytest.mark.parametrize("quantity", ["benefit.gap.alternative", "benefit.gap.pooled"])
def test_gaps_carry_the_weakest_verdict_and_keep_their_own_flag(synthetic, quantity):
    names = ("collaboration", "belonging", "engagement")
    verdicts = {(name, Comparison.SLOPES): Verdict.COMPARABLE for name in names}
    verdicts["engagement", Comparison.SLOPES] = Verdict.NOT_COMPARABLE
    table = pd.DataFrame(
        {
            "outcome": ["belonging", "engagement", "mean of all outcomes"],
            "flag": ["", "fit failed", ""],
        }
    )
    found = list(with_comparability(table, quantity, verdicts, synthetic)["flag"])
    assert found[0] == ""
    assert found[1] == "fit failed; comparability of slopes by race: not comparable"
    assert found[2] == "engagement: comparability of slopes by race: not comparable"


@pytest.mark.parametrize(
    ("edge", "words"),
    [
        ("outlier", "1 of 777 values of the outcome lie up to"),
        ("yes or no", "modelled as a normal number"),
    ],
)
def test_every_number_of_a_fit_says_what_is_odd_about_its_outcome(synthetic, edge, words):
    rows = model_rows(read_study(synthetic).students, synthetic, "all", "gpa")
    words = words.replace("777", str(len(rows)))
    gpa = rows["gpa"].copy()
    if edge == "outlier":
        gpa.iloc[5] = 400.0  # 4.00 without its point
    else:
        gpa = (gpa > gpa.median()).astype(float)
    fits = {"gpa": fit_benefit("gpa", rows.assign(gpa=gpa), synthetic, None)}
    names = ("gpa", "collaboration")
    verdicts = {(name, each): Verdict.COMPARABLE for name in names for each in Comparison}
    table = with_flags(benefit_table(fits, synthetic), fits, verdicts, {}, synthetic)
    assert table["flag"].str.contains(words).all()
