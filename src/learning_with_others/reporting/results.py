"""The results contract: one record for every number that anything people read uses."""

import json
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from learning_with_others.errors import CompendiumError

SCHEMA = 1


class Interval(BaseModel):
    """Kind and probability of an interval."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: str
    probability: Annotated[float, Field(gt=0, lt=1)]


class Result(BaseModel):
    """One number, or one verdict, with all that is needed to challenge it.

    `estimate` is text for a verdict only. `n` counts children (or rows) behind the number.
    `flag` repeats, beside the number, what a failed diagnosis or comparison says of it.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    id: str
    study: str
    stage: str
    quantity: Annotated[str, Field(pattern=r"^[a-z0-9_]+(\.[a-z0-9_]+)+$")]
    outcome: str | None = None
    group: str | None = None
    estimate: float | str
    lower: float | None = None
    upper: float | None = None
    interval: Interval | None = None
    n: int | None = None
    mcse: float | None = None
    unit: str
    score: str | None = None
    flag: str | None = None
    provenance: dict[str, Any]


def result_id(quantity: str, *parts: str | None) -> str:
    """Join a quantity and its outcome, group and item, as far as they apply."""
    return "/".join([quantity, *(part for part in parts if part)])


def write_results(path: Path, study: str, profile: str, results: list[Result]) -> None:
    """Write results as JSON, ordered by id, beside the target and then moved into place.

    Raises
    ------
    CompendiumError
        If two results share an id.
    """
    ordered = sorted(results, key=lambda result: result.id)
    for one, next_one in pairwise(ordered):
        if one.id == next_one.id:
            raise CompendiumError(f"two results have the id {one.id!r}", remedy="name the item")
    content = {
        "schema": SCHEMA,
        "study": study,
        "profile": profile,
        "results": [result.model_dump() for result in ordered],
    }
    write_text(path, json.dumps(content, indent=1, ensure_ascii=False) + "\n")


def read_results(path: Path) -> list[Result]:
    """Read the records that `write_results` wrote."""
    content = json.loads(path.read_text(encoding="utf-8"))
    return [Result(**record) for record in content["results"]]


def write_text(path: Path, text: str) -> None:
    """Write a text file whole or not at all."""
    beside = path.with_name(f".{path.name}.partial")
    beside.write_text(text, encoding="utf-8")
    beside.replace(path)
