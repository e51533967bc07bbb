"""Exhibits of benefits: every number is declared, counts are of whom they say, words turn."""

import re
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from conftest import ROOT
from simulated_benefit import simulated_fits

from learning_with_others.benefits import exhibits
from learning_with_others.benefits.alternatives import MAIN
from learning_with_others.benefits.common_gap import BETWEEN, MEAN, CommonGap
from learning_with_others.benefits.exhibits.sentences import (
    plan_words,
    planned_finding,
    planned_sentence,
)
from learning_with_others.benefits.flags import with_flags
from learning_with_others.benefits.leave_one_out import leave_one_out
from learning_with_others.benefits.nuts_check import check_by_nuts
from learning_with_others.benefits.shared_clusters import QUANTITY, with_shared_clusters
from learning_with_others.benefits.stored_posterior import posterior_summary
from learning_with_others.benefits.summaries import check_fits, prior_draws, summarize_benefits
from learning_with_others.exhibits.people import People
from learning_with_others.exhibits.populations import Population, population_of
from learning_with_others.exhibits.records import Interval, Records, Result
from learning_with_others.exhibits.words import MARK, SUPPRESSED, resolve
from learning_with_others.psychometrics.comparability.decision import Comparison, Verdict
from learning_with_others.study import load_study

OUTCOME = "gpa"
LIKELY = Interval(kind="equal-tailed credible", probability=0.95)


@pytest.fixture(scope="module")
def synthetic():
    return load_study(ROOT / "data/learning-with-others")


@pytest.fixture(scope="module")
def fits():
    return {OUTCOME: simulated_fits()["y"]}


@pytest.fixture(scope="module")
def students(fits):
    data = fits[OUTCOME].design.data
    races = np.where(data["Black"] > 0, "Black", "White")
    return pd.DataFrame({"race": races, "school": data["school label"]})


@pytest.fixture(scope="module")
def verdicts():
    comparable = dict.fromkeys(Comparison, Verdict.COMPARABLE)
    return {(name, k): v for name in ("collaboration", OUTCOME) for k, v in comparable.items()}


@pytest.fixture(scope="module")
def summaries(fits, synthetic):
    return summarize_benefits(fits, synthetic.design)


@pytest.fixture(scope="module")
def table(summaries, fits, verdicts, synthetic):
    total = summaries.table[summaries.table["quantity"] == "benefit.gap.total"]
    shared = total.assign(quantity=QUANTITY, children=np.nan)  # fitted in its own tests
    whole = with_shared_clusters(summaries.table, shared)
    return with_flags(whole, fits, verdicts, {}, synthetic)


@pytest.fixture(scope="module")
def laid_out(fits, students, summaries, table, verdicts, synthetic):
    """All exhibits of one outcome, by name."""
    rows, study = {OUTCOME: students}, synthetic
    checks = check_fits(fits, study.design)
    check = check_by_nuts(fits, study.design)
    omitted = leave_one_out(fits, study.design)
    planned = [
        exhibits.rows(fits, rows, study),
        exhibits.clusters(fits, study),
        exhibits.priors(prior_draws(fits[OUTCOME], study.design), study),
        exhibits.diagnosis(fits, study),
        exhibits.nuts_check(check),
        exhibits.traces(check),
        exhibits.ranks(check),
        exhibits.coefficients(posterior_summary(fits, study.design), fits, study),
        exhibits.predictive(checks.predictive, rows, study),
        exhibits.random_effects(checks.effects, checks.effect_quantiles),
        exhibits.left_out(omitted.table, rows, study),
        exhibits.pareto(omitted.pareto, study),
        exhibits.reml(checks.reml, study),
        exhibits.benefits(table, rows, verdicts, study),
        exhibits.expected_outcomes(summaries, rows, verdicts, study),
        exhibits.outcome_gaps(table, verdicts, study),
        exhibits.cluster_slopes(summaries.cluster_slopes, study),
        exhibits.standard_deviations(summaries.standard_deviations, study),
        exhibits.equivalence(summaries.equivalence, study),
        exhibits.verdict(summaries.verdicts, table, study),
    ]
    return {each.name: each for plan in planned for each in plan.lay_out()}


