"""The report of the quick build: every number traced, none typed, nothing small."""

import csv
import re

import pytest
from conftest import QUICK_BUILD, ROOT

from learning_with_others.errors import CompendiumError
from learning_with_others.exhibits.records import Result, read_results
from learning_with_others.models.comparability import NEEDED
from learning_with_others.reporting.documents import Page, format_value, gather_stages

REPORT = QUICK_BUILD / "report"
TEMPLATES = ROOT / "src/learning_with_others/reporting/templates"


@pytest.fixture(scope="module")
def html():
    return (REPORT / "report.html").read_text()


@pytest.fixture(scope="module")
def results():
    return {result.id: result for result in read_results(REPORT / "results.json")}


def test_every_number_in_a_sentence_links_to_its_record(html, results):
    links = re.findall(r'<a class="number" href="#([^"]+)"[^>]*>([^<]*)</a>', html)
    assert len(links) > 20
    for id_, shown in links:
        assert id_ in results
        assert shown in {format_value(results[id_].estimate, digits) for digits in range(4)}
        assert f'<tr id="{id_}">' in html


def test_the_template_types_no_number():
    body = (TEMPLATES / "report.html.jinja").read_text().partition("<body>")[2]
    prose = re.sub(r"\{\{.*?\}\}|\{%.*?%\}|<h2.*?</h2>|<[^>]+>", " ", body, flags=re.DOTALL)
    typed = set(re.findall(r"\d[\d.,]*", prose))
    # Names of things: SHA-256 and CR2; .95 is the rule that reads "practically none".
    assert typed <= {"256", "2", "95,"}


def test_every_figure_has_alt_text_and_exists(html):
    figures = re.findall(r'<img src="([^"]+)" alt="([^"]*)">', html)
    assert len(figures) >= 6
    for source, alt in figures:
        assert (REPORT / source).is_file()
        assert (REPORT / source).with_suffix(".png").is_file()
        assert len(alt) > 40


def test_group_differences_stand_beside_their_comparability(results):
    estimates = [result for result in results.values() if result.quantity in NEEDED]
    assert len(estimates) > 10
    for result in estimates:
        # Scores without items: nothing about their comparability can be shown.
        assert f"comparability of {NEEDED[result.quantity]} by race: not testable" in result.flag


def test_no_small_count_of_children_in_results_or_tables(results):
    for result in results.values():
        assert result.n is None or result.n == 0 or result.n >= 10
        if result.quantity == "flow.rows":
            assert result.estimate == 0 or result.estimate >= 10
    counts = {"rows", "left", "children", "missing", "at_floor", "at_ceiling"}
    seen = 0
    for path in (REPORT / "tables").glob("*.csv"):
        with path.open(newline="") as file:
            for row in csv.DictReader(file):
                for name in counts & set(row):
                    seen += 1
                    assert row[name] == "" or float(row[name]) == 0 or float(row[name]) >= 10
    assert seen > 50


def test_nothing_names_this_machine():
    for path in REPORT.rglob("*"):
        if path.suffix in {".html", ".json", ".csv", ".txt", ".svg"}:
            assert str(ROOT) not in path.read_text()


def test_an_unknown_id_is_told_with_the_nearest(results):
    page = Page(list(results.values()), REPORT)
    with pytest.raises(CompendiumError, match=r"did you mean 'benefit\.gap/math'"):
        page.result("benefit.gap/maths")
    with pytest.raises(CompendiumError, match="has no interval"):
        page.interval("flow.clusters/school")


def test_a_number_whose_flag_says_that_it_has_no_interval_is_shown_without():
    flag = "no interval: a group's students are in one cluster"
    result = Result(
        id="a.b",
        study="s",
        stage="03",
        quantity="a.b",
        estimate=1,
        unit="SD",
        flag=flag,
        provenance={},
    )
    assert Page([result], REPORT).interval("a.b") == "no interval"


def test_a_report_without_stages_says_what_to_do(tmp_path):
    with pytest.raises(CompendiumError, match="make reproduce"):
        gather_stages([], tmp_path / "report")


@pytest.mark.parametrize(
    ("value", "digits", "shown"),
    [
        (5927.0, 2, "5,927"),
        (-0.128, 2, "\N{MINUS SIGN}0.13"),
        (0.0, 2, "0"),
        (-3.0, 2, "\N{MINUS SIGN}3"),
        ("supported", 2, "supported"),
        (None, 2, "–"),
        (1234.567, 1, "1,234.6"),
    ],
)
def test_numbers_are_written_for_people(value, digits, shown):
    assert format_value(value, digits) == shown
