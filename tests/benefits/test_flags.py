"""What stands beside a gap: the comparison that it rests on, for every outcome and for all."""

import pandas as pd
import pytest
from conftest import ROOT

from learning_with_others.benefits.flags import with_comparability
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
