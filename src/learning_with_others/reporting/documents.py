"""The report: exhibits of all stages as one page, and every number on a page of its own."""

import csv
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined, TemplateError
from markupsafe import Markup, escape

from learning_with_others.errors import CompendiumError
from learning_with_others.exhibits.page import rows_html
from learning_with_others.exhibits.populations import Population
from learning_with_others.exhibits.records import Result, anchor
from learning_with_others.exhibits.shown import Shown
from learning_with_others.exhibits.words import MARK, absent, format_value, resolve
from learning_with_others.files import write_text
from learning_with_others.reporting.gather import Gathered
from learning_with_others.study import Study

PAGES = ("report.html", "records.html")
UNDOUBTED = "{{probability:", "{{count:"


def write_report(study: Study, profile: str, found: Gathered, report: Path) -> None:
    """Write `report.html`, and `records.html` with every number, into the report's folder."""
    environment = Environment(
        loader=PackageLoader("learning_with_others.reporting", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    page = Page(study, found, report)
    for name in PAGES:
        template = environment.get_template(f"{name}.jinja")
        try:
            html = template.render(
                study=study,
                profile=profile,
                page=page,
                anchor=anchor,
                pooled=Population.POOLED.words,
                **found.provenance,
            )
        except (TemplateError, CompendiumError) as error:
            # Raised anew: a traceback through a template cannot be shown by every notebook.
            raise CompendiumError(str(error), where="the report's template") from None
        write_text(report / name, html)


class Page:
    """What a template may ask for: exhibits of a stage, and numbers by their ids."""

    def __init__(self, study: Study, found: Gathered, report: Path) -> None:
        self.study, self.found, self.report = study, found, report
        self.records = found.records
        self.results = sorted(found.records.values(), key=lambda r: (r.stage, r.id))

    def say(self, text: str) -> Markup:
        """Fill a text's marks, each number linked to its record."""
        parts, at = [], 0
        for match in MARK.finditer(text):
            parts += [escape(text[at : match.start()]), self._mark(match.group(), match.group(2))]
            at = match.end()
        return Markup("").join([*parts, escape(text[at:])])

    def _mark(self, mark: str, id_: str) -> Markup:
        if id_ not in self.records:
            return escape(absent(self.records, id_))
        found = self.records[id_]
        # The probability of an interval and a number of people are no estimates.
        doubted = found.flag and not mark.startswith(UNDOUBTED)
        flag = Markup('<sup title="{}">⚑</sup>').format(found.flag) if doubted else ""
        return link(found, resolve(mark, self.records)) + flag

    def number(self, id_: str) -> Markup:
        """Show a number, linked to its record."""
        return self.say(f"{{{{number: {id_}}}}}")

    def interval(self, id_: str) -> Markup:
        """Show a number's interval with its probability, or that it has none."""
        found = self.records.get(id_)
        if found is None or found.interval is None:
            return Markup("no interval")
        return Markup("{:.0%} interval {}").format(
            found.interval.probability, self.say(f"{{{{interval: {id_}}}}}")
        )

    def leads(self, stage: str) -> list[Shown]:
        """Exhibits of a stage that say a finding."""
        return [one for one in self.found.exhibits.get(stage, []) if one.title]

    def others(self, stage: str) -> list[Shown]:
        """Exhibits of a stage that stand behind its findings."""
        return [one for one in self.found.exhibits.get(stage, []) if not one.title]

    def figure(self, figure: dict[str, str]) -> Markup:
        """Show a figure with its alternative text and caption."""
        return Markup(
            '<figure><img src="figures/{0}.svg" alt="{1}"><figcaption>{2}'
            ' <a href="figures/{0}.png">PNG</a></figcaption></figure>'
        ).format(figure["name"], figure["alt"], figure["caption"])

    def table(self, shown: Shown) -> Markup:
        """Show a table, each number linked to its record; nothing where there is none."""
        if not shown.table:
            return Markup("")
        with (self.report / shown.table).open(encoding="utf-8", newline="") as file:
            columns, *rows = csv.reader(file)
        ids = ids_of_cells(shown)

        def to_record(row: int, column: int, words: Markup) -> Markup:
            id_ = ids.get(columns[column], {}).get(row)
            return link_to(id_, words) if id_ else words

        cells = ([_value(text) for text in row] for row in rows)
        return Markup(
            '<figure class="table"><figcaption>{} <a href="{}">CSV</a></figcaption>{}</figure>'
        ).format(
            self.say(shown.caption), shown.table, rows_html(columns, cells, self.study, to_record)
        )


def _value(text: str) -> str | float:
    try:
        return float(text)
    except ValueError:
        return text


def ids_of_cells(shown: Shown) -> dict[str, dict[int, str]]:
    """Column, then row, to the id of the record that a table's cell leads to."""
    found: dict[str, dict[int, str]] = {}
    for trace in shown.traces:
        for column in trace["columns"].values():
            rows = found.setdefault(column, {})
            for row, id_ in enumerate(trace["ids"]):
                if id_ is not None:
                    rows.setdefault(row, id_)
    return found


def link_to(id_: str, words: str) -> Markup:
    """Link words to a record."""
    return Markup('<a href="records.html#{}">{}</a>').format(anchor(id_), words)


def link(result: Result, words: str) -> Markup:
    """Link words to a record, and say in one line what stands behind it."""
    return Markup('<a href="records.html#{}" title="{}">{}</a>').format(
        anchor(result.id), describe(result), words
    )


def describe(result: Result) -> str:
    """Say in one line what stands behind a number."""
    parts: list[Any] = [result.id, result.unit]
    if result.interval:
        limits = f"{format_value(result.lower, 3)} to {format_value(result.upper, 3)}"
        parts.append(f"{result.interval.probability:.0%} {result.interval.kind} {limits}")
    if result.n is not None:
        parts.append(f"n = {result.n:,}")
    parts.append(f"{result.notebook}, cell {result.cell}")
    return "; ".join(parts)
