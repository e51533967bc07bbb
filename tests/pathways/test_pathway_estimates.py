"""Tables of a pathway: sums, differences, proportions, and what must be said beside a number."""

from dataclasses import replace

import numpy as np
import pytest
from pathway_fits import (
    EXPOSURE,
    FIRST,
    ONE_BLOCK,
    SECOND,
    all_verdicts,
    fitted,
    generated_rows,
    made_up_fit,
    short_study,
)

from learning_with_others.bayes.diagnosis import Diagnosis
from learning_with_others.models.model_rows import PLAUSIBLE
from learning_with_others.pathways.associations_table import (
    ATTENUATED,
    between_table,
    covariance_table,
    measures_table,
    pathway_table,
    score_table,
    summed_path,
)
from learning_with_others.pathways.associations_table import parts_table as parts_of
from learning_with_others.psychometrics.comparability.decision import Verdict

EXACT = 1e-12  # rounding: means of weighted draws are linear
KEYS = ["quantity", "outcome", "path", "group"]


@pytest.fixture(scope="module")
def study():
    return short_study().design


@pytest.fixture(scope="module")
def table(study):
    return pathway_table(made_up_fit(), all_verdicts(), study)


def by_key(table):
    return table.set_index(KEYS)["estimate"]


def specific(table, outcome, group, quantity="pathway.indirect"):
    """Rows of single paths, not of their sums."""
    mine = table[(table["quantity"] == quantity) & (table["outcome"] == outcome)]
    sums = mine["path"].str.startswith("block") | (mine["path"] == "all mediators")
    return mine[(mine["group"] == group) & ~sums]


@pytest.mark.parametrize("outcome", ["engagement", "self_efficacy", "gpa"])
def test_totals_are_direct_and_indirect_together(table, outcome):
    known = by_key(table)
    for group, gap in (("Black", ""), ("White", ""), ("", "_gap")):
        paths = specific(table, outcome, group, f"pathway.indirect{gap}")
        assert len(paths) == (5 if outcome == "gpa" else 1)
        total = known[f"pathway.direct{gap}", outcome, "", group] + paths["estimate"].sum()
        assert known[f"pathway.total{gap}", outcome, "", group] == pytest.approx(total, abs=EXACT)


def test_sums_are_over_their_paths(table):
    known, paths = by_key(table), specific(table, "gpa", "Black")
    passing = {
        "all mediators": paths,
        "block 1": paths[paths["path"].str.contains("personalization")],
        "block 2": paths[paths["path"].str.contains("engagement|self_efficacy")],
    }
    for name, mine in passing.items():
        estimate = known["pathway.indirect", "gpa", name, "Black"]
        assert estimate == pytest.approx(mine["estimate"].sum(), abs=EXACT), name


def test_gaps_are_focal_minus_reference(table):
    known, gaps = by_key(table), table[table["quantity"].str.endswith("_gap")]
    assert len(gaps) == len(table[table["group"] == "Black"]) - sum(
        table["quantity"].eq("pathway.proportion") & table["group"].eq("Black")
    )
    for row in gaps.itertuples():
        own = [known[row.quantity.removesuffix("_gap"), row.outcome, row.path, group]
               for group in ("Black", "White")]  # fmt: skip
        assert row.estimate == pytest.approx(own[0] - own[1], abs=EXACT)


def test_the_mean_of_a_product_counts_the_covariance(study):
    fit = made_up_fit(spread=1e-6)
    known = by_key(pathway_table(fit, all_verdicts(), study))
    covariance = np.average(fit.links.covariances[FIRST, SECOND], weights=fit.weights)
    along = known["pathway.indirect", "engagement", "personalization", "White"]
    assert along == pytest.approx(0.5 * 0.3 + covariance, abs=1e-5)  # of the draws' spread


