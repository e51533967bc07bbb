"""The sample by group: counts of whom they say, small ones kept back, words that turn."""

import pandas as pd
import pytest
from conftest import ROOT
from exhibits.test_records import result

from learning_with_others.data.reading import codebook_of, read_study
from learning_with_others.data.validation.definition_findings import definition_findings
from learning_with_others.exhibits.ledger.ledger import Ledger
from learning_with_others.exhibits.ledger.policy import Policy
from learning_with_others.exhibits.people import People
from learning_with_others.exhibits.publication import Origin, publish
from learning_with_others.exhibits.records import Records
from learning_with_others.exhibits.words import SUPPRESSED, resolve
from learning_with_others.quality.sample import (
    ALONE,
    AS_CODED,
    COMBINED,
    EVERYBODY,
    NOBODY_SAID,
    sample,
    sample_table,
)
from learning_with_others.study import load_study

ORIGIN = Origin("01-test", "test", 1, {"grade": "all"})


@pytest.fixture(scope="module")
def study():
    return load_study(ROOT / "data/learning-with-others")


@pytest.fixture(scope="module")
def students(study):
    return read_study(study).students


@pytest.fixture(scope="module")
def table(students, study):
    return sample_table(students, study).set_index(["group", "by", "value"])


def test_groups_make_up_the_sample(table, students):
    by_group = table.xs(EVERYBODY, level="by")["children"].droplevel("value")
    assert by_group.pop(EVERYBODY) == len(students) == by_group.sum()
    assert by_group[NOBODY_SAID] == students["race"].isna().sum()


def test_it_is_said_who_chose_the_focal_group_alone(table, students):
    boxes = [name for name in students if name.startswith("race_")]
    chosen = students[boxes].eq("chosen")
    black = chosen["race_black"]
    several = int((black & (chosen.sum(axis=1) > 1)).sum())
    assert table.loc[("Black", AS_CODED, COMBINED), "children"] == several
    assert table.loc[("Black", AS_CODED, ALONE), "children"] == int(black.sum()) - several


def test_gender_is_crossed_with_group(table, students):
    expected = pd.crosstab(students["race"], students["gender"])
    for group in ("Black", "White"):
        found = table.xs((group, "gender"), level=("group", "by"))
        assert found["share"].sum() == pytest.approx(1)
        for gender in expected:
            assert found.loc[gender, "children"] == expected.loc[group, gender]


def test_every_count_counts_whom_it_says_and_few_are_kept_back(students, study):
    people = People(study, {"students": students})
    (planned,) = sample(students, students, study, "all").lay_out()
    planned.check()
    policy = Policy(protected=True, minimum=study.analysis.minimum_cell)
    ledger = Ledger.load([], policy, stage="01")
    published = publish(planned, study, people, ledger, ORIGIN)
    shown = published.table
    assert "sample.size/Black/everybody" in Records(published.results)
    said = resolve(planned.sentence(Records(published.results)), Records(published.results))
    assert "290 are Black (230 alone, 60 in combination with another)" in said
    assert not ledger.unverified
    sizes = shown["children"].dropna().astype(float)
    assert (sizes >= study.analysis.minimum_cell).all()
    assert shown["children"].isna().any()
    assert "alone or in combination" in planned.caption


def sizes(**estimates):
    names = {"everybody": 100.0, **estimates}
    return Records(
        result(f"sample.size/{name}/everybody", quantity="sample.size", group=name,
               item="everybody", outcome=None, estimate=value, lower=None, upper=None,
               interval=None)
        for name, value in names.items()
    )  # fmt: skip


def test_words_turn_with_the_groups_and_say_what_is_missing(students, study):
    (planned,) = sample(students, students, study, "all").lay_out()
    assert "more Black than White" in planned.title(sizes(Black=60.0, White=40.0))
    assert "fewer Black than White" in planned.title(sizes(Black=40.0, White=60.0))
    said = planned.sentence(sizes(Black=40.0, White=60.0))
    assert "Not recorded: socioeconomic status." in said
    assert "Race stands for experience in a racialized society, not for a trait" in said
    assert SUPPRESSED in planned.title(sizes(Black=40.0))


def test_a_column_that_is_not_there_is_named(study):
    wrong = study.model_copy(update={"sample": study.sample.model_copy(update={"by": ["gendre"]})})
    (found,) = definition_findings(wrong, codebook_of(study))
    assert "gender" in str(found)
