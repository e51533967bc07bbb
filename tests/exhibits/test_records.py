import json

import pytest
from pydantic import ValidationError

from learning_with_others.errors import CompendiumError
from learning_with_others.exhibits.records import (
    Interval,
    Records,
    Result,
    read_about,
    read_results,
    result_id,
    write_results,
)

ABOUT = {"study": "s", "profile": "quick", "synthetic": False}


def result(id_="benefit.gap/gpa", **changes):
    fields = {
        "id": id_,
        "stage": "04",
        "exhibit": "benefits",
        "quantity": "benefit.gap",
        "outcome": "gpa",
        "estimate": 0.1,
        "lower": -0.1,
        "upper": 0.3,
        "interval": Interval(kind="equal-tailed credible", probability=0.95),
        "unit": "outcome sd",
        "notebook": "04",
        "function": "benefits.exhibits.benefits",
        "line": 12,
    }
    return Result(**(fields | changes))


def test_results_survive_the_way_to_disk_and_back(tmp_path):
    path = tmp_path / "results.json"
    results = [result("b/x"), result("a/x", estimate="inconclusive", lower=None, upper=None)]
    write_results(path, ABOUT, results)
    assert read_results(path) == sorted(results, key=lambda r: r.id)
    assert read_about(path) == ABOUT
    content = json.loads(path.read_text())
    assert content["schema"] == 2
    assert [p.name for p in tmp_path.iterdir()] == ["results.json"]


def test_no_results_are_a_file_too(tmp_path):
    write_results(tmp_path / "results.json", ABOUT, [])
    assert read_results(tmp_path / "results.json") == []


def test_one_id_may_stand_for_one_number_only(tmp_path):
    path = tmp_path / "results.json"
    with pytest.raises(CompendiumError, match="two results have the id"):
        write_results(path, ABOUT, [result(), result()])
    assert not path.exists()


@pytest.mark.parametrize(
    "changes",
    [
        {"estimate": float("nan")},
        {"upper": float("inf")},
        {"quantity": "Gap"},
        {"quantity": "gap"},
        {"surprise": 1},
        {"interval": {"kind": "x", "probability": 95}},
    ],
)
def test_a_record_that_breaks_the_form_is_refused(changes):
    with pytest.raises(ValidationError):
        result(**changes)


def test_ids_join_what_applies():
    assert result_id("benefit.slope", {"outcome": "gpa", "group": "Black"}) == (
        "benefit.slope/gpa/Black"
    )
    keys = {"group": "Black", "item": "raw file", "grade": "3", "outcome": None}
    assert result_id("flow.rows", keys) == "flow.rows/Black/raw file/grade-3"


def test_a_record_that_is_not_there_is_asked_for_in_vain():
    records = Records([result()])
    with pytest.raises(CompendiumError, match=r"did you mean 'benefit.gap/gpa'"):
        records["benefit.gap/gpu"]
    assert "benefit.gap/gpu" not in records
    assert records.get("benefit.gap/gpu") is None
    assert [found.id for found in records.of("benefit.gap", outcome="gpa")] == ["benefit.gap/gpa"]
