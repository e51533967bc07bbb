"""The reports of a real quick build and of the small study: all traced, none typed, none small."""

import math
import re
from functools import cache
from html import unescape

import pandas as pd
import pytest
from conftest import QUICK_BUILD, ROOT, SMALL_BUILD

from learning_with_others.exhibits.records import anchor, read_results
from learning_with_others.exhibits.shown import read_exhibits
from learning_with_others.exhibits.words import SUPPRESSED, format_value, used_ids
from learning_with_others.models.comparability import NEEDED

REPORTS = {"project-star": QUICK_BUILD / "report", "small": SMALL_BUILD / "08-report"}
TEMPLATES = ROOT / "src/learning_with_others/reporting/templates"


@pytest.fixture(scope="module", params=REPORTS)
def report(request):
    return REPORTS[request.param]


@pytest.fixture(scope="module")
def html(report):
    return (report / "report.html").read_text()


@cache
def results_of(report):
    return {result.id: result for result in read_results(report / "results.json")}


@pytest.fixture(scope="module")
def results(report):
    return results_of(report)


def test_every_number_leads_to_its_record(report, html, results):
    links = re.findall(r'<a href="records.html#([^"]+)"[^>]*>([^<]*)</a>', html)
    records = (report / "records.html").read_text()
    ids = {anchor(id_): result for id_, result in results.items()}
    assert len(links) > 500
    for place, shown in links:
        found = ids[unescape(place)]
        probability = found.interval and found.interval.probability
        fields = (found.estimate, found.lower, found.upper, found.n, found.mcse, probability)
        assert f'<tr id="{place}">' in records
        for part in shown.split(" to "):  # an interval is written by its ends
            assert any(_written_from(part, value) for value in fields), (place, shown)


def _written_from(shown, value):
    """Whether a number was written from a value: same digits, a sign or percent aside."""
    if value is None or isinstance(value, str):
        return value is not None and unescape(shown) == value
    forms = {format_value(value, digits) for digits in (None, 0, 1, 2, 3)}
    forms |= {format_value(abs(value), 2), format_value(-value, 2), f"{100 * value:.0f}%"}
    forms |= {f"{format_value(100 * value, 1)}%"}  # a decimal where a share is nearly none or all
    forms |= {"under 1%"} if 0 < abs(value) < 0.01 else set()  # as `percent` writes them
    forms |= {"over 99%"} if 0.99 < abs(value) < 1 else set()
    # Percentage points: whole ones, and one decimal near none and all.
    forms |= {format_value(round(100 * v, d), 1) for v in (value, -value) for d in (0, 1)}
    # Tables hold six digits.
    forms |= {format_value(float(f"{value:.6g}"))}
    return shown in forms


@pytest.mark.parametrize(
    "path",
    sorted(path for report in REPORTS.values() for path in report.glob("tables/*.csv")),
    ids=lambda path: f"{path.stem} of {path.parents[2].name}",
)
def test_every_number_of_every_table_is_a_record(path):
    report = path.parents[1]
    results = results_of(report)
    shown = {one.table: one for one in read_exhibits(report)[0]}
    one = shown[f"tables/{path.name}"]
    fields = {column for trace in one.traces for column in trace["columns"].values()}
    table = pd.read_csv(path)
    for column in table.select_dtypes("number"):
        if column not in fields:
            continue  # a key: part of every id of its row
        for row, value in enumerate(table[column]):
            if pd.notna(value):
                ids = [t["ids"][row] for t in one.traces if column in t["columns"].values()]
                assert any(
                    math.isclose(getattr(results[id_], field), value, rel_tol=1e-5, abs_tol=1e-9)
                    for id_ in ids
                    if id_
                    for t in one.traces
                    for field, name in t["columns"].items()
                    if name == column and getattr(results[id_], field) is not None
                ), (column, row)


def test_the_template_types_no_number():
    body = (TEMPLATES / "report.html.jinja").read_text().partition("<body>")[2]
    prose = re.sub(r"\{\{.*?\}\}|\{%.*?%\}|<h2.*?</h2>|<[^>]+>", " ", body, flags=re.DOTALL)
    typed = set(re.findall(r"\d[\d.,]*", prose))
    # Names of things: SHA-256 and CR2; .95 is the rule that reads "practically none".
    assert typed <= {"256", "2", "95,"}


def test_every_figure_has_alt_text_and_exists(report, html):
    figures = re.findall(r'<img src="([^"]+)" alt="([^"]*)">', html)
    assert len(figures) >= 6
    for source, alt in figures:
        assert (report / source).is_file()
        assert (report / source).with_suffix(".png").is_file()
        assert len(alt) > 40


def test_group_differences_stand_beside_their_comparability():
    results = results_of(REPORTS["project-star"])
    estimates = [result for result in results.values() if result.quantity in NEEDED]
    assert len(estimates) > 10
    for result in estimates:
        # Scores without items: nothing about their comparability can be shown.
        assert f"comparability of {NEEDED[result.quantity]} by race: not testable" in result.flag


def test_nothing_is_estimated_from_fewer_than_the_minimum(results):
    # How many answered so, left a question out or reached an end: the count is the finding.
    findings = ("flow.", "opportunity.outcome_missing", "opportunity.answer", "item.share")
    findings += ("scale_score.at_",)
    for result in results.values():
        counts = result.estimate == result.n or result.quantity.startswith(findings)
        assert counts or result.n is None or result.n == 0 or result.n >= 10, result.id


def test_nothing_names_this_machine(report):
    for path in report.rglob("*"):
        if path.suffix in {".html", ".json", ".csv", ".txt", ".svg"}:
            assert str(ROOT) not in path.read_text()


def test_the_words_say_what_the_records_say(report, html, results):
    shown, failed = read_exhibits(report)
    leads = [one for one in shown if one.title]
    assert not failed
    assert len(leads) >= 8
    for one in leads:
        assert one.sentence, one.name
        for id_ in used_ids(one.title + one.sentence):
            assert id_ in results or SUPPRESSED in html
