import json
import shutil

import pandas as pd
import pytest
from conftest import ROOT

from learning_with_others.errors import CompendiumError
from learning_with_others.exhibits.drawing.intervals import draw_intervals
from learning_with_others.exhibits.records import Number
from learning_with_others.exhibits.stage import Stage
from learning_with_others.reporting.documents import gather_stages

PNG_WIDTH_BYTES = slice(16, 20)


@pytest.fixture
def stage(tmp_path):
    shutil.copytree(ROOT / "data/project-star", tmp_path / "data/project-star")
    shutil.copy(ROOT / "requirements.lock", tmp_path)
    return Stage(
        "01-test",
        study="data/project-star",
        profile="quick",
        project_root=str(tmp_path),
        build_folder="build",
        output_folder="build/01-test",
        grade="3",
    )


def figure():
    table = pd.DataFrame(
        {"panel": "p", "row": "r", "group": ["a", "b"], "estimate": 1.0, "lower": 0.5, "upper": 2.0}
    )
    return draw_intervals(table, panel="panel", row="row", groups=("a", "b"), label="x")


def test_what_is_published_is_recorded_where_it_may_be_shown(stage):
    table = pd.DataFrame(
        {
            "scale": ["a", "b", "c", "d"],
            "children": [100, 9, 100, 100],
            "alpha": [0.7, 0.8, float("nan"), 0.6],
            "lower": [0.6, 0.7, float("nan"), float("nan")],
            "upper": [0.8, 0.9, float("nan"), float("nan")],
            "flag": ["", "", "no variance", "few items"],
        }
    )
    stage.publish(
        table,
        "reliability",
        "Alpha.",
        cell="here",
        counts=["children"],
        numbers=[Number("reliability.alpha", "alpha", "share", interval="Feldt")],
        names={"outcome": "scale"},
    )
    published = stage.published("reliability")
    assert published.loc[1, ["children", "alpha", "lower"]].isna().all()
    first, second = stage.results
    assert (first.id, first.lower, first.n, first.flag) == ("reliability.alpha/a", 0.6, 100, None)
    assert first.interval.kind == "Feldt"
    assert (second.id, second.interval, second.flag) == ("reliability.alpha/d", None, "few items")


def test_a_recorded_share_is_as_round_as_the_published_one(stage):
    table = pd.DataFrame({"item": ["x"], "asked": [100], "missing": [0.03]})
    stage.publish(
        table,
        "items",
        "Items.",
        cell="here",
        counts=["asked"],
        numbers=[Number("item.missing_share", "missing", "share")],
        names={"item": "item"},
        shares={"missing": "asked"},
    )
    (record,) = stage.results
    assert record.estimate != 0.03  # three children of a hundred would show


def test_a_record_carries_its_whole_provenance(stage):
    stage.record(
        "opportunity.share",
        0.25,
        group="Black",
        n=100,
        unit="share",
        cell="here",
        interval="CR2 t",
        lower=0.2,
        upper=0.3,
    )
    stage.close()
    (record,) = json.loads((stage.output / "results.json").read_text())["results"]
    assert record["id"] == "opportunity.share/Black"
    assert record["interval"] == {"kind": "CR2 t", "probability": 0.95}
    found = record["provenance"]
    assert found["data_sha256"] == stage.study.data_sha256
    assert found["parameters"] == {"profile": "quick", "grade": "3"}
    assert (found["notebook"], found["cell"]) == ("01-test", "here")
    assert set(found) >= {"parent_commit", "modified", "lock_sha256"}


def test_fewer_children_than_the_minimum_cannot_be_recorded(stage):
    with pytest.raises(CompendiumError, match="fewer than 10 children"):
        stage.record("opportunity.share", 0.25, group="Hispanic", n=5, unit="share", cell="here")
    assert stage.results == []


def test_what_cannot_be_computed_says_so(stage):
    stage.record("diagnosis.rhat", float("nan"), unit="ratio", cell="here", lower=float("nan"))
    assert stage.results[0].estimate == "not computable"
    assert stage.results[0].lower is None


