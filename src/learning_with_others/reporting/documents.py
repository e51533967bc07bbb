"""The report: results, figures and tables of all stages, laid out as one page."""

import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pandas as pd
from jinja2 import Environment, PackageLoader, StrictUndefined, TemplateError
from markupsafe import Markup, escape

from learning_with_others.data.disclosure.certificate import write_certificate
from learning_with_others.errors import CompendiumError, suggest
from learning_with_others.exhibits.records import Result, read_results, write_results
from learning_with_others.files import write_text
from learning_with_others.psychometrics.comparability.decision import LARGEST_CHANGE
from learning_with_others.study import Study

TENS, HUNDREDS = 10, 100  # from here on, one decimal less


def gather_stages(stages: list[Path], report: Path) -> list[Result]:
    """Copy the stages' figures and tables into the report and read their results.

    What the stages' gates did is merged into the report's certificate, `audit/disclosure.json`.

    Parameters
    ----------
    stages : list of path
        Their output folders, in the order of the notebooks.
    report : path

    Returns
    -------
    list of Result
        Of all stages, in that order.
    """
    results: list[Result] = []
    for stage in stages:
        results.extend(read_results(stage / "results.json"))
        for kind in ("figures", "tables"):
            if (stage / kind).is_dir():
                shutil.copytree(stage / kind, report / kind, dirs_exist_ok=True)
    if not results:
        raise CompendiumError(
            "no earlier stage has left results",
            remedy="run `make reproduce`, which runs the stages in their order",
        )
    write_certificate(stages, report)
    return results


