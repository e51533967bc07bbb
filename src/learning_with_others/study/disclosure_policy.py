"""What a study may show of its people: only what protects them, or everything."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from learning_with_others.study.section import Section

PROTECTED, PUBLIC = "protected", "public"


class Disclosure(Section):
    """How outputs protect the people studied.

    `protected`, which also holds where nothing is declared, suppresses small counts and rounds.
    `public` shows every number, because the data themselves are public.
    """

    policy: Literal["protected", "public"] = PROTECTED
    rounding_base: Annotated[int, Field(ge=2, le=100)] = 10
    """Counts are rounded to multiples of this number."""
    possible_values: Annotated[int, Field(ge=2)] = 5
    """So many values of a count must remain possible for whoever reads all outputs."""

    @model_validator(mode="after")
    def _rounding_leaves_enough_values_possible(self) -> Self:
        if self.possible_values > self.rounding_base:
            raise ValueError(
                f"possible_values: {self.possible_values} is more than rounding_base: "
                f"{self.rounding_base}; a count rounded to a multiple of {self.rounding_base} "
                f"leaves {self.rounding_base} values possible: lower possible_values or raise "
                "rounding_base"
            )
        return self

    @property
    def protected(self) -> bool:
        """Whether counts are rounded and small ones withheld."""
        return self.policy == PROTECTED
