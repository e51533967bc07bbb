import json
import shutil

import pandas as pd
import pytest
from conftest import ROOT

from learning_with_others.errors import CompendiumError
from learning_with_others.reporting.figures.intervals import draw_intervals
from learning_with_others.reporting.stage import Stage

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
    assert found["data_sha256"] == stage.study.table.sha256
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


def test_figures_come_in_two_formats_with_words_and_without_dates(stage):
    stage.figure(figure(), "f", alt="Two points.", caption="Two.")
    folder = stage.output / "figures"
    first = {path.name: path.read_bytes() for path in folder.iterdir()}
    assert set(first) == {"f.png", "f.svg", "f.alt.txt", "f.caption.txt"}
    # 4.6 inches at 300 dots per inch.
    assert int.from_bytes(first["f.png"][PNG_WIDTH_BYTES]) == pytest.approx(1380, abs=1)
    stage.figure(figure(), "f", alt="Two points.", caption="Two.")
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == first


def test_synthetic_data_say_so_on_every_figure(stage):
    stage.study = stage.study.model_copy(update={"synthetic": True})
    stage.figure(figure(), "f", alt="Two points.", caption="Two.")
    assert "SYNTHETIC DATA" in (stage.output / "figures/f.svg").read_text()
    assert (stage.output / "figures/f.caption.txt").read_text().startswith("Synthetic data.")
    assert "Synthetic data" in stage.introduction()
