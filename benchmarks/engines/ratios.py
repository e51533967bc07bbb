"""Ratios of the engines and the other targets, from the tables of runs."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from benchmarks.engines.table import PASSED

CONTENDER = ["engine", "parametrization"]
COLLAPSED, EXPLICIT = ("collapsed", "integrated"), "explicit-nutpie"
COLUMNS = (
    "quantity",
    "design",
    "compared_with",
    "faster_explicit",
    "value",
    "unit",
    "wanted",
    "aim",
    "met",
    "seeds",
    "failed_collapsed",
    "failed_other",
    "note",
)


@dataclass(frozen=True)
class Target:
    """A bound; `at_least` for ratios of speed, else at most."""

    wanted: float
    aim: float = np.nan
    at_least: bool = True

    def met(self, value: float) -> str:
        """Give `yes` or `no`."""
        return "yes" if (value >= self.wanted if self.at_least else value < self.wanted) else "no"


AGAIN, COLD, SECOND = "ess_per_sampling_second", "ess_per_second_cold", "ess_per_second_second"
PROCESSOR = "ess_per_processor_second"
RATIOS = {
    (AGAIN, "892"): Target(20, 30),
    (AGAIN, "20000"): Target(150, 300),
    (COLD, "892"): Target(8),
    (SECOND, "892"): Target(6),
}
BOUNDS = {
    "compile_seconds_cold": Target(25, at_least=False),
    "compile_seconds_second": Target(8, at_least=False),
    "refit_seconds": Target(0.3, at_least=False),
    "gradient_microseconds": Target(6, at_least=False),
    "gradient_students_spread": Target(0.10, at_least=False),
    "national_seconds": Target(60, at_least=False),
    "national_gb": Target(4, at_least=False),
    "collapsed_divergences": Target(1, at_least=False),
}


def rates(runs: pd.DataFrame, quantity: str, design: str) -> pd.DataFrame:
    """Worst bulk ESS per second of each contender and seed, and whether the fit failed.

    Later calls count sampling only, in seconds of the clock or, which other work on the machine
    delays less, of the processor (of engines that sample in their own process and compile once).
    First calls count compilation too, in a cold process or in the second.

    Returns
    -------
    pandas.DataFrame
        Columns `engine`, `parametrization`, `seed`, `rate`, `failed`.
    """
    later = quantity in (AGAIN, PROCESSOR)
    process, call = ("cold" if quantity == COLD else "second"), (2 if later else 1)
    picked = runs["process"].eq(process) & runs["call"].eq(call) & runs["design"].eq(design)
    part = runs[picked & runs["ess_bulk_min"].notna()]
    seconds = part["sampling_seconds"] + (0 if later else part["compile_seconds"])
    if quantity == PROCESSOR:
        part = part[part["engine"].isin([COLLAPSED[0], EXPLICIT])]
        seconds = part["cpu_seconds"]
    return part[[*CONTENDER, "seed"]].assign(
        rate=part["ess_bulk_min"] / seconds, failed=part["diagnosis"] != PASSED
    )


def ratio_rows(runs: pd.DataFrame, quantity: str, design: str) -> Iterator[dict[str, object]]:
    """Ratios of the collapsed engine over each contender, as the median over common seeds.

    Pairs of one seed ran one after the other, so that other work on the machine delays both.
    The target is held against the faster of the centred and the non-centred explicit model.
    """
    found = rates(runs, quantity, design)
    by_contender = dict(list(found.groupby(CONTENDER)))
    own = by_contender.pop(COLLAPSED, None)
    if own is None:
        return
    explicit = {key: part["rate"].median() for key, part in by_contender.items()
                if key[0] == EXPLICIT}  # fmt: skip
    fastest = max(explicit, key=explicit.get) if explicit else None
    for key, other in by_contender.items():
        paired = own.merge(other, on="seed", suffixes=("", "_other"))
        if paired.empty:
            continue
        value = float((paired["rate"] / paired["rate_other"]).median())
        count = len(paired)
        yield _row(
            quantity,
            value,
            "times",
            RATIOS.get((quantity, design)) if key == fastest else None,
            design=design,
            compared_with=" ".join(key),
            faster_explicit={True: "yes", False: "no"}[key == fastest] if key in explicit else "",
            seeds=count,
            failed_collapsed=f"{int(paired['failed'].sum())} of {count}",
            failed_other=f"{int(paired['failed_other'].sum())} of {count}",
            note=f"medians {paired['rate'].median():.1f} and {paired['rate_other'].median():.2f}"
            " draws a second",
        )


def ratio_table(
    runs: pd.DataFrame, refits: pd.DataFrame, kernel: pd.DataFrame, national: pd.DataFrame
) -> pd.DataFrame:
    """Every target with what was measured.

    Parameters
    ----------
    runs, refits : pandas.DataFrame
        With the columns of `engines.csv`.
    kernel : pandas.DataFrame
        `students`, `classrooms`, `schools`, `microseconds`; may be empty.
    national : pandas.DataFrame
        One row with `compile_seconds`, `statistics_seconds`, `sampling_seconds`, `peak_mb`,
        `ess_bulk_min`, `divergences`; may be empty.
    """
    rows = [
        row
        for design in dict.fromkeys(runs["design"])
        for quantity in (AGAIN, PROCESSOR, COLD, SECOND)
        for row in ratio_rows(runs, quantity, design)
    ]
    rows += list(_compile_rows(runs))
    if not refits.empty:
        again = refits[(refits["design"] == "892") & (refits["process"] == "second")]
        seconds = again["sampling_seconds"]
        target = BOUNDS["refit_seconds"]
        note = f"4 × (500 + 500) on new data; {seconds.min():.2f} to {seconds.max():.2f} s,"
        note += f" processor {again['cpu_seconds'].median():.2f} s"
        rows.append(
            _row("refit_seconds", seconds.median(), "s", target, design="892", note=note,
                 seeds=len(again))
        )  # fmt: skip
    rows += list(_kernel_rows(kernel))
    rows += list(_national_rows(national))
    rows.append(_divergence_row(runs, refits, national))
    return pd.DataFrame(rows, columns=COLUMNS)


def _compile_rows(runs: pd.DataFrame) -> Iterator[dict[str, object]]:
    first = runs[(runs["call"] == 1) & (runs["design"] == "892")]
    for process in ("cold", "second"):
        for key, part in first[first["process"] == process].groupby(CONTENDER):
            target = BOUNDS[f"compile_seconds_{process}"] if key == COLLAPSED else None
            yield _row(
                f"compile_seconds_{process}",
                part["compile_seconds"].median(),
                "s",
                target,
                design="892",
                compared_with=" ".join(key),
                seeds=len(part),
                note=f"and imports, {part['import_seconds'].median():.1f} s; processor, with"
                f" sampling, {part['cpu_seconds'].median():.1f} s; load up to"
                f" {part['load'].max():.1f}",
            )


def _kernel_rows(kernel: pd.DataFrame) -> Iterator[dict[str, object]]:
    if kernel.empty:
        return
    for row in kernel.itertuples():
        small = row.classrooms == kernel["classrooms"].min()
        yield _row(
            "gradient_microseconds",
            row.microseconds,
            "µs",
            BOUNDS["gradient_microseconds"] if small else None,
            design=str(row.students),
            note=f"value and gradient, {row.classrooms} classrooms, {row.schools} schools",
        )
    same = kernel.loc[kernel["classrooms"] == kernel["classrooms"].min(), "microseconds"]
    note = "largest over smallest cost with 30 classrooms and 892 to 1,000,000 students, less 1"
    yield _row("gradient_students_spread", same.max() / same.min() - 1, "share",
               BOUNDS["gradient_students_spread"], note=note)  # fmt: skip


def _national_rows(national: pd.DataFrame) -> Iterator[dict[str, object]]:
    if national.empty:
        return
    one = national.iloc[0]
    parts = ("compile_seconds", "statistics_seconds", "sampling_seconds")
    note = ", ".join(f"{name.split('_')[0]} {one[name]:.2f} s" for name in parts)
    note += f"; worst bulk ESS {one['ess_bulk_min']:.0f}"
    total = sum(one[name] for name in parts)
    yield _row("national_seconds", total, "s", BOUNDS["national_seconds"],
               design="1000000", note=note)  # fmt: skip
    yield _row("national_gb", one["peak_mb"] / 1000, "GB", BOUNDS["national_gb"],
               design="1000000", note="peak of the whole process, data included")  # fmt: skip


def _divergence_row(
    runs: pd.DataFrame, refits: pd.DataFrame, national: pd.DataFrame
) -> dict[str, object]:
    own = runs[runs["engine"] == COLLAPSED[0]]
    tables = [own, *(table for table in (refits, national) if not table.empty)]
    count = sum(int(table["divergences"].sum()) for table in tables)
    fits = sum(len(table) for table in tables)
    return _row("collapsed_divergences", count, "transitions", BOUNDS["collapsed_divergences"],
                note=f"over all {fits} collapsed fits")  # fmt: skip


def _row(
    quantity: str, value: float, unit: str, target: Target | None, **more: object
) -> dict[str, object]:
    bounds = (
        {"wanted": target.wanted, "aim": target.aim, "met": target.met(value)} if target else {}
    )
    if target and not target.at_least and target.wanted == 1:
        bounds["wanted"] = 0  # of a count, under 1 is none
    return {"quantity": quantity, "value": round(float(value), 3), "unit": unit, **bounds, **more}
