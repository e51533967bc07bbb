"""Joint displays: strands from published numbers, and how they relate by the declared rule."""

import numpy as np
import pandas as pd
import pytest
from conftest import ROOT

from learning_with_others.context.coder_agreement import UNDER
from learning_with_others.context.exhibits.joint import joint_displays
from learning_with_others.context.exhibits.themes import theme_rates
from learning_with_others.context.joint_display import (
    NEITHER,
    ONE_STRAND,
    UNSURE,
    UNWRITTEN,
    joint_table,
)
from learning_with_others.data.reading import codebook_of
from learning_with_others.exhibits.records import Records, Result
from learning_with_others.study import load_study
from learning_with_others.study.qualitative import Qualitative

FOLDER = ROOT / "data/learning-with-others"
FOCAL, REFERENCE, TEACHERS = "Black students", "non-Black students", "teachers"


def study_with(*rows, **more):
    declared = {
        "groups": {"focal": FOCAL, "reference": REFERENCE, "teachers": TEACHERS},
        "relation": {"survey": 0.1, "theme": 0.25, "share": 0.05, "rate": 0.25},
        "joint_displays": {"RQ2": {"question": "Who?", "rows": list(rows)}},
        **more,
    }
    return load_study(FOLDER).model_copy(update={"qualitative": Qualitative(**declared)})


def record(quantity, estimate, outcome=None, group=None, item=None, **more):
    id_ = "/".join(part for part in (quantity, outcome, group, item) if part)
    return Result(
        id=id_,
        stage="06-school-context",
        exhibit="an-exhibit",
        quantity=quantity,
        outcome=outcome,
        group=group,
        item=item,
        estimate=estimate,
        unit="SD",
        notebook="06-school-context",
        function="f",
        line=1,
        **more,
    )


def net(theme, focal, reference, flag=None):
    return [
        record("context.theme_net", value, "student focus group", group, theme, flag=flag)
        for group, value in ((FOCAL, focal), (REFERENCE, reference))
    ]


def gap(measure, estimate, **more):
    return record("score.gap", estimate, measure, item="plausible values", **more)


def first_row(results, study):
    return joint_table(results, study, str).iloc[0]


BELONGING = {"measure": "belonging", "themes": ["exclusion"]}


@pytest.mark.parametrize(
    ("survey", "focal", "reference", "relation"),
    [
        (-0.30, -2.0, 1.0, "confirms"),
        (0.30, 1.0, 0.75, "confirms"),
        (-0.30, 2.0, 1.0, "discordant"),
        (-0.09, -2.0, 1.0, "expands"),
        (-0.30, 1.0, 0.80, "expands"),
        (-0.09, 1.0, 0.80, NEITHER),
    ],
)
def test_the_declared_sizes_decide(survey, focal, reference, relation):
    results = [gap("belonging", survey), *net("exclusion", focal, reference)]
    row = first_row(results, study_with(BELONGING))
    assert row["relation"] == row["rule"] == relation
    assert row["sessions"] == pytest.approx(focal - reference)


@pytest.mark.parametrize("survey", [-0.3, 0.3])
@pytest.mark.parametrize(("focal", "reference"), [(-1, 0), (-1, 3), (2, 0), (2, 3)])
def test_swapped_groups_have_the_same_relation(survey, focal, reference):
    def relation(sign, *pair):
        results = [gap("belonging", sign * survey), *net("exclusion", *pair)]
        return first_row(results, study_with(BELONGING))["relation"]

    assert relation(1, focal, reference) == relation(-1, reference, focal)


def test_a_relation_is_overruled_with_its_reason_and_the_rule_beside_it():
    row = {**BELONGING, "relation": "expands", "reason": "sessions speak of groups, not of school"}
    found = first_row([gap("belonging", -0.3), *net("exclusion", -2, 1)], study_with(row))
    assert (found["relation"], found["rule"]) == ("expands", "confirms")
    assert found["reason"] == row["reason"]


@pytest.mark.parametrize("part", ["relation", "reason"])
def test_no_overruling_without_a_reason(part):
    with pytest.raises(ValueError, match="go together"):
        study_with({**BELONGING, part: "expands"})


