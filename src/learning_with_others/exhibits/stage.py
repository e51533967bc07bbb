"""What a notebook shows with: the one way from a stage's estimates to its files."""

import warnings
from collections.abc import Mapping
from functools import cached_property, partial
from pathlib import Path
from typing import Any

import pandas as pd
from IPython.display import HTML, Markdown, display

from learning_with_others.data.disclosure.passages import said_in
from learning_with_others.data.disclosure.people_words import Said
from learning_with_others.errors import CompendiumError
from learning_with_others.exhibits.digits import three_digits
from learning_with_others.exhibits.exhibit import Drawing, Exhibit, Planned, Words
from learning_with_others.exhibits.failed_fits import drawn_rows
from learning_with_others.exhibits.figure_files import FigureWriter
from learning_with_others.exhibits.ledger.ledger import Ledger
from learning_with_others.exhibits.ledger.policy import Policy
from learning_with_others.exhibits.page import table_html
from learning_with_others.exhibits.people import People
from learning_with_others.exhibits.provenance import provenance, write_provenance
from learning_with_others.exhibits.publication import Origin, Published, publish
from learning_with_others.exhibits.quoted_words import check_text
from learning_with_others.exhibits.records import Records, Result, write_results
from learning_with_others.exhibits.shown import NotShown, Shown, write_exhibits
from learning_with_others.exhibits.stage_files import StageFiles
from learning_with_others.exhibits.words import outside_marks, resolve
from learning_with_others.files import harmless, hash_file, write_text
from learning_with_others.study import Study, load_study

LEDGER = "ledger.npz"