@pytest.mark.parametrize("spread", [0.02, 0.1, 0.3])
def test_a_proportion_is_given_exactly_where_the_total_excludes_zero(study, spread):
    found = pathway_table(made_up_fit(spread=spread), all_verdicts(), study)
    totals = found[found["quantity"] == "pathway.total"]
    clear = totals[totals["lower"] * totals["upper"] > 0]
    given = found[found["quantity"] == "pathway.proportion"]
    assert [*zip(given["outcome"], given["group"], strict=True)] == [
        *zip(clear["outcome"], clear["group"], strict=True)
    ]
    assert set(given["unit"]) <= {"share of the total"}
    assert {0.02: len(given) == len(totals), 0.1: True, 0.3: len(given) < len(totals)}[spread]


def test_a_proportion_is_the_indirect_part(study):
    fit = made_up_fit(spread=1e-6)
    known = by_key(pathway_table(fit, all_verdicts(), study))
    part = known["pathway.indirect", "gpa", "all mediators", "White"]
    whole = known["pathway.total", "gpa", "", "White"]
    # The made-up direct association is about zero: nearly all is indirect, to draws' spread.
    assert known["pathway.proportion", "gpa", "", "White"] == pytest.approx(part / whole, abs=1e-4)


def test_every_number_has_its_error_and_its_people(table):
    assert (table["mcse"] > 0).all()
    assert (table["direction_mcse"] > 0).all()
    assert table["direction"].between(0.5, 1).all()
    assert (table["lower"] < table["estimate"]).all()
    assert (table["estimate"] < table["upper"]).all()
    sizes = made_up_fit().design.sizes
    for row in table.itertuples():
        mine = sizes[row.outcome]
        assert row.children == (mine[row.group] if row.group else sum(mine.values()))


def test_the_weakest_verdict_on_a_path_stands_beside_it(study):
    verdicts = all_verdicts(personalization=Verdict.PARTIAL, engagement=Verdict.NOT_COMPARABLE)
    found = pathway_table(made_up_fit(), verdicts, study).set_index(KEYS)["comparability"]
    said = {
        ("pathway.link", "personalization", EXPOSURE): Verdict.PARTIAL,
        ("pathway.link", "gpa", EXPOSURE): Verdict.COMPARABLE,
        ("pathway.direct", "gpa", ""): Verdict.COMPARABLE,
        ("pathway.indirect", "gpa", "personalization"): Verdict.PARTIAL,
        ("pathway.indirect", "gpa", "self_efficacy"): Verdict.COMPARABLE,
        ("pathway.indirect", "gpa", "personalization → engagement"): Verdict.NOT_COMPARABLE,
        ("pathway.total", "gpa", ""): Verdict.NOT_COMPARABLE,
    }
    for (quantity, outcome, path), verdict in said.items():
        assert found[quantity, outcome, path, "Black"] == verdict, path


@pytest.mark.parametrize("verdict", list(Verdict))
def test_only_differences_in_what_does_not_compare_are_flagged(study, verdict):
    found = pathway_table(made_up_fit(), all_verdicts(personalization=verdict), study)
    flagged = found["flag"].str.contains("comparability of slopes between the groups")
    expected = (found["group"] == "") & (found["comparability"] != Verdict.COMPARABLE)
    assert (flagged == expected).all()
    assert flagged.any() == (verdict != Verdict.COMPARABLE)


def test_a_verdict_holds_for_the_exposure_too(study):
    weak = all_verdicts(**{EXPOSURE: Verdict.NOT_COMPARABLE})
    found = pathway_table(made_up_fit(), weak, study)
    starts = found[~found["quantity"].str.startswith("pathway.link")]
    assert set(starts["comparability"]) == {Verdict.NOT_COMPARABLE}
    measures = measures_table(made_up_fit(), weak, study).set_index("outcome")["verdict"]
    assert measures[EXPOSURE] == Verdict.NOT_COMPARABLE
    assert set(measures.drop(EXPOSURE)) == {Verdict.COMPARABLE}