def test_what_is_suppressed_elsewhere_is_missing_here():
    results = [gap("belonging", -0.3), net("exclusion", -2, 1)[0]]
    row = first_row(results, study_with(BELONGING))
    assert np.isnan(row["sessions"])
    assert row["relation"] == ONE_STRAND


def test_a_missing_meta_inference_says_where_to_write_it():
    assert first_row([], study_with(BELONGING))["meta_inference"] == UNWRITTEN


def test_flags_of_the_survey_and_of_the_themes_stand_beside_the_row():
    results = [
        gap("belonging", -0.3, flag="not comparable"),
        *net("exclusion", -2, 1),
        record("context.theme_rate", 3, "student focus group", FOCAL, "exclusion", flag="low"),
    ]
    assert first_row(results, study_with(BELONGING))["flag"] == "not comparable; low"


def test_a_theme_on_which_coders_agree_too_little_decides_nothing():
    low = record("context.theme_rate", 3, "student focus group", FOCAL, "exclusion", flag=UNDER)
    row = first_row([gap("belonging", -0.3), *net("exclusion", -2, 1), low], study_with(BELONGING))
    assert row["relation"] == UNSURE
    assert row["sessions"] == -3


def test_teachers_items_are_compared_with_the_mean_of_their_scale():
    """Shares .9, .5, .5, .5 have the mean .6; rates 6 and 2 the mean 4."""
    shares = [
        record("context.share", value, "hindrances", item=f"hin_{k}", lower=value - 0.1, upper=0.95)
        for k, value in enumerate((0.9, 0.5, 0.5, 0.5), 1)
    ]
    rates = [
        record("context.theme_rate", value, "teacher interview", TEACHERS, theme)
        for theme, value in (("time", 6), ("space", 2))
    ]
    study = study_with({"measure": "hin_1", "themes": ["time"]})
    row = first_row([*shares, *rates], study)
    assert row["survey"] == pytest.approx(0.3)
    assert row["survey_lower"] == pytest.approx(0.2)
    assert row["sessions"] == pytest.approx(0.5)
    assert row["relation"] == "confirms"
    other = first_row([*shares, *rates], study_with({"measure": "hin_1", "themes": ["space"]}))
    assert other["relation"] == "discordant"


def test_a_measure_that_nobody_declared_is_refused_with_the_nearest():
    study = load_study(FOLDER)
    wrong = study.qualitative.model_copy(
        update={"joint_displays": study_with({"measure": "belongin"}).qualitative.joint_displays}
    )
    with pytest.raises(ValueError, match="belonging"):
        wrong.check(study.student_scores, study.teacher_items)


def test_every_display_has_a_table_a_figure_and_a_finding():
    study = study_with(BELONGING, {"measure": "student_centered"})
    results = [gap("belonging", -0.3), *net("exclusion", -2, 1)]
    quotes = pd.DataFrame(
        [("exclusion", FOCAL, "they talk over me")], columns=["theme", "group", "quote"]
    )
    shown = joint_displays(results, codebook_of(study), study, quotes).lay_out()
    assert [each.name for each in shown] == ["joint-rq2"]
    shown[0].check()
    assert shown[0].table["quote_focal"].tolist() == ["they talk over me", ""]
    assert shown[0].quotes == ("quote_focal", "quote_reference", "quote_teachers")
    said = [
        record("context.joint.relation", word, measure, item="RQ2")
        for measure, word in (("belonging", "confirms"), ("student_centered", ONE_STRAND))
    ]
    assert "of 2 measures, survey and sessions confirm each other on 1" in shown[0].title(
        Records(said)
    )


def test_titles_turn_when_the_groups_are_swapped():
    study = study_with(BELONGING)
    table = pd.DataFrame({"source": ["student focus group"], "theme": ["exclusion"]})
    title = theme_rates(table, study).lay_out()[0].title
    assert "less favourably of “exclusion”" in title(Records(net("exclusion", -2, 1)))
    assert "more favourably of “exclusion”" in title(Records(net("exclusion", 1, -2)))
    assert "speak alike of all themes" in title(Records(net("exclusion", 1, 1)))
    flagged = [*net("exclusion", -2, 1), *net("relevance", -2, 1, "agreement under .67")]
    assert "relevance" not in title(Records(flagged))