class Stage(StageFiles):
    """The study, the folders and the growing results of one notebook's run.

    Parameters
    ----------
    notebook : str
        Name of the notebook without its ending.
    study, profile, project_root, build_folder, output_folder : str
        As the notebook's parameters give them; relative paths start at `project_root`.
    **parameters
        The notebook's other parameters, recorded with every result.
    """

    def __init__(
        self,
        notebook: str,
        *,
        study: str,
        profile: str,
        project_root: str,
        build_folder: str,
        output_folder: str,
        **parameters: Any,
    ) -> None:
        root = Path(project_root)
        self.notebook, self.profile, self.parameters = notebook, profile, parameters
        self.study: Study = load_study(root / study)
        lock = hash_file(root / "requirements.lock")
        super().__init__(root, root / build_folder, root / output_folder, lock)
        self.records = Records()
        self.people = People(self.study, {})
        self.ledger = self._open_ledger()
        self._shown: list[Shown] = []
        self._not_shown: list[NotShown] = []
        self._figures = FigureWriter(self.output / "figures", self._kept, self.study)
        self._provenance = provenance(self.study, root, lock)

    @classmethod
    def open(cls, names: Mapping[str, object]) -> "Stage":
        """Open the stage of a notebook from its parameters: `Stage.open(globals())`.

        Parameters
        ----------
        names : mapping
            Of these, plain values under lower-case names are parameters.
        """
        warnings.formatwarning = _format_without_path
        plain = {k: v for k, v in names.items() if isinstance(v, bool | int | float | str)}
        return cls(**{k: v for k, v in plain.items() if k.islower() and k[0] != "_"})

    @property
    def about(self) -> dict[str, Any]:
        """What all files of this stage say of themselves."""
        study = self.study
        return {"study": study.name, "profile": self.profile, "synthetic": study.synthetic}

    def introduction(self) -> str:
        """Say in Markdown what the study is, and whether its data are real."""
        study = self.study
        kind = "**Synthetic data: nothing here says anything about the world.**"
        lines = [f"**{study.title}.** {study.question}", f"Source: {study.provenance.source}."]
        if study.provenance.caution:
            lines.append(f"*{study.provenance.caution}*")
        return "\n\n".join([kind, *lines] if study.synthetic else lines)

    def count_among(self, **tables: pd.DataFrame) -> None:
        """Say whom the counts of this stage count: its tables of people, by name."""
        self.people = People(self.study, tables)

    def handed_over(self, stage: str) -> dict[str, pd.DataFrame]:
        """Read the tables that an earlier stage handed over; people are counted in them."""
        tables = super().handed_over(stage)
        if "students" in tables:
            self.count_among(**tables)
        return tables

    @cached_property
    def said(self) -> Said:
        """What people said in the study's passages, which only `quotations` may show."""
        return said_in(self.study)

    @property
    def quotations(self) -> pd.DataFrame:
        """What may be quoted: `theme, source, group, quote`; no rows where nothing may.

        An exhibit shows quotes in columns that it declares in `quotes`, and nowhere else.
        """
        return self.said.quotations

    def show(self, *exhibits: Planned) -> None:
        """Show exhibits: ledger, records, words, figures; then list them in `exhibits.json`.

        One that fails is "not shown", with the reason, and stops nothing else; a run with such a
        one ends with an error, and its report stays in the build folder.
        """
        for planned in exhibits:
            try:
                for each in planned.lay_out():
                    self._show(each, Origin(self.notebook, *planned.place, self.parameters))
            except Exception as error:  # noqa: BLE001 - whatever fails here, the rest is shown
                self._fail(planned.name, error)

    def _show(self, exhibit: Exhibit, origin: Origin) -> None:
        if any(shown.name == exhibit.name for shown in self._shown):
            raise CompendiumError(f"there are two exhibits {exhibit.name!r}", remedy="rename one")
        published = Published(pd.DataFrame())
        drawings = exhibit.figures
        if exhibit.table is not None and len(exhibit.table):
            published = publish(exhibit, self.study, self.people, self.ledger, origin, self.said)
        else:
            drawings = [drawing for drawing in exhibit.figures if drawing.of is not None]
        if published.table.empty and not drawings:
            display(Markdown(f"*Nothing to show: {self._say(exhibit.caption)}*"))
            return
        self.records.extend(published.results)
        self.records.failed |= published.failed
        shown = Shown(
            name=exhibit.name,
            title=self._text(exhibit.title),
            sentence=self._text(exhibit.sentence),
            caption=self._marked(self._text(exhibit.caption) + published.words),
            function=origin.function,
            line=origin.line,
            traces=published.traces,
        )
        self._shown.append(shown)
        if len(published.table):
            self._write_table(published.table, shown)
        elif shown.title:
            title, sentence = (resolve(t, self.records) for t in (shown.title, shown.sentence))
            display(Markdown(f"### {title}\n\n{sentence}"), metadata={"exhibit": shown.name})
        for drawing in drawings:
            self._draw(drawing, published.table, shown)

    def _write_table(self, table: pd.DataFrame, shown: Shown) -> None:
        shown.table = f"tables/{shown.name}.csv"
        marked = table.assign(data="synthetic") if self.study.synthetic else table
        written = marked.map(lambda cell: harmless(cell) if isinstance(cell, str) else cell)
        write_text(self.output / shown.table, written.to_csv(index=False, float_format="%.6g"))
        caption = resolve(shown.caption, self.records)
        write_text(self.output / "tables" / f"{shown.name}.caption.txt", f"{caption}\n")
        title, sentence = (resolve(t, self.records) for t in (shown.title, shown.sentence))
        display(
            HTML(table_html(table, self.study, title=title, sentence=sentence, caption=caption)),
            metadata={"exhibit": shown.name},
        )

    def _draw(self, drawing: Drawing, table: pd.DataFrame, shown: Shown) -> None:
        """Have a figure drawn from the published table, or from what it is given."""
        data, gone = drawn_rows(table if drawing.of is None else drawing.of)
        if drawing.of is not None and self.ledger.policy.protected:
            data = _with_three_digits(data)
        caption = self._text(drawing.caption)
        caption = (self._marked(caption) if caption else shown.caption) + self.study.in_words(gone)
        if gone and not len(data):
            display(Markdown(f"*{drawing.name}: {gone.strip()}*"))
            return
        self._figures.write(
            drawing.name,
            drawing.draw,
            data,
            shown=shown,
            alt=self._say(drawing.alt),
            caption=resolve(caption, self.records),
        )

    def _text(self, words: Words) -> str:
        text = words if isinstance(words, str) else words(self.records)
        check_text(text, self.said)
        return outside_marks(text, self.study.in_words)

    def _say(self, words: Words) -> str:
        return resolve(self._text(words), self.records)

    def _marked(self, caption: str) -> str:
        return f"Synthetic data. {caption}" if self.study.synthetic else caption

    def _fail(self, name: str, error: Exception) -> None:
        reason = str(error) if isinstance(error, CompendiumError) else f"{error!r}"
        self._not_shown.append(NotShown(name, reason))
        display(Markdown(f"**{name}: not shown: {reason}**"), metadata={"exhibit": name})

    def _open_ledger(self) -> Ledger:
        """Continue the ledger of the stages before this one."""
        earlier = sorted(
            path for path in self.build.glob(f"[0-9]*/{LEDGER}") if path.parent.name < self.notebook
        )
        self._read |= set(earlier)
        declared = self.study.disclosure
        policy = Policy(
            declared.protected,
            self.study.analysis.minimum_cell,
            declared.rounding_base,
            declared.possible_values,
        )
        once = partial(self._kept.once, Ledger.__module__)
        return Ledger.load(earlier, policy, self.notebook, once)

    def close(self) -> None:
        """Wait for the figures; write results, exhibits, the ledger and what was read."""
        for name, error in self._figures.finish():
            self._fail(name, error)
        self.note_what_was_read()
        results: list[Result] = list(self.records.values())
        of_stage = {**self.about, "parameters": {self.notebook: self.parameters}}
        if self.records.failed:
            of_stage["failed"] = sorted(self.records.failed)
        write_results(self.output / "results.json", of_stage, results)
        write_exhibits(self.output, self.about, self._shown, self._not_shown)
        write_provenance(self.output, self._provenance)
        self.ledger.save(self.output / LEDGER)


def _with_three_digits(data: Any) -> Any:
    """Round a table that is drawn like one that is shown: a drawing can be read to its end."""
    if not isinstance(data, pd.DataFrame):
        return data
    return data.assign(**{name: three_digits(data[name]) for name in data.select_dtypes("float")})


def _format_without_path(message: Warning | str, category: type[Warning], *_: object) -> str:
    """Write a warning as an output may hold it: the usual form names a file of this machine."""
    return f"{category.__name__}: {message}\n"