def test_an_exposure_that_was_observed_needs_no_verdict(study):
    observed = study.roles.exposure.model_copy(update={"scale": None, "column": EXPOSURE})
    roles = study.roles.model_copy(update={"exposure": observed})
    unscaled = study.model_copy(update={"roles": roles})
    tested = {key: found for key, found in all_verdicts().items() if key[0] != EXPOSURE}
    for verdict in (Verdict.COMPARABLE, Verdict.PARTIAL):
        known = tested | all_verdicts_of("personalization", verdict)
        found = measures_table(made_up_fit(), known, unscaled).set_index("outcome")["verdict"]
        assert found[EXPOSURE] == Verdict.COMPARABLE
        table = pathway_table(made_up_fit(), known, unscaled).set_index(KEYS)["comparability"]
        assert table["pathway.link", "personalization", EXPOSURE, "White"] == verdict


def all_verdicts_of(name, verdict):
    return {key: verdict for key in all_verdicts() if key[0] == name}


def is_attenuated(fit, study):
    found = pathway_table(fit, all_verdicts(), study)
    return found, found["flag"].str.contains(ATTENUATED.format("classroom"), regex=False)


def test_what_rests_on_a_later_slope_that_varies_is_flagged_attenuated(study):
    found, flagged = is_attenuated(made_up_fit(score=PLAUSIBLE, values=3), study)
    named = found.assign(flagged=flagged).set_index(KEYS)["flagged"]
    for quantity, outcome, path, expected in (
        ("pathway.link", "personalization", EXPOSURE, False),  # varies, but is the first
        ("pathway.link", "engagement", "personalization", True),
        ("pathway.link", "gpa", "personalization", False),
        ("pathway.direct", "engagement", "", False),
        ("pathway.total", "engagement", "", True),
        ("pathway.indirect", "gpa", "personalization → engagement", True),
        ("pathway.indirect", "gpa", "personalization → self_efficacy", False),
        ("pathway.indirect", "self_efficacy", "personalization", False),
        ("pathway.total", "self_efficacy", "", False),
        ("pathway.indirect", "gpa", "all mediators", True),
    ):
        assert named[quantity, outcome, path, "White"] == expected, (quantity, outcome, path)


def test_nothing_is_attenuated_on_mean_scores_or_where_no_slope_varies(study):
    assert not is_attenuated(made_up_fit(), study)[1].any()
    fixed = made_up_fit(short_study(varying=()), score=PLAUSIBLE, values=3)
    assert not is_attenuated(fixed, study)[1].any()


def test_a_failed_fit_is_flagged_everywhere(study):
    failed = Diagnosis({"pareto_k": 0.9, "effective_size": 900.0}, 1.0)
    found = pathway_table(replace(made_up_fit(), diagnosis=failed), all_verdicts(), study)
    assert found["flag"].str.contains("Pareto k 0.90").all()


def test_covariances_are_of_slopes_on_one_path(study):
    fit = made_up_fit()
    (row,) = covariance_table(fit, study).to_dict("records")
    assert row["outcome"] == "engagement"
    assert row["path"] == "collaboration → personalization → engagement"
    expected = np.average(fit.links.covariances[FIRST, SECOND], weights=fit.weights)
    assert row["estimate"] == pytest.approx(expected, abs=EXACT)
    assert row["mcse"] > 0
    assert covariance_table(made_up_fit(short_study(varying=())), study) is None


def test_between_parts_are_of_every_link(study):
    fit = made_up_fit()
    found = between_table(fit, study)
    assert set(zip(found["path"], found["outcome"], strict=True)) == set(fit.links.between)
    assert (found["mcse"] > 0).all()


def test_scores_stand_side_by_side(study):
    plausible, observed = made_up_fit(score=PLAUSIBLE, values=3), made_up_fit(seed=3)
    found = score_table(plausible, observed, study)
    shown = found.groupby(["score", "quantity", "outcome", "group"], sort=False).size()
    assert (shown == 1).all()  # one sum of all mediators each
    assert set(found["score"]) == {"plausible values", "scale score"}
    # Engagement has one mediator, whose path is the sum.
    assert set(found["outcome"]) == {"engagement", "self_efficacy", "gpa"}
    assert set(found["quantity"].str.removesuffix("_gap")) == {"pathway.indirect", "pathway.total"}
    assert score_table(observed, observed, study) is None
    assert score_table(plausible, None, study) is None


