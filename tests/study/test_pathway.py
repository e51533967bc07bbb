"""The pathway of a study: what is valid, and what is said of what is not."""

from itertools import pairwise

import pytest
import yaml
from conftest import ROOT
from hypothesis import given
from hypothesis import strategies as st

from learning_with_others.data.reading import codebook_of
from learning_with_others.data.validation.definition_findings import definition_findings
from learning_with_others.errors import CompendiumError
from learning_with_others.study import load_study
from learning_with_others.study.pathway import Pathway

DECLARED = yaml.safe_load((ROOT / "data/learning-with-others/study.yaml").read_text("utf-8"))
del DECLARED["simulation"]  # long, and of no account here
TEACHERS = "supports"


def load(folder, pathway, **roles):
    """The default study with another pathway, written out and read as people's own are."""
    declared = {**DECLARED, "roles": {**DECLARED["roles"], **roles, "pathway": pathway}}
    return written(folder, declared)


def written(folder, declared):
    (folder / "study.yaml").write_text(yaml.safe_dump(declared), encoding="utf-8")
    return load_study(folder)


def said_of(folder, pathway, **roles):
    with pytest.raises(CompendiumError) as caught:
        load(folder, pathway, **roles)
    return str(caught.value)


def test_the_studies_that_ship_declare_theirs():
    default, grade8, star = (
        load_study(ROOT / "data" / name)
        for name in ("learning-with-others", "project-star-grade8", "project-star")
    )
    assert default.roles.pathway.blocks == [
        ["personalization", "teacher_support"],
        ["belonging", "engagement", "intrinsic_motivation", "self_efficacy"],
        ["gpa"],
    ]
    assert default.roles.pathway.links_varying == [
        [("collaboration", "personalization"), ("personalization", "engagement")]
    ]
    assert grade8.roles.pathway.names == ["belonging", "valuing", "reading", "math"]
    assert star.roles.pathway is None
    assert star.pathway_columns == star.design.pathway_columns == {}


def test_a_name_leads_to_its_column_and_its_label():
    study = load_study(ROOT / "data/project-star-grade8")
    assert study.pathway_columns == {
        "belonging": "belonging",
        "valuing": "valuing",
        "reading": "g8treadss",
        "math": "g8tmathss",
    }
    assert study.design.pathway_columns == study.pathway_columns
    assert [study.labels[name] for name in study.pathway_columns] == [
        "Belonging",
        "Valuing of school",
        "Reading, CTBS",
        "Mathematics, CTBS",
    ]


def test_an_equation_has_its_own_covariates_or_those_of_all_models(tmp_path):
    blocks = [["belonging"], ["gpa"]]
    roles = load(tmp_path, {"blocks": blocks, "covariates": {"gpa": ["gender"]}}).roles
    assert roles.covariates_of("gpa") == ["gender"]
    assert roles.covariates_of("belonging") == ["prior_gpa"]
    assert roles.all_covariates == ["prior_gpa", "gender"]
    none = load(tmp_path, {"blocks": blocks, "covariates": {"gpa": []}}).roles
    assert none.covariates_of("gpa") == []
    assert load(tmp_path, None).roles.covariates_of("gpa") == ["prior_gpa"]


CHAIN = [["personalization"], ["belonging", "engagement"], ["gpa"]]


def varying(*paths):
    return {"blocks": CHAIN, "varying": [list(path) for path in paths]}


@pytest.mark.parametrize(
    "pathway",
    [
        {"blocks": CHAIN},
        varying(("collaboration", "gpa")),
        varying(("collaboration", "personalization", "belonging", "gpa")),
        varying(("collaboration", "personalization"), ("personalization", "gpa")),
        varying(("personalization", "belonging"), ("collaboration", "belonging")),
        {"blocks": [["collaboration_frequency"], ["gpa"]]},
    ],
)
def test_what_is_valid(tmp_path, pathway):
    assert load(tmp_path, pathway).roles.pathway == Pathway(**pathway)


