"""Teachers' support beside what students report and observers see, by school."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from teacher_surveys import default_study, items_columns

from learning_with_others.context import exhibits
from learning_with_others.context.exhibits.school_support import (
    COLLABORATION,
    SUPPORT,
    profile_sentence,
    profile_title,
)
from learning_with_others.context.school_profiles import school_profiles
from learning_with_others.context.teacher_schools import school_places
from learning_with_others.context.teacher_survey import context_items
from learning_with_others.data.reading import read_study
from learning_with_others.exhibits.people import People
from learning_with_others.exhibits.records import Records, Result
from learning_with_others.exhibits.words import resolve


@pytest.fixture(scope="module")
def tables():
    data = read_study(default_study())
    return {"students": data.students, **data.tables}


@pytest.fixture(scope="module")
def items(tables):
    return context_items(tables, default_study().design, items_columns())


@pytest.fixture(scope="module")
def found(items, tables):
    return school_profiles(items, tables, default_study().design).set_index("school")


def test_means_are_those_of_each_source(found, tables):
    teachers = tables["teachers"][tables["teachers"]["school"] == "B"]
    support = teachers[["sup_1", "sup_2", "sup_3", "sup_4"]].astype(float)
    support = support[support.notna().sum(axis=1) >= 2].mean(axis=1)
    assert found.loc["B", "support"] == pytest.approx(support.mean())
    assert found.loc["B", "teachers"] == len(support)
    theirs = stats.ttest_1samp(support, 0).confidence_interval(0.95)
    ends = found.loc["B", ["support_lower", "support_upper"]].tolist()
    assert ends == pytest.approx([theirs.low, theirs.high])

    students = tables["students"]
    students = students[students["school"] == "B"]
    assert found.loc["B", "collaboration"] == pytest.approx(students["collaboration"].mean())
    rooms = tables["classrooms"].set_index("classroom")["school"]
    seen = tables["observations"].set_index("classroom")
    seen = seen.filter(like="rubric_").astype(float).mean(axis=1).groupby("classroom").mean()
    seen = seen[rooms.reindex(seen.index) == "B"]
    assert found.loc["B", "rubric"] == pytest.approx(seen.mean())
    assert found.loc["B", "classrooms"] == len(seen) == 8


def test_few_classrooms_are_not_rated_in_public(items, tables):
    kept = tables["classrooms"].groupby("school").head(2)["classroom"]
    few = tables["observations"][tables["observations"]["classroom"].isin(kept)]
    found = school_profiles(items, tables | {"observations": few}, default_study().design)
    assert found["rubric"].isna().all()
    assert found["support"].notna().all()


def test_counts_are_of_whom_they_say(items, tables, found):
    study = default_study()
    places = school_places(items, tables["students"], study.design)
    (shown,) = exhibits.school_profiles(found.reset_index(), items, places, study).lay_out()
    shown.check()
    people = People(study, tables)
    for row in shown.table.to_dict("records"):
        for count in shown.counts:
            assert count.whom.mask(row, people, count.of).sum() == row[count.column]
    (figure,) = shown.figures
    assert figure.draw(shown.table) is not None
    alone = found.assign(classrooms=0).reset_index()
    (shown,) = exhibits.school_profiles(alone, items, places, study).lay_out()
    shown.check()
    assert "rubric" not in shown.table


def records(support, collaboration):
    made = []
    for quantity, values in ((SUPPORT, support), (COLLABORATION, collaboration)):
        for place, value in enumerate(values, 1):
            item = f"school {place}"
            about = {"exhibit": "x", "unit": "points", "function": "f", "line": 1}
            about |= {"stage": "06", "notebook": "06", "quantity": quantity, "item": item}
            made.append(Result(id=f"{quantity}/{item}", estimate=value, **about))
    return Records(made)


def test_words_follow_the_order_of_schools():
    study = default_study()
    same = records([3.0, 4.0], [2.0, 2.5])
    assert "report most support also has the most" in profile_title(same, study)
    other = records([4.0, 3.0], [2.0, 2.5])
    assert "report most support is not the one with the most" in profile_title(other, study)
    said = resolve(profile_sentence(other, study), other)
    assert said.startswith("In school 1, whose teachers report most support (4 points), students")
    assert "in school 2, whose teachers report least support (3 points), students report" in said
    assert "suppressed" in profile_title(Records(), study)
    assert "suppressed" in profile_sentence(Records(), study)


def test_studies_without_support_or_students_scores_have_none(items, tables, study):
    assert school_profiles(None, tables, study.design) is None
    students = pd.DataFrame({"school": ["A"], "score": [np.nan]})
    assert school_profiles(items, {"students": students}, default_study().design) is None
