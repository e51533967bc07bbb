"""The results contract: one record for every number that anything people read uses."""

import json
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Any

import pandas as pd
from pydantic import BaseModel, ConfigDict, Field

from learning_with_others.errors import CompendiumError
from learning_with_others.files import write_text

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


@dataclass(frozen=True)
class Number:
    """One kind of number that a table holds in each row.

    Attributes
    ----------
    quantity : str
        Name in the results.
    column : str
        Column of the estimate.
    unit : str
    interval : str, optional
        Kind of the interval, if the table has one for it.
    lower, upper : str
        Columns of the interval's ends.
    n : str, optional
        Column of the children behind it; the table's first count without it.
    score : str, optional
        What kind of score it rests on.
    """

    quantity: str
    column: str
    unit: str
    interval: str | None = None
    lower: str = "lower"
    upper: str = "upper"
    n: str | None = None
    score: str | None = None

    @property
    def columns(self) -> list[str]:
        """Columns of the table that hold it: estimate, and the interval's ends."""
        return [self.column, self.lower, self.upper] if self.interval else [self.column]

    def fields(self, table: pd.DataFrame, counts: list[str], names: dict[str, str]) -> dict:
        """Field of the record to column of the table, for the fields that the table has.

        Parameters
        ----------
        counts : list of str
            The table's columns of counts of children; may be empty.
        names : dict of str to str
            `outcome`, `group` and `item` to the columns that name them.
        """
        found = {"estimate": self.column, **names}
        if counts:
            found["n"] = self.n or counts[0]
        if self.interval:
            found |= {"lower": self.lower, "upper": self.upper}
        if "flag" in table:
            found["flag"] = "flag"
        return found
