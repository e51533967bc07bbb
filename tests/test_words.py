"""The words for people and groups come from the study: here pupils, by gender."""

import ast
import re

import numpy as np
import pandas as pd
import pytest
from conftest import ROOT

from learning_with_others.bayes.specification import Sampler
from learning_with_others.data.measures.opportunities import opportunity_measures
from learning_with_others.data.new_study import new_study
from learning_with_others.data.reading import codebook_of, read_study
from learning_with_others.errors import CompendiumError
from learning_with_others.files import hash_file
from learning_with_others.measurement.bayesian_scale import bayesian_items
from learning_with_others.measurement.comparability_verdicts import comparability_table
from learning_with_others.models.analysed_outcomes import standardized_outcome
from learning_with_others.models.benefit_design import benefit_design
from learning_with_others.models.benefit_fit import benefit_rows
from learning_with_others.models.comparability import (
    comparability_flag,
    comparability_words,
    verdicts_of,
    with_verdicts,
)
from learning_with_others.opportunity.access.classroom_exposure import classroom_exposure
from learning_with_others.opportunity.access.shares import access_by_group
from learning_with_others.opportunity.classrooms.classroom_means import classroom_map
from learning_with_others.opportunity.gaps.claimed import opportunity_gaps
from learning_with_others.opportunity.gaps.decomposition import decomposition_table
from learning_with_others.opportunity.gaps.pairwise import pairwise_gaps
from learning_with_others.opportunity.gaps.quantiles import quantile_gaps
from learning_with_others.opportunity.nonresponse.missing_outcomes import (
    missing_outcomes,
    treated_outcomes,
)
from learning_with_others.opportunity.nonresponse.rates import response_rates
from learning_with_others.opportunity.nonresponse.weighted_means import weighted_means
from learning_with_others.study import load_study

GROUPS = ["girl", "boy"]
FOREIGN = re.compile(r"\b(race|racial|Black|White|students|children)\b")
RESAMPLES = 5
# Where the words are those of files, of other keys, or of a study that is yet to be written.
OWN_WORDS = ("data/drafting.py", "data/new_study.py", "study/roles.py")
IDS = {"random slope of race"}
NAMES = {"students", "children", "share of students"}  # of tables, columns and a unit of records


@pytest.fixture(scope="module")
def by_gender(tmp_path_factory):
    """A study of pupils by gender, and its rows."""
    folder = tmp_path_factory.mktemp("words") / "pupils"
    new_study(folder)
    changes = {
        "raw/students.csv": {"school,race,": "school,gender,"},
        "codebook.csv": {
            "race,Race or ethnicity": "gender,Gender",
            "1=Black|2=White": "1=girl|2=boy",
        },
        "study.yaml": {
            "label: race": "label: gender",
            "column: race": "column: gender",
            "focal: Black": "focal: girl",
            "reference: White": "reference: boy",
            "people: students": "people: pupils",
            hash_file(folder / "raw/students.csv"): "",
        },
    }
    for name, swaps in changes.items():
        text = (folder / name).read_text()
        for old, new in swaps.items():
            assert old in text
            text = text.replace(old, new or hash_file(folder / "raw/students.csv"))
        (folder / name).write_text(text)
    study = load_study(folder)
    return study, read_study(study).students


@pytest.fixture(scope="module")
def few(by_gender):
    """Rows with three girls, too few for anything to be said of them."""
    rows = by_gender[1]
    girls = rows.index[rows["gender"] == "girl"]
    return rows.drop(index=girls[3:])


def flags(table):
    return [text for text in table["flag"] if text]


def assert_own_words(texts, expected):
    """All of them in the study's words, and the one that was to be provoked among them."""
    assert any(expected in text for text in texts), texts
    for text in texts:
        assert not FOREIGN.search(text), text


def untested(study):
    names = [*(m.name for m in opportunity_measures(study)), *study.roles.outcomes]
    return verdicts_of(
        pd.DataFrame(
            [(n, kind, "not comparable") for n in names for kind in ("slopes", "levels")],
            columns=["scale", "comparison", "verdict"],
        )
    )


def test_comparability_is_by_gender(by_gender):
    study, rows = by_gender
    verdicts = untested(study)
    flag = comparability_flag(verdicts, study, "grade_points", "benefit.gap")
    assert_own_words([flag], "comparability of slopes by gender: not comparable")
    words = comparability_words(verdicts, study, study.roles.outcomes)
    assert_own_words([words], "Comparability by gender of exposure and outcome together: ")
    steps = pd.DataFrame(columns=["scale", "step", "cfi", "rmsea"])
    reasons = comparability_table({}, study, steps)["reason"]
    assert_own_words(reasons, "measurement invariance by gender cannot be tested")
    # Of an estimate, which knows no words: they are put in where the verdict is added.
    apart = rows.assign(school=rows["gender"].astype(str), classroom=rows["gender"].astype(str))
    gaps = opportunity_gaps(apart, study.design, opportunity_measures(study.design))
    assert "no school has students of both groups" in flags(gaps)
    expected = "no school has pupils of both groups; comparability of levels by gender: not"
    assert_own_words(flags(with_verdicts(gaps, verdicts, study)), expected)


