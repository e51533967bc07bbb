"""The gap by least squares: statsmodels' coefficient, and what its words say."""

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from conftest import ROOT
from test_benefit_exhibits import OUTCOME, record

from learning_with_others.bayes.summary import false_call_rate
from learning_with_others.benefits import exhibits
from learning_with_others.benefits.alternatives import Inputs
from learning_with_others.benefits.classical_gap import classical_gap
from learning_with_others.benefits.residual_sds import residual_sd_table
from learning_with_others.benefits.table import summarized_gap
from learning_with_others.data.flow import model_rows
from learning_with_others.data.reading import read_study
from learning_with_others.exhibits.records import Records
from learning_with_others.exhibits.words import resolve
from learning_with_others.models.analysed_outcomes import standardized_outcome
from learning_with_others.models.benefit_design import benefit_design
from learning_with_others.models.benefit_fit import fit_benefit
from learning_with_others.study import load_study


@pytest.fixture(scope="module")
def synthetic():
    return load_study(ROOT / "data/learning-with-others")


@pytest.fixture(scope="module")
def rows(synthetic):
    return model_rows(read_study(synthetic).students, synthetic, "all", OUTCOME)


@pytest.fixture(scope="module")
def fit(rows, synthetic):
    return fit_benefit(OUTCOME, rows, synthetic, None)


def inputs(synthetic, rows, values=None):
    return Inputs(synthetic, values, rows, "all", {})


def test_without_plausible_values_it_is_the_coefficient_of_statsmodels(rows, synthetic, fit):
    found = classical_gap(OUTCOME, fit, {OUTCOME: rows}, inputs(synthetic, rows)).iloc[0]
    design = benefit_design(rows, synthetic)
    frame = design.frame(standardized_outcome(rows, synthetic, OUTCOME))
    plain = sm.OLS(frame.outcome, frame.columns).fit()
    gap = frame.terms.index(design.interaction("Black"))
    assert found["estimate"] == pytest.approx(plain.params[gap])
    assert found["level"] == "classrooms within these schools"
    # With little to correct, both kinds of errors are of one size.
    assert 0.5 < found["error"] / plain.bse[gap] < 2
    assert found["lower"] < found["estimate"] < found["upper"]
    assert found["degrees"] < found["clusters"]
    sd = summarized_gap(fit, synthetic).sd
    as_modelled = false_call_rate(sd, synthetic.analysis.practical_equivalence)
    assert (found["false_call_rate"] > as_modelled) == (found["error"] > sd)


def test_plausible_values_widen_it(rows, synthetic, fit):
    random, mine = np.random.default_rng(1), {OUTCOME: rows}
    exposure = synthetic.roles.exposure.name
    noise = 0.3 * rows[exposure].std()
    values = pd.concat(
        pd.DataFrame(
            {
                synthetic.roles.student: rows[synthetic.roles.student],
                "plausible_value": number,
                exposure: rows[exposure] + noise * random.normal(size=len(rows)),
            }
        )
        for number in range(3)
    )
    found = classical_gap(OUTCOME, fit, mine, inputs(synthetic, rows, values)).iloc[0]
    alone = [
        classical_gap(
            OUTCOME, fit, mine, inputs(synthetic, rows, values[values["plausible_value"] == n])
        ).iloc[0]
        for n in range(3)
    ]
    assert found["estimate"] == pytest.approx(np.mean([one["estimate"] for one in alone]))
    assert found["error"] ** 2 > np.mean([one["error"] ** 2 for one in alone])
    assert found["mcse"] > 0


@pytest.mark.parametrize(
    ("classical", "said"),
    [
        ((0.3, 0.1, 0.5), "By least squares, too, the benefit gap has a direction"),
        ((0.3, -0.1, 0.7), "By least squares, the direction of the benefit gap remains open"),
        ((-0.3, -0.5, -0.1), "Least squares turn the benefit gap round"),
    ],
)
def test_its_words_compare_it_with_the_model(synthetic, classical, said):
    estimate, lower, upper = classical
    table = pd.DataFrame({"outcome": [OUTCOME], "estimate": [estimate]})
    laid_out = exhibits.classical_gaps(table, synthetic).lay_out()[0]
    records = Records(
        [
            record(f"benefit.gap/{OUTCOME}", 0.3, 0.1, 0.5),
            record(f"benefit.gap.classical/{OUTCOME}", estimate, lower, upper),
        ]
    )
    assert laid_out.title(records) == said
    assert "by least squares" in resolve(laid_out.sentence(records), records).lower()


def test_words_name_ratios_that_differ(synthetic):
    item = "high to low exposure, Black"
    table = pd.DataFrame({"outcome": [OUTCOME], "comparison": [item]})
    laid_out = exhibits.residual_ratios(table, synthetic).lay_out()[0]

    def said(differ):
        records = Records(
            [
                one.model_copy(update={"item": item, "id": f"{one.quantity}/{OUTCOME}/{item}"})
                for one in (
                    record(f"benefit.residual_ratio/{OUTCOME}", 1.4, 1.2, 1.6),
                    record(f"benefit.residual_ratio.verdict/{OUTCOME}", differ),
                )
            ]
        )
        return laid_out.title(records), resolve(laid_out.sentence(records), records)

    title, sentence = said("differ")
    assert title == "Residuals vary unequally, which the main model does not allow"
    assert "1.4" in sentence
    assert said("may be equal")[0] == "Nothing shows that residuals vary unequally"


def test_what_the_tables_hold_is_declared(rows, synthetic, fit):
    given = inputs(synthetic, rows)
    gaps = classical_gap(OUTCOME, fit, {OUTCOME: rows}, given)
    ratios = residual_sd_table(OUTCOME, rows, given)
    for planned in (
        exhibits.classical_gaps(gaps, synthetic),
        exhibits.residual_ratios(ratios, synthetic),
    ):
        (laid_out,) = planned.lay_out()
        laid_out.check()