def write_report(study: Study, profile: str, results: list[Result], report: Path) -> None:
    """Write `results.json` and `report.html` into the report's folder."""
    write_results(report / "results.json", study.name, profile, results)
    environment = Environment(
        loader=PackageLoader("learning_with_others.reporting", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    page = Page(results, report)
    template = environment.get_template("report.html.jinja")
    try:
        html = template.render(
            study=study,
            profile=profile,
            page=page,
            results=page.ordered,
            largest_change=LARGEST_CHANGE,
        )
    except (TemplateError, CompendiumError) as error:
        # Raised anew: a traceback through a template cannot be shown by every notebook.
        raise CompendiumError(str(error), where="the report's template") from None
    write_text(report / "report.html", html)


class Page:
    """What the template may ask for: a number by its id, a figure or a table by its name."""

    def __init__(self, results: list[Result], report: Path) -> None:
        self.ordered = sorted(results, key=lambda result: (result.stage, result.id))
        self.report = report
        self._by_id = {result.id: result for result in results}

    def outcomes(self, quantity: str, order: Iterable[str]) -> list[str]:
        """Outcomes for which a quantity was recorded, in the study's order."""
        found = {r.outcome for r in self.ordered if r.quantity == quantity}
        return [outcome for outcome in order if outcome in found]

    def result(self, id_: str) -> Result:
        """Look a result up.

        Raises
        ------
        CompendiumError
            If no stage recorded it.
        """
        if id_ not in self._by_id:
            raise CompendiumError(
                f"the report asks for {id_!r}, which no stage recorded",
                remedy=suggest(id_, self._by_id),
            )
        return self._by_id[id_]

    def recorded(self, id_: str) -> bool:
        """Say whether some stage recorded a number."""
        return id_ in self._by_id

    def count(self, id_: str) -> Markup:
        """Show a number of students, or that disclosure control withheld it."""
        return self.number(id_) if id_ in self._by_id else Markup("(withheld)")

    def number(self, id_: str, digits: int = 2) -> Markup:
        """Show a number, linked to its record in the page's appendix."""
        result = self.result(id_)
        title = describe(result)
        flag = Markup('<sup title="{}">⚑</sup>').format(result.flag) if result.flag else ""
        return Markup('<a class="number" href="#{}" title="{}">{}</a>{}').format(
            id_, title, format_value(result.estimate, digits), flag
        )

    def interval(self, id_: str, digits: int = 2) -> Markup:
        """Show a number's interval with its kind and probability, or that it has none."""
        result = self.result(id_)
        if result.interval is None and "no interval" in (result.flag or ""):
            return Markup("no interval")
        if result.interval is None:
            raise CompendiumError(f"{id_!r} has no interval")
        return Markup("{:.0%} {} interval {} to {}").format(
            result.interval.probability,
            result.interval.kind,
            format_value(result.lower, digits),
            format_value(result.upper, digits),
        )

    def figure(self, name: str) -> Markup:
        """Show a figure with its alt text and caption; nothing where a study has none."""
        folder = self.report / "figures"
        if not (folder / f"{name}.svg").is_file():
            return Markup("")
        alt = (folder / f"{name}.alt.txt").read_text(encoding="utf-8").strip()
        caption = (folder / f"{name}.caption.txt").read_text(encoding="utf-8").strip()
        return Markup(
            '<figure><img src="figures/{0}.svg" alt="{1}"><figcaption>{2}'
            ' <a href="figures/{0}.png">PNG</a></figcaption></figure>'
        ).format(name, alt, caption)

    def figures(self, start: str) -> Markup:
        """Show every figure whose name is, or begins with, `start`."""
        return Markup("\n").join(self.figure(name) for name in self._named("figures", start, "svg"))

    def tables(self, start: str) -> Markup:
        """Show every table whose name is, or begins with, `start`."""
        return Markup("\n").join(self.table(name) for name in self._named("tables", start, "csv"))

    def _named(self, folder: str, start: str, ending: str) -> list[str]:
        """Give names in a folder; a start that does not end in a hyphen is a whole name."""
        names = sorted(path.stem for path in (self.report / folder).glob(f"*.{ending}"))
        whole = not start.endswith("-")
        return [name for name in names if name == start or (not whole and name.startswith(start))]

    def table(self, name: str) -> Markup:
        """Show a table with its caption and a link to its CSV; nothing where a study has none."""
        folder = self.report / "tables"
        if not (folder / f"{name}.csv").is_file():
            return Markup("")
        table = pd.read_csv(folder / f"{name}.csv", dtype={"grade": str})
        caption = (folder / f"{name}.caption.txt").read_text(encoding="utf-8").strip()
        head = Markup("").join(Markup("<th>{}</th>").format(c.replace("_", " ")) for c in table)
        rows = Markup("\n").join(
            Markup("<tr>{}</tr>").format(Markup("").join(_cell(value) for value in row))
            for row in table.itertuples(index=False)
        )
        return Markup(
            '<figure class="table"><figcaption>{} <a href="tables/{}.csv">CSV</a></figcaption>'
            "<table><thead><tr>{}</tr></thead><tbody>{}</tbody></table></figure>"
        ).format(caption, name, head, rows)


def _cell(value: Any) -> Markup:
    if isinstance(value, str):
        return Markup("<td>{}</td>").format(value)
    if pd.isna(value):
        return Markup('<td class="n">–</td>')
    digits = 3 if abs(value) < TENS else 2 if abs(value) < HUNDREDS else 1
    return Markup('<td class="n">{}</td>').format(format_value(value, digits))


def format_value(value: float | str | None, digits: int) -> str:
    """Write whole numbers with thousands separators, others with `digits` decimals."""
    if value is None:
        return "–"
    if isinstance(value, str):
        return value
    if float(value).is_integer():
        return f"{int(value):,}".replace("-", "\N{MINUS SIGN}")
    return f"{value:,.{digits}f}".replace("-", "\N{MINUS SIGN}")


def describe(result: Result) -> str:
    """Say in one line what stands behind a number."""
    parts = [result.id, result.unit]
    if result.interval:
        limits = f"{format_value(result.lower, 3)} to {format_value(result.upper, 3)}"
        parts.append(f"{result.interval.probability:.0%} {result.interval.kind} {limits}")
    if result.n is not None:
        parts.append(f"n = {result.n:,}")
    parts.append(f"{result.provenance['notebook']}, cell {result.provenance['cell']}")
    return str(escape("; ".join(parts)))
