"""What comes from a fit that failed its diagnosis is nowhere shown as a result."""

import json
from functools import partial

import pandas as pd
import pytest
from test_stage import opened, root  # noqa: F401 - a fixture

from learning_with_others.errors import FAILED_FIT, NO_VERDICT
from learning_with_others.exhibits.drawing.forest import forest
from learning_with_others.exhibits.exhibit import Drawing, Exhibit, Number, exhibit
from learning_with_others.exhibits.failed_fits import drawn_rows
from learning_with_others.exhibits.words import NOT_SHOWN, sign

WHY = f"{FAILED_FIT}: R-hat 1.53 (below 1.01)"
TABLE = pd.DataFrame(
    {
        "outcome": ["math", "read"],
        "gap": [0.4321, 0.1234],
        "lower": [0.3111, 0.0111],
        "upper": [0.5111, 0.2111],
        "mcse": [0.0123, 0.0021],
        "verdict": ["supported", "inconclusive"],
        "rhat": [1.53, 1.0],
        "flag": [WHY, ""],
    }
)


def said(records):
    more = {name: sign(records, f"benefit.gap/{name}", more="more", fewer="less")
            for name in ("math", "read")}  # fmt: skip
    marks = [f"{{{{size: benefit.gap/{name}}}}} {word}" for name, word in more.items()]
    return "; ".join(marks)


@pytest.fixture
def stage(root):  # noqa: F811
    return opened(root, "04-test")


def show(stage, table=TABLE, drawn=None, of=None):
    figures = () if drawn is None else (Drawing("gaps", drawn, alt="Gaps.", of=of),)

    @exhibit
    def gaps():
        return Exhibit(
            name="gaps",
            table=table,
            keys={"outcome": "outcome"},
            numbers=(
                Number("benefit.gap", "gap", "outcome sd", interval="credible", mcse="mcse"),
                Number("benefit.verdict", "verdict", "verdict"),
                Number("diagnosis.rhat", "rhat", "ratio"),
            ),
            title="A finding",
            sentence=said,
            caption="How to read it.",
            figures=figures,
        )

    stage.show(gaps())
    stage.close()


def test_table_records_and_words_say_that_it_is_not_shown(stage, capsys):
    show(stage)
    written = (stage.output / "tables/gaps.csv").read_text()
    math = written.splitlines()[1]
    assert not any(number in math for number in ("0.4321", "0.3111", "0.5111", "0.0123"))
    assert "supported" not in math
    assert NO_VERDICT in math
    assert f"not shown: {WHY}" in math
    assert "1.53" in math.split(",")[6]  # how it failed is told
    content = json.loads((stage.output / "results.json").read_text())
    ids = {one["id"]: one for one in content["results"]}
    assert "benefit.gap/math" not in ids
    assert ids["benefit.verdict/math"]["estimate"] == NO_VERDICT
    assert ids["benefit.gap/read"]["estimate"] == pytest.approx(0.1234)
    assert content["failed"] == ["benefit.gap/math"]
    [shown] = json.loads((stage.output / "exhibits.json").read_text())["exhibits"]
    assert NOT_SHOWN in shown["sentence"]
    assert "0.43" not in capsys.readouterr().out


DRAW = partial(forest, row="outcome", estimate="gap")


@pytest.mark.parametrize("of", [None, TABLE.assign(of="draws")], ids=["the table", "another"])
def test_figures_leave_it_out_and_their_captions_say_so(stage, of):
    show(stage, drawn=DRAW, of=of)
    content = json.loads((stage.output / "exhibits.json").read_text())
    assert not content["not_shown"]
    [figure] = content["exhibits"][0]["figures"]
    assert figure["caption"].endswith("from a fit that failed its diagnosis (math).")
    left, _ = drawn_rows(TABLE)
    assert list(left["outcome"]) == ["read"]


def test_a_figure_of_nothing_else_is_not_drawn(stage):
    show(stage, TABLE.iloc[:1], drawn=DRAW)
    content = json.loads((stage.output / "exhibits.json").read_text())
    assert not content["not_shown"]
    assert not content["exhibits"][0]["figures"]
