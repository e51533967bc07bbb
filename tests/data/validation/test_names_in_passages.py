"""Validation lists passages that may name somebody, and themes that do."""

import pytest
import yaml
from hostile_passages import hostile_study, passages

from learning_with_others.data.reading import read_raw_study
from learning_with_others.data.validation.names_in_passages import name_findings
from learning_with_others.files import hash_file
from learning_with_others.study import load_study


def found(folder):
    raw = read_raw_study(load_study(folder))
    return name_findings(raw.study, raw.codebook, raw.frames)


def test_passages_are_listed_by_file_and_row_with_the_reason(tmp_path):
    findings = found(hostile_study(tmp_path / "hostile", "verbatim", "protected"))
    assert {f.severity for f in findings} == {"warning"}
    listed = {(int(f.row), f.value) for f in findings if f.file.endswith("raw/excerpts.csv")}
    rows = {row["text"]: place for place, row in enumerate(passages(), 2)}
    assert (rows["then Tyrone took the sheet away and kept it all week"], "Tyrone") in listed
    assert (rows["it all started on 12 march when they all walked out"], "12 march") in listed
    assert rows["every single time the loud ones pick their parts before us"] not in dict(listed)
    assert all("mask it as [name]" in f.remedy for f in findings if f.column == "text")


def test_of_paraphrases_only_the_paraphrase_is_read(tmp_path):
    findings = found(hostile_study(tmp_path / "hostile", "paraphrased", "protected"))
    rules = {f.value: f.rule for f in findings if f.column == "paraphrase"}
    assert rules["Kayla"].startswith("may name a person")
    assert rules[""].startswith("repeats six words")
    assert not any(f.column == "text" for f in findings)


@pytest.mark.parametrize(
    ("theme", "quotations", "rule"),
    [
        ("Tyrone", "none", "may name a person or a place"),
        ("the Tyrone problem", "verbatim", "may name a person or a place"),
        ("Lopez", "none", "holds a name or identifier of the study's tables"),
        ("wobble when three of us lean", "none", "is what somebody said"),
        ("wobble when three of us lean", "verbatim", ""),
        ("Furniture", "none", ""),
        ("Being left out", "none", ""),
    ],
)
def test_a_theme_that_names_somebody_or_uses_their_words_is_listed(
    tmp_path, theme, quotations, rule
):
    folder = hostile_study(tmp_path / "hostile", quotations, "protected")
    path, study = folder / "raw/themes.csv", folder / "study.yaml"
    before = hash_file(path)
    with path.open("a") as file:
        file.write(f'{theme},"What {theme.lower() if rule else "it"} is",,RQ2,hinders\n')
    study.write_text(study.read_text().replace(before, hash_file(path)))
    rules = [f.rule for f in found(folder) if f.column == "theme"]
    assert bool(rules) == bool(rule)
    assert all(one.startswith(rule) for one in rules)


def test_a_study_that_quotes_nothing_is_told_nothing_of_its_passages(tmp_path):
    folder = hostile_study(tmp_path / "hostile", "none", "protected")
    assert (
        yaml.safe_load((folder / "study.yaml").read_text())["qualitative"]["quotations"] == "none"
    )
    assert found(folder) == []
