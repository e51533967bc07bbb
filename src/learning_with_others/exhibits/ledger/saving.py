"""Saved ledgers: who is counted, in the build folder only, never in a report."""

import json
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from learning_with_others.exhibits.ledger.columns import Entry, Unverified
from learning_with_others.exhibits.ledger.policy import Policy

if TYPE_CHECKING:
    from learning_with_others.exhibits.ledger.ledger import Ledger

SCHEMA = 1


@dataclass(frozen=True)
class Saved:
    """One stage's part of a ledger, read from a file.

    Attributes
    ----------
    policy : Policy
    stage : str
    content : dict
        Entries, families and what is unverified, with sets numbered as in `masks`.
    masks : list of (str, numpy.ndarray)
        Each set's population and packed mask.
    """

    policy: Policy
    stage: str
    content: dict
    masks: list[tuple[str, np.ndarray]]

    def enter(self, ledger: "Ledger") -> None:
        """Enter everything into a ledger, unless it is of the stage that runs."""
        if self.stage == ledger.stage:
            return
        for name, rows in self.content["rows"].items():
            ledger.people.rows.setdefault(name, rows)
        number = [ledger.people.add_packed(*mask) for mask in self.masks]
        for saved in self.content["entries"]:
            entry = Entry(**saved)
            people, whole = (number[n] if n >= 0 else n for n in (entry.people, entry.whole))
            ledger.entries[replace(entry, people=people, whole=whole)] = None
        for parts in self.content["families"]:
            family = tuple(sorted(number[n] for n in parts))
            ledger.families[self.stage, (family, ledger.people.union(list(family)))] = None
        ledger.unverified.extend(Unverified(**note) for note in self.content["unverified"])


def write(ledger: "Ledger", path: Path) -> None:
    """Write the entries of the ledger's own stage, whole or not at all."""
    entries = [entry for entry in ledger.entries if entry.stage == ledger.stage]
    found = [family for stage, family in ledger.families if stage == ledger.stage]
    used = {n for entry in entries for n in (entry.people, entry.whole) if n >= 0}
    used |= {n for parts, _ in found for n in parts}
    order = {n: place for place, n in enumerate(sorted(used))}
    content = {
        "schema": SCHEMA,
        "stage": ledger.stage,
        "policy": asdict(ledger.policy),
        "rows": ledger.people.rows,
        "populations": [ledger.people.population[n] for n in order],
        "entries": [
            {
                **asdict(entry),
                "people": order.get(entry.people, entry.people),
                "whole": order.get(entry.whole, entry.whole),
            }
            for entry in entries
        ],
        "families": [[order[n] for n in parts] for parts, _ in found],
        "unverified": [asdict(note) for note in ledger.unverified if note.stage == ledger.stage],
    }
    masks = {f"mask{place}": ledger.people.packed[n] for n, place in order.items()}
    beside = path.with_name(f".{path.name}.partial")
    text = np.frombuffer(json.dumps(content).encode(), dtype=np.uint8)
    with beside.open("wb") as file:
        np.savez_compressed(file, content=text, **masks)
    beside.replace(path)


def read(path: Path) -> Saved:
    """Read a saved ledger."""
    with np.load(path, allow_pickle=False) as file:
        content = json.loads(file["content"].tobytes().decode())
        masks = [
            (population, file[f"mask{place}"])
            for place, population in enumerate(content["populations"])
        ]
    return Saved(Policy(**content["policy"]), content["stage"], content, masks)
