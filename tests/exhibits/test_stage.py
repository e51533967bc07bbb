"""A stage shows exhibits: what may be shown reaches files, records and notebook, all else none."""

import json
import shutil
import warnings
from functools import partial

import numpy as np
import pandas as pd
import pytest
from conftest import ROOT

from learning_with_others.data.flow import count_rows
from learning_with_others.exhibits.exhibit import Count, Drawing, Exhibit, Number, exhibit
from learning_with_others.exhibits.figure_files import AT_ONCE
from learning_with_others.exhibits.kept import Kept
from learning_with_others.exhibits.people import everyone, group, recorded
from learning_with_others.exhibits.shown import read_exhibits
from learning_with_others.exhibits.stage import Stage
from learning_with_others.quality.figures.row_counts import draw_flow_by_school

PNG_WIDTH_BYTES = slice(16, 20)


def opened(root, name, policy="public", synthetic=False):
    path = root / "data/project-star/study.yaml"
    text = (ROOT / "data/project-star/study.yaml").read_text()
    text = text.replace("policy: public", f"policy: {policy}")
    path.write_text(text.replace("synthetic: false", f"synthetic: {str(synthetic).lower()}"))
    stage = Stage(
        name,
        study="data/project-star",
        profile="quick",
        project_root=str(root),
        build_folder="build",
        output_folder=f"build/{name}",
        grade="3",
    )
    people = {"race": ["Black"] * 123 + ["White"] * 77 + ["Asian"] * 7, "math": 1.0}
    stage.count_among(students=pd.DataFrame(people))
    return stage


@pytest.fixture
def root(tmp_path):
    shutil.copytree(ROOT / "data/project-star", tmp_path / "data/project-star")
    shutil.copy(ROOT / "requirements.lock", tmp_path)
    return tmp_path


@pytest.fixture
def stage(root):
    return opened(root, "01-test")


ROWS = pd.DataFrame(
    {
        "group": ["Black", "White", "Asian"],
        "children": [123, 77, 7],
        "mean": [0.5, 0.25, 0.875],
        "lower": [0.4, float("nan"), 0.7],
        "upper": [0.6, float("nan"), 0.9],
        "flag": ["", "few items", ""],
    }
)


@exhibit
def means(table=ROWS, **changes):
    """Means of groups."""
    fields = {
        "name": "means",
        "table": table,
        "keys": {"group": "group"},
        "counts": (Count("children", group()),),
        "numbers": (Number("score.mean", "mean", "points", interval="normal"),),
        "caption": "Means of {{number: score.mean/Black}} and more.",
    }
    return Exhibit(**(fields | changes))


def results(stage):
    return json.loads((stage.output / "results.json").read_text())["results"]


def test_what_is_shown_is_recorded_with_all_that_is_needed_to_challenge_it(stage):
    stage.show(means())
    stage.close()
    black, white = (r for r in results(stage) if r["quantity"] == "score.mean")
    assert black["interval"] == {"kind": "normal", "probability": 0.95}
    assert (black["id"], black["n"], black["stage"]) == ("score.mean/Black", 123, "01-test")
    assert black["function"].endswith("test_stage.means")
    assert black["line"] == means().place[1] > 1
    written = json.loads((stage.output / "results.json").read_text())
    assert written["parameters"] == {"01-test": {"grade": "3"}}
    assert "interval" not in white
    assert white["flag"] == "few items"
    (shown,), _ = read_exhibits(stage.output)
    assert shown.traces[:1] == [
        {
            "columns": {"estimate": "mean", "lower": "lower", "upper": "upper", "n": "children"},
            "ids": ["score.mean/Black", "score.mean/White", None],
        }
    ]


def test_a_public_study_counts_exactly_and_estimates_nothing_from_few(stage):
    stage.show(means())
    written = pd.read_csv(stage.output / "tables/means.csv")
    assert list(written["children"]) == [123, 77, 7]
    assert written["mean"].isna().tolist() == [False, False, True]


def test_a_count_without_an_estimate_beside_it_has_a_record_of_its_own(stage):
    stage.show(means(table=ROWS.assign(mean=[0.5, float("nan"), 0.875])))
    stage.close()
    found = {result["id"]: result["estimate"] for result in results(stage)}
    assert found["score.mean.children/White"] == 77
    assert found["score.mean.children/Asian"] == 7
    assert "score.mean.children/Black" not in found


