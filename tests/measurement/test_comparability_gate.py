"""The gate on the synthetic study, whose differing items are known, and on made-up ladders."""

import dataclasses

import numpy as np
import pandas as pd
import pytest
from conftest import ROOT

from learning_with_others.data.coding import key_items
from learning_with_others.data.reading import codebook_of, read_raw_study, read_study
from learning_with_others.data.validation.findings import errors
from learning_with_others.data.validation.study import study_findings
from learning_with_others.errors import CompendiumError
from learning_with_others.measurement.comparability_verdicts import (
    comparability_table,
    judge,
    scoring_fit,
    single_releases,
)
from learning_with_others.measurement.other_groupings import (
    GROUPING,
    NO_STEPS,
    regrouped,
    verdicts_by_other_groupings,
)
from learning_with_others.measurement.response_invariance import ladders as measurement_ladders
from learning_with_others.measurement.scoring_inputs import latent_moments, scoring_inputs
from learning_with_others.models.comparability import (
    benefit_verdict,
    comparability_flag,
    verdicts_of,
)
from learning_with_others.psychometrics.answers import grade_answers
from learning_with_others.psychometrics.comparability.decision import Comparison, Verdict
from learning_with_others.psychometrics.response_models.ladder import climb_ladder
from learning_with_others.study import load_study

TWO_ITEMS = "two items"


@pytest.fixture(scope="module")
def synthetic():
    return load_study(ROOT / "data/learning-with-others")


@pytest.fixture(scope="module")
def ladders(synthetic):
    students = read_study(synthetic).students
    columns = codebook_of(synthetic)["students"]
    rows = students[students["race"].isin(["Black", "White"])]
    group = rows["race"].astype(str).to_numpy()
    found = {
        scale: climb_ladder(
            grade_answers(key_items(rows, synthetic.constructs[scale], columns), group),
            group,
            focal="Black",
            reference="White",
        )
        for scale in ("belonging", "engagement")
    }
    return found | {"collaboration_frequency": TWO_ITEMS}


def test_the_planted_item_is_released_and_no_other(ladders):
    decision = judge(ladders["belonging"])[Comparison.LEVELS]
    # Shown to differ; but whether slopes are equal, 270 a group cannot tell.
    assert decision.verdict == Verdict.TOO_FEW
    assert decision.released == ("bel_2",)
    assert decision.needed > 300
    # Its thresholds are 0.5 higher for the focal group: held equal, the gap is too large.
    assert decision.change > 0


def test_single_releases_move_numbers_from_what_the_scores_rest_on(ladders):
    found = single_releases(ladders).set_index(["scale", "comparison", "item"]).sort_index()
    for scale in ("belonging", "engagement"):
        ladder, levels = ladders[scale], found.loc[(scale, "levels")]
        scored = scoring_fit(ladder).full[1]
        people = [ladder.children_focal, ladder.children_reference]
        within = np.sqrt(np.average([np.exp(scored[-1]) ** 2, 1.0], weights=people))
        alone = ladder.equal.full[1, -2] + levels["change"]  # the gap with one item released
        np.testing.assert_allclose(scored[-2] + within * levels["moves_latent"], alone)
        np.testing.assert_allclose(within * levels["moves_mean"], levels["change"])
        assert (levels["lower"] < levels["change"]).all()
    # Where no item was released, scores rest on equal items.
    same = found.loc[("engagement", "slopes")]
    np.testing.assert_allclose(same["moves_latent"], same["moves_mean"])
    # The scores have bel_2 released with its slope equal; releasing both hardly differs.
    moves = found.loc[("belonging", "levels"), "moves_latent"]
    assert abs(moves["bel_2"]) < 0.05 < moves.drop("bel_2").abs().min()
    assert "collaboration_frequency" not in found.index


def test_scores_rest_on_released_items_only_where_the_gate_asks_for_it(ladders):
    by_group = scoring_fit(ladders["belonging"]).parameters
    differs = [
        item
        for k, item in enumerate(by_group["Black"].items)
        if not np.allclose(
            by_group["Black"].intercepts[k], by_group["White"].intercepts[k], equal_nan=True
        )
    ]
    assert differs == ["bel_2"]
    same = scoring_fit(ladders["engagement"]).parameters
    np.testing.assert_array_equal(same["Black"].intercepts, same["White"].intercepts)


def test_levels_are_no_better_than_slopes(ladders):
    ladder = ladders["belonging"]
    step = ladder.thresholds
    broken = dataclasses.replace(
        step,
        purification=dataclasses.replace(step.purification, exhausted=True),
        sd_released=step.sd_equal + 0.5,
    )
    found = judge(dataclasses.replace(ladder, slopes=broken))
    assert found[Comparison.SLOPES].verdict == Verdict.NOT_COMPARABLE
    assert found[Comparison.LEVELS].verdict == Verdict.NOT_COMPARABLE
    assert "slopes" in found[Comparison.LEVELS].reason


@pytest.fixture(scope="module")
def table(ladders, synthetic):
    steps = pd.DataFrame(
        {
            "scale": ["belonging", "belonging", "engagement"],
            "step": ["configural", "metric", "configural"],
            "cfi": [0.85, 0.99, 0.99],
            "rmsea": [0.12, 0.01, 0.01],
        }
    )
    return comparability_table(ladders, synthetic, steps).set_index(["scale", "comparison"])


def test_every_scale_and_score_has_a_verdict_on_both_comparisons(table):
    scales = {"belonging", "engagement", "collaboration_frequency", "gpa"}
    assert set(table.index) == {(scale, kind) for scale in scales for kind in ("slopes", "levels")}
    assert table.loc[("collaboration_frequency", "levels"), "reason"] == TWO_ITEMS
    assert table.loc[("gpa", "slopes"), "verdict"] == "not testable with these data"