@pytest.mark.parametrize(
    ("pathway", "expected"),
    [
        ({}, ["roles.pathway.blocks: missing"]),
        ({"blocks": [["gpa"]]}, ["roles.pathway.blocks: ", "at least 2 items", "[['gpa']]"]),
        ({"blocks": [[], ["gpa"]]}, ["roles.pathway.blocks.0: ", "at least 1 item"]),
        (
            {"blocks": CHAIN, "varing": []},
            ["roles.pathway.varing: unknown key", "did you mean 'varying'"],
        ),
        (
            {"blocks": [["belonging"], ["gpa", "belonging"]]},
            ["roles.pathway: blocks: 'belonging' is listed twice", "leave it in one place"],
        ),
        (
            {"blocks": [["collaboration"], ["gpa"]]},
            ["roles.pathway.blocks: 'collaboration' is the exposure", "take it out of blocks"],
        ),
        (
            {"blocks": [["personalisation"], ["gpa"]]},
            ["'personalisation' is no outcome and no construct", "did you mean 'personalization'"],
        ),
        (
            {"blocks": [["interdependence"], ["gpa"]]},
            ["'interdependence' is no outcome and no construct", "valid: "],
        ),
        ({"blocks": [[TEACHERS], ["gpa"]]}, [f"{TEACHERS!r} is no outcome and no construct"]),
        ({"blocks": [["prior_gpa"], ["gpa"]]}, ["'prior_gpa' is no", "did you mean 'gpa'"]),
        (varying(["gpa"]), ["roles.pathway.varying.0: ", "at least 2 items", "['gpa']"]),
        (
            varying(["colaboration", "gpa"]),
            ["varying: 'colaboration' is neither the exposure", "did you mean 'collaboration'"],
        ),
        (
            varying(["collaboration", "self_efficacy"]),
            ["varying: 'self_efficacy' is neither the exposure nor in a block; valid: "],
        ),
        (
            varying(["belonging", "engagement"]),
            ["varying: belonging → engagement does not go to a later block; valid: gpa"],
        ),
        (
            varying(["collaboration", "belonging", "personalization"]),
            ["varying: belonging → personalization does not go to a later block"],
        ),
        (
            varying(["personalization", "collaboration"]),
            ["personalization → collaboration does not", "belonging, engagement, gpa"],
        ),
        (
            varying(["gpa", "belonging"]),
            ["gpa → belonging does not go to a later block", "nothing is later than gpa"],
        ),
        (
            varying(["collaboration", "belonging", "gpa"], ["collaboration", "belonging"]),
            ["roles.pathway: varying: the link collaboration → belonging", "take it out of one"],
        ),
        (
            {"blocks": CHAIN, "covariates": {"self_efficacy": ["gender"]}},
            ["roles.pathway: covariates: 'self_efficacy' is in no block", "valid: personal"],
        ),
        (
            {"blocks": CHAIN, "covariates": {"gpa": ["belonging"]}},
            ["roles.pathway.covariates.gpa: 'belonging' has its place", "take it out"],
        ),
        (
            {"blocks": CHAIN, "covariates": {"gpa": ["collaboration"]}},
            ["roles.pathway.covariates.gpa: 'collaboration' has its place"],
        ),
    ],
)
def test_what_is_not_valid_is_named_with_its_remedy(tmp_path, pathway, expected):
    message = said_of(tmp_path, pathway)
    assert "study.yaml" in message
    for part in expected:
        assert part in message


def test_two_names_of_one_column_are_one_too_many(tmp_path):
    outcome = {"label": "Sense of belonging", "scale": "belonging", "source": "student survey"}
    outcomes = {**DECLARED["roles"]["outcomes"], "sense": outcome}
    message = said_of(tmp_path, {"blocks": [["belonging", "sense"], ["gpa"]]}, outcomes=outcomes)
    assert "'belonging' and 'sense' are the same column, 'belonging'; take out one" in message


def test_an_exposure_by_another_name_is_still_the_exposure(tmp_path):
    outcome = {"label": "Working together", "scale": "collaboration", "source": "student survey"}
    outcomes = {**DECLARED["roles"]["outcomes"], "together": outcome}
    message = said_of(tmp_path, {"blocks": [["together"], ["gpa"]]}, outcomes=outcomes)
    assert "'together' is the exposure" in message


def test_a_class_type_starts_no_path_within_classrooms(tmp_path):
    classes = {"column": "arm", "label": "small class", "varies_by": "classroom"}
    exposure = {**classes, "focal": "small", "reference": "regular"}
    declared = {**DECLARED, "analysis": {**DECLARED["analysis"], "access": {}}}
    declared["roles"] = {**declared["roles"], "exposure": exposure}
    with pytest.raises(CompendiumError) as caught:
        written(tmp_path, declared)
    assert "roles.pathway: the exposure 'arm' varies by classroom" in str(caught.value)
    assert "remove roles.pathway" in str(caught.value)


@pytest.mark.parametrize(
    ("change", "key", "rule"),
    [
        (
            {"covariates": {"gpa": ["gendr"]}},
            "roles.pathway.covariates.gpa",
            "names no column of the codebook; did you mean 'gender'",
        ),
        ({"covariates": {"gpa": ["gender"]}}, "", ""),
    ],
)
def test_columns_are_looked_up_in_the_codebook(tmp_path, change, key, rule):
    codebook = codebook_of(load_study(ROOT / "data/learning-with-others"))
    findings = definition_findings(load(tmp_path, {"blocks": CHAIN, **change}), codebook)
    found = [(f.column, f"{f.rule}; {f.remedy}") for f in findings]
    assert len(found) == bool(key)
    assert all(place == key and rule in words for place, words in found)


@given(st.data())
def test_any_path_is_taken_forwards_and_refused_backwards(data):
    names = data.draw(st.permutations("abcdefg"))
    cuts = data.draw(st.sets(st.integers(1, len(names) - 1), min_size=1))
    edges = [0, *sorted(cuts), len(names)]
    blocks = [list(names[k:m]) for k, m in pairwise(edges)]
    path = [data.draw(st.sampled_from(block)) for block in [["x"], *blocks]]
    path = path[data.draw(st.integers(0, len(path) - 2)) :]
    columns = {name: name.upper() for name in names}

    pathway = Pathway(blocks=blocks, varying=[path])
    pathway.check("x", columns)
    assert pathway.names == list(names)
    assert [names.index(name) for block in blocks for name in block] == list(range(len(names)))
    assert all(name in blocks[pathway.block_of(name)] for name in names)
    assert pathway.block_of("x") == -1
    (links,) = pathway.links_varying
    assert [start for start, _ in links] == path[:-1]
    assert [end for _, end in links] == path[1:]
    with pytest.raises(ValueError, match="does not go to a later block"):
        Pathway(blocks=blocks, varying=[path[::-1]]).check("x", columns)
