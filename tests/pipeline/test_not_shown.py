"""An exhibit that fails stops nothing: the rest is made, but not filed, and the run fails."""

import json

import pytest
from small_notebooks import BUILD, cell

from learning_with_others.exhibits.records import read_results
from learning_with_others.pipeline.run import main

OPEN = cell(
    "open",
    "import pandas as pd\n"
    "from learning_with_others.exhibits.exhibit import Exhibit, Number, exhibit\n"
    "from learning_with_others.exhibits.stage import Stage\n"
    "stage = Stage.open(globals())",
)
SHOW = cell(
    "gaps",
    "@exhibit\n"
    "def gaps(value):\n"
    "    table = pd.DataFrame({'outcome': ['math'], 'gap': [1 / value]})\n"
    "    numbers = (Number('benefit.gap', 'gap', 'SD'),)\n"
    "    return Exhibit('gaps', 'Gaps.', table, {'outcome': 'outcome'}, numbers=numbers)\n"
    "stage.show(gaps({value}))",
)
CLOSE = cell("close", "stage.close()")
GATHER = cell(
    "gather",
    "from learning_with_others.reporting.documents import write_report\n"
    "from learning_with_others.reporting.gather import gather\n"
    "found = gather(stage.earlier_stages(), stage.output, stage.about, stage.ledger)\n"
    "write_report(stage.study, stage.profile, found, stage.output)",
)
STAGES = ("01-first", "08-report")


def shows(value):
    return {**SHOW, "source": SHOW["source"].replace("{value}", str(value))}


def reproduce():
    """What Make does: the stages in their order, until one fails."""
    status = main(["check", *STAGES])
    for stage in STAGES:
        status = status or main(["run", stage])
    return status


@pytest.fixture
def stages(project, typed):
    """A stage of one exhibit, and the report in a folder of its own."""
    typed(OUT="given")

    def put(value):
        project(OPEN, shows(value), CLOSE)
        return project(OPEN, GATHER, name="08-report")

    return put


def test_a_failed_exhibit_is_told_and_its_report_is_not_filed(stages, capfd):
    root = stages(2)
    full = root / BUILD
    filed = root / "given"
    assert reproduce() == 0
    (record,) = read_results(filed / "results.json")
    assert (record.id, record.cell) == ("benefit.gap/math", "gaps")
    before = (filed / "report.html").read_bytes()
    stages(0)
    assert reproduce() == 1
    told = capfd.readouterr().err
    assert "01-first: gaps is not shown: ZeroDivisionError" in told
    assert "was not filed" in told
    assert "Traceback" not in told
    assert (filed / "report.html").read_bytes() == before
    page = (full / "report/report.html").read_text()
    assert "gaps is not shown" in page
    assert json.loads((full / "report/exhibits.json").read_text())["not_shown"]
    assert reproduce() == 1  # until it is mended
    stages(4)
    assert reproduce() == 0
    assert (filed / "report.html").read_bytes() != before
