"""What a restructuring must not change is kept, and every change of it is named."""

import importlib.util
import json
import re

import matplotlib.pyplot as plt
import numpy as np
import pytest
from conftest import ROOT

from learning_with_others.exhibits.drawing.rendering import save_figure
from learning_with_others.exhibits.drawing.style import set_style

SPEC = importlib.util.spec_from_file_location("golden", ROOT / "scripts/golden_records.py")
golden = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(golden)

RECORDS = [
    {"id": "benefit.gap/math", "quantity": "benefit.gap", "stage": "04", "estimate": 0.25, "n": 90},
    {"id": "diagnosis.seconds/math", "quantity": "diagnosis.seconds", "stage": "04", "estimate": 7},
    {"id": "dif.effect/a", "quantity": "dif.effect", "stage": "02", "estimate": float("nan")},
]
SVG = (
    '<svg><defs><path id="m1"/></defs><g><use href="#m1"/><use href="#m1"/><text>0</text></g></svg>'
)


@pytest.fixture
def report(tmp_path):
    """A report of three records, one table and one figure."""
    for name, text in {
        "results.json": json.dumps({"schema": 1, "results": RECORDS}),
        "tables/gaps.csv": "outcome,gap,children,seconds\nmath,0.25,90,3.1\nreading,,12,3.2\n",
        "tables/gaps.caption.txt": "Gaps.",
        "figures/gaps.svg": SVG,
        "figures/gaps.alt.txt": "A dot for each outcome.",
    }.items():
        (tmp_path / "report" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "report" / name).write_text(text)
    return tmp_path / "report"


@pytest.fixture
def compare(report, capsys):
    """Keep the report as it is, and compare it as often as asked: its status and its lines."""
    target = report.parent / "kept.json.gz"
    assert golden.main(["keep", str(report), str(target)]) == 0

    def compared(*options):
        status = golden.main(["compare", str(report), str(target), *options])
        return status, capsys.readouterr().out.splitlines()

    return compared


def edit(path, old, new):
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def test_a_report_does_not_differ_from_itself(compare):
    assert compare() == (0, ["compared: record 3, table 1, figure 1, words 2; differ: none"])


def test_the_same_report_is_kept_as_the_same_bytes(report, tmp_path):
    for name in ("one", "two"):
        golden.main(["keep", str(report), str(tmp_path / name)])
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()


@pytest.mark.parametrize(
    ("file", "old", "new", "line"),
    [
        ("results.json", "0.25", "0.5", "record estimate: benefit.gap/math: 0.25 -> 0.5 (diff"),
        ("results.json", '"n": 90', '"n": 91', "record n: benefit.gap/math: 90 -> 91"),
        ("results.json", "NaN", "0.1", "record estimate: dif.effect/a: nan -> 0.1"),
        (
            "results.json",
            '"n": 90',
            '"flag": "few"',
            "record flag: benefit.gap/math: None -> 'few'",
        ),
        ("results.json", "dif.effect/a", "dif.effect/b", "record gone: dif.effect/a"),
        ("results.json", "dif.effect/a", "dif.effect/b", "record new: dif.effect/b"),
        ("tables/gaps.csv", "math,0.25", "math,0.5", "table cells: gaps, gap: at 1: 0.25 -> 0.5"),
        ("tables/gaps.csv", "math,0.25", "math,", "table empty cells: gaps, gap: 1 -> 2"),
        ("tables/gaps.csv", "math,0.25,90,3.1\n", "", "table rows: gaps: 2 -> 1"),
        ("tables/gaps.csv", "gap,", "difference,", "table columns: gaps: at 2: 'gap' -> 'diff"),
        ("figures/gaps.svg", '<use href="#m1"/><text', "<text", "figure use: gaps: 2 -> 1"),
        ("figures/gaps.svg", "<text>0</text>", "", "figure text: gaps: 1 -> 0 (difference -1)"),
    ],
)
def test_what_changed_is_named(report, compare, file, old, new, line):
    edit(report / file, old, new)
    status, lines = compare()
    assert status == 1
    assert any(one.startswith(line) for one in lines)


def test_a_lost_figure_and_a_new_table_are_named(report, compare):
    (report / "figures/gaps.svg").unlink()
    (report / "tables/more.csv").write_text("outcome\nmath\n")
    status, lines = compare()
    assert status == 1
    assert {"figure gone: gaps", "table new: more"} <= set(lines)


def test_words_may_differ_and_are_named(report, compare):
    edit(report / "figures/gaps.alt.txt", "dot", "point")
    status, lines = compare()
    assert status == 0
    assert lines[0].startswith("words hash: figures/gaps.alt.txt")
    assert lines[-1].endswith("words hash 1")


def test_a_tolerance_lets_estimates_pass_and_no_counts(report, compare):
    edit(report / "results.json", "0.25", "0.2500001")
    edit(report / "tables/gaps.csv", "0.25", "0.250001")
    assert compare()[0] == 1
    assert compare("--tolerance", "1e-5")[0] == 0
    edit(report / "results.json", "90", "91")
    assert compare("--tolerance", "0.5")[0] == 1


def test_time_and_provenance_may_differ(report, compare):
    edit(report / "tables/gaps.csv", "3.1", "2.9")
    edit(report / "results.json", '"estimate": 7', '"estimate": 8, "provenance": {"cell": "fit"}')
    edit(report / "results.json", '"schema": 1', '"schema": 2, "provenance": {"lock": "a"}')
    assert compare()[0] == 0


def test_matplotlib_draws_the_same_marks_each_time(tmp_path):
    set_style()
    for name in ("one", "two"):
        figure, (left, right) = plt.subplots(1, 2)
        left.scatter(np.arange(9), np.arange(9), c=np.arange(9))
        left.errorbar([1, 2], [1, 2], yerr=0.5, label="$x$")
        right.imshow(np.eye(3))
        save_figure(figure, tmp_path, name, alt="", caption="")
    one, two = ((tmp_path / f"{name}.svg").read_text() for name in ("one", "two"))
    assert one == two
    assert set(re.findall(r"<(path|use|text|image)\b", one)) == set(golden.MARKS)
