"""One report of several stages: their figures, tables, records and exhibits together."""

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from learning_with_others.errors import CompendiumError
from learning_with_others.exhibits.certificate import write_certificate
from learning_with_others.exhibits.ledger.ledger import Ledger
from learning_with_others.exhibits.provenance import common_provenance
from learning_with_others.exhibits.records import Records, read_about, read_results, write_results
from learning_with_others.exhibits.shown import NotShown, Shown, read_exhibits, write_exhibits


@dataclass(frozen=True)
class Gathered:
    """All that a report is made from.

    Attributes
    ----------
    records : Records
    exhibits : dict of str to list of Shown
        By stage, in the order in which they were shown.
    not_shown : list of NotShown
    provenance : dict
        Of all stages alike.
    """

    records: Records
    exhibits: dict[str, list[Shown]]
    not_shown: list[NotShown]
    provenance: dict[str, Any]


def gather(stages: list[Path], report: Path, about: dict[str, Any], ledger: Ledger) -> Gathered:
    """Copy what the stages left into the report, and write its records and its certificate.

    Parameters
    ----------
    stages : list of path
        Their folders, in the order of the notebooks.
    report : path
    about : dict
        Study, profile, and whether the data are synthetic.
    ledger : Ledger
        Of all counts that the stages show.

    Raises
    ------
    CompendiumError
        If there are no stages, or if they come from different commits, locks or data.
    """
    if not stages:
        raise CompendiumError(
            "no earlier stage has left results",
            remedy="run `make reproduce`, which runs the stages in their order",
        )
    records, exhibits, not_shown, parameters = Records(), {}, [], {}
    for stage in stages:
        said = read_about(stage / "results.json")
        parameters |= said.get("parameters", {})
        records.failed |= set(said.get("failed", []))
        records.extend(read_results(stage / "results.json"))
        exhibits[stage.name], failed = read_exhibits(stage)
        not_shown += failed
        for kind in ("figures", "tables"):
            if (stage / kind).is_dir():
                shutil.copytree(stage / kind, report / kind, dirs_exist_ok=True)
    provenance = common_provenance(stages)
    found = Gathered(records, exhibits, not_shown, provenance)
    about = {**about, "parameters": parameters, "provenance": provenance}
    if records.failed:
        about["failed"] = sorted(records.failed)
    write_results(report / "results.json", about, records.values())
    shown = [one for stage in exhibits.values() for one in stage]
    write_exhibits(report, about, shown, not_shown)
    write_certificate(report, ledger.certificate(), stages)
    return found