def record(id_, estimate, lower=None, upper=None):
    """A record of the main analysis from its id."""
    quantity, *keys = id_.split("/")
    return Result(
        id=id_,
        stage="04",
        exhibit="any",
        quantity=quantity,
        outcome=keys[0],
        group=keys[1] if len(keys) > 1 and keys[1] in ("Black", "White") else None,
        estimate=estimate,
        lower=lower,
        upper=upper,
        interval=None if lower is None else LIKELY,
        unit="outcome sd",
        notebook="04",
        function="any",
        line=1,
    )


def numbers(side):
    """Records of a large gap that favours Black students, or with -1 White ones."""

    def around(id_, estimate):
        return record(
            id_, side * estimate, *sorted((side * (estimate - 0.1), side * (estimate + 0.1)))
        )

    return Records(
        [
            around(f"benefit.gap/{OUTCOME}", 0.3),
            around(f"benefit.outcome_gap.low/{OUTCOME}", 0.6),
            around(f"benefit.outcome_gap.high/{OUTCOME}", 0.9),
            around(f"benefit.slope/{OUTCOME}/Black", 0.6),
            around(f"benefit.slope/{OUTCOME}/White", 0.3),
            around(f"benefit.gap.pooled/{MEAN}/partially pooled", 0.2),
            record(f"benefit.gap.direction/{OUTCOME}", 0.999),
            record(f"benefit.gap.rope_share/{OUTCOME}", 0.01),
        ]
    )


def said(exhibit, records):
    """Title and sentence as people read them."""
    return [resolve(words(records), records) for words in (exhibit.title, exhibit.sentence)]


def test_every_column_is_declared_and_every_count_counts_whom_it_says(
    laid_out, students, synthetic
):
    people = People(synthetic, {"students": students})
    for exhibit in laid_out.values():
        exhibit.check()
        for count in exhibit.counts if exhibit.table is not None else ():
            for row in exhibit.table.to_dict("records") if count.whom else ():
                if not pd.isna(row[count.column]):
                    assert count.whom.mask(row, people).sum() == row[count.column], exhibit.name


def test_all_that_was_simulated_has_its_error(laid_out):
    exact = ("clusters", "observed", "correlation", "outliers", "uninformed", "reml")
    exact += ("verdict", "bound", "fits", "refitted")
    exact += ("missing_information", "clusters_high_k", "both_groups")
    for name in ("benefits", "expected-outcomes", "predictive", "reml", "equivalence", "verdict"):
        for number in laid_out[name].numbers:
            if number.column not in exact:
                assert laid_out[name].table[number.mcse].notna().all(), (name, number.quantity)


def test_the_primary_comparison_stands_alone_and_the_number_of_others_is_said(laid_out, synthetic):
    assert synthetic.analysis.primary == OUTCOME
    title, sentence = said(laid_out["benefits"], numbers(1))
    assert title.startswith("Grade point average (primary comparison): Black students benefit more")
    lead = "Primary comparison, at the cluster shares pooled over both groups: with one standard"
    assert sentence.startswith(lead)
    assert "Exploratory" not in sentence  # no other outcome was fitted
    # The gap at pooled shares, the total one, and the one in clusters that hold both groups.
    assert "Exploratory: all other gaps in this table (2)" in laid_out["benefits"].caption