def test_a_structure_that_fits_badly_is_named_beside_the_verdict(table):
    # Of the model of two groups: that of all students has another CFI.
    words = "fits poorly (CFI 0.850, RMSEA 0.120, nothing held equal)"
    assert words in table.loc[("belonging", "slopes"), "reason"]
    assert "poorly" not in table.loc[("engagement", "slopes"), "reason"]


def test_a_benefit_rests_on_the_weaker_of_exposure_and_outcome(synthetic):
    verdicts = verdicts_of(
        pd.DataFrame(
            {
                "scale": ["collaboration", "engagement"],
                "comparison": Comparison.SLOPES,
                "verdict": [Verdict.PARTIAL, Verdict.COMPARABLE],
            }
        )
    )
    found = benefit_verdict(verdicts, synthetic, "engagement", Comparison.SLOPES)
    assert found == Verdict.PARTIAL
    flag = comparability_flag(verdicts, synthetic, "engagement", "benefit.gap")
    assert flag == "comparability of slopes by race: partially comparable"
    assert comparability_flag(verdicts, synthetic, "engagement", "benefit.sd.school") is None
    with pytest.raises(CompendiumError, match="no verdict on the levels of 'engagement'"):
        benefit_verdict(verdicts, synthetic, "engagement", Comparison.LEVELS)


def test_an_observed_exposure_needs_no_measurement_model(study):
    verdicts = {("math", Comparison.SLOPES): Verdict.UNTESTABLE}
    assert benefit_verdict(verdicts, study, "math", Comparison.SLOPES) == Verdict.UNTESTABLE


def test_scores_take_all_students_and_leave_out_what_has_no_ladder(synthetic, ladders):
    students = read_study(synthetic).students
    found = scoring_inputs(students, synthetic, codebook_of(synthetic)["students"], ladders)
    assert set(found.answers) == {"belonging", "engagement"}
    for scale, answers in found.answers.items():
        assert len(answers.codes) == len(students)
        assert (
            answers.categories - 1 <= found.parameters[scale]["White"].intercepts.shape[1]
        ).all()
        assert found.populations[scale]["White"] == (0, 1)


def test_latent_moments_are_those_of_the_scoring_fit(ladders):
    moments = latent_moments(ladders).set_index(["scale", "group"])
    assert set(moments.index.get_level_values(0)) == {"belonging", "engagement"}
    gap = ladders["belonging"].thresholds.gap_released
    assert moments.loc[("belonging", "Black"), "mean"] == pytest.approx(gap)
    assert (moments.xs("White", level="group")[["mean", "sd"]] == [0, 1]).all(axis=None)


def test_only_constructs_with_a_role_are_scored_where_that_is_asked(synthetic, ladders):
    students, columns = read_study(synthetic).students, codebook_of(synthetic)["students"]
    more = ladders | {"personalization": ladders["belonging"]}
    found = scoring_inputs(students, synthetic, columns, more, "roles")
    assert set(found.answers) == {"belonging", "engagement", "personalization"}
    outcomes = {k: v for k, v in synthetic.roles.outcomes.items() if k != "personalization"}
    roles = synthetic.roles.model_copy(update={"pathway": None, "outcomes": outcomes})
    without = synthetic.model_copy(update={"roles": roles})
    found = scoring_inputs(students, without, columns, more, "roles")
    assert set(found.answers) == {"belonging", "engagement"}
    with pytest.raises(CompendiumError, match=r"'rolls' is no scope"):
        scoring_inputs(students, synthetic, columns, more, "rolls")


def test_measures_are_compared_by_other_groups_as_by_the_two_of_the_study(synthetic):
    """By a column that holds the study's own groups, the verdicts are those of the study."""
    students = read_study(synthetic).students
    columns = codebook_of(synthetic)["students"]
    names = {"Black": "one", "White": "another"}
    students["again"] = students["race"].astype(object).map(names)
    analysis = synthetic.analysis.model_copy(update={"also_compare": ["again"]})
    constructs = {name: synthetic.constructs[name] for name in ("belonging", "supports")}
    study = synthetic.model_copy(update={"analysis": analysis, "constructs": constructs})
    found = verdicts_by_other_groupings(students, study, columns, "all")
    group = regrouped(students, study, "again").roles.group
    sizes = students["again"].value_counts()
    assert (group.reference, group.focal) == (sizes.idxmax(), sizes.idxmin())
    assert list(found["scale"].unique()) == ["belonging"]
    turned = synthetic.roles.group.model_copy(
        update={f: {v: k for k, v in names.items()}[getattr(group, f)] for f in GROUPING[1:]}
    )
    roles = study.roles.model_copy(update={"group": turned})
    same = study.model_copy(update={"roles": roles})
    climbed = measurement_ladders(students, same, columns)
    expected = comparability_table(climbed, same, NO_STEPS).query("scale == 'belonging'")
    shown = ["comparison", "verdict", "released", "change", "needed", "children"]
    pd.testing.assert_frame_equal(found[shown], expected[shown].reset_index(drop=True))


def test_a_column_to_compare_by_is_a_category_with_two_groups_of_the_minimum_cell(synthetic):
    def said(column, least=10):
        changed = synthetic.analysis.model_copy(
            update={"also_compare": [column], "minimum_cell": least}
        )
        raw = read_raw_study(synthetic.model_copy(update={"analysis": changed}))
        return [str(each) for each in errors(study_findings(raw))]

    assert said("home_language") == []
    assert any("names no column of the codebook" in each for each in said("home_langage"))
    assert any("has no labels to count" in each for each in said("prior_gpa"))
    [few] = said("home_language", least=500)
    assert "fewer than two groups of 500 or more" in few
    assert "analysis.also_compare" in few
