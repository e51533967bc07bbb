"""An outcome's column is of the kind that its family takes, or the finding says what to write."""

import pandas as pd
import pytest
from conftest import ROOT

from learning_with_others.bayes.families.registry import FAMILIES
from learning_with_others.data.codebook import Column, read_codebook
from learning_with_others.data.validation.outcome_findings import family_findings, number_findings
from learning_with_others.study import load_study
from learning_with_others.study.roles import Outcome

LETTERS = {"1": "D", "2": "C", "3": "B", "4": "A"}
COLUMNS = {
    "passed": Column("passed", "Passed", "category", codes={"0": "no", "1": "yes"}),
    "upside_down": Column("upside_down", "Passed", "category", codes={"1": "yes", "0": "no"}),
    "letter": Column("letter", "Letter grade", "category", codes=LETTERS),
    "words": Column("words", "Letter grade", "category", codes={"D": "D", "C": "C", "A": "A"}),
    "place": Column("place", "Place", "category", codes={str(k): str(k) for k in range(13)}),
    "joined": Column("joined", "Joined", "category", codes={"0": "no", "1": "yes", "2": "yes"}),
    "points": Column("points", "Points", "number"),
    "born": Column("born", "Born", "date"),
}


@pytest.fixture(scope="module")
def study():
    return load_study(ROOT / "data/learning-with-others")


def declared(study, **outcome):
    """The study with one more outcome."""
    more = {**study.roles.outcomes, "more": Outcome(label="More", source="records", **outcome)}
    return study.model_copy(update={"roles": study.roles.model_copy(update={"outcomes": more})}), {
        "students": {**read_codebook(study.codebook_path)["students"], **COLUMNS}
    }


@pytest.mark.parametrize(
    ("column", "family"),
    [
        ("passed", "bernoulli"),
        ("joined", "bernoulli"),
        ("letter", "ordered_logistic"),
        ("words", "ordered_logistic"),  # whose order only the codebook knows
        ("points", "bernoulli"),
        ("points", "student_t"),
        ("points", "gaussian"),
    ],
)
def test_a_column_of_the_family_s_kind_is_taken(study, column, family):
    assert not list(family_findings(*declared(study, column=column, family=family)))


@pytest.mark.parametrize(
    ("outcome", "said"),
    [
        ({"column": "points", "family": "bernouli"}, ["no family", "did you mean 'bernoulli'"]),
        ({"column": "passed"}, ["not a number", "write family: bernoulli"]),
        ({"column": "letter"}, ["not a number", "write family: ordered_logistic"]),
        ({"column": "passed", "family": "ordered_logistic"}, ["2 levels", "family: bernoulli"]),
        ({"column": "letter", "family": "bernoulli"}, ["4 levels", "family: ordered_logistic"]),
        ({"column": "place", "family": "ordered_logistic"}, ["13 levels", "join levels"]),
        ({"column": "upside_down", "family": "bernoulli"}, ["do not rise", "0=no|1=yes"]),
        ({"column": "born", "family": "bernoulli"}, ["type date", "make it a category"]),
        ({"scale": "engagement", "family": "bernoulli"}, ["is a scale", "take out family"]),
    ],
)
def test_another_column_is_named_with_its_remedy(study, outcome, said):
    ((key, value, rule, remedy),) = family_findings(*declared(study, **outcome))
    assert key.startswith("roles.outcomes.more")
    assert value in outcome.values()
    for words in said:
        assert words in f"{rule}; {remedy}"


def test_a_pathway_takes_normal_errors_only(study):
    roles = study.roles
    gpa = roles.outcomes["gpa"].model_copy(update={"family": "student_t"})
    outcomes = {**roles.outcomes, "gpa": gpa}
    changed = study.model_copy(update={"roles": roles.model_copy(update={"outcomes": outcomes})})
    found = list(family_findings(changed, read_codebook(study.codebook_path)))
    ((key, value, rule, remedy),) = found
    assert (key, value) == ("roles.pathway.blocks", "gpa")
    assert "normal errors" in rule
    assert "take gpa out of blocks" in remedy


@pytest.mark.parametrize(
    ("family", "cells", "said"),
    [
        ("bernoulli", [0, 1, None], ""),
        ("bernoulli", [1, 2], "0 for no and 1 for yes"),
        ("bernoulli", [0, 1, 2], "write family: ordered_logistic"),
        ("ordered_logistic", [1, 2, 3, None], ""),
        ("ordered_logistic", [1, 2.5, 3], "whole numbers"),
        ("ordered_logistic", [0, 1], "write family: bernoulli"),
        ("gaussian", [0.5, 7], ""),
    ],
)
def test_numbers_are_looked_at_cell_by_cell(study, family, cells, said):
    changed, codebook = declared(study, column="points", family=family)
    students = pd.DataFrame({"points": pd.Series(cells, dtype=float)})
    found = number_findings(changed, students, codebook)
    assert bool(found) == bool(said)
    assert all(said in str(one) and "column points" in str(one) for one in found)


def test_every_family_says_what_it_takes():
    for name, family in FAMILIES.items():
        assert family.levels is None or 2 <= family.levels[0] <= family.levels[1], name