def test_a_protected_study_rounds_and_withholds_in_files_records_and_notebook(root, capsys):
    stage = opened(root, "01-test", "protected")
    stage.show(means())
    stage.close()
    written = pd.read_csv(stage.output / "tables/means.csv")
    assert written["children"].tolist()[:2] == [120, 80]
    assert written.loc[2, ["children", "mean", "lower", "upper"]].isna().all()
    assert [result["n"] for result in results(stage)] == [120, 80]
    assert "0.875" not in capsys.readouterr().out
    caption = (stage.output / "tables/means.caption.txt").read_text()
    assert "rounded to the nearest 10" in caption
    assert "Suppressed" in caption


def test_a_protected_study_gives_three_digits_and_no_bayesian_criterion(root):
    stage = opened(root, "01-test", "protected")
    table = ROWS.assign(mean=[0.123456, 0.2, 0.3], bic=[1234.5, 2.0, 3.0])
    mean, bic = (Number(f"score.{name}", name, "x", closed_form=kind) for name, kind in
                 (("mean", ""), ("bic", "none")))  # fmt: skip
    stage.show(means(table=table.drop(columns=["lower", "upper"]), numbers=(mean, bic)))
    stage.close()
    found = {result["id"]: result["estimate"] for result in results(stage)}
    assert found["score.mean/Black"] == 0.123
    assert not any(id_.startswith("score.bic/") for id_ in found)


def test_what_falls_with_the_root_of_a_number_is_given_for_the_rounded_number(root):
    """RMSEA is the root of (chi-squared - df) / (df n): with n rounded, only that follows."""
    stage = opened(root, "01-test", "protected")
    table = ROWS.assign(mean=[np.sqrt(30 / (10 * n)) for n in (123, 77, 7)])
    number = Number("cfa.rmsea", "mean", "index", closed_form="root")
    stage.show(means(table=table.drop(columns=["lower", "upper"]), numbers=(number,)))
    written = pd.read_csv(stage.output / "tables/means.csv")["mean"]
    assert written[0] == pytest.approx(np.sqrt(30 / (10 * 120)), abs=0.0005)
    assert 30 / 10 / written[0] ** 2 == pytest.approx(120, abs=1)


def test_words_are_filled_from_records_and_kept_with_their_marks(stage):
    stage.show(means(title="Black students score {{number: score.mean/Black}}"))
    stage.close()
    assert "Means of 0.50 and more." in (stage.output / "tables/means.caption.txt").read_text()
    (shown,), _ = read_exhibits(stage.output)
    assert shown.title == "Black children score {{number: score.mean/Black}}"


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"table": ROWS.assign(secret=1.5)}, "'secret'.*is not declared"),
        ({"table": ROWS.assign(secret=1.5), "plain": ("secret",)}, "holds numbers"),
        ({"keys": {"colour": "group"}}, "no key"),
        (
            {"numbers": (Number("score.mean", "mean", "x", interval="normal", n="people"),)},
            "which is no count",
        ),
        ({"keys": {}, "plain": ("group",)}, "two results have the id"),
    ],
)
def test_what_nobody_declared_is_not_shown_and_stops_nothing_else(stage, changes, reason):
    stage.show(means(**changes), means(name="others"))
    stage.close()
    shown, (failed,) = read_exhibits(stage.output)
    assert [one.name for one in shown] == ["others"]
    assert failed.name == "means"
    assert pd.Series([failed.reason]).str.contains(reason).all()
    assert not (stage.output / "tables/means.csv").exists()
    assert "secret" not in (stage.output / "tables/others.csv").read_text()


def test_an_exhibit_that_cannot_be_laid_out_is_told(stage):
    @exhibit
    def broken():
        raise ZeroDivisionError

    stage.show(broken(), means())
    stage.close()
    shown, (failed,) = read_exhibits(stage.output)
    assert (failed.name, failed.reason) == ("broken", "ZeroDivisionError()")
    assert len(shown) == 1


def test_what_is_laid_out_from_an_estimate_that_failed_is_not_shown(stage):
    found = stage.keep(draw_flow_by_school, 5)
    stage.show(means(found, name="of-it"), means(stage.keep(count_rows, found, [], None)), means())
    stage.close()
    shown, failed = read_exhibits(stage.output)
    assert [one.name for one in shown] == ["means"]
    assert len(failed) == 2
    with pytest.raises(TypeError):
        list(found)


def test_a_study_that_has_no_such_thing_shows_none(stage):
    @exhibit
    def nothing():
        return None

    stage.show(nothing(), means(table=ROWS.iloc[:0]))
    stage.close()
    assert read_exhibits(stage.output) == ([], [])


