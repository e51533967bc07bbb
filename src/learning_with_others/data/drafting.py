"""A first draft of a study's folder, from the names and labels of a file."""

import csv
import io
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pandas as pd
import yaml

from learning_with_others.data.codebook import HEADINGS
from learning_with_others.data.importing import RawTable, read_raw_table
from learning_with_others.data.validation.schema import NUMBER
from learning_with_others.errors import CompendiumError
from learning_with_others.files import hash_file

CONFIRM = "# CONFIRM"
MOST_CODES = 12
SHORTEST = 3  # hints shorter than this must be whole words
HINTS = {
    "student": ("student", "stud", "child", "respondent", "responseid", "id"),
    "school": ("school", "sch", "site"),
    "classroom": ("classroom", "class", "teacher", "section"),
    "race": ("race", "ethnic", "eth"),
}


@contextmanager
def folder_made_beside(folder: Path) -> Iterator[Path]:
    """Give a folder for a study's files, and move it into place once it is complete.

    Raises
    ------
    CompendiumError
        If the study's folder exists.
    """
    if folder.exists():
        raise CompendiumError(
            f"{folder} exists already", remedy="choose another NAME, or move the folder away"
        )
    beside = folder.with_name(f".{folder.name}.partial")
    shutil.rmtree(beside, ignore_errors=True)
    try:
        (beside / "raw").mkdir(parents=True)
        (beside / ".gitignore").write_text(IGNORED, encoding="utf-8")
        yield beside
        beside.rename(folder)
    finally:
        shutil.rmtree(beside, ignore_errors=True)


def draft_study(source: Path, folder: Path) -> list[str]:
    """Write a codebook and a study.yaml from a file's labels, guesses marked to be confirmed.

    Parameters
    ----------
    source : path
        The researcher's file; it is copied and not changed.
    folder : path
        The study's folder; must not exist. Written beside and then moved into place.

    Returns
    -------
    list of str
        What was guessed, one line each.
    """
    with folder_made_beside(folder) as beside:
        raw = read_raw_table(source)
        roles = {role: _guess(raw, hints) for role, hints in HINTS.items()}
        types = {column: _type(raw, column, roles) for column in raw.frame}
        copy = beside / "raw" / source.name
        shutil.copyfile(source, copy)
        (beside / "codebook.csv").write_text(_codebook(raw, types), encoding="utf-8")
        definition = _definition(folder.name, source.name, hash_file(copy), raw, roles, types)
        (beside / "study.yaml").write_text(definition, encoding="utf-8")
    return [f"{role}: {column or 'not found'}" for role, column in roles.items()]


def _guess(raw: RawTable, hints: tuple[str, ...]) -> str | None:
    """Find the first column whose name, or else label, holds a hint, the earliest hint first."""
    for texts in ({c: c for c in raw.frame}, raw.labels):
        for hint in hints:
            for column in raw.frame:
                words = re.split(r"[^a-z]+", texts.get(column, "").lower())
                if hint in words or (
                    len(hint) >= SHORTEST and texts.get(column, "").lower().endswith(hint)
                ):
                    return column
    return None


def _type(raw: RawTable, column: str, roles: dict[str, str | None]) -> str:
    if column in (roles["student"], roles["school"], roles["classroom"]):
        return "identifier"
    values = raw.frame[column].dropna()
    codes = set(values.unique()) - set(raw.missing_codes.get(column, {}))
    labelled = raw.value_labels.get(column, {})
    if labelled and codes <= set(labelled):
        return (
            "item" if column != roles["race"] and all(c.isdigit() for c in labelled) else "category"
        )
    if pd.Series(sorted(codes), dtype="str").str.fullmatch(NUMBER).all():
        return "number"
    return "category" if len(codes) <= MOST_CODES else "identifier"


