"""Generate the synthetic study from the truth that its `study.yaml` declares.

    .venv/bin/python scripts/generate_learning_with_others.py

The same declaration gives the same bytes, here and on every system. After a change to it, copy
the printed hashes into `tables` of `study.yaml`.
"""

import hashlib
from pathlib import Path

import yaml

from learning_with_others.data.synthetic.generate import as_csv, generate_study
from learning_with_others.study.simulation import Simulation

STUDY = Path(__file__).parents[1] / "data/learning-with-others"


def main() -> None:
    """Write each table beside its target and move it into place."""
    # Only the declaration is read: the hashes beside it may be those of the tables before.
    declared = yaml.safe_load((STUDY / "study.yaml").read_text(encoding="utf-8"))
    simulation = Simulation(**declared["simulation"])
    (STUDY / "raw").mkdir(exist_ok=True)
    for name, table in generate_study(simulation, simulation.seed).items():
        content = as_csv(table)
        target = STUDY / f"raw/{name}.csv"
        beside = target.with_suffix(".partial")
        beside.write_bytes(content)
        beside.replace(target)
        print(f"{name}.csv: {len(table):,} rows")
        print(f"sha256: {hashlib.sha256(content).hexdigest()}")


if __name__ == "__main__":
    main()
