import json

import pytest
from pydantic import ValidationError

from learning_with_others.errors import CompendiumError
from learning_with_others.exhibits.records import (
    Interval,
    Result,
    read_results,
    result_id,
    write_results,
)


def result(id_="benefit.gap/gpa", **changes):
    fields = {
        "id": id_,
        "study": "s",
        "stage": "04",
        "quantity": "benefit.gap",
        "outcome": "gpa",
        "estimate": 0.1,
        "lower": -0.1,
        "upper": 0.3,
        "interval": Interval(kind="equal-tailed credible", probability=0.95),
        "unit": "outcome sd",
        "provenance": {"notebook": "04", "cell": "benefits"},
    }
    return Result(**(fields | changes))


def test_results_survive_the_way_to_disk_and_back(tmp_path):
    path = tmp_path / "results.json"
    results = [result("b/x"), result("a/x", estimate="inconclusive", lower=None, upper=None)]
    write_results(path, "s", "quick", results)
    assert read_results(path) == sorted(results, key=lambda r: r.id)
    content = json.loads(path.read_text())
    assert {key: content[key] for key in ("schema", "study", "profile")} == {
        "schema": 1,
        "study": "s",
        "profile": "quick",
    }
    assert [p.name for p in tmp_path.iterdir()] == ["results.json"]


def test_one_id_may_stand_for_one_number_only(tmp_path):
    path = tmp_path / "results.json"
    with pytest.raises(CompendiumError, match="two results have the id"):
        write_results(path, "s", "quick", [result(), result()])
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
    assert result_id("benefit.slope", "gpa", "Black", None) == "benefit.slope/gpa/Black"
    assert result_id("flow.rows", None, "Black", "raw file") == "flow.rows/Black/raw file"
