"""What a researcher does before any stage runs: validate a study, begin a new one, draft one.

The Makefile's `validate`, `new-study` and `draft-study` call this.
"""

import argparse
import os
import re
import sys
from pathlib import Path

from learning_with_others.errors import CompendiumError
from learning_with_others.files import about_the_disk
from learning_with_others.pipeline.request import BUILDS, Request
from learning_with_others.study import load_study

FAILED = 1


def validate(request: Request) -> int:
    """Check everything, print a summary, write all findings as CSV.

    Returns
    -------
    int
        0 if nothing stops a run, else 1.
    """
    from learning_with_others.data.fetching import fetch_missing  # noqa: PLC0415 - imports pandas
    from learning_with_others.data.reading import read_raw_study  # noqa: PLC0415
    from learning_with_others.data.validation.findings import errors, summarize, write_findings  # noqa: PLC0415
    from learning_with_others.data.validation.study import study_findings  # noqa: PLC0415

    study = load_study(request.study_folder)
    fetch_missing(study, request.source)
    raw = read_raw_study(study)
    findings = study_findings(raw)
    report = BUILDS / request.name / "validation.csv"
    write_findings(findings, report)
    wrong = errors(findings)
    read = ", ".join(f"{name} {len(frame):,} rows" for name, frame in raw.frames.items())
    print(f"{study.name}: {read}")
    print(f"{len(wrong)} errors, {len(findings) - len(wrong)} warnings; all in {report}")
    if findings:
        print(summarize(findings))
    return FAILED if wrong else 0


def new(name: str) -> int:
    """Write a commented study folder that validates as it stands."""
    from learning_with_others.data.new_study import new_study  # noqa: PLC0415 - imports pandas

    folder = _named_folder(name)
    new_study(folder)
    print(f"{folder} is there; try `make validate STUDY={name}`, then edit {folder}/study.yaml")
    return 0


def draft(name: str, given: str) -> int:
    """Write a first codebook and study.yaml from a file's own labels."""
    from learning_with_others.data.drafting import CONFIRM, draft_study  # noqa: PLC0415

    if not given:
        raise CompendiumError(
            "FROM= names no file", remedy="make draft-study FROM=survey.sav NAME=my-survey"
        )
    source = Path(given).expanduser()
    folder = _named_folder(name or re.sub(r"[^a-z0-9]+", "-", source.stem.lower()).strip("-"))
    guesses = draft_study(source, folder)
    print(f"{folder} is drafted; confirm every line marked {CONFIRM}. Guessed:")
    print("\n".join(f"  {guess}" for guess in guesses))
    return 0


def _named_folder(name: str) -> Path:
    if not re.fullmatch(r"[a-z0-9][a-z0-9-]*", name):
        raise CompendiumError(
            f"NAME={name!r} is no name for a study",
            remedy="use lower-case letters, digits and hyphens, e.g. NAME=my-survey",
        )
    return Path("data") / name


def main(arguments: list[str] | None = None) -> int:
    """Do what the command line asks; its values arrive in environment variables, unexpanded."""
    parser = argparse.ArgumentParser(prog="python -m learning_with_others.pipeline.study_tools")
    parser.add_argument("command", choices=("validate", "new", "draft"))
    given = parser.parse_args(arguments)
    try:
        if given.command == "new":
            return new(os.environ.get("NAME", ""))
        if given.command == "draft":
            return draft(os.environ.get("NAME", ""), os.environ.get("FROM", ""))
        return validate(Request.typed(os.environ))
    except CompendiumError as error:
        print(f"\n{error}", file=sys.stderr)
    except OSError as error:
        print(f"\n{about_the_disk(error)}", file=sys.stderr)
    return FAILED


if __name__ == "__main__":
    sys.exit(main())
