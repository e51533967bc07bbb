"""The runner refuses an executed notebook, or a file beside it, that holds somebody's words."""

import json

import pytest
from hostile_passages import SAFE, hostile_study

from learning_with_others.errors import CompendiumError
from learning_with_others.pipeline.executed_notebook import check_what_it_shows
from learning_with_others.study import load_study


@pytest.fixture
def study(tmp_path):
    return load_study(hostile_study(tmp_path / "hostile", "verbatim", "protected"))


def cells(words):
    output = {"output_type": "display_data", "data": {"text/markdown": words}}
    return [{"cell_type": "code", "id": "quotes", "source": "", "outputs": [output]}]


def test_what_may_be_quoted_passes_and_the_note_says_what_was_searched(study, tmp_path):
    draft = tmp_path / "draft"
    (draft / "tables").mkdir(parents=True)
    (draft / "tables/said.csv").write_text(f"quote\n{SAFE[0]}\n")
    check_what_it_shows(study, "06-test", cells(SAFE[0]), draft)
    assert json.loads((draft / "scan.json").read_text()) == {"06-test": 1}
    (draft / "audit").mkdir()
    (draft / "audit/disclosure.json").write_text('{"notebooks": {}}')
    check_what_it_shows(study, "08-report", cells(""), draft)
    certificate = json.loads((draft / "audit/disclosure.json").read_text())
    assert certificate["quotations"]["setting"] == "verbatim"
    assert certificate["notebooks"] == {"08-report": 1}


def test_other_words_are_refused_with_cell_and_file_and_without_the_words(study, tmp_path):
    (tmp_path / "draft/tables").mkdir(parents=True)
    (tmp_path / "draft/tables/said.csv").write_text(f"theme\n{SAFE[2]}\n")
    with pytest.raises(CompendiumError) as refused:
        check_what_it_shows(study, "06-test", cells("Deshawn said so"), tmp_path / "draft")
    said = str(refused.value)
    assert "cell quotes names a speaker" in said
    assert "tables/said.csv repeats the words of a passage" in said
    assert "stage.quotations" in said
    assert not {"Deshawn", "loud"} & set(said.split())
    assert not (tmp_path / "draft/scan.json").exists()
