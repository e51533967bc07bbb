"""What a notebook writes with: the one way from a stage's numbers to its files."""

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd
from IPython.display import HTML, Markdown, display
from matplotlib.figure import Figure

from learning_with_others.data.disclosure.certificate import write_stage_log
from learning_with_others.data.disclosure.gate import Gate, Publishable
from learning_with_others.errors import CompendiumError
from learning_with_others.exhibits.drawing.style import set_style
from learning_with_others.exhibits.figure_files import FigureWriter
from learning_with_others.exhibits.provenance import provenance
from learning_with_others.exhibits.records import Interval, Number, Result, result_id, write_results
from learning_with_others.exhibits.stage_files import StageFiles
from learning_with_others.files import hash_file, write_text
from learning_with_others.study import Study, load_study

LABELS = {"label", "scale_label"}


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
        self.notebook, self.profile = notebook, profile
        self.study: Study = load_study(root / study)
        lock = hash_file(root / "requirements.lock")
        super().__init__(root, root / build_folder, root / output_folder, lock)
        self.results: list[Result] = []
        self._published: dict[str, pd.DataFrame] = {}
        self._figures = FigureWriter(self.output / "figures")
        self.gate = Gate(self.study.analysis.minimum_cell, self.study.roles.student)
        self._provenance = provenance(
            self.study, root, notebook, {"profile": profile, **parameters}
        )
        set_style()

    @classmethod
    def open(cls, names: Mapping[str, object]) -> "Stage":
        """Open the stage of a notebook from its parameters: `Stage.open(globals())`.

        Parameters
        ----------
        names : mapping
            Of these, plain values under lower-case names are parameters.
        """
        plain = {k: v for k, v in names.items() if isinstance(v, bool | int | float | str)}
        return cls(**{k: v for k, v in plain.items() if k.islower() and k[0] != "_"})

    @property
    def interval(self) -> float:
        """Probability of the study's intervals."""
        return self.study.analysis.interval_probability

    def introduction(self) -> str:
        """Say in Markdown what the study is, and whether its data are real."""
        study = self.study
        kind = "**Synthetic data: nothing here says anything about the world.**"
        lines = [f"**{study.title}.** {study.question}", f"Source: {study.provenance.source}."]
        if study.provenance.caution:
            lines.append(f"*{study.provenance.caution}*")
        return "\n\n".join([kind, *lines] if study.synthetic else lines)

    def record(  # noqa: PLR0913 - the record form of the results contract
        self,
        quantity: str,
        estimate: float | str,
        *,
        cell: str,
        unit: str,
        outcome: str | None = None,
        group: str | None = None,
        item: str | None = None,
        lower: float | None = None,
        upper: float | None = None,
        interval: str | None = None,
        n: int | None = None,
        mcse: float | None = None,
        score: str | None = None,
        flag: str | None = None,
    ) -> None:
        """Add one number or verdict to the results.

        Parameters
        ----------
        cell : str
            Id of the notebook cell that computes it.
        interval : str, optional
            Kind of the interval; its probability is the study's.

        Raises
        ------
        CompendiumError
            If fewer children than the minimum cell stand behind the number.
        """
        if not self.gate.admits(n):
            raise CompendiumError(
                f"{quantity} would rest on fewer than {self.gate.minimum} children",
                where=f"{self.notebook}, cell {cell}",
                remedy="pool the group with another before estimating",
            )
        self.results.append(
            Result(
                id=result_id(quantity, outcome, group, item),
                study=self.study.name,
                stage=self.notebook,
                quantity=quantity,
                outcome=outcome,
                group=group,
                estimate=_number_or_text(estimate),
                lower=_finite(lower),
                upper=_finite(upper),
                interval=Interval(kind=interval, probability=self.interval) if interval else None,
                n=None if n is None else int(n),
                mcse=_finite(mcse),
                unit=unit,
                score=score,
                flag=flag,
                provenance={**self._provenance, "cell": cell},
            )
        )

    def record_rows(self, table: pd.DataFrame, number: Number, fields: dict, cell: str) -> None:
        """Record one number for each row of a table that holds one and that may be shown.

        Parameters
        ----------
        fields : dict of str to str
            Field of the record to the column that holds it.
        """
        for row in table[list(fields.values())].itertuples(index=False, name=None):
            values = {
                field: value
                for field, value in zip(fields, row, strict=True)
                if not pd.isna(value) and value != ""
            }
            if "estimate" not in values or not self.gate.admits(values.get("n")):
                continue
            self.record(
                number.quantity,
                cell=cell,
                unit=number.unit,
                interval=number.interval if "lower" in values else None,
                score=number.score,
                **values,
            )

    def publish(  # noqa: PLR0913 - a table, its words, and what of it is recorded
        self,
        table: pd.DataFrame,
        name: str,
        caption: str,
        *,
        cell: str,
        counts: list[str],
        numbers: list[Number],
        names: dict[str, str],
        derived: list[str] | None = None,
        shares: dict[str, str] | None = None,
        stacked: dict[str, str] | None = None,
    ) -> None:
        """Write a table and record its numbers, both as the gate lets them through.

        Parameters
        ----------
        cell : str
            Id of the notebook cell.
        numbers : list of Number
            Kinds of numbers to record.
        names : dict of str to str
            `outcome`, `group` and `item` to the columns that name them.
        counts, derived, shares, stacked
            As for `table`; the numbers' own columns are derived without being named, unless they
            are shares.
        """
        held = [column for number in numbers for column in number.columns]
        every = dict.fromkeys([*held, *(derived or [])])
        self.table(
            table,
            name,
            caption,
            counts=counts,
            derived=[column for column in every if column not in (shares or {})],
            shares=shares,
            stacked=stacked,
        )
        published = self.published(name)
        for number in numbers if len(published) else ():
            self.record_rows(published, number, number.fields(published, counts, names), cell)

    def table(
        self,
        table: pd.DataFrame,
        name: str,
        caption: str,
        *,
        counts: list[str],
        derived: list[str] | None = None,
        shares: dict[str, str] | None = None,
        stacked: dict[str, str] | None = None,
    ) -> None:
        """Pass the table through the gate, write it as CSV with its caption, and show it.

        Parameters
        ----------
        counts : list of str
            Columns that hold numbers of children; empty if there are none.
        derived : list of str, optional
            Columns computed from a row's counts.
        shares : dict of str to str, optional
            Columns of shares whose own counts are not shown to the column that holds of how many
            children; they are rounded so that no small count shows.
        stacked : dict of str to str, optional
            For two-way tables of counts stacked in one, as the gate takes it.
        """
        table = self.labelled(table)
        self._published[name] = table
        if table.empty:
            display(Markdown(f"*Nothing to show: {caption}*"))
            return
        gated = self.gate.table(
            table,
            name,
            counts=counts,
            derived=derived,
            shares=shares,
            stacked=stacked,
        )
        self._published[name] = gated.table
        self._publish(gated, name, caption)

    def labelled(self, table: pd.DataFrame) -> pd.DataFrame:
        """Put what a person calls each measure and term where an estimate has its key."""
        labels = self.study.labels
        for column in LABELS & set(table):
            table = table.assign(**{column: table[column].map(lambda key: labels.get(key, key))})
        if "term" in table:
            exposure = self.study.roles.exposure
            named = table["term"].str.replace(f"{exposure.name}, ", f"{exposure.label}, ")
            table = table.assign(term=named)
        return table

    def published(self, name: str) -> pd.DataFrame:
        """Give a table as it was published: figures and records take their numbers from it."""
        return self._published[name]

    def _publish(self, gated: Publishable, name: str, caption: str) -> None:
        folder = self.output / "tables"
        folder.mkdir(exist_ok=True)
        write_text(folder / f"{name}.csv", gated.table.to_csv(index=False, float_format="%.6g"))
        write_text(folder / f"{name}.caption.txt", f"{caption}{gated.words}\n")
        display(
            HTML(
                gated.table.to_html(index=False, na_rep="–", float_format="{:.3f}".format, border=0)
            )
        )

    def figure(self, figure: Figure | None, name: str, *, alt: str, caption: str) -> None:
        """Have the figure written in both formats with its words and shown, if there is one."""
        if figure is None:
            return
        if self.study.synthetic:
            figure.suptitle(
                "SYNTHETIC DATA", x=1, ha="right", color="#B00000", weight="bold", size=11
            )
            caption = f"Synthetic data. {caption}"
        self._figures.write(figure, name, alt=alt, caption=caption)

    def close(self) -> None:
        """Write this stage's results, its gate's log and what it read; wait for its figures."""
        self._figures.finish()
        self.note_what_was_read()
        write_results(self.output / "results.json", self.study.name, self.profile, self.results)
        write_stage_log(self.output, self.study, self.profile, self.notebook, self.gate.checks)


def _number_or_text(estimate: float | str) -> float | str:
    """JSON has no NaN: what could not be computed says so."""
    if isinstance(estimate, str):
        return estimate
    return float(estimate) if math.isfinite(estimate) else "not computable"


def _finite(value: float | None) -> float | None:
    """Tables hold a missing number as NaN; a record leaves it out."""
    return None if value is None or pd.isna(value) else float(value)