def _codebook(raw: RawTable, types: dict[str, str]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(HEADINGS)
    for column, type_ in types.items():
        missing = raw.missing_codes.get(column, {})
        codes = {}
        if type_ in ("item", "category"):
            found = sorted(set(raw.frame[column].dropna().unique()) - set(missing))
            labels = raw.value_labels.get(column, {})
            codes = {
                c: labels.get(c, c) for c in dict.fromkeys([*labels, *found]) if c not in missing
            }
        label = raw.labels.get(column, "") or column
        writer.writerow(["students", column, label, type_, "", _written(codes), _written(missing)])
    return text.getvalue()


def _written(codes: dict[str, str]) -> str:
    clean = {code: re.sub(r"[|=]", "/", label) or "missing" for code, label in codes.items()}
    return "|".join(f"{code}={label}" for code, label in clean.items())


def _definition(
    name: str,
    file: str,
    sha256: str,
    raw: RawTable,
    roles: dict[str, str | None],
    types: dict[str, str],
) -> str:
    """Text of the draft: every guess carries a mark, what could not be guessed names no column."""
    race = roles["race"]
    groups = list(raw.value_labels.get(race, {}).values()) if race else []
    if race and not groups:
        groups = sorted(raw.frame[race].dropna().unique())
    focal = next((g for g in groups if "black" in g.lower()), groups[0] if groups else "FOCAL")
    reference = next(
        (g for g in groups if "white" in g.lower()), groups[-1] if groups else "REFERENCE"
    )
    numbers = [column for column, type_ in types.items() if type_ == "number"]
    exposure, outcome = [*numbers, "EXPOSURE", "OUTCOME"][:2]

    def quoted(text: str) -> str:
        return yaml.safe_dump(text, default_style='"', width=10_000).strip()

    lines = [
        "# yaml-language-server: $schema=../study.schema.json",
        f"{CONFIRM} every line that carries this mark; then `make validate STUDY=…`.",
        f"name: {name}",
        f"title: {quoted(name)}  {CONFIRM}",
        f'question: "…"  {CONFIRM}',
        f"people: students  {CONFIRM} what those studied are called: students, children, pupils",
        "synthetic: false",
        f"restricted: true  {CONFIRM} while true, no file of the data can be committed",
        "disclosure:",
        f"  policy: protected  {CONFIRM} public: show every number, for data that anyone may have",
        "provenance:",
        f'  source: "…"  {CONFIRM}',
        f'  licence: "…"  {CONFIRM}',
        "tables:",
        "  students:",
        f"    path: {quoted('raw/' + file)}",
        f'    sha256: "{sha256}"',
        f"    key: [{quoted(roles['student'] or 'STUDENT')}]  {CONFIRM}",
        "codebook: codebook.csv",
        "roles:",
        f"  student: {quoted(roles['student'] or 'STUDENT')}  {CONFIRM}",
        f"  school: {quoted(roles['school'] or 'SCHOOL')}  {CONFIRM}",
        *([f"  classroom: {quoted(roles['classroom'])}  {CONFIRM}"] if roles["classroom"] else []),
        "  group:",
        f"    label: race  {CONFIRM} what the groups are groups of: race, gender, home language",
        f"    column: {quoted(race or 'RACE')}  {CONFIRM}",
        f"    focal: {quoted(focal)}  {CONFIRM}",
        f"    reference: {quoted(reference)}  {CONFIRM}",
        "  exposure:",
        f"    column: {quoted(exposure)}  {CONFIRM} or scale: and a construct",
        f'    label: "…"  {CONFIRM}',
        "    varies_by: student",
        "  outcomes:",
        f"    outcome: {{ label: Outcome, column: {quoted(outcome)}, source: records }}  {CONFIRM}",
        ANALYSIS,
    ]
    return "\n".join(lines)


IGNORED = "# While the study is restricted, none of its rows may be committed.\nraw/\nrestricted/\n"
ANALYSIS = """\
analysis:
  minimum_cell: 10
  interval_probability: 0.95
  practical_equivalence: 0.10   # outcome SD per SD of exposure; fix it before you see the data
  access: {}                    # scores from which on a student has access, as in {a_scale: 3.5}
  seed: 1
  priors: { set: weakly_informative, alternatives: [sceptical, wide] }
"""
