import json

import pytest

from learning_with_others.data.disclosure.certificate import (
    RULES,
    Check,
    add_scan,
    write_certificate,
    write_stage_log,
)
from learning_with_others.errors import CompendiumError


@pytest.fixture
def stages(study, tmp_path):
    """Two stages' output folders with their logs."""
    folders = [tmp_path / "01-first", tmp_path / "02-second"]
    for folder, withheld in zip(folders, (2, 3), strict=True):
        folder.mkdir()
        checks = [Check("tables/t", "minimum_cell", 8, withheld)]
        write_stage_log(folder, study, "quick", folder.name, checks)
    return folders


def test_the_certificate_says_what_was_checked_and_withheld_under_which_rule(stages, tmp_path):
    write_certificate(stages, tmp_path / "report")
    found = json.loads((tmp_path / "report/audit/disclosure.json").read_text())
    assert found == {
        "schema": 1,
        "study": "project-star",
        "profile": "quick",
        "minimum_cell": 10,
        "rules": {"minimum_cell": RULES["minimum_cell"]},
        "withheld": 5,
        "checks": [
            {
                "stage": stage,
                "output": "tables/t",
                "rule": "minimum_cell",
                "checked": 8,
                "withheld": withheld,
            }
            for stage, withheld in (("01-first", 2), ("02-second", 3))
        ],
    }


def test_nothing_partial_is_left(stages, tmp_path):
    write_certificate(stages, tmp_path / "report")
    assert [path.name for path in (tmp_path / "report/audit").iterdir()] == ["disclosure.json"]


def test_the_scan_of_a_notebook_is_added_to_log_and_certificate(stages, tmp_path):
    add_scan(stages[0], "01-first", 12)
    write_certificate(stages, tmp_path / "report")
    add_scan(tmp_path / "report", "08-report", 2)
    found = json.loads((tmp_path / "report/audit/disclosure.json").read_text())
    scans = {c["stage"]: c["checked"] for c in found["checks"] if c["rule"] == "no_records"}
    assert scans == {"01-first": 12, "08-report": 2}
    assert "no_records" in found["rules"]


def test_a_folder_without_a_log_stays_without(tmp_path):
    add_scan(tmp_path, "01-first", 12)
    assert list(tmp_path.iterdir()) == []


def test_a_stage_without_a_log_stops_the_report(stages, tmp_path):
    (stages[1] / "disclosure.json").unlink()
    with pytest.raises(CompendiumError, match="left no log"):
        write_certificate(stages, tmp_path / "report")