def test_what_cannot_be_shown_of_opportunities_is_said_of_pupils(by_gender, few):
    study, rows = by_gender
    measures = opportunity_measures(study)
    for found in (
        opportunity_gaps(few, study, measures),
        quantile_gaps(few, study, measures, RESAMPLES),
    ):
        assert_own_words(flags(found), "fewer than 10 girl people")
    assert_own_words(flags(pairwise_gaps(few, study, measures)), "fewer than 10 people in a group")
    alone = few[few["gender"] == "boy"]
    found = decomposition_table(alone, study, measures)
    assert_own_words(flags(found), "people have a value")
    found = classroom_exposure(few, study, measures)
    assert_own_words(flags(found), "fewer than 10 people have classmates with a value")
    for members, words in (
        (few, "fewer than 10 of a group with access or without"),
        (alone, "no girl people have a value"),
    ):
        values = np.arange(len(members)) % 2.0
        assert_own_words(flags(access_by_group(members, study, values)), words)
    response = pd.Series(1.0, index=few["student"])
    found = weighted_means(few, study, response=response)
    assert_own_words(flags(found), "fewer than 10 people")
    one_school = rows.assign(
        school=rows["gender"].astype(str), classroom=rows["gender"].astype(str)
    )
    found = flags(opportunity_gaps(one_school, study, measures))
    assert_own_words(found, "no school has pupils of both groups")
    assert_own_words(found, "a group's pupils are in one cluster")


def test_a_classroom_map_is_of_pupils(by_gender):
    study, rows = by_gender
    measure = opportunity_measures(study)[0]
    same = rows.assign(**{measure.name: 3.0})
    words = classroom_map(same, study, measure, Sampler(1)).words
    assert_own_words([words], "all pupils have the same score")
    one_room = rows.assign(classroom="A", school="N")
    one = classroom_map(one_room, study, measure, Sampler(1)).words
    assert_own_words([one], "have pupils who answered")


def test_what_is_missing_is_said_of_pupils(by_gender, few):
    study, rows = by_gender
    missing = missing_outcomes(few, study)
    assert_own_words(flags(missing), "fewer than 10 people")
    found = treated_outcomes(few, study, missing.assign(treated=True))
    assert_own_words(flags(found), "fewer than 10 people of a group have the outcome")
    boys = rows[rows["gender"] == "boy"]
    assert_own_words(flags(response_rates(boys, boys, study)), "fewer than 10 people")


def test_models_and_scales_name_pupils(by_gender, few):
    study, rows = by_gender
    with pytest.raises(CompendiumError) as told:
        benefit_rows(few, study, "all", "grade_points")
    assert_own_words([str(told.value)], "fewer than 10 girl pupils have all that")
    with pytest.raises(CompendiumError) as told:
        bayesian_items(rows, study, codebook_of(study)["students"], "belonging")
    assert_own_words([str(told.value)], "is no scale of the pupils")
    parted = rows.assign(classroom=rows["classroom"].astype(str) + rows["gender"].astype(str))
    outcome = standardized_outcome(parted, study, "grade_points")
    weaknesses = benefit_design(parted, study).frame(outcome).weaknesses
    assert_own_words(weaknesses, "no classroom holds both groups")


def test_the_report_takes_its_words_from_the_study():
    path = ROOT / "src/learning_with_others/reporting/templates/report.html.jinja"
    prose = re.sub(r"\{\{.*?\}\}|\{%.*?%\}|<[^>]*>", "", path.read_text(), flags=re.DOTALL)
    assert not FOREIGN.search(prose)


def literals(path):
    """Text in code, docstrings left out."""
    tree = ast.parse(path.read_text())
    docs = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docs:
            yield node.value


def test_no_text_in_the_code_names_a_race():
    source = ROOT / "src/learning_with_others"
    for path in source.rglob("*.py"):
        if str(path.relative_to(source)) in OWN_WORDS:
            continue
        for text in set(literals(path)) - IDS:
            assert not re.search(r"\b(race|racial|Black|White)\b", text), f"{path}: {text}"


def test_no_exhibit_or_figure_names_the_people_itself():
    source = ROOT / "src/learning_with_others"
    stages = ("quality", "measurement", "opportunity", "benefits", "pathways")
    paths = [
        path
        for stage in stages
        for path in (source / stage).rglob("*.py")
        if {"exhibits", "figures", "exhibits.py"} & set(path.parts)
    ]
    assert len(paths) > len(stages)
    for path in paths:
        for text in set(literals(path)) - NAMES:
            # What calls the people students is put in the study's words where it is shown.
            assert not FOREIGN.search(text.replace("students", "")), f"{path}: {text}"
