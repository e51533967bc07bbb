"""Exhibits of the teacher survey: counts are of whom they say, and words turn with findings."""

import re

import numpy as np
import pandas as pd
import pytest
from matplotlib import pyplot as plt
from shown_exhibits import said, shown
from teacher_surveys import answers, default_study, items_columns, study_asking

from learning_with_others.context import exhibits
from learning_with_others.context.planted_ranks import planted_ranks
from learning_with_others.context.teacher_schools import school_means, supports_against_hindrances
from learning_with_others.context.teacher_survey import agreement_shares, context_items, item_ranks
from learning_with_others.data.clusters import school_places
from learning_with_others.data.reading import read_study
from learning_with_others.exhibits.people import People
from learning_with_others.exhibits.records import Records
from learning_with_others.exhibits.words import SUPPRESSED

LEADS = ("teacher-shares", "teacher-ranks", "teacher-school-differences", "teacher-balance")
ITEMS = ("a", "b", "c", "d")
ASKED = {"supports": ["a", "b"], "hindrances": ["c", "d"]}
OTHERS = {"aids": ["a", "b", "c"], "limits": ["d", "not_e"]}


class Laid:
    """All exhibits of a survey, published."""

    def __init__(self, study, columns, tables):
        design = study.design
        items = context_items(tables, design, columns)
        shares, ranks = agreement_shares(items, design), item_ranks(items, design)
        schools = school_means(items, design)
        against = supports_against_hindrances(items, schools, design)
        places = school_places(items.school if items else [], tables["students"], design)
        planted = planted_ranks(ranks, shares, items, tables, study.simulation, design)
        asked = columns.get("teachers", {})
        planned = [
            exhibits.teacher_shares(shares, items, asked, study),
            exhibits.teacher_ranks(ranks, items, asked, study),
            exhibits.teacher_schools(schools, items, places, asked, study),
            exhibits.teacher_balance(against, items, places, asked, study),
            exhibits.planted_ranks(planted, items, asked, study),
        ]
        self.study, self.tables = study, tables
        self.exhibits, self.published, self.records = shown(planned, study, tables)

    def said(self, name, records=None):
        return said(self.exhibits[name], self.records if records is None else records)


def survey(teachers=None, asked=None, **shape):
    """A small survey of a public study, and of nothing planted."""
    study, columns = study_asking(**(asked or ASKED))
    public = study.disclosure.model_copy(update={"policy": "public"})
    study = study.model_copy(update={"disclosure": public, "simulation": None})
    teachers = answers(ITEMS, **shape) if teachers is None else teachers
    students = pd.DataFrame({"school": sorted(set(teachers["school"]))})
    return Laid(study, columns, {"teachers": teachers, "students": students})


@pytest.fixture(scope="module")
def default():
    study = default_study()
    data = read_study(study)
    return Laid(study, items_columns(), {"students": data.students, **data.tables})


@pytest.fixture(scope="module")
def small():
    return survey()


def test_every_count_is_of_as_many_teachers_as_it_says(default, small):
    for laid in (default, small):
        people = People(laid.study, laid.tables)
        for each in laid.exhibits.values():
            for count in each.counts:
                assert count.of == "teachers"
                for row in each.table.to_dict("records"):
                    counted = count.whom.mask(row, people, "teachers").sum()
                    assert counted == row["teachers"], (each.name, row)


def test_shares_are_of_those_who_agree(default):
    people = People(default.study, default.tables)
    shares = default.exhibits["teacher-shares"]
    (number,) = shares.numbers
    for row in shares.table.to_dict("records"):
        agree = number.part.mask(row, people, "teachers").sum()
        assert agree / row["teachers"] == pytest.approx(row["estimate"])


def test_a_protected_study_shows_no_exact_number_of_teachers(default):
    for name, each in default.published.items():
        assert (each.table["teachers"].dropna() % 10 == 0).all(), name
    shares = [one.estimate for one in default.records.of("context.share")]
    beside = [one.estimate for one in default.records.of("context.share.beside_planted")]
    assert set(beside) == set(shares)  # rounded alike: none tells more than the other


def test_no_name_of_a_school_is_shown(default):
    named = set(default.tables["teachers"]["school"])
    for each in default.published.values():
        words = each.table.select_dtypes(exclude="number").astype(str)
        assert not words.isin(named).to_numpy().any()


def test_schools_under_the_minimum_cell_are_not_shown():
    teachers = answers(ITEMS, schools=4)
    small = teachers["school"] == "s03"
    laid = survey(teachers.drop(teachers.index[small][5:]))
    means = laid.published["teacher-school-means"].table
    assert means.loc[means["place"] == "school 4", "estimate"].isna().all()
    assert means.loc[means["place"] == "school 1", "estimate"].notna().all()
    against = laid.published["teacher-balance"].table
    assert against.loc[against["place"] == "school 4", "estimate"].isna().all()