def test_other_outcomes_are_exploratory(synthetic):
    clauses = {"belonging": "second", OUTCOME: "first", "engagement": "third"}
    assert planned_sentence(clauses, synthetic, Population.OWN) == (
        "Primary comparison, at each group's own mean cluster shares: first."
        " Exploratory, at each group's own mean cluster shares: second; third."
    )
    findings = dict.fromkeys(clauses, "No gap") | {OUTCOME: "A gap"}
    assert planned_finding(findings, synthetic).endswith("A gap")
    plan = synthetic.analysis.model_copy(update={"primary": None})
    unplanned = synthetic.model_copy(update={"analysis": plan})
    said = planned_sentence(clauses, unplanned, Population.SHARED)
    assert said == "In clusters that hold both groups, second; first; third."
    assert planned_finding(findings, unplanned) == (
        "No gap: Belonging and Engagement; A gap: Grade point average"
    )
    assert "Exploratory: all gaps in this table (3)" in plan_words(unplanned, 3)


@pytest.mark.parametrize(
    ("name", "ours", "swapped"),
    [
        ("benefits", "benefit more than White", "benefit less than White"),
        ("expected-outcomes", "outcomes are higher", "outcomes are lower"),
    ],
)
def test_titles_turn_with_the_groups(laid_out, name, ours, swapped):
    assert ours in said(laid_out[name], numbers(1))[0]
    assert swapped in said(laid_out[name], numbers(-1))[0]


def test_sentences_turn_with_the_groups_and_keep_their_sizes(laid_out):
    for side, more, level in ((1, "more", "higher"), (-1, "less", "lower")):
        _, gap = said(laid_out["benefits"], numbers(side))
        assert (
            f"rises 0.30 SD {more} for Black than for White students (95% interval 0.20 to 0.40"
            in gap
        )
        _, levels = said(laid_out["outcome-gaps"], numbers(side))
        assert f"0.60 SD {level} where" in levels
        assert f"0.90 SD {level} where" in levels


def test_the_common_gap_turns_with_the_groups(students, verdicts, synthetic):
    gaps = CommonGap(
        pd.DataFrame(
            {
                "outcome": [OUTCOME, MEAN, BETWEEN],
                "kind": "partially pooled",
                "estimate": [0.2, 0.2, 0.1],
                "lower": [0.1, 0.1, 0.0],
                "upper": [0.3, 0.3, 0.2],
                "mcse": 0.01,
                "children": len(students),
                "flag": "",
            }
        ),
        None,
    )
    rows = {OUTCOME: students}
    (exhibit,) = exhibits.common_gap(gaps, rows, verdicts, synthetic).lay_out()
    exhibit.check()
    assert "benefit more than White" in said(exhibit, numbers(1))[0]
    assert "benefit less than White" in said(exhibit, numbers(-1))[0]
    assert "0.20 SD smaller for Black" in said(exhibit, numbers(-1))[1]


def test_a_suppressed_number_is_said_to_be_so(laid_out):
    for name in ("benefits", "outcome-gaps", "expected-outcomes", "verdict"):
        title, sentence = said(laid_out[name], Records())
        assert SUPPRESSED in title, name
        assert SUPPRESSED in sentence, name


def test_a_verdict_that_leaves_the_size_open_says_what_was_within_reach(laid_out):
    reach = {"allowed": 0.41, "sd": 0.07, "supported_at": 0.38, "none_at_zero": 0.0}
    shown = [record(f"benefit.verdict.{name}/{OUTCOME}", value) for name, value in reach.items()]
    shown.append(record(f"benefit.verdict.supported_gap/{OUTCOME}", 0.28))
    for verdict, open_ in (("direction shown, size open", True), ("supported", False)):
        one = record(f"benefit.verdict/{OUTCOME}", verdict)
        title, sentence = said(laid_out["verdict"], Records([*numbers(1).values(), *shown, one]))
        assert ("gaps at these shares of up to 0.41 SD" in sentence) == open_
        assert (
            "a true gap at these shares of 0.20 SD would be called supported" in sentence
        ) == open_
        assert ("80% needs a gap of 0.28 SD" in sentence) == open_
        assert ("size is open" in title) == open_
    beyond = record(f"benefit.gap.rope_share/{OUTCOME}", 0.2)
    changed = [one for one in numbers(1).values() if one.id != beyond.id]
    title = said(laid_out["benefits"], Records([*changed, beyond]))[0]
    assert title.endswith("benefit more than White students from high-quality collaboration; by"
                          " how much is open")  # fmt: skip


