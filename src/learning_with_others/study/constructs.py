"""The construct map: item → element → construct → domain."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from learning_with_others.study.section import Section

Items = Annotated[list[str], Field(min_length=2)]


class Element(Section):
    """A part of a construct, with its items.

    `reversed` lists the items whose codes run against the construct: a higher code is less of it.
    """

    label: str
    kind: Literal["structural", "dynamic"] | None = None
    items: Items
    reversed: list[str] = []

    @model_validator(mode="after")
    def _reversed_items_are_items(self) -> "Element":
        _check_reversed(self.items, self.reversed)
        return self


class Construct(Section):
    """What a set of items measures; its items stand directly or in elements."""

    label: str
    domain: str
    source: str
    table: Literal["students", "teachers"] = "students"
    items: Items | None = None
    reversed: list[str] = []
    elements: dict[str, Element] | None = None
    hinders: bool = False
    """Of a construct of the school context: whether more of it is worse for the exposure."""

    @model_validator(mode="after")
    def _items_or_elements(self) -> "Construct":
        if (self.items is None) == (self.elements is None):
            raise ValueError("give either items or elements")
        if self.elements and self.reversed:
            raise ValueError("list reversed items in their elements")
        if self.items:
            _check_reversed(self.items, self.reversed)
        return self

    @property
    def all_items(self) -> list[str]:
        """Items in the order of the construct map."""
        if self.items is not None:
            return list(self.items)
        return [item for element in (self.elements or {}).values() for item in element.items]

    @property
    def all_reversed(self) -> set[str]:
        """Items whose codes run against the construct."""
        parts = [self.reversed, *(e.reversed for e in (self.elements or {}).values())]
        return {item for part in parts for item in part}


def _check_reversed(items: list[str], reversed_: list[str]) -> None:
    strange = set(reversed_) - set(items)
    if strange:
        raise ValueError(f"reversed names {', '.join(sorted(strange))}, not among the items")
    if len(set(items)) < len(items):
        raise ValueError("an item is listed twice")