def test_the_sum_over_mediators_has_the_name_of_a_single_one(study):
    chain = made_up_fit().design.chain
    assert [summed_path(chain, name) for name in chain.names[1:]] == [
        "",
        "personalization",
        "personalization",
        "all mediators",
    ]
    shown = set(pathway_table(made_up_fit(), all_verdicts(), study)["path"])
    assert {"personalization", "all mediators"} <= shown


def test_parts_say_which_equations_were_fitted_together_and_why():
    found = parts_of(made_up_fit()).set_index("outcome")
    together = found.loc["personalization"]
    assert together["together"] == "personalization, engagement, self_efficacy"
    assert together["because"] == (
        "slopes of collaboration → personalization and personalization → engagement covary"
    )
    assert found.loc["gpa", "because"] == "nothing covaries"
    assert (found["fits"] == 1).all()
    fixed = parts_of(made_up_fit(short_study(varying=()))).set_index("outcome")
    assert list(fixed.index) == ["personalization", "engagement", "gpa"]
    assert fixed.loc["engagement", "because"] == "residuals of one block covary"


def test_a_failed_part_is_flagged_and_what_was_left_out_is_named():
    fit = made_up_fit()
    failed = Diagnosis({"pareto_k": 0.9, "effective_size": 900.0}, 1.0)
    changed = replace(
        fit,
        diagnoses=(fit.diagnoses[0], failed),
        design=replace(fit.design, left_out=("gpa: engagement, mean of classroom",)),
    )
    first, second = parts_of(changed).to_dict("records")
    assert first["flag"] == first["weaknesses"] == ""
    assert "Pareto k 0.90" in second["flag"]
    assert second["weaknesses"] == "left out: gpa: engagement, mean of classroom"


def test_a_slope_that_varies_alone_covaries_with_none():
    fit = made_up_fit(short_study(varying=(("personalization", "engagement"),)))
    found = parts_of(fit).set_index("outcome")
    assert found.loc["engagement", "because"] == "residuals of one block covary"
    assert not fit.links.covariances


def test_grade_8s_shape_has_sums_over_its_only_block():
    study = short_study(blocks=ONE_BLOCK, varying=())
    found = pathway_table(made_up_fit(study), all_verdicts(), study.design)
    gpa = found[(found["outcome"] == "gpa") & (found["group"] == "White")]
    indirect = gpa[gpa["quantity"] == "pathway.indirect"].set_index("path")["estimate"]
    assert list(indirect.index) == ["personalization", "engagement", "all mediators"]
    assert indirect["all mediators"] == pytest.approx(indirect.iloc[:2].sum(), abs=EXACT)


def test_without_a_pathway_there_are_no_tables(study):
    verdicts = all_verdicts()
    assert pathway_table(None, verdicts, study) is None
    assert measures_table(None, verdicts, study) is None
    for function in (covariance_table, between_table):
        assert function(None, study) is None
    assert score_table(None, None, study) is None
    assert parts_of(None) is None


def test_a_fit_finds_the_slopes_of_its_rows(study):
    """Within four posterior standard deviations, a quarter of the interval each."""
    fit = fitted()
    assert fit.diagnosis.flag is None
    found = pathway_table(fit, all_verdicts(), study)
    known = found[found["quantity"] == "pathway.link"].set_index(KEYS[1:])
    sds = generated_rows().std(ddof=0, numeric_only=True)
    for end, start, slope in (
        ("personalization", EXPOSURE, 0.6),
        ("engagement", "personalization", 0.4),
        ("engagement", EXPOSURE, 0.2),
    ):
        for group in ("Black", "White"):
            one = known.loc[end, start, group]
            error = (one["upper"] - one["lower"]) / 4
            assert abs(one["estimate"] - slope * sds[start] / sds[end]) < 4 * error