def test_a_flag_stands_beside_the_finding(laid_out):
    flagged = numbers(1)
    gap = flagged[f"benefit.gap/{OUTCOME}"].model_copy(update={"flag": "fit failed"})
    others = [each for each in flagged.values() if each.id != gap.id]
    assert "Caution: fit failed" in said(laid_out["benefits"], Records([gap, *others]))[1]


def test_a_gap_in_measures_that_do_not_compare_is_said_to_be_one(laid_out):
    flag = f"comparability of slopes by race: {Verdict.NOT_COMPARABLE}"
    flagged = Records(one.model_copy(update={"flag": flag}) for one in numbers(1).values())
    assert said(laid_out["benefits"], flagged)[0].endswith("on measures that are not comparable")


def test_a_gap_that_other_models_see_otherwise_is_said_to_be_one(laid_out):
    flag = "the gap has another verdict under: spline"
    flagged = Records(one.model_copy(update={"flag": flag}) for one in numbers(1).values())
    title, sentence = said(laid_out["benefits"], flagged)
    assert title.endswith("(other models give another answer)")
    assert f"Caution: {flag}" in sentence


def test_a_failed_fit_is_in_the_title(fits, synthetic):
    failed = replace(fits[OUTCOME].diagnosis, worst={"pareto_k": 0.9, "effective_size": 500.0})
    bad = {OUTCOME: replace(fits[OUTCOME], diagnosis=failed)}
    (exhibit,) = exhibits.diagnosis(bad, synthetic).lay_out()
    assert "Pareto k 0.90" in exhibit.table["flag"].iloc[0]
    one = record(f"diagnosis.fits/{OUTCOME}", 1).model_copy(
        update={"flag": exhibit.table["flag"].iloc[0]}
    )
    assert exhibit.title(Records([one])) == "Models failed their diagnosis"


def test_the_pareto_figure_shows_what_the_ledger_left(laid_out):
    exhibit = laid_out["pareto"]
    table = exhibit.table.astype({"children": float})
    table.loc[table["children"].lt(10), "children"] = np.nan
    figure = exhibit.figures[0].draw(table)
    heights = [bar.get_height() for bar in figure.axes[0].patches]
    assert np.nansum(heights) == table["children"].sum()


def test_studies_without_a_replication_or_another_model_show_none(synthetic, verdicts, students):
    assert exhibits.published(pd.DataFrame(), synthetic).lay_out() == []
    empty = exhibits.alternatives(pd.DataFrame(), {OUTCOME: students}, verdicts, synthetic)
    assert empty.lay_out() == []


def other_models(students, verdicts, study):
    """Exhibits of gaps that are not of the main model alone."""
    rows = {OUTCOME: students}
    ends = {"lower": 0.1, "upper": 0.3, "mcse": 0.01, "flag": "", "children": len(students)}
    both = pd.DataFrame(
        {"outcome": OUTCOME, "alternative": [MAIN, "spline"], "estimate": [0.2, 0.3]}
    )
    others = both.assign(direction=0.99, rope_share=0.1, verdict="inconclusive", **ends)
    errors = dict.fromkeys(("direction_mcse", "rope_share_mcse"), 0.01)
    by_squares = {"error": 0.1, "degrees": 20.0, "clusters": 30, "false_call_rate": 0.01}
    squares = pd.DataFrame(
        [{"outcome": OUTCOME, "estimate": 0.2, "level": "schools", **by_squares, **ends}]
    )
    alone = {"outcome": [OUTCOME, MEAN], "kind": "partially pooled", "estimate": 0.2}
    together = CommonGap(pd.DataFrame({**alone, **ends}), None)
    planned = [
        exhibits.alternatives(others.assign(**errors), rows, verdicts, study),
        exhibits.classical_gaps(squares.drop(columns="children"), study),
        exhibits.common_gap(together, rows, verdicts, study),
    ]
    return [each for plan in planned for each in plan.lay_out()]


