"""A report gathers what stages left, and refuses what does not belong together."""

import json

import pytest
from exhibits.test_provenance import stages, study  # noqa: F401 - fixtures
from exhibits.test_records import ABOUT, result

from learning_with_others.errors import CompendiumError
from learning_with_others.exhibits.certificate import note_scan
from learning_with_others.exhibits.ledger.ledger import Ledger
from learning_with_others.exhibits.ledger.policy import Policy
from learning_with_others.exhibits.provenance import read_provenance, write_provenance
from learning_with_others.exhibits.records import read_about, write_results
from learning_with_others.exhibits.shown import NotShown, Shown, write_exhibits
from learning_with_others.reporting.gather import gather


@pytest.fixture
def left(stages):  # noqa: F811
    """What two stages left: a record and an exhibit each, and a table."""
    for folder in stages:
        found = result(f"a.b/{folder.name}", stage=folder.name)
        write_results(folder / "results.json", ABOUT, [found])
        shown = Shown(folder.name, "", "", "Words.", "f", 1, [])
        write_exhibits(folder, ABOUT, [shown], [NotShown("x", "because")] * (folder == stages[1]))
        note_scan(folder, folder.name, 5)
    (stages[0] / "tables").mkdir()
    (stages[0] / "tables/t.csv").write_text("a\n1\n")
    return stages


def gathered(folders, tmp_path):
    report = tmp_path / "report"
    report.mkdir()
    return gather(folders, report, ABOUT, Ledger(Policy(protected=True))), report


def test_all_that_the_stages_left_is_in_the_report(left, tmp_path):
    found, report = gathered(left, tmp_path)
    assert set(found.records) == {"a.b/01-first", "a.b/02-second"}
    assert list(found.exhibits) == ["01-first", "02-second"]
    assert (report / "tables/t.csv").read_text() == "a\n1\n"
    assert read_about(report / "results.json")["provenance"] == read_provenance(left[0])
    listed = json.loads((report / "exhibits.json").read_text())
    assert [one["name"] for one in listed["not_shown"]] == ["x"]
    note_scan(report, "08-report", 2)
    certificate = json.loads((report / "audit/disclosure.json").read_text())
    assert certificate["notebooks"] == {"01-first": 5, "02-second": 5, "08-report": 2}


def test_a_report_of_several_commits_is_refused(left, tmp_path):
    write_provenance(left[1], {**read_provenance(left[1]), "parent_commit": "another"})
    with pytest.raises(CompendiumError, match="01-first and 02-second differ in parent_commit"):
        gathered(left, tmp_path)


def test_two_stages_may_not_give_one_number_twice(left, tmp_path):
    write_results(left[1] / "results.json", ABOUT, [result("a.b/01-first")])
    with pytest.raises(CompendiumError, match="two results have the id"):
        gathered(left, tmp_path)


def test_a_report_without_stages_says_what_to_do(tmp_path):
    with pytest.raises(CompendiumError, match="make reproduce"):
        gathered([], tmp_path)
