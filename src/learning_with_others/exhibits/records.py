"""The results contract: one record for every number that anything people read uses."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from learning_with_others.errors import CompendiumError, suggest
from learning_with_others.files import write_text

SCHEMA = 2
KEYS = ("outcome", "group", "item", "grade")


class Interval(BaseModel):
    """Kind and probability of an interval."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: str
    probability: Annotated[float, Field(gt=0, lt=1)]


class Result(BaseModel):
    """One number, or one verdict, with all that is needed to challenge it.

    `estimate` is text for a verdict only. `n` counts the people behind the number, as the study's
    disclosure policy lets it be shown. `flag` repeats, beside the number, what a failed diagnosis
    or comparison says of it. `function` and `line` lay the exhibit out; `cell` shows it. The
    notebook's parameters stand once, at the top of the file.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    id: str
    stage: str
    exhibit: str
    quantity: Annotated[str, Field(pattern=r"^[a-z0-9_]+(\.[a-z0-9_]+)+$")]
    outcome: str | None = None
    group: str | None = None
    item: str | None = None
    grade: str | None = None
    estimate: float | str
    lower: float | None = None
    upper: float | None = None
    interval: Interval | None = None
    n: int | None = None
    mcse: float | None = None
    unit: str
    score: str | None = None
    flag: str | None = None
    notebook: str
    cell: str = ""
    function: str
    line: int


def result_id(quantity: str, keys: Mapping[str, str | None]) -> str:
    """Join a quantity and its outcome, group, item and grade, as far as they apply."""
    parts = [keys.get(key) for key in KEYS[:-1]]
    grade = f"grade-{keys['grade']}" if keys.get("grade") else None
    return "/".join([quantity, *(part for part in (*parts, grade) if part)])


def anchor(id_: str) -> str:
    """Give the place of a record in a page, whose anchors hold no blanks."""
    return re.sub(r"\s", "_", id_)


class Records(Mapping[str, Result]):
    """Records by their ids: what words are written from.

    Attributes
    ----------
    failed : set of str
        Ids of numbers that are not shown since their fit failed its diagnosis.

    Raises
    ------
    CompendiumError
        If two have one id, or if one is asked for that is not there.
    """

    def __init__(self, results: Iterable[Result] = ()) -> None:
        self._by_id: dict[str, Result] = {}
        self.failed: set[str] = set()
        self.extend(results)

    def extend(self, results: Iterable[Result]) -> None:
        """Take further records in."""
        new = list(results)
        ids = sorted([*self._by_id, *(result.id for result in new)])
        twice = next((one for one, other in pairwise(ids) if one == other), None)
        if twice:
            raise CompendiumError(f"two results have the id {twice!r}", remedy="name the item")
        self._by_id |= {result.id: result for result in new}

    def __getitem__(self, id_: str) -> Result:
        if id_ not in self._by_id:
            raise CompendiumError(f"no record has the id {id_!r}", remedy=suggest(id_, self._by_id))
        return self._by_id[id_]

    def get(self, id_: str, default: Any = None) -> Any:
        """Look a record up; None where there is none."""
        return self._by_id.get(id_, default)

    def __contains__(self, id_: object) -> bool:
        return id_ in self._by_id

    def __iter__(self) -> Iterator[str]:
        return iter(self._by_id)

    def __len__(self) -> int:
        return len(self._by_id)

    def of(self, quantity: str, **keys: str) -> list[Result]:
        """Records of one quantity with these keys, in the order in which they were made."""
        return [
            result
            for result in self._by_id.values()
            if result.quantity == quantity
            and all(getattr(result, key) == value for key, value in keys.items())
        ]


def write_results(path: Path, about: Mapping[str, Any], results: Iterable[Result]) -> None:
    """Write results as JSON, ordered by id, one a line, whole or not at all.

    Parameters
    ----------
    about : mapping
        What all have in common: study, profile, whether synthetic, parameters of each notebook,
        provenance.

    Raises
    ------
    CompendiumError
        If two results share an id.
    """
    records = Records(results)
    lines = [
        json.dumps(
            records[id_].model_dump(exclude_none=True), ensure_ascii=False, separators=(",", ":")
        )
        for id_ in sorted(records)
    ]
    head = json.dumps({"schema": SCHEMA, **about}, indent=1, ensure_ascii=False)
    body = ",\n".join(lines)
    write_text(path, f'{head[:-2]},\n "results": [\n{body}\n ]\n}}\n')


def read_results(path: Path) -> list[Result]:
    """Read the records that `write_results` wrote."""
    content = json.loads(path.read_text(encoding="utf-8"))
    return [Result(**record) for record in content["results"]]


def read_about(path: Path) -> dict[str, Any]:
    """Read what all records of a file have in common."""
    content = json.loads(path.read_text(encoding="utf-8"))
    return {name: value for name, value in content.items() if name not in ("schema", "results")}
