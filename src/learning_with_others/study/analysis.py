"""Decisions fixed before the data are seen, and the values of the notebooks' parameters."""

from typing import Annotated, Literal

from pydantic import Field

from learning_with_others.study.section import Scalar, Section

PriorSet = Literal["weakly_informative", "sceptical", "wide"]


class Priors(Section):
    """Priors of the benefit models, by name, on the scale of standardized outcomes.

    `override` gives parameters, or kinds of them, another scale; `alternatives` are the sets that
    the results are repeated with.
    """

    set: PriorSet = "weakly_informative"
    override: dict[str, Annotated[float, Field(gt=0)]] = {}
    alternatives: list[PriorSet] = ["sceptical", "wide"]


class Analysis(Section):
    """Decisions fixed before the data are seen."""

    minimum_cell: Annotated[int, Field(ge=1)]
    interval_probability: Annotated[float, Field(gt=0, lt=1)]
    practical_equivalence: Annotated[float, Field(gt=0)]
    comparable_levels: Annotated[float, Field(gt=0)] = 0.10
    """Change of a latent gap, in SD, that does not matter when an item is released."""
    comparable_slopes: Annotated[float, Field(gt=0)] = 0.20
    """Change of the focal group's latent sd, as a share of it, that does not matter."""
    also_compare: list[str] = []
    """Categories of students, besides their group, by which measures are compared as well."""
    rows: Literal["all_outcomes", "each_outcome"] = "each_outcome"
    """Rows of the benefit models: complete on all outcomes, or on each model's own."""
    primary: str | None = None
    """The outcome whose benefit gap is the primary comparison; all others are exploratory."""
    access: dict[str, float] = {}
    """Scores of opportunities at or above which a student has access, all of them at once."""
    seed: int
    priors: Priors


class Parameters(Section):
    """Values for the notebooks' parameters, for every profile and for each."""

    every: dict[str, Scalar] = {}
    full: dict[str, Scalar] = {}
    quick: dict[str, Scalar] = {}
