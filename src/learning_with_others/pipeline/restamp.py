"""A stage that is up to date by content belongs to the commit that is checked out."""

from dataclasses import replace
from pathlib import Path

from learning_with_others.exhibits.provenance import (
    PROVENANCE,
    code_state,
    read_provenance,
    write_provenance,
)
from learning_with_others.files import hash_file
from learning_with_others.pipeline.freshness import read_made, write_made


def restamp(output: Path, record: Path) -> None:
    """Name the present commit in the provenance of a stage whose content is the present one's.

    Run again at this commit it would leave the same: a report is of one commit without
    everything being run after every commit.

    Parameters
    ----------
    output : path
        What the stage left. Nothing that it was made from may differ.
    record : path
        The record of its run.
    """
    if not (output / PROVENANCE).is_file():
        return
    found = read_provenance(output)
    commit, modified = code_state(Path.cwd())
    if (commit, modified) == (found["parent_commit"], found["modified"]):
        return
    write_provenance(output, {**found, "parent_commit": commit, "modified": modified})
    made = read_made(record)
    path = output / PROVENANCE
    write_made(record, replace(made, wrote={**made.wrote, path.as_posix(): hash_file(path)}))
