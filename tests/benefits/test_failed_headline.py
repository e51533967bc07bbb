"""A headline that failed its diagnosis, after its second try, gives no number and no verdict."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from conftest import ROOT
from shown_exhibits import ORIGIN
from simulated_benefit import simulated_fits

from learning_with_others.benefits import exhibits
from learning_with_others.benefits.alternatives import MAIN, shape_flags
from learning_with_others.benefits.flags import with_flags
from learning_with_others.benefits.stored_posterior import posterior_summary
from learning_with_others.benefits.summaries import check_fits, summarize_benefits
from learning_with_others.errors import NO_VERDICT
from learning_with_others.exhibits.failed_fits import drawn_rows
from learning_with_others.exhibits.ledger.ledger import Ledger
from learning_with_others.exhibits.ledger.policy import Policy
from learning_with_others.exhibits.people import People
from learning_with_others.exhibits.publication import publish
from learning_with_others.exhibits.records import Records
from learning_with_others.exhibits.words import NOT_SHOWN, resolve
from learning_with_others.psychometrics.comparability.decision import Comparison, Verdict
from learning_with_others.study import load_study

OUTCOME = "gpa"
# What fits of it are compared with, or were observed; and how they failed.
KEPT = ("diagnosis.", "agreement.", "count.")


@pytest.fixture(scope="module")
def shown():
    """Records, words and published tables of a stage whose only headline has failed."""
    study = load_study(ROOT / "data/learning-with-others")
    fit = simulated_fits()["y"]
    failed = replace(fit.diagnosis, worst={"pareto_k": 0.9, "effective_size": 500.0})
    fits = {OUTCOME: replace(fit, diagnosis=failed)}
    data = fit.design.data
    races = np.where(data["Black"] > 0, "Black", "White")
    rows = {OUTCOME: pd.DataFrame({"race": races, "school": data["school label"]})}
    comparable = dict.fromkeys(Comparison, Verdict.COMPARABLE)
    verdicts = {(n, k): v for n in ("collaboration", OUTCOME) for k, v in comparable.items()}
    summaries, checks = summarize_benefits(fits, study.design), check_fits(fits, study.design)
    table = with_flags(summaries.table, fits, verdicts, {}, study)
    coefficients = posterior_summary(fits, study.design)
    planned = [
        exhibits.diagnosis(fits, study),
        exhibits.coefficients(coefficients, fits, study),
        exhibits.predictive(checks.predictive, rows, study),
        exhibits.random_effects(checks.effects, checks.effect_quantiles),
        exhibits.benefits(table, rows, verdicts, study),
        exhibits.expected_outcomes(summaries, rows, verdicts, study),
        exhibits.outcome_gaps(table, verdicts, study),
        exhibits.cluster_slopes(summaries.cluster_slopes, study),
        exhibits.standard_deviations(summaries.standard_deviations, study),
        exhibits.equivalence(summaries.equivalence, study),
        exhibits.verdict(summaries.verdicts, table, study),
    ]
    records, tables, words, drawings = Records(), {}, {}, {}
    people = People(study, {"students": rows[OUTCOME]})
    ledger = Ledger.load([], Policy(False, 10), stage="04")
    for each in (one for plan in planned for one in plan.lay_out()):
        if each.table is not None:
            published = publish(each, study, people, ledger, ORIGIN)
            records.extend(published.results)
            records.failed |= published.failed
            tables[each.name] = published.table
        said = [text if isinstance(text, str) else text(records)
                for text in (each.title, each.sentence)]  # fmt: skip
        words[each.name] = [resolve(text, records) for text in said]
        drawings[each.name] = [tables.get(each.name) if d.of is None else d.of
                               for d in each.figures]  # fmt: skip
    return records, tables, words, drawings, summaries


def test_no_number_of_it_is_recorded(shown):
    records = shown[0]
    left = [one for one in records.values() if not one.quantity.startswith(KEPT)]
    numbers = [one.id for one in left if not isinstance(one.estimate, str) and one.unit not in
               ("students", "classrooms", "clusters")]  # fmt: skip
    assert not numbers
    assert records[f"benefit.verdict/{OUTCOME}"].estimate == NO_VERDICT
    assert f"benefit.gap/{OUTCOME}" in records.failed


def test_tables_say_why(shown):
    for name in ("benefits", "equivalence", "verdict", "expected-outcomes", "coefficients"):
        flags = shown[1][name]["flag"]
        assert flags.str.startswith("not shown: fit failed its diagnosis: Pareto k 0.90").all()


@pytest.mark.parametrize("name", ["benefits", "outcome-gaps", "expected-outcomes"])
def test_titles_and_sentences_say_so(shown, name):
    title, sentence = shown[2][name]
    assert NOT_SHOWN in title
    assert NOT_SHOWN in sentence
    assert "suppressed" not in title + sentence


def test_there_is_no_verdict(shown):
    title, sentence = shown[2]["verdict"]
    assert "No verdict: the fit failed its diagnosis" in title
    assert NOT_SHOWN in sentence
    # The notebook prints this one.
    assert shown[4].verdicts["verdict"].tolist() == [NO_VERDICT]


def test_nothing_of_it_is_drawn(shown):
    for name, drawn in shown[3].items():
        assert not [each for each in drawn if len(drawn_rows(each)[0])], name


def test_nothing_stands_beside_a_main_model_that_is_not_shown():
    table = pd.DataFrame(
        {
            "outcome": OUTCOME,
            "alternative": [MAIN, "spline"],
            "estimate": [0.2, -0.2],
            "verdict": ["supported", "inconclusive"],
            "flag": ["fit failed its diagnosis: R-hat 1.53", ""],
        }
    )
    assert not shape_flags(table)
    assert shape_flags(table.assign(flag=""))