def test_a_small_cell_reaches_neither_file_nor_notebook(stage, capsys):
    table = pd.DataFrame({"group": ["Black", "Hispanic"], "n": [123, 7], "share": [0.25, 0.4286]})
    stage.table(table, "t", "Shares.", counts=["n"], derived=["share"])
    written = (stage.output / "tables/t.csv").read_text()
    assert "123" in written
    assert "7" not in written
    assert "0.4286" not in written
    assert "Withheld" in (stage.output / "tables/t.caption.txt").read_text()
    assert "0.4286" not in capsys.readouterr().out


def test_the_stage_leaves_a_log_of_its_gate(stage):
    table = pd.DataFrame({"group": ["Black", "Hispanic"], "n": [123, 7]})
    stage.table(table, "t", "Counts.", counts=["n"])
    stage.record("opportunity.share", 0.25, n=100, unit="share", cell="here")
    stage.close()
    log = json.loads((stage.output / "disclosure.json").read_text())
    assert (log["study"], log["profile"], log["minimum_cell"]) == ("project-star", "quick", 10)
    assert log["checks"] == [
        {
            "stage": "01-test",
            "output": "tables/t",
            "rule": "minimum_cell",
            "checked": 2,
            "withheld": 1,
        },
        {
            "stage": "01-test",
            "output": "results",
            "rule": "minimum_behind",
            "checked": 1,
            "withheld": 0,
        },
    ]


def test_the_report_certifies_what_the_stages_gates_did(stage):
    stage.record("opportunity.share", 0.25, n=100, unit="share", cell="here")
    stage.close()
    report = stage.root / "report"
    (stage.root / "notebooks").mkdir()
    (stage.root / "notebooks/01-test.ipynb").touch()
    shutil.copytree(stage.output, stage.build / "05-of-another-branch")
    gather_stages(stage.earlier_stages(), report)
    certificate = json.loads((report / "audit/disclosure.json").read_text())
    assert [check["output"] for check in certificate["checks"]] == ["results"]


def test_shares_are_rounded_on_the_way_to_the_file(stage):
    table = pd.DataFrame({"race": ["Black"], "n": [2000], "share": [0.0041]})
    stage.table(table, "t", "Shares.", counts=["n"], shares={"share": "n"})
    assert (stage.output / "tables/t.csv").read_text() == "race,n,share\nBlack,2000,0\n"
    assert "rounded" in (stage.output / "tables/t.caption.txt").read_text()


def test_rows_of_students_cannot_be_published(stage):
    with pytest.raises(CompendiumError, match="identifies students"):
        stage.table(pd.DataFrame({"student": ["1122"]}), "t", "Rows.", counts=[])
    assert not (stage.output / "tables").exists()


def test_figures_come_in_two_formats_with_words_and_without_dates(stage):
    stage.figure(figure(), "f", alt="Two points.", caption="Two.")
    stage.close()
    folder = stage.output / "figures"
    first = {path.name: path.read_bytes() for path in folder.iterdir()}
    assert set(first) == {"f.png", "f.svg", "f.alt.txt", "f.caption.txt"}
    # 7.5 inches at 300 dots per inch.
    assert int.from_bytes(first["f.png"][PNG_WIDTH_BYTES]) == pytest.approx(2250, abs=1)
    stage.figure(figure(), "f", alt="Two points.", caption="Two.")
    stage.close()
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == first


def test_synthetic_data_say_so_on_every_figure(stage):
    stage.study = stage.study.model_copy(update={"synthetic": True})
    stage.figure(figure(), "f", alt="Two points.", caption="Two.")
    stage.close()
    assert "SYNTHETIC DATA" in (stage.output / "figures/f.svg").read_text()
    assert (stage.output / "figures/f.caption.txt").read_text().startswith("Synthetic data.")
    assert "Synthetic data" in stage.introduction()