def test_shares_of_people_are_rounded_to_what_their_number_bears(root):
    stage = opened(root, "01-test", "protected")
    table = pd.DataFrame({"group": ["Black"], "asked": [123], "missing": [0], "share": [4 / 123]})
    counts = (Count("asked", group()), Count("missing", group() & ~recorded("m"), gates=False))
    number = Number("item.missing_share", "share", "share", share_of="asked")
    stage.show(means(table=table.drop(columns="missing"), counts=counts[:1], numbers=(number,)))
    written = pd.read_csv(stage.output / "tables/means.csv")
    assert written["share"].item() in (0, 0.05, 0.1)


def test_the_next_stage_continues_the_ledger(root):
    first = opened(root, "01-test", "protected")
    first.show(means())
    first.close()
    second = opened(root, "02-test", "protected")
    second.close()
    read = json.loads((second.output / "read.json").read_text())
    assert any(path.endswith("01-test/ledger.npz") for path in read)
    assert second.ledger.certificate()["counts"]["rounded"] == len(ROWS) - 1


FLOW = pd.DataFrame({"step": ["a", "b"] * 2, "group": ["x", "x", "y", "y"], "rows": [4, 3, 9, 8]})


def drawn(stage, draw=draw_flow_by_school):
    drawing = Drawing("f", draw, alt="Two dots.", caption="Two.", of=FLOW)
    stage.show(means(table=None, figures=(drawing,)))
    stage.close()
    return {path.name: path.read_bytes() for path in (stage.output / "figures").glob("*")}


def test_figures_come_in_two_formats_and_are_kept_by_what_they_show(stage, monkeypatch):
    first = drawn(stage)
    assert set(first) == {"f.png", "f.svg", "f.alt.txt", "f.caption.txt"}
    # 7.5 inches at 300 dots per inch.
    assert int.from_bytes(first["f.png"][PNG_WIDTH_BYTES]) == pytest.approx(2250, abs=1)
    monkeypatch.setattr(Kept, "put", None)  # nothing may be drawn again
    assert drawn(opened(stage.root, "01-test")) == first


def test_many_figures_are_drawn_side_by_side_and_alike(root):
    stages = [opened(root, name) for name in ("01-test", "02-test")]
    flows = [FLOW.assign(rows=FLOW["rows"] + k) for k in range(AT_ONCE)]
    for k, flow in enumerate(flows):
        drawing = Drawing(f"f{k}", draw_flow_by_school, alt="Dots.", of=flow)
        stages[0].show(means(name=f"means-{k}", table=None, figures=(drawing,)))
    stages[0].close()
    shutil.rmtree(root / "build/kept")
    drawn(stages[1])
    folders = [stage.output / "figures" for stage in stages]
    assert len(list(folders[0].glob("f?.svg"))) == AT_ONCE
    for kind in ("png", "svg"):  # one alone is drawn in this process
        assert (folders[0] / f"f0.{kind}").read_bytes() == (folders[1] / f"f.{kind}").read_bytes()


def test_a_figure_that_cannot_be_drawn_is_told(stage):
    drawn(stage, partial(draw_flow_by_school, surprise=1))
    _, (failed,) = read_exhibits(stage.output)
    assert failed.name == "f"
    assert "surprise" in failed.reason


def test_synthetic_data_say_so_everywhere(root):
    stage = opened(root, "01-test", "protected", synthetic=True)
    stage.show(means(counts=(Count("children", group() & everyone()),)))
    files = drawn(opened(root, "02-test", "protected", synthetic=True))
    stage.close()
    assert b"SYNTHETIC DATA" in files["f.svg"]
    assert files["f.caption.txt"].startswith(b"Synthetic data.")
    assert (stage.output / "tables/means.caption.txt").read_text().startswith("Synthetic data.")
    assert set(pd.read_csv(stage.output / "tables/means.csv")["data"]) == {"synthetic"}
    for name in ("results.json", "exhibits.json"):
        assert json.loads((stage.output / name).read_text())["synthetic"] is True
    assert "Synthetic data" in stage.introduction()


def test_rows_of_students_cannot_be_shown(stage):
    table = pd.DataFrame({"student": ["1122"], "mean": [1.0], "children": [50]})
    stage.show(means(table=table, keys={"item": "student"}))
    stage.close()
    assert "identifies children" in read_exhibits(stage.output)[1][0].reason


def test_no_warning_in_a_notebook_names_a_file_of_the_machine(root, monkeypatch):
    monkeypatch.setattr(warnings, "formatwarning", warnings.formatwarning)
    names = {"study": "data/project-star", "profile": "quick", "project_root": str(root)}
    folders = {"build_folder": "build", "output_folder": "build/01-test"}
    Stage.open({"notebook": "01-test", "grade": "3"} | names | folders)
    shown = warnings.formatwarning("something happened", UserWarning, str(root / "module.py"), 7)
    assert shown == "UserWarning: something happened\n"