def test_figures_are_drawn_of_what_is_published(default, small):
    for laid in (default, small, survey(schools=12, per_school=10)):
        for name, each in laid.exhibits.items():
            for figure in each.figures:
                assert figure.draw(laid.published[name].table) is not None, figure.name
        plt.close("all")


def test_words_are_plain_and_complete(default, small):
    for laid in (default, small):
        for name in LEADS:
            for text in laid.said(name):
                assert SUPPRESSED not in text, text
                assert not re.search(r"[.,;]{2}|\{\{|\bNone\b|\bnan\b|_|  ", text), text
        for each in laid.exhibits.values():
            assert not re.search(r"\b(effect|cause)", str(each.caption))


def test_suppressed_numbers_are_said_to_be_so(small):
    for name in LEADS:
        for text in small.said(name, Records()):
            assert SUPPRESSED in text, (name, text)


def test_the_leading_items_are_named_and_the_open_rank_is_said():
    apart = answers(ITEMS, per_school=60, seed=3)
    apart["a"], apart["c"] = apart["a"].clip(lower=4), apart["c"].clip(upper=3)
    apart["b"], apart["d"] = apart["b"].clip(upper=3), apart["c"]
    laid = survey(apart)
    title, sentence = laid.said("teacher-ranks")
    assert title.startswith("“a” ranks first among supports, and no other could")
    # Equal items share the rank: both are named.
    assert title.endswith("“c” and “d” rank first among hindrances, and no other could")
    assert "“a” has rank 1 among supports; its 95% rank set holds no other" in sentence
    title, _ = laid.said("teacher-shares")
    assert title.startswith("Teachers agree most often with “a” among supports")
    # One answer less in one teacher: a difference of one standard error.
    close = survey(apart.assign(b=apart["a"] - (apart.index == 0)))
    title, sentence = close.said("teacher-ranks")
    assert title.startswith("“a” ranks first among supports, but others could, too")
    assert "its 95% rank set is 1 to 2" in sentence


@pytest.mark.parametrize(
    ("supports", "hindrances", "words", "side"),
    [
        (4, 2, "agree more with supports than with hindrances", "above"),
        (2, 4, "agree more with hindrances than with supports", "below"),
    ],
)
def test_the_difference_is_said_in_its_direction(supports, hindrances, words, side):
    random = np.random.default_rng(1)
    teachers = answers(ITEMS)
    for name, level in zip(ITEMS, [supports] * 2 + [hindrances] * 2, strict=True):
        teachers[name] = level + random.integers(0, 2, len(teachers))
    title, sentence = survey(teachers).said("teacher-balance")
    assert title == f"Over all schools, teachers {words}"
    assert f"points {side} that on hindrances (95% interval 1." in sentence


def test_what_is_open_is_called_open(default):
    title, _ = default.said("teacher-balance")
    assert "it is open whether teachers agree more with" in title
    assert title.endswith("; single schools lean clearly to either side")


def test_few_schools_are_fixed_and_ten_stand_for_others(small):
    assert "these schools only" in small.exhibits["teacher-shares"].caption
    assert "nothing is tested" in small.exhibits["teacher-school-means"].caption
    many = survey(schools=12, per_school=10)
    assert "Schools are taken as sampled" in many.exhibits["teacher-shares"].caption
    assert "nothing is tested" not in many.exhibits["teacher-school-means"].caption


@pytest.mark.parametrize(
    ("asked", "schools", "expected"),
    [
        ({"supports": ["a", "b"]}, 4, {*LEADS[:3], "teacher-school-means"}),
        (ASKED, 1, {*LEADS[:2], LEADS[3]}),
        (OTHERS, 10, {*LEADS[:3], "teacher-school-means"}),
    ],
)
def test_studies_of_other_shapes_show_what_they_have(asked, schools, expected):
    names = [item for of in asked.values() for item in of]
    laid = survey(answers(names, schools=schools, per_school=25), asked)
    assert set(laid.exhibits) == expected
    for name in set(LEADS) & expected:
        assert SUPPRESSED not in "".join(laid.said(name)), name


def test_reversed_items_are_named_as_turned():
    laid = survey(answers(["a", "not_b"]), {"supports": ["a", "not_b"]})
    wording = laid.exhibits["teacher-shares"].table.set_index("item")["wording"]
    assert wording["not_b"] == "not_b (turned round)"


def test_a_study_without_teachers_shows_nothing(study):
    laid = Laid(study, {}, {"students": pd.DataFrame({"school": ["x"]})})
    assert not laid.exhibits