def more_numbers():
    gap = "benefit.gap"
    found = [
        record(f"{gap}.alternative/{OUTCOME}/{MAIN}", 0.2),
        record(f"{gap}.alternative/{OUTCOME}/spline", 0.3),
        record(f"{gap}.alternative.verdict/{OUTCOME}/{MAIN}", "inconclusive"),
        record(f"{gap}.classical/{OUTCOME}", 0.2, 0.1, 0.3),
        record(f"benefit.verdict/{OUTCOME}", "inconclusive"),
    ]
    item = {"item": MAIN}
    found = [one.model_copy(update=item if MAIN in one.id else {}) for one in found]
    return Records([*numbers(1).values(), *found])


def quantities_of(exhibit):
    """What the numbers of an exhibit's table are."""
    names = [number.quantity for number in exhibit.numbers]
    if "{quantity}" in names:
        names += list(exhibit.table["quantity"])
    return {name for name in names if "{" not in name}


def test_every_sentence_names_the_population_of_its_slopes_and_gaps_and_mixes_none(
    laid_out, students, verdicts, synthetic
):
    plan = synthetic.analysis.model_copy(update={"primary": None})
    unplanned = synthetic.model_copy(update={"analysis": plan})
    every = [*laid_out.values(), *other_models(students, verdicts, synthetic)]
    every += other_models(students, verdicts, unplanned)
    records, checked = more_numbers(), 0
    for exhibit in every:
        words = [each(records) for each in (exhibit.title, exhibit.sentence) if callable(each)]
        for sentence in (each for text in words for each in re.split(r"(?<=\.) (?=[A-Z])", text)):
            quoted = {mark.group(2).split("/")[0] for mark in MARK.finditer(sentence)}
            of = {population_of(each) for each in quoted if "outcome_gap" not in each} - {None}
            assert len(of) < 2, sentence
            for population in of:
                named = population.words.lower() in sentence.lower()
                assert named or "these shares" in sentence, sentence
                checked += 1
        of = {population_of(each) for each in quantities_of(exhibit)} - {None}
        for population in of:
            assert population.words in exhibit.caption, (exhibit.name, population)
    assert checked > 6


def test_rows_and_figures_name_both_pairs_and_the_third_gap(laid_out):
    exhibit = laid_out["benefits"]
    for quantity, row in zip(exhibit.table["quantity"], exhibit.table["row"], strict=True):
        of = population_of(quantity)
        assert of is None or row.endswith(of.label)
    main, by_group = exhibit.figures
    labels = [text.get_text() for text in main.draw(exhibit.table).axes[0].get_yticklabels()]
    assert labels == [
        "Black, pooled shares",
        "White, pooled shares",
        "gap, pooled shares",
        "Black, own shares",
        "White, own shares",
        "gap, own shares",
        "gap, clusters with both groups",
    ]
    assert "pooled shares" in by_group.draw(exhibit.table).get_supxlabel()


def test_each_quantity_is_of_the_population_that_its_longest_name_says():
    assert population_of("benefit.gap") is Population.POOLED
    assert population_of("benefit.gap.rope_share") is Population.POOLED
    assert population_of("benefit.gap.total") is Population.OWN
    assert population_of("benefit.gap.total.missing_information") is Population.OWN
    assert population_of("benefit.slope.own") is Population.OWN
    assert population_of("benefit.gap.shared") is Population.SHARED
    assert population_of("benefit.sd.slope") is None
    assert population_of("benefit.gaps") is None
