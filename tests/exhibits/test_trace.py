"""The chain behind a number, forwards and backwards."""

import pytest
from exhibits.test_records import ABOUT, result

from learning_with_others.errors import CompendiumError
from learning_with_others.exhibits.records import write_results
from learning_with_others.exhibits.shown import NotShown, Shown, name_cells, write_exhibits
from learning_with_others.exhibits.trace import trace

ID = "benefit.gap/gpa"
PROVENANCE = {
    "data": {"students": "d" * 64},
    "study_sha256": "s" * 64,
    "codebook_sha256": "c" * 64,
    "parent_commit": "p" * 40,
    "modified": False,
    "lock_sha256": "l" * 64,
    "seed": 1,
    "machine": "Linux",
    "date": "2026-01-01",
}


@pytest.fixture
def report(tmp_path):
    found = result(function="quality.exhibits.missing")
    about = {**ABOUT, "parameters": {"04": {"grade": "3"}}, "provenance": PROVENANCE}
    write_results(tmp_path / "results.json", about, [found])
    shown = [
        Shown("benefits", "", "", "Gaps.", "f", 1, [{"columns": {"estimate": "gap"}, "ids": [None, ID]}], "tables/benefits.csv"),  # noqa: E501
        Shown("lead", "A title", f"It is {{{{number: {ID}}}}}.", "", "f", 1, []),
    ]  # fmt: skip
    shown[0].figures.append({"name": "gaps", "alt": "", "caption": ""})
    write_exhibits(tmp_path, ABOUT, shown, [NotShown("other", "because")])
    name_cells(tmp_path, {"benefits": "gaps-cell"})
    return tmp_path


def test_the_chain_names_everything_behind_a_number_and_every_use_of_it(report):
    told = trace(report, ID)
    for part in (
        ID, "0.1", "quality.exhibits.missing, line 12", "cell gaps-cell", '"grade": "3"', "p" * 40,
        "l" * 64, "students " + "d" * 64, "tables/benefits.csv, row 2, columns gap",
        "the sentence of lead", "figures/gaps", "95% equal-tailed credible",
    ):  # fmt: skip
        assert part in told


def test_a_mistyped_id_names_the_nearest(report):
    with pytest.raises(CompendiumError, match="did you mean"):
        trace(report, "benefit.gap/gpu")


def test_without_a_report_there_is_a_remedy(tmp_path):
    with pytest.raises(CompendiumError, match="make reproduce"):
        trace(tmp_path, ID)
